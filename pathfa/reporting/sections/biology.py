"""What goes with covariates and outcome: biology or batch."""

from __future__ import annotations

from pathfa import pl
from pathfa.core.grammar import count, inflect
from pathfa.pl.wording import listed
from pathfa.reporting.page.page import Block, Pairs, Plot, Section, Widget
from pathfa.reporting.study.study import Study

_NONE = (
    "No covariates were given, so nothing can be said about what the factors go with. Give a table with one row per "
    "sample (age, stage, batch, ...) to fill this part."
)
_PLUG_IN = "The cohort is large: the uncertainty of single activities is small and is not in the effects."


def build(study: Study) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    certainty = study.certainty
    lead = _NONE
    for level, table in (("scores", study.factor_tests), ("activity", study.activity_tests)):
        if table is not None and len(table):
            figure = pl.associations(table, level=level, technical=study.technical, certainty=certainty)
            blocks.append(Plot(figure=figure))
    if blocks:
        names = [name for name in study.tested if name not in study.technical]
        lead = f"{count(len(names), 'covariate')} of interest ({listed(names, 8)})"
        lead += (
            f" and {count(len(study.technical), 'technical one')} ({listed(study.technical)})"
            if study.technical
            else ""
        )
        lead += "." if study.technical else "; none is known to be technical, so a batch cannot be seen here."
        without = int(study.covariates.isna().all(axis=1).sum())
        if without:
            lead += f" {without:,} of {count(len(study.covariates), 'sample')} {inflect(without, 'have')} none."
        lead += "" if study.pooled else f" {_PLUG_IN}"
        blocks.append(
            Widget(
                name="covariate",
                title="One factor or gene set against one covariate",
                note="Click a cell above, or choose here. The pair with the smallest p comes first.",
            )
        )
    if study.survival is not None and len(study.survival):
        blocks.append(Plot(figure=pl.survival(study.survival, certainty=certainty)))
    if study.curves is not None:
        blocks.append(Plot(figure=pl.survival_curves(study.curves)))
    if study.left_out:
        blocks.append(Pairs(rows=tuple(study.left_out.items()), title="Covariates that are not shown or not tested"))
    return Section(anchor="biology", title="Biology or batch?", lead=lead, blocks=tuple(blocks))
