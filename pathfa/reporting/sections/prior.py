"""Whether the gene sets found the factors or made them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pathfa import pl
from pathfa.core.grammar import count
from pathfa.inference.selection.rule import LEAST
from pathfa.options import LoadingPrior
from pathfa.pl.figures.checks import evidence_words
from pathfa.pl.wording import percent
from pathfa.reporting.page.page import Block, Plot, Section, Table
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.not_run import missing
from pathfa.reporting.verdict.refits import decoy_share, standing_out


def build(study: Study) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    lead = _priors(study)
    if study.uninformed is not None:
        lead = f"{evidence_words(study.uninformed)} {lead}"
        blocks.append(Plot(figure=pl.uninformed(study.uninformed, certainty=study.certainty)))
    blocks += missing(study, "uninformed", title="Would the same factors be found without gene sets?")
    if study.decoys is not None:
        share = percent(decoy_share(study.decoys))
        lead += f" Random gene sets take {share} of the contributions, where half would be chance. "
        lead += standing_out(study.decoys)
        blocks.append(
            Table(
                name="decoys",
                title="Do the gene sets do better than random ones?",
                table=_renamed(study.decoys, {"covariate": "factor", "feature": "gene_set", "effect": "score"}),
                note="The score of a set is its largest contribution to a factor, mean over the refits. "
                "q is the empirical false discovery rate: random sets that score as high, per real set that does.",
                open=True,
            )
        )
    blocks += missing(study, "decoys", title="Do the gene sets do better than random ones?")
    if study.redundancy is not None and len(study.redundancy):
        clusters = study.redundancy.groupby("cluster").size()
        blocks.append(
            Table(
                name="redundancy",
                title="Which gene sets could stand for each other?",
                table=study.redundancy.rename(columns={"covariate": "factor", "feature": "gene_set"}),
                note=_duplicates(int((clusters > 1).sum())),
            )
        )
    if study.stability is not None:
        blocks.append(
            Table(
                name="stability",
                title="Would other patients have given the same factors?",
                table=_stability(study.stability),
                note="Median similarity of each factor over refits on resamples (1 is identical), and how often "
                "each gene "
                "set was selected again.",
                open=True,
            )
        )
    blocks += missing(study, "stability", title="Would other patients have given the same factors?")
    return Section(anchor="prior", title="Did the prior create this?", lead=lead, blocks=tuple(blocks))


def _priors(study: Study) -> str:
    """Return a sentence on the evidence for loadings that may leave the gene sets against loadings that may not."""
    table, chosen = study.result.selection, str(study.result.settings["loading_prior"])
    best = table.pivot_table(index="n_factors", columns="loading_prior", values="log_evidence", aggfunc="max")
    others = [str(name) for name in best.columns if name != chosen]
    if not others:
        return f"The {chosen} prior was given, so no other prior was compared."
    both = best[[chosen, others[0]]].dropna()
    meaning = (
        "loadings may leave their gene sets where the data ask for it"
        if chosen == LoadingPrior.SOFT
        else "loadings follow their gene sets exactly"
    )
    if both.empty:
        return f"The {chosen} prior was taken ({meaning}); the {others[0]} one was not tried with as many factors."
    size = int(both.index[-1])
    gap = float(both[chosen].iloc[-1] - both[others[0]].iloc[-1])
    if gap < 0 or (gap < LEAST and chosen == LoadingPrior.STRICT):
        return (
            f"With {count(size, 'factor')} each, the {chosen} prior ({meaning}) and the {others[0]} one are as good as "
            f"each other ({abs(gap):,.1f} nats apart), and the simpler one was taken."
        )
    return (
        f"With {count(size, 'factor')} each, the evidence prefers the {chosen} prior ({meaning}) to the {others[0]} "
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
