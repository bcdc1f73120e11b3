"""A report and the folder beside it, written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.analysis import Checks
from pathfa.analysis.refits.checks import fingerprint
from pathfa.analysis.summaries import activity_spread, best_heldout
from pathfa.core.files import write_text
from pathfa.core.findings import findings_table
from pathfa.core.text import count
from pathfa.reporting.index import PAGE_SCRIPTS
from pathfa.reporting.page.blocks import Section
from pathfa.reporting.page.data import page_data
from pathfa.reporting.page.render import ICONS, LEVEL_NAMES, render
from pathfa.reporting.page.tables import README, files_of, spelled, tsv, write_folder
from pathfa.reporting.sections import build
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.prose import FitVerdict, judge, trust_section
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import mean_member_share

REPORT_SCRIPTS = (
    *PAGE_SCRIPTS,
    "atlas",
    "overview",
    "cards/gene_set",
    "cards/factor",
    "cards/gene",
    "samples/quantities",
    "samples/scatter",
    "samples/student",
    "samples/groups",
    "samples/patient",
    "samples/covariate",
    "widgets",
    "main",
)
MARKS = {**{LEVEL_NAMES[level]: icon for level, icon in ICONS.items()}, "none": "?"}


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
    study = replace(study, level=verdict.level)
    sections = build(study)
    write_folder(files_of(path), _texts(study, verdict, sections, path))
    write_text(path, _html(study, verdict, sections, path))


def _html(study: Study, verdict: FitVerdict, sections: Sequence[Section], path: Path) -> str:
    result = study.result
    measured = [f"{view} of {int(seen.sum()):,}" for view, seen in result.presence.items()]
    context = {
        "title": study.title,
        "subtitle": f"{count(len(result.scores), 'sample')}: {', '.join(measured)}; "
        f"{count(len(result.factor_names), 'factor')}, {count(len(result.gene_set_names), 'gene set')}",
        "simulated": study.simulated,
        "anonymous": study.anonymous,
        "verdict": verdict,
        "trust": trust_section(verdict),
        "icons": ICONS,
        "marks": MARKS,
        "level_names": LEVEL_NAMES,
        "sections": sections,
        "version": result.provenance.get("version", ""),
        "date": str(result.provenance.get("started", ""))[:10] or "an unknown day",
        "folder": files_of(path).name,
    }
    data = page_data(study, sections, files_of(path).name)
    return render("report.html.j2", context, scripts=REPORT_SCRIPTS, plotly=True, data=data)


def _texts(study: Study, verdict: FitVerdict, sections: Sequence[Section], path: Path) -> dict[str, str]:
    """Return the files of the folder beside the report by name."""
    names = study.result.gene_set_names
    whole = (item for section in sections for item in section.tables(hidden=True).items())
    tables = {name: spelled(table, names) for name, table in whole}
    found = status(study, verdict, path)
    return {
        "README.txt": README,
        "status.json": json.dumps(found, indent=2, ensure_ascii=False) + "\n",
        "pathfa_mqc.json": json.dumps(_for_multiqc(found), indent=2, ensure_ascii=False) + "\n",
        "findings.tsv": tsv(findings_table(study.findings)),
        **{f"{name}.tsv": tsv(table) for name, table in tables.items()},
    }


def _for_multiqc(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a status as MultiQC reads it: custom content, a row per report in one table of all that it finds."""
    row = {"verdict": found["verdict"], **found["figures"], "what can be used": escape(found["headline"])}
    return {
        "id": "pathfa",
        "section_name": "PathFA",
        "description": "Factor models of matched omics: the verdict on each fit, and its key figures.",
        "plot_type": "table",
        "pconfig": {"id": "pathfa_fits", "title": "PathFA: fits"},
        "headers": {name: {"format": "{:,.2f}"} if isinstance(value, float) else {} for name, value in row.items()},
        "data": {escape(found["title"]): row},
    }


def status(study: Study, verdict: FitVerdict, path: Path) -> dict[str, Any]:
    """Return the status of a report, as in ``data_schemas/report_status.schema.json``.

    Keys: ``title``, ``verdict`` (``"PASS"``, ``"CAUTION"``, ``"DO NOT INTERPRET"``), ``headline`` (what can be used
    and what cannot, in words), ``use`` (list of ``scope``, ``state``, ``why``; see ``Use``), ``reasons`` (list of
    ``code``, ``level``, ``text``, worst first, without those that passed), ``checks`` (all of them), ``figures``
    (numbers by name), ``report`` (file name), ``files`` (folder beside it), ``simulated``, ``anonymous``, ``version``,
    ``factors`` (list of ``factor``, ``grade``, ``starts``, ``resamples``; see ``factor_grades``),
    ``covariates`` (what each that was tested is: ``"technical"``, ``"derived"`` or ``"biological"``), ``activities``
    (sd of each gene set's activity over the samples, largest first).
    """
    result = study.result
    total = result.variance_explained.loc["total"].to_dict()
    return {
        "title": study.title,
        "verdict": str(verdict.level),
        "headline": verdict.headline,
        "use": [{"scope": str(u.scope), "state": str(u.state), "why": list(u.topics)} for u in verdict.uses],
        "reasons": [{"code": r.code, "level": str(r.level), "text": r.text} for r in verdict.concerns],
        "checks": {r.code: str(r.level) for r in verdict.reasons},
        "figures": {
            "samples": len(result.scores),
            "samples in every view": int(result.presence.astype(bool).all(axis=1).sum()),
            "factors": len(result.factor_names),
            "gene sets": len(result.gene_set_names),
            **{f"R2 of {view}": round(float(total[view]), 4) for view in result.view_names},
            **{f"held-out R2 of {view}": round(r2, 4) for view, r2 in best_heldout(study.heldout).items()},
            "share of members' loadings": round(mean_member_share(result), 4),
            "log evidence": round(result.log_evidence, 2),
        },
        "factors": [
            {"factor": str(name), **{key: _plain(row[key]) for key in ("grade", "starts", "resamples")}}
            for name, row in study.grades.iterrows()
        ],
        "covariates": {name: study.origin(name) for name in study.tested},
        "converged": result.converged,
        "activities": {str(name): round(float(value), 5) for name, value in activity_spread(result).items()},
        "report": path.name,
        "files": files_of(path).name,
        "simulated": study.simulated,
        "anonymous": study.anonymous,
        "version": str(result.provenance.get("version", "")),
    }


def _plain(value: object) -> str | float | None:
    """Return a grade, or a number with four digits; None where it is not known."""
    if isinstance(value, str):
        return str(value)
    return None if pd.isna(value) else round(float(value), 4)  # type: ignore[arg-type, call-overload]
