"""The gene sets of the factors."""

from __future__ import annotations

from pathfa import pl
from pathfa.report.page import Plot, Section
from pathfa.report.study import Study


def build(study: Study) -> Section:
    """Return the section."""
    figure = pl.gene_set_weights(study.result, certainty=study.certainty)
    return Section(anchor="programmes", title="Which programmes?", lead=figure.answer, blocks=(Plot(figure=figure),))
