"""What the cohorts of an index page have in common, from the tables that each report has written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.analysis.across_cohorts import meta_analysis
from pathfa.core.text import count
from pathfa.pl.axes import distinct
from pathfa.pl.figure import Figure
from pathfa.pl.figures.cohorts import agreement, replicated, spread
from pathfa.reporting.page.blocks import Plot, Section
from pathfa.reporting.page.tables import ID, read_tsv
from pathfa.result.judgement import Level

_LEAD = (
    "An activity is a position within its cohort, and 0 is the mean of that cohort: activities of patients of "
    "different cohorts cannot be compared. What was found in each cohort can: which programmes vary, what they are "
    "associated with, and how far the views agree. Factors of different cohorts are not the same and not compared."
)
_TESTS = ("associations-activities", "survival")
_COLUMNS = {
    *(ID, "gene_set", "covariate", "contrast", "measure", "effect", "lower", "upper", "p", "q", "n"),
    *("competitive_p", "competitive_q"),
}


def across(rows: Sequence[Mapping[str, Any]]) -> list[Section]:
    """Return a section for every collection and run with which two cohorts or more were fitted.

    Fits that must not be interpreted are left out.

    Parameters
    ----------
    rows
        The fits of an index page: ``cohort``, ``title``, ``collection``, ``run``, ``state``, ``verdict``,
        ``activities``, ``covariates`` and ``files``, the folder with the tables of the report.
    """
    done = [row for row in rows if row["activities"] and row["state"] == "done"]
    groups = [(names, list(group)) for names, group in groupby(sorted(done, key=_fitted_with), key=_fitted_with)]
    fitted = [(names, [row for row in group if row["verdict"] != Level.STOP], len(group)) for names, group in groups]
    several = [(names, group, size - len(group)) for names, group, size in fitted if len(group) > 1]
    return [
        _section(f"across-{number}" if number else "across", " ".join(filter(None, names)), group, hidden, len(several))
        for number, (names, group, hidden) in enumerate(several)
    ]


def _fitted_with(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["collection"], row["run"]


def _section(anchor: str, name: str, group: Sequence[Mapping[str, Any]], hidden: int, of: int) -> Section:
    lead = f"{_LEAD} {count(hidden, 'fit')} that must not be interpreted left out." if hidden else _LEAD
    by_label = dict(zip(distinct([str(row["title"]) for row in group]), group, strict=True))
    figures = [replace(figure, name=f"{figure.name}{anchor.removeprefix('across')}") for figure in _figures(by_label)]
    title = f"Across cohorts: {name}" if of > 1 else "Across cohorts"
    return Section(anchor, title, lead, tuple(Plot(figure) for figure in figures))


def _figures(group: Mapping[str, Mapping[str, Any]]) -> Iterator[Figure]:
    roles = {name: role for row in group.values() for name, role in row["covariates"].items()}
    tests = meta_analysis({label: _tables(row, _TESTS) for label, row in group.items()})
    if len(tests):
        technical, derived = ([name for name in roles if roles[name] == role] for role in ("technical", "derived"))
        yield replicated(tests, technical=technical, derived=derived)
    views = {label: _tables(row, ["concordance"]) for label, row in group.items()}
    for _, pair in meta_analysis(views).groupby("covariate"):
        yield agreement(pair, views)
    yield spread({label: row["activities"] for label, row in group.items()})


def _tables(row: Mapping[str, Any], names: Sequence[str]) -> pd.DataFrame:
    """Return the rows of tables of a report, those that it has."""
    paths = [Path(row["files"]) / f"{name}.tsv" for name in names] if row["files"] else []
    tables = [read_tsv(path, _COLUMNS.__contains__) for path in paths if path.is_file()]
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=sorted(_COLUMNS))
    return whole.rename(columns={ID if ID in whole else "gene_set": "feature"})
