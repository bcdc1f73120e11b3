"""The data that a page carries for its scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathfa.naming import factor_id, readable
from pathfa.pl.colours import DIVERGING, OKABE_ITO
from pathfa.pl.plotly_backend import draw
from pathfa.pl.samples import outliers
from pathfa.report.atlas import atlas
from pathfa.report.page import Plot, Section
from pathfa.report.study import Study

MOST_CELLS = 400_000
"""Largest table that a page holds whole; of larger ones it holds the first rows, and the file beside it all."""
FIRST_ROWS = 200


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


def table_data(table: pd.DataFrame, file: str) -> dict[str, Any]:
    """Return a table by columns."""
    held = table.head(FIRST_ROWS) if table.size > MOST_CELLS else table
    columns = [_column(str(name), held.iloc[:, place]) for place, name in enumerate(held.columns)]
    return {"columns": columns, "total": len(table), "file": file}


def _column(name: str, column: pd.Series) -> Mapping[str, Any]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return {"name": name, "kind": "flag", "values": [bool(value) for value in column]}
    if pd.api.types.is_numeric_dtype(column.dtype):
        return {"name": name, "kind": "number", "values": [_number(value) for value in column.to_numpy()]}
    return {"name": name, "kind": "text", "values": [None if pd.isna(value) else str(value) for value in column]}


def _number(value: Any) -> float | int | None:
    if isinstance(value, int | np.integer):
        return int(value)
    return float(f"{value:.6g}") if np.isfinite(value) else None
