"""A report and the folder beside it, written."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pathfa.analysis import Checks
from pathfa.analysis.refits.run_checks import fingerprint
from pathfa.core.files import write_text
from pathfa.core.findings import findings_table
from pathfa.core.text import count
from pathfa.reporting.page.page import Section
from pathfa.reporting.page.payload import payload
from pathfa.reporting.page.render import render
from pathfa.reporting.page.tables import README, tsv
from pathfa.reporting.places import files_of
from pathfa.reporting.sections import build
from pathfa.reporting.status import status
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.reason import Level
from pathfa.reporting.verdict.verdict import Verdict, judge
from pathfa.result.result import PathFAResult

SCRIPTS = (
    "data",
    "state",
    "figures",
    "rows",
    "tables",
    "picker",
    "atlas",
    "card",
    "sample",
    "covariate",
    "widgets",
    "main",
)
ICONS = {Level.PASS: "✔", Level.CAUTION: "▲", Level.STOP: "✖"}
MARKS = {**{level.name.lower(): icon for level, icon in ICONS.items()}, "none": "?"}


def checks_of(
    result: PathFAResult, checks: Checks | str | Path | None, tables: Mapping[str, pd.DataFrame | None]
) -> Checks:
    """Return the checks of a model.

    Parameters
    ----------
    result
        The model.
    checks
        What ``pathfa.run_checks`` returned, or the file that holds it.
    tables
        Tables in the place of those of ``checks``, by name.

    Raises
    ------
    InputError
        If the checks are of another model.
    """
    if checks is None:
        checks = Checks(model=fingerprint(result), tables={})
    elif not isinstance(checks, Checks):
        checks = Checks.load(checks)
    given = {name: table for name, table in tables.items() if table is not None}
    known = checks.of(result)
    return replace(known, tables={**known.tables, **given})


def write_study(study: Study, path: Path) -> None:
    """Write a report and the folder beside it.

    Parameters
    ----------
    study
        What it shows.
    path
        HTML file.
    """
    verdict = judge(study)
    study = replace(study, certainty=verdict.certainty)
    sections = build(study, verdict)
    _write_files(files_of(path), study, verdict, sections, path)
    write_text(path, _html(study, verdict, sections, path))


def _html(study: Study, verdict: Verdict, sections: Sequence[Section], path: Path) -> str:
    result = study.result
    views = ", ".join(result.view_names)
    context = {
        "title": study.title,
        "subtitle": f"{count(len(result.scores), 'sample')}, {count(len(result.view_names), 'view')} ({views}), "
        f"{count(len(result.factor_names), 'factor')}, {count(len(result.gene_set_names), 'gene set')}",
        "simulated": study.simulated,
        "anonymous": study.anonymous,
        "verdict": verdict,
        "icons": {str(level): icon for level, icon in ICONS.items()},
        "marks": MARKS,
        "level_names": {str(level): level.name.lower() for level in Level},
        "sections": sections,
        "version": result.provenance.get("version", ""),
        "date": str(result.provenance.get("started", ""))[:10] or "an unknown day",
        "folder": files_of(path).name,
    }
    data = payload(study, sections, files_of(path).name)
    return render("report.html.j2", context, scripts=SCRIPTS, plotly=True, data=data)


def _write_files(folder: Path, study: Study, verdict: Verdict, sections: Sequence[Section], path: Path) -> None:
    """Write the folder beside the report; it takes its place when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        part.chmod(0o755)
        write_text(part / "README.txt", README)
        write_text(part / "status.json", json.dumps(status(study, verdict, path), indent=2, ensure_ascii=False) + "\n")
        write_text(part / "findings.tsv", tsv(findings_table(study.result.findings)))
        for section in sections:
            for name, table in section.tables().items():
                write_text(part / f"{name}.tsv", tsv(table))
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
