"""One gene set in detail, and how well the views agree on all of them."""

from __future__ import annotations

from pathfa import pl
from pathfa.reporting.page.page import Block, Plot, Section, Widget
from pathfa.reporting.study.study import Study


def build(study: Study) -> Section:
    """Return the section."""
    blocks: list[Block] = [
        Widget(
            name="card",
            title="Gene-set card",
            note="Members with their loadings, what was not measured, and genes outside the set that load like "
            "members.",
        )
    ]
    lead = "Select a gene set to see its members."
    if study.concordance is not None and len(study.concordance) and study.concordance["effect"].notna().any():
        figure = pl.concordance(study.concordance, certainty=study.certainty)
        lead = figure.answer
        blocks.append(Plot(figure=figure))
    if study.result.residual_correlation.notna().to_numpy().any():
        blocks.append(Plot(figure=pl.residual_correlation(study.result, certainty=study.certainty)))
    return Section(
        anchor="cards", title="What is in a programme, and do the views agree?", lead=lead, blocks=tuple(blocks)
    )
