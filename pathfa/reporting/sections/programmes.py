"""The gene sets of the factors."""

from __future__ import annotations

from pathfa import pl
from pathfa.core.text import count
from pathfa.reporting.page.page import Plot, Section
from pathfa.reporting.study.study import Study


def build(study: Study) -> Section:
    """Return the section."""
    figure = pl.gene_set_weights(study.result, certainty=study.certainty)
    everything = pl.gene_set_weights(study.result, similar=True, certainty=study.certainty)
    hidden = len(everything.y.labels) - len(figure.y.labels)
    plot = Plot(
        figure=figure,
        more=everything if hidden > 0 else None,
        more_label=f"Show similar gene sets in rows of their own ({count(hidden, 'more row')})",
        filtered=True,
    )
    return Section(anchor="programmes", title="Which programmes?", lead=figure.answer, blocks=(plot,))
