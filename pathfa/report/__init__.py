"""The report: one offline HTML file per fit, its tables beside it, and an index page over many."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pandas as pd

from pathfa.analysis import Checks
from pathfa.analysis.run_checks import fingerprint
from pathfa.files import write_text
from pathfa.report.gather import Asked, gather
from pathfa.report.index import write_index
from pathfa.report.page import Section
from pathfa.report.payload import payload
from pathfa.report.reason import Level
from pathfa.report.render import render
from pathfa.report.sections import build
from pathfa.report.sections.input_ import findings_table
from pathfa.report.status import files_of, status, status_path
from pathfa.report.study import Study
from pathfa.report.tables import README, tsv
from pathfa.report.verdict import Verdict, judge
from pathfa.result import PathFAResult, as_result

__all__ = ["files_of", "report", "status_path", "write_index"]

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


def report(
    model: object,
    path: str | Path,
    *,
    covariates: pd.DataFrame | None = None,
    title: str | None = None,
    technical: Sequence[str] = (),
    time: str = "",
    event: str = "",
    checks: Checks | str | Path | None = None,
    decoys: pd.DataFrame | None = None,
    stability: pd.DataFrame | None = None,
    anonymise: bool = False,
    command: str = "",
) -> Path:
    """Write the report of a fit: one HTML file that works without a network.

    The file is whole or absent; it and the folder beside it (``report_files`` for ``report.html``) replace
    earlier ones.
    The folder holds ``status.json``, ``findings.tsv`` and every table of the report.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    path
        HTML file to write; its folder is made.
    covariates
        Covariates indexed by sample; those of the fitted cohort when None. Columns that look like personal data are not
        shown.
    title
        Heading.
    technical
        Names of covariates that should not matter, such as the batch; columns called batch, plate, run, site and
        the like count as such too.
    time, event
        Names of the covariates with the follow-up time and with whether the event was seen (1) or not (0).
    checks
        What ``pathfa.run_checks`` returned for this model, or the file that holds it: held-out samples, the fit without
        gene sets, decoys, stability. They refit the model and take long; without them the report says so.
    decoys, stability
        What ``pathfa.decoys`` and ``pathfa.stability`` returned, in the place of those of ``checks``.
    anonymise
        Whether sample names are replaced by codes that differ from report to report.
    command
        The command that repeats the fit, for the section on provenance.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigError
        If there is no covariate of the name of the time or the event, or their values are none.
    AlignmentError
        If the covariates are of other samples, or have a sample twice.
    InputError
        If the checks are of another model.
    """
    path = Path(path)
    result = as_result(model)
    study = gather(
        result,
        Asked(
            title=title or "PathFA report",
            covariates=covariates,
            technical=technical,
            time=time,
            event=event,
            checks=_with_tables(_loaded(checks, result), {"decoys": decoys, "stability": stability}),
            command=command,
            salt=secrets.token_hex(16) if anonymise else "",
        ),
    )
    verdict = judge(study)
    study = replace(study, certainty=verdict.certainty)
    sections = build(study, verdict)
    _write_files(files_of(path), study, verdict, sections, path)
    write_text(path, _html(study, verdict, sections, path))
    return path


def _loaded(checks: Checks | str | Path | None, result: PathFAResult) -> Checks:
    if checks is None:
        return Checks(model=fingerprint(result), tables={})
    return (checks if isinstance(checks, Checks) else Checks.load(checks)).of(result)


def _with_tables(checks: Checks, given: Mapping[str, pd.DataFrame | None]) -> Checks:
    tables = {name: table for name, table in given.items() if table is not None}
    return replace(checks, tables={**checks.tables, **tables})


class _Report(ModuleType):
    """The module; calling it calls ``report``, because ``pathfa.report`` names both."""

    __call__ = staticmethod(report)


sys.modules[__name__].__class__ = _Report


def _html(study: Study, verdict: Verdict, sections: Sequence[Section], path: Path) -> str:
    result = study.result
    views = ", ".join(result.view_names)
    context = {
        "title": study.title,
        "subtitle": f"{len(result.scores):,} samples, {len(result.view_names)} views ({views}), "
        f"{len(result.factor_names)} factors, {len(result.gene_set_names):,} gene sets",
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
        write_text(part / "findings.tsv", tsv(findings_table(study)))
        for section in sections:
            for name, table in section.tables().items():
                write_text(part / f"{name}.tsv", tsv(table))
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
