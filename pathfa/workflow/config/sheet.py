"""The cohort sheet: one cohort per row, columns named after the keys of a cohort."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from pathfa.core.errors import ConfigError, MissingInputError
from pathfa.core.findings import Finding, error
from pathfa.core.schemas import schema
from pathfa.core.text import count
from pathfa.workflow.config.source import Keys, Source

_LISTS = ("gene_sets",)
_NUMBERS = ("demo",)
_KEYS = ("cohort", "title", "views.NAME", "mudata", "demo", "samples", "covariates", "gene_sets")


def read_sheet(path: Path) -> Source:
    """Read a cohort sheet.

    Parameters
    ----------
    path
        Tab-separated text. The column ``cohort`` has the name; every other column is a key of a cohort, with dots for
        nested keys: ``title``, ``mudata``, ``views.rna`` or ``views.rna.path``, ``views.rna.sha256``,
        ``covariates.path``. Empty cells count as not given; ``gene_sets`` is a comma-separated list.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If it cannot be opened.
    pathfa.core.errors.ConfigError
        If it has no column ``cohort`` or one that is no key of a cohort, a name twice, no cohort at all, or rows of the
        wrong width. Columns are checked by ``data_schemas/cohort_sheet.schema.json``, values with the configuration.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as reason:
        msg = f"cohort sheet {path}: cannot be opened ({reason.strerror}); looked in {Path.cwd()}"
        raise MissingInputError(msg) from reason
    rows = [
        (number, row)
        for number, row in enumerate(csv.reader(text.splitlines(), delimiter="\t"), start=1)
        if any(cell.strip() for cell in row) and not row[0].startswith("#")
    ]
    if not rows:
        msg = f"cohort sheet {path}: is empty; expected a line of column names, then a line per cohort"
        raise ConfigError(msg)
    header = [name.strip() for name in rows[0][1]]
    if "cohort" not in header:
        shown = ", ".join(header[:5])
        msg = (
            f"cohort sheet {path}: the first line has the columns {shown}; expected tab-separated columns with 'cohort'"
        )
        raise ConfigError(msg)
    if len(rows) == 1:
        msg = f"cohort sheet {path}: has column names and no cohort; expected a line per cohort"
        raise ConfigError(msg)
    cohorts: dict[str, Any] = {}
    lines: dict[Keys, int] = {}
    findings = list(_columns(path, rows[0][0], header))
    for number, row in rows[1:]:
        if len(row) > len(header):
            findings.append(
                error(
                    "wide-row",
                    count(len(row), "cell"),
                    f"{len(header)} as in the header",
                    place=f"cohort sheet {path}, line {number}",
                )
            )
            continue
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
        name = cells.pop("cohort", "")
        if not name:
            findings.append(
                error(
                    "nameless-cohort",
                    "no cohort name",
                    "a name in every row",
                    place=f"cohort sheet {path}, line {number}",
                )
            )
        elif name in cohorts:
            findings.append(
                error(
                    "duplicate-cohort",
                    f"cohort '{name}' stands twice",
                    "every cohort once",
                    place=f"cohort sheet {path}, line {number}",
                )
            )
        else:
            cohorts[name] = _nested(cells)
            lines["cohorts", name] = number
    if findings:
        raise ConfigError(findings=findings)
    return Source(path=path, values={"cohorts": cohorts}, lines=lines)


def _columns(path: Path, line: int, header: list[str]) -> Iterator[Finding]:
    """Yield a finding for every column that is no key of a cohort, or stands twice."""
    place = f"cohort sheet {path}, line {line}"
    rules = schema("cohort_sheet")["items"]
    known = Draft202012Validator(rules["propertyNames"])
    for position, name in enumerate(header):
        if name in header[:position]:
            found = f"column '{name}' stands twice" if name else "two columns have no name"
            yield error("duplicate-column", found, "every column once", place=place)
        elif not known.is_valid(name):
            near = get_close_matches(name.partition(".")[0], [key.partition(".")[0] for key in _KEYS], n=1)
            yield error(
                "unknown-column",
                f"unknown column '{name}'" if name else "a column has no name",
                "keys of a cohort: " + ", ".join(_KEYS) + ", with dots for nested keys such as views.rna.sha256",
                f"did you mean '{near[0]}{'.NAME' if near[0] == 'views' else ''}'?" if near else "rename or remove it",
                place=place,
            )


def _nested(cells: dict[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for column, cell in cells.items():
        *parents, leaf = column.split(".")
        branch = tree
        for parent in parents:
            step = branch.setdefault(parent, {})
            if not isinstance(step, dict):  # 'views.rna' beside 'views.rna.sha256'
                step = branch[parent] = {"path": step}
            branch = step
        if isinstance(branch.get(leaf), dict):
            branch[leaf]["path"] = cell
        else:
            branch[leaf] = _value(leaf, cell)
    return tree


def _value(column: str, cell: str) -> object:
    if column in _LISTS:
        return [item.strip() for item in cell.split(",") if item.strip()]
    if column in _NUMBERS and cell.isdigit():
        return int(cell)
    return cell
