"""The index page over many cohorts and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.core.files import write_text
from pathfa.core.text import count, shorten
from pathfa.pl.axes import clustered, distinct, gene_set_axis
from pathfa.pl.figure import Figure
from pathfa.pl.render_plotly import draw
from pathfa.pl.spec import Axis, Heatmap
from pathfa.pl.wording import listed
from pathfa.reporting.page.render import ICONS, LEVEL_NAMES, render
from pathfa.reporting.page.tables import table_data
from pathfa.result.judgement import Level
from pathfa.result.labels import readable
from pathfa.result.summaries import spread_across

INDEX_SCRIPTS = ("data", "state", "figures", "rows", "tables", "takeaway", "picker", "main")
_ICONS = {**ICONS, "skipped": "-", "failed": "✖", "missing": "…", "done": ""}
_MOST_SETS = 40


def write_index_page(entries: Sequence[Mapping[str, Any]], path: str | Path, *, title: str = "PathFA reports") -> Path:
    """Write the page that links all reports and says what was skipped or failed, and why.

    Parameters
    ----------
    entries
        One mapping per cohort and run. Keys: ``cohort``; ``collection``, ``run``, ``state`` (``"done"``, ``"skipped"``,
        ``"failed"`` or ``"missing"``), ``link`` (to the report, relative to the page), ``reason``, ``fix``, ``status``
        (the content of the report's ``status.json``); all but ``cohort`` may be left out.
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
    figure = across(rows)
    counts = table["verdict"].value_counts() if len(table) else pd.Series(dtype=int)
    summary = ", ".join(f"{number} {name}" for name, number in counts.items())
    html = render(
        "index.html.j2",
        {
            "title": title,
            "rows": rows,
            "summary": f"{count(len(rows), 'fit')}: {summary}." if rows else "Nothing was asked for.",
            "figure": figure,
            "icons": _ICONS,
            "levels": {**LEVEL_NAMES, "failed": "stop"},
        },
        scripts=INDEX_SCRIPTS,
        plotly=figure is not None,
        data={
            "page": {"factor": [], "gene_set": _sets(figure), "gene": [], "sample": []},
            "figures": {figure.name: draw(figure)} if figure else {},
            "tables": {
                "overview": table_data(table, ""),
                **({figure.name: table_data(figure.table, "")} if figure else {}),
            },
        },
    )
    write_text(path, html)
    return path


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    status = entry.get("status") or {}
    state = str(entry.get("state") or ("done" if status else "missing"))
    reasons = [str(reason["text"]) for reason in status.get("reasons", [])]
    return {
        **{key: str(entry.get(key, "")) for key in ("cohort", "collection", "run", "link")},
        "state": state,
        "verdict": str(status.get("verdict", "done")) if state == "done" else state,
        "headline": str(status.get("headline", "")),
        "reasons": reasons or [text for text in (str(entry.get("reason", "")), str(entry.get("fix", ""))) if text],
        "figures": dict(status.get("figures", {})),
        "activities": dict(status.get("activities", {})),
        "simulated": bool(status.get("simulated", False)),
    }


def overview(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a line per fit: names, verdict, key figures, what can be used, reasons."""
    lines = [
        {
            **{key: row[key] for key in ("cohort", "collection", "run", "verdict")},
            **row["figures"],
            "headline": row["headline"],
            "reasons": " ".join(row["reasons"]),
        }
        for row in rows
    ]
    table = pd.DataFrame(lines)
    last = ["headline", "reasons"]
    return table[[name for name in table.columns if name not in last] + last] if len(table) else table


def across(rows: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Return which activities vary in which cohort, or None with fewer than two fits.

    Activities have the same meaning in every cohort; factors do not, so they are not compared. Fits that must not be
    interpreted are left out.
    """
    done = [row for row in rows if row["activities"] and row["state"] == "done"]
    fitted = [row for row in done if row["verdict"] != Level.STOP]
    if len(fitted) < 2:
        return None
    names = [" ".join(filter(None, (row["cohort"], row["collection"], row["run"]))) for row in fitted]
    labels = distinct([shorten(name, 30) for name in names])
    activities = {label: row["activities"] for label, row in zip(labels, fitted, strict=True)}
    share, everywhere = spread_across(activities, _MOST_SETS)
    shown = share.iloc[clustered(share.fillna(0.0).to_numpy())]
    common, hidden = [readable(name) for name in everywhere[:3]], len(done) - len(fitted)
    answer = f"{listed(common)} vary in every cohort." if common else "No gene set varies in every cohort."
    answer += f" {count(len(shown), 'gene set', 'are')} shown, chosen by spread."
    if hidden:
        answer += f" {count(hidden, 'fit')} that must not be interpreted left out."
    return Figure(
        name="across",
        question="Which programmes vary in which cohort?",
        answer=answer,
        alt=f"Heat map of {count(len(shown), 'gene set')} by {count(len(labels), 'fit')}; each cell is the spread of "
        "the activity over the samples, as a share of the largest spread in that fit. Blank: not active or not "
        "measured.",
        marks=(Heatmap(values=shown, unit="spread, share of the largest", limits=(0.0, 1.0)),),
        x=Axis(title="Cohort", labels=labels),
        y=gene_set_axis([str(name) for name in shown.index], reverse=True),
        table=pd.DataFrame(activities).rename_axis("gene_set").reset_index(),
        height=200 + 18 * max(6, len(shown)),
    )


def _sets(figure: Figure | None) -> list[dict[str, str]]:
    names = [] if figure is None else [str(name) for name in figure.table["gene_set"]]
    return [{"id": name, "label": readable(name)} for name in names]
