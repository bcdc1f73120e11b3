"""Sections on whether the fit can be believed: what went in, whether it worked, whether the gene sets made it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pathfa import pl
from pathfa.analysis.judgement import decoy_share
from pathfa.analysis.refits.heldout import RANKS
from pathfa.analysis.summaries import prior_gain
from pathfa.core.findings import findings_table
from pathfa.core.text import count
from pathfa.inference.selection.rule import LEAST
from pathfa.options import LoadingPrior
from pathfa.pl.figures.checks import evidence_words
from pathfa.pl.wording import listed, nats, percent
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
    blocks: list[Block] = [Plot(pl.presence(result))]
    if len(result.flow):
        blocks.append(Plot(pl.flow(result)))
    if len(identifier_table(result)):
        blocks.append(Plot(pl.identifiers(result)))
    blocks.append(Plot(pl.coverage(result)))
    note = "What was found, what was expected, and what to do." if study.findings else "Nothing was found."
    title, table = "Warnings, repairs and notes", findings_table(study.findings)
    blocks.append(TableBlock("findings", title, table, note, open=bool(study.findings)))
    return Section("input", "What went in, and what was lost?", lead, tuple(blocks))


def fit_section(study: Study) -> Section:
    """Return whether the fit worked."""
    result = study.result
    starts = [item.seen for item in judge_fit(result) if item.code == "starts"]
    lead = f"{'Converged' if result.converged else 'Not converged'} after {count(result.n_iter, 'iteration')}"
    for seen in starts:
        lead += f"; {seen['close']} of {count(seen['others'], 'other start')} ended as good"
    blocks: list[Block] = [
        Plot(pl.convergence(result)),
        Plot(pl.selection(result)),
        Plot(pl.noise(result)),
    ]
    if result.data:
        blocks.append(Plot(pl.residuals(result)))
    if study.heldout is not None:
        if study.heldout.columns.isin(RANKS).any():  # older checks have none
            blocks.append(Plot(pl.ranks(study.heldout)))
        blocks.append(Plot(pl.heldout(study.heldout)))
    blocks += not_run(study, "heldout", title="Does the fit predict samples that it has not seen?")
    terms = pd.DataFrame({"term": list(result.evidence_terms), "nats": list(result.evidence_terms.values())})
    note = f"The terms add up to {nats(result.log_evidence)}."
    blocks.append(TableBlock("evidence-terms", "What the log evidence is made of", terms, note))
    return Section("fit", "Did the fit work?", f"{lead}.", tuple(blocks))


def prior_section(study: Study) -> Section:
    """Return whether the gene sets found the factors or made them."""
    blocks: list[Block] = []
    lead = _priors(study)
    if study.uninformed is not None:
        lead = f"{evidence_words(study.uninformed)} {lead}"
        blocks.append(Plot(pl.uninformed(study.uninformed)))
    blocks += not_run(study, "uninformed", title="Would the same factors be found without gene sets?")
    title = "Do the gene sets do better than random ones?"
    if study.decoys is not None:
        share = percent(decoy_share(study.decoys))
        lead += f" Random gene sets take {share} of the contributions to factors; by chance they would take half. "
        lead += standing_words(study.decoys)
        table = _renamed(study.decoys, {"covariate": "factor", "feature": "gene_set", "effect": "score"})
        note = "The score of a set is its largest contribution to a factor, mean over the refits (column test). "
        note += "q is the empirical false discovery rate: random sets that score as high, per real set that does."
        blocks.append(TableBlock("decoys", title, table, note, open=True))
    blocks += not_run(study, "decoys", title=title)
    if study.redundancy is not None and len(study.redundancy):
        note = _duplicates(int((study.redundancy.groupby("cluster").size() > 1).sum()))
        table = study.redundancy.rename(columns={"covariate": "factor", "feature": "gene_set"})
        blocks.append(TableBlock("redundancy", "Which gene sets could stand for each other?", table, note))
    title = "Would other patients have given the same factors?"
    if study.stability is not None:
        note = "Of factors: median similarity over refits on resamples (1 is identical). Of activities: median "
        note += "correlation with the refits; they do not depend on which factors come back. Of gene sets: how often "
        note += "they were selected again."
        if "dimensions" in study.stability:  # older checks have none
            size, dimensions = len(study.result.factor_names), float(study.stability["dimensions"].iloc[0])
            note += f" Of the {count(size, 'dimension')} that the factors span, {dimensions:.1f} come back on average, "
            note += "whatever the axes."
        blocks.append(TableBlock("stability", title, _stability(study.stability), note, open=True))
    blocks += not_run(study, "stability", title=title)
    return Section("prior", "Did the prior create this?", lead, tuple(blocks))


def _priors(study: Study) -> str:
    """Return a sentence on the evidence for loadings that may leave the gene sets against loadings that may not."""
    chosen, compared = str(study.result.settings["loading_prior"]), prior_gain(study.result)
    if compared is None:
        return f"The {chosen} prior was given, so no other was compared."
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
            f"each other ({nats(abs(gap))} apart); the simpler one was taken."
        )
    return (
        f"With {count(size, 'factor')} each, the evidence prefers the {chosen} prior ({meaning}) to the {other} "
        f"one by {nats(gap)}."
    )


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a table of an analysis under the names of this page, without columns that are empty here."""
    empty = [name for name in ("p", "q", "statistic") if name in table and table[name].isna().all()]
    same = "statistic" in table and "statistic" not in empty and (table["statistic"] == table["effect"]).all()
    return table.drop(columns=[*empty, *["statistic"] * bool(same)]).rename(columns=dict(names))


def _stability(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of ``stability`` with factor and gene set in columns of their own."""
    of_factor = table["level"] == "factor"
    shown = _renamed(table, {"effect": "similarity, correlation or frequency", "reference": "in this fit"})
    shown.insert(0, "factor", table["feature"].where(of_factor, table["covariate"]))
    shown.insert(1, "gene_set", table["feature"].where(~of_factor, ""))
    return shown.drop(columns=["covariate", "feature", "dimensions"], errors="ignore")


def _duplicates(groups: int) -> str:
    if not groups:
        return "No gene set of a factor has a near duplicate in the collection, so each stands for itself."
    return (
        f"{count(groups, 'group')} of overlapping sets. Within a group the data do not say clearly which set is meant, "
        "unless its probability is high."
    )
