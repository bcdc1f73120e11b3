"""The data that a page carries for its scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pathfa.pl.colours import DIVERGING, OKABE_ITO
from pathfa.pl.render_plotly import draw
from pathfa.reporting.page.atlas import atlas
from pathfa.reporting.page.page import Plot, Section
from pathfa.reporting.page.table_data import table_data
from pathfa.reporting.study.study import Study
from pathfa.result.labels import factor_id, readable
from pathfa.result.summaries import outliers


def payload(study: Study, sections: Sequence[Section], folder: str) -> dict[str, Any]:
    """Return the JSON data of a report, by name.

    Parameters
    ----------
    study, sections
        What the report shows.
    folder
        Name of the folder beside the report, where the tables are.
    """
    result = study.result
    plots = [block for section in sections for block in section.blocks if isinstance(block, Plot)]
    figures = [figure for plot in plots for figure in (plot.figure, plot.more) if figure is not None]
    tables = {name: table for section in sections for name, table in section.tables().items()}
    return {
        "atlas": atlas(study),
        "page": {
            "palette": {"colours": OKABE_ITO, "diverging": [[stop, colour] for stop, colour in DIVERGING]},
            "first_pair": _first_pair(study),
            "first_sample": str(outliers(result).index[0]),
            "factor": [{"id": name, "label": factor_id(name)} for name in result.factor_names],
            "gene_set": [{"id": name, "label": readable(name)} for name in result.gene_set_names],
            "sample": [{"id": name, "label": name} for name in result.sample_names],
        },
        "figures": {figure.name: draw(figure) for figure in figures},
        "tables": {name: table_data(table, f"{folder}/{name}.tsv") for name, table in tables.items()},
    }


def _first_pair(study: Study) -> dict[str, str] | None:
    """Return the factor and the covariate that go together best."""
    if study.factor_tests is None or study.factor_tests["p"].isna().all():
        return None
    row = study.factor_tests.sort_values("p", kind="stable").iloc[0]
    return {"factor": str(row["feature"]), "covariate": str(row["covariate"])}
