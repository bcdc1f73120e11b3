"""Whether the gene sets found the factors or made them."""

from __future__ import annotations

import pandas as pd

from pathfa import pl
from pathfa.pl.checks import evidence_words
from pathfa.pl.words import count, percent
from pathfa.report.page import Block, Plot, Section, Table
from pathfa.report.sections.not_run import missing
from pathfa.report.study import Study
from pathfa.report.verdict import decoy_fdr


def build(study: Study) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    lead = _priors(study)
    if study.uninformed is not None:
        lead = f"{evidence_words(study.uninformed)} {lead}"
        blocks.append(Plot(figure=pl.uninformed(study.uninformed, certainty=study.certainty)))
    blocks += missing(study, "uninformed", title="Would the same factors be found without gene sets?")
    if study.decoys is not None:
        fdr = decoy_fdr(study.decoys)
        chosen = int(study.decoys["selected"].sum())
        lead += f" Against decoys, {percent(fdr)} of the {count(chosen, 'selected gene set')} may be chance."
        blocks.append(
            Table(
                name="decoys",
                title="Do the gene sets do better than random ones?",
                table=study.decoys.rename(columns={"covariate": "factor", "feature": "gene_set"}),
                note="q is the empirical false discovery rate: random sets that score as high, per real set that does.",
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
                note=f"{count(int((clusters > 1).sum()), 'group')} of overlapping sets; within a group, the "
                "data do not "
                "clearly say which set is meant unless its probability is high.",
            )
        )
    if study.stability is not None:
        blocks.append(
            Table(
                name="stability",
                title="Would other patients have given the same factors?",
                table=study.stability,
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
    best = study.result.selection.groupby("loading_prior")["log_evidence"].max()
    chosen = str(study.result.settings["loading_prior"])
    others: pd.Series[float] = best.drop(index=chosen, errors="ignore")
    if others.empty:
        return f"The {chosen} prior was given, so no other prior was compared."
    other = str(others.idxmax())
    gap = float(best[chosen] - others.max())
    meaning = (
        "loadings may leave their gene sets where the data ask for it"
        if chosen == "soft"
        else "loadings follow their gene sets exactly"
    )
    return f"The evidence prefers the {chosen} prior ({meaning}) to the {other} one by {gap:,.1f} nats."
