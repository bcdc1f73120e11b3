"""What was found in real cohorts, repaired, dropped and kept, as the tables of docs/reference/cohorts.md.

Run as ``python benchmarks/cohorts.py tests/data/cohorts/*.yaml``; each argument is a configuration.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from configured import Configured, cohorts_of

from pathfa.core.findings import Finding, Severity
from pathfa.data import GeneSets, as_cohort
from pathfa.data.preprocess.preprocessor import FittedPreprocessor, ViewPreprocessor, with_fitted_steps
from pathfa.data.validation.validate import check_cohort
from pathfa.workflow.config import Collection

COLUMNS = ("View", "Read", "Found", "Repaired", "Dropped", "Kept", "In gene sets")


def tables(paths: Iterable[Path]) -> str:
    """Return one section per cohort, in Markdown."""
    return "\n\n".join(section(item) for path in paths for item in cohorts_of(path)) + "\n"


def section(given: Configured) -> str:
    """Return what became of one cohort."""
    cohort, sets = as_cohort(given.data), given.gene_sets
    findings = check_cohort(cohort, sets)
    fitted = {view.name: ViewPreprocessor().fit(view) for view in cohort.views}
    masks = {name: sets.mask(item.features) for name, item in fitted.items()}
    flow = with_fitted_steps(cohort, fitted, masks).flow
    rows = [_row(name, item, flow[flow["view"] == name], findings) for name, item in fitted.items()]
    lines = [f"## {given.source.title}", "", _described(sets, given.collection), "", *_markdown(rows)]
    whole = [finding for finding in findings if not finding.view]
    return "\n".join([*lines, *(["", *(f"* {_said(finding)}" for finding in whole)] if whole else [])])


def _described(sets: GeneSets, collection: Collection) -> str:
    return f"{len(sets):,} gene sets of {Path(collection.path).name}."


def _row(view: str, item: FittedPreprocessor, flow: pd.DataFrame, findings: list[Finding]) -> dict[str, str]:
    steps = flow.set_index("step")
    own = [finding for finding in findings if finding.view == view]
    by_kind = {
        severity: "<br>".join(_said(finding) for finding in own if finding.severity is severity)
        for severity in Severity
    }
    dropped = [f"{count:,} {reason}" for reason, count in item.dropped["reason"].value_counts().items()]
    if "identifiers" in steps.index and (lost := _lost(steps, "read", "identifiers")):
        dropped.insert(0, f"{lost:,} without a name")
    return {
        "View": view,
        "Read": _shape(steps.loc["read"]),
        "Found": "<br>".join(part for part in (item.steps[0], by_kind[Severity.WARNING]) if part),
        "Repaired": by_kind[Severity.REPAIRED],
        "Dropped": "<br>".join(dropped),
        "Kept": _shape(steps.loc["fitted"]),
        "In gene sets": steps.loc["fitted", "detail"].split(" in ")[0],
    }


def _lost(steps: pd.DataFrame, before: str, after: str) -> int:
    return int(steps.loc[before, "n_features"] - steps.loc[after, "n_features"])


def _shape(step: pd.Series) -> str:
    return f"{step['n_samples']:,} samples x {step['n_features']:,} features"


def _said(finding: Finding) -> str:
    said = f"{finding.place}: {finding.found}" if finding.place == "sample sheet" else finding.found
    return said + (f", such as {finding.examples[0]}" if finding.examples else "")


def _markdown(rows: list[dict[str, str]]) -> Iterator[str]:
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|" + " --- |" * len(COLUMNS)
    for row in rows:
        yield "| " + " | ".join(row[column].replace("|", "\\|") for column in COLUMNS) + " |"


if __name__ == "__main__":
    sys.stdout.write(tables(Path(argument) for argument in sys.argv[1:]))
