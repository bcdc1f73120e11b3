"""The tables of a fitted model, of one that is fitted here."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from numpydoc.docscrape import NumpyDocString
from reference_tables import cell, table

import pathfa as pf
from pathfa.analysis.export import ResultTable, result_tables
from pathfa.result.derived import DerivedTables
from pathfa.result.result import PathFAResult

_KINDS = {"lower": "Lower limit of the 95 % posterior interval", "upper": "Its upper limit", "sd": "Posterior sd"}
_PARTS = {"samples": "presence"}
"""Tables with another name than the part of the result that they hold."""


def made() -> str:
    """Return a row per file that ``pathfa tables`` writes."""
    cohort = pf.simulate(n_samples=20, seed=0, gene_sets=8, factors=2)
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(cohort.mdata, cohort.gene_sets)
    said, last = _said(), model.view_names_[-1]
    rows = [_row(item, said) for item in result_tables(model) if item.view in ("", last)]
    return table(["file", "rows", "columns", "what it holds"], rows)


def _row(item: ResultTable, said: Mapping[str, str]) -> list[str]:
    name = f"`{item.name.replace(f'.{item.view}', '.VIEW') if item.view else item.name}.tsv`"
    columns = item.columns.replace("_", " ") or ", ".join(f"`{column}`" for column in item.table.columns)
    about = said[_PARTS.get(item.quantity, item.quantity)]
    if item.kind in _KINDS:
        about = f"{_KINDS[item.kind]} of ``{item.quantity}``."
    return [name, item.rows.replace("_", " ") or "records", columns, cell(about)]


def _said() -> dict[str, str]:
    """Return what the docstrings of a result say of each part of it."""
    said = {}
    for item in NumpyDocString(inspect.getdoc(PathFAResult) or "")["Attributes"]:
        said |= dict.fromkeys(item.name.split(", "), " ".join(item.desc))
    return said | {name: inspect.getdoc(value) or "" for name, value in vars(DerivedTables).items() if name[0] != "_"}
