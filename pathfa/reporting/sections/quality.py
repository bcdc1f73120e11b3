"""Sections on whether the fit can be believed: what went in, whether it worked, whether the gene sets made it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pathfa import pl
from pathfa.analysis.judgement import decoy_share
from pathfa.analysis.summaries import prior_gain
from pathfa.core.findings import findings_table
from pathfa.core.text import count
from pathfa.inference.selection.rule import LEAST
from pathfa.options import LoadingPrior
from pathfa.pl.figures.checks import evidence_words
from pathfa.pl.wording import listed, percent
from pathfa.reporting.page.blocks import Block, Plot, Section, TableBlock
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.judgements import standing_words
from pathfa.reporting.verdict.prose import not_run
from pathfa.result.judgement import judge_fit
from pathfa.result.summaries import identifier_table


def input_section(study: Study) -> Section:
    """Return what went in, and what was lost."""
    result = study.result
    shapes = [f"{count(len(table), 'feature')} of {view}" for view, table in result.loadings.items()]
    lead = f"{count(len(result.scores), 'sample')}, {listed(shapes)}, and {count(len(result.gene_sets), 'gene set')}."
    blocks: list[Block] = [Plot(figure=pl.presence(result))]
    if len(result.flow):
        blocks.append(Plot(figure=pl.flow(result)))
    if len(identifier_table(result)):
        blocks.append(Plot(figure=pl.identifiers(result)))
    blocks.append(Plot(figure=pl.coverage(result)))
    blocks.append(
        TableBlock(
            name="findings",
            title="What was wrong with the input, repaired or worth knowing",
            table=findings_table(result.findings),
            note="Every problem that was found, with what was done about it."
            if result.findings
            else "Nothing was found.",
            open=bool(result.findings),
        )
    )
    return Section(anchor="input", title="What went in, and what was lost?", lead=lead, blocks=tuple(blocks))


def fit_section(study: Study) -> Section:
    """Return whether the fit worked."""
    result, heldout = study.result, study.heldout
    starts = [item.seen for item in judge_fit(result) if item.code == "starts"]
    lead = "The fit converged" if result.converged else "The fit did not converge"
    lead += f" after {count(result.n_iter, 'iteration')}"
    for seen in starts:
        lead += f", and {seen['close']} of {count(seen['others'], 'other start')} ended with an evidence as good"
    terms = pd.DataFrame({"term": list(result.evidence_terms), "nats": list(result.evidence_terms.values())})
    return Section(
        anchor="fit",
        title="Did the fit work?",
        lead=lead + ".",
        blocks=(
            Plot(figure=pl.convergence(result)),
            Plot(figure=pl.selection(result)),
            Plot(figure=pl.noise(result, certainty=study.certainty)),
            *((Plot(figure=pl.residuals(result, certainty=study.certainty)),) if result.data else ()),
            *((Plot(figure=pl.heldout(heldout, certainty=study.certainty)),) if heldout is not None else ()),
            *not_run(study, "heldout", title="Does it hold for samples that the fit has not seen?"),
            TableBlock(
                name="evidence-terms",
                title="What the log evidence is made of",
                table=terms,
                note=f"The terms add up to {result.log_evidence:,.1f} nats.",
            ),
        ),
    )


def prior_section(study: Study) -> Section:
    """Return whether the gene sets found the factors or made them."""
    blocks: list[Block] = []
    lead = _priors(study)
    if study.uninformed is not None:
        lead = f"{evidence_words(study.uninformed)} {lead}"
        blocks.append(Plot(figure=pl.uninformed(study.uninformed, certainty=study.certainty)))
    blocks += not_run(study, "uninformed", title="Would the same factors be found without gene sets?")
    if study.decoys is not None:
        share = percent(decoy_share(study.decoys))
        lead += f" Random gene sets take {share} of the contributions, where half would be chance. "
        lead += standing_words(study.decoys)
        blocks.append(
            TableBlock(
                name="decoys",
                title="Do the gene sets do better than random ones?",
                table=_renamed(study.decoys, {"covariate": "factor", "feature": "gene_set", "effect": "score"}),
                note="The score of a set is its largest contribution to a factor, mean over the refits. "
                "q is the empirical false discovery rate: random sets that score as high, per real set that does.",
                open=True,
            )
        )
    blocks += not_run(study, "decoys", title="Do the gene sets do better than random ones?")
    if study.redundancy is not None and len(study.redundancy):
        clusters = study.redundancy.groupby("cluster").size()
        blocks.append(
            TableBlock(
                name="redundancy",
                title="Which gene sets could stand for each other?",
                table=study.redundancy.rename(columns={"covariate": "factor", "feature": "gene_set"}),
                note=_duplicates(int((clusters > 1).sum())),
            )
        )
    if study.stability is not None:
        blocks.append(
            TableBlock(
                name="stability",
                title="Would other patients have given the same factors?",
                table=_stability(study.stability),
                note="Median similarity of each factor over refits on resamples (1 is identical), and how often "
                "each gene "
                "set was selected again.",
                open=True,
            )
        )
    blocks += not_run(study, "stability", title="Would other patients have given the same factors?")
    return Section(anchor="prior", title="Did the prior create this?", lead=lead, blocks=tuple(blocks))


def _priors(study: Study) -> str:
    """Return a sentence on the evidence for loadings that may leave the gene sets against loadings that may not."""
    chosen, compared = str(study.result.settings["loading_prior"]), prior_gain(study.result)
    if compared is None:
        return f"The {chosen} prior was given, so no other prior was compared."
    other, size, gap = compared
    meaning = (
        "loadings may leave their gene sets where the data ask for it"
        if chosen == LoadingPrior.SOFT
        else "loadings follow their gene sets exactly"
    )
    if not size:
        return f"The {chosen} prior was taken ({meaning}); the {other} one was not tried with as many factors."
    if gap < 0 or (gap < LEAST and chosen == LoadingPrior.STRICT):
        return (
            f"With {count(size, 'factor')} each, the {chosen} prior ({meaning}) and the {other} one are as good as "
            f"each other ({abs(gap):,.1f} nats apart), and the simpler one was taken."
        )
    return (
        f"With {count(size, 'factor')} each, the evidence prefers the {chosen} prior ({meaning}) to the {other} "
        f"one by {gap:,.1f} nats."
    )


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a table of an analysis under the names of this page, without columns that hold nothing here."""
    empty = [name for name in ("p", "q", "statistic") if name in table and table[name].isna().all()]
    twice = [
        name
        for name in ("statistic",)
        if name in table and name not in empty and (table[name] == table["effect"]).all()
    ]
    return table.drop(columns=[*empty, *twice]).rename(columns=dict(names))


def _stability(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of ``stability`` with factor and gene set in columns of their own."""
    of_factor = table["level"] == "factor"
    shown = _renamed(table, {"effect": "similarity or frequency", "reference": "in this fit"})
    shown.insert(0, "factor", table["feature"].where(of_factor, table["covariate"]))
    shown.insert(1, "gene_set", table["feature"].where(~of_factor, ""))
    return shown.drop(columns=["covariate", "feature", "level"])


def _duplicates(groups: int) -> str:
    if not groups:
        return "No gene set of a factor has a near duplicate in the collection, so each stands for itself."
    return (
        f"{count(groups, 'group')} of overlapping sets; within a group, the data do not clearly say which set is meant "
        "unless its probability is high."
    )
