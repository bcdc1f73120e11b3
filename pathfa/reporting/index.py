"""The index page over many cohorts and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.core.files import write_text
from pathfa.core.names import readable
from pathfa.core.text import count
from pathfa.pl.figure import Figure
from pathfa.pl.render_plotly import draw
from pathfa.reporting.across import across
from pathfa.reporting.page.render import ICONS, LEVEL_NAMES, render
from pathfa.reporting.page.tables import README, files_of, spelled, table_data, tsv, write_folder

PAGE_SCRIPTS = ("data", "state", "figures", "rows", "terms", "tables", "takeaway", "picker")
"""Scripts of every page, in order; ``main`` comes after all others."""
_ICONS = {**ICONS, "skipped": "-", "failed": "✖", "missing": "…", "done": ""}
_KEY = ("samples", "factors")  # figures of a fit that are shown, beside what it explains of each view
_EXPLAINED = ("R2 of ", "held-out R2 of ")


def write_index_page(entries: Sequence[Mapping[str, Any]], path: str | Path, *, title: str = "PathFA reports") -> Path:
    """Write the page that links all reports, says what was skipped or failed, and what the cohorts have in common.

    The tables of the page are in a folder beside it (``index_files`` for ``index.html``).

    Parameters
    ----------
    entries
        One mapping per cohort and run. Keys: ``cohort``; ``title`` (of the cohort), ``collection``, ``run``, ``state``
        (``"done"``, ``"skipped"``, ``"failed"`` or ``"missing"``), ``link`` (to the report, relative to the page),
        ``files`` (folder beside the report, from which the tables of the cohort are read), ``reason``, ``fix``,
        ``status`` (the content of the report's ``status.json``); all but ``cohort`` may be left out.
    path
        HTML file to write, whole or not at all.
    title
        Heading.

    Returns
    -------
    Path
        The file.
    """
    path = Path(path)
    rows = [_row(entry) for entry in entries]
    table = overview(rows)
    sections = across(rows)
    figures = [figure for section in sections for figure in section.figures()]
    sets = _sets(figures)
    names = [each["id"] for each in sets]
    tables = {"overview": table, **{figure.name: spelled(figure.table, names) for figure in figures}}
    folder = files_of(path)
    counts = table["verdict"].value_counts() if len(table) else pd.Series(dtype=int)
    summary = ", ".join(f"{number} {name}" for name, number in counts.items())
    html = render(
        "index.html.j2",
        {
            "title": title,
            "rows": rows,
            "numbers": _numbers(rows),
            "summary": f"{count(len(rows), 'fit')}: {summary}." if rows else "Nothing was asked for.",
            "sections": sections,
            "icons": _ICONS,
            "levels": {**LEVEL_NAMES, "failed": "stop"},
            "folder": folder.name,
        },
        scripts=(*PAGE_SCRIPTS, "sheets", "main"),
        plotly=bool(figures),
        data={
            "page": {"factor": [], "gene_set": sets, "covariate": [], "gene": [], "sample": []},
            "figures": {figure.name: draw(figure) for figure in figures},
            "tables": {name: table_data(each, f"{folder.name}/{name}.tsv") for name, each in tables.items()},
        },
    )
    write_folder(folder, {"README.txt": README, **{f"{name}.tsv": tsv(each) for name, each in tables.items()}})
    write_text(path, html)
    return path


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    status = entry.get("status") or {}
    state = str(entry.get("state") or ("done" if status else "missing"))
    reasons = [str(reason["text"]) for reason in status.get("reasons", [])]
    return {
        **{key: str(entry.get(key, "")) for key in ("cohort", "collection", "run", "link", "files")},
        "title": str(entry.get("title") or status.get("title") or entry["cohort"]),
        "state": state,
        "verdict": str(status.get("verdict", "done")) if state == "done" else state,
        "headline": str(status.get("headline", "")),
        "reasons": reasons or [text for text in (str(entry.get("reason", "")), str(entry.get("fix", ""))) if text],
        "figures": dict(status.get("figures", {})),
        "activities": dict(status.get("activities", {})),
        "covariates": dict(status.get("covariates", {})),
        "simulated": bool(status.get("simulated", False)),
    }


def _numbers(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the numbers that the page shows of each fit."""
    names = dict.fromkeys(name for row in rows for name in row["figures"])
    return [name for name in names if name in _KEY or name.startswith(_EXPLAINED)]


def overview(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a line per fit: names, verdict, key figures, what can be used, reasons."""
    first, last = ["cohort", "title", "collection", "run", "verdict"], ["headline", "reasons"]
    numbers = dict.fromkeys(name for row in rows for name in row["figures"])
    lines = [{**row, **row["figures"], "reasons": " ".join(row["reasons"])} for row in rows]
    return pd.DataFrame(lines, columns=[*first, *numbers, *last])


def _sets(figures: Sequence[Figure]) -> list[dict[str, str]]:
    names = dict.fromkeys(str(name) for figure in figures for name in figure.table["gene_set"])
    return [{"id": name, "label": readable(name)} for name in names]
