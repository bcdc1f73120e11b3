"""Text -> plain values, and the line of each of them: a YAML file, or a sheet with one cohort per row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pathfa.core.errors import ConfigError, MissingInputError
from pathfa.core.findings import Finding, error
from pathfa.core.schemas import schema, validator
from pathfa.core.text import count, did_you_mean

Keys = tuple[str | int, ...]

_SHEET_LISTS = ("gene_sets", "drop_columns", "regress")
_SHEET_KEYS = ("cohort", "title", "views.NAME", "mudata", "demo", "samples", "covariates", "gene_sets")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file as read, or what the command line gave beside it.

    Attributes
    ----------
    path
        The file; the option of the command line.
    values
        Its content.
    lines
        The line of every key and list item, by the keys that lead to it; 0 where there are no lines.
    """

    path: Path
    values: dict[str, Any]
    lines: dict[Keys, int]

    def place(self, keys: Keys) -> str | None:
        """Return ``file, line n`` of the deepest of ``keys`` that is in the file, None when none is."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.lines:
                line = self.lines[keys[:length]]
                return f"{self.path}, line {line}" if line else str(self.path)
        return None


def _text(path: Path, what: str = "") -> str:
    """Return the text of a file; ``what`` precedes its name in messages."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as reason:
        msg = f"{what}{path}: cannot be opened ({reason.strerror}); looked in {Path.cwd()}"
        raise MissingInputError(msg) from reason
    except UnicodeDecodeError as reason:
        msg = f"{what}{path}: not a text file in UTF-8 ({reason.reason} at byte {reason.start})"
        raise ConfigError(msg) from reason


def read_yaml(path: Path) -> Source:
    """Read a YAML file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If it cannot be opened.
    pathfa.core.errors.ConfigError
        If it is not YAML, has a key twice, or is not a mapping.
    """
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as reason:
        mark = reason.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        shown = f"\n    {text.splitlines()[mark.line]}" if mark and mark.line < len(text.splitlines()) else ""
        msg = f"{path}{line}: not valid YAML: {reason.problem}{shown}\nFix: check indentation, colons and quotes there"
        raise ConfigError(msg) from reason
    except (yaml.YAMLError, ValueError) as reason:
        raise ConfigError(f"{path}: not valid YAML: {reason}") from reason
    if not isinstance(values, dict):
        found = "nothing" if values is None else type(values).__name__
        raise ConfigError(f"{path}: contains {found}; expected 'key: value' lines")
    doubles: list[Finding] = []
    lines = dict(_positions(root, (), path, doubles))
    if doubles:
        raise ConfigError(findings=doubles)
    return Source(path=path, values=values, lines=lines)


def _positions(node: yaml.Node | None, keys: Keys, path: Path, doubles: list[Finding]) -> Iterator[tuple[Keys, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if name in seen:
                found = f"'{name}' occurs a second time; the first is on line {seen[name]}"
                fix = "remove or rename one of them"
                place = f"{path}, line {line}"
                doubles.append(error("duplicate-key", found, expected="every key once", fix=fix, place=place))
            seen[name] = line
            yield (*keys, name), line
            yield from _positions(value, (*keys, name), path, doubles)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*keys, index), value.start_mark.line + 1
            yield from _positions(value, (*keys, index), path, doubles)


def read_cohort_sheet(path: Path) -> Source:
    r"""Read a cohort sheet.

    Parameters
    ----------
    path
        Tab-separated text. The column ``cohort`` has the name; every other column is a key of a cohort, with dots for
        nested keys: ``title``, ``mudata``, ``views.rna`` or ``views.rna.path``, ``views.rna.sha256``,
        ``covariates.path``. Empty cells count as missing; lists are separated by commas, a mapping is one of YAML, such
        as ``{Reverse: '\+'}`` under ``views.rna.drop_rows``.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If it cannot be opened.
    pathfa.core.errors.ConfigError
        If it has no column ``cohort`` or one that is no key of a cohort, a name twice, no cohort at all, or rows of the
        wrong width. Columns are checked by ``data_schemas/cohort_sheet.schema.json``, values with the configuration.
    """
    name = f"cohort sheet {path}"
    rows = [
        (number, row)
        for number, row in enumerate(csv.reader(_text(path, "cohort sheet ").splitlines(), delimiter="\t"), start=1)
        if any(cell.strip() for cell in row) and not row[0].startswith("#")
    ]
    if not rows:
        raise ConfigError(f"{name}: is empty; expected a line of column names, then a line per cohort")
    header = [column.strip() for column in rows[0][1]]
    if "cohort" not in header:
        shown = ", ".join(header[:5])
        msg = f"{name}: the first line has the columns {shown}; expected tab-separated columns with 'cohort'"
        raise ConfigError(msg)
    if len(rows) == 1:
        raise ConfigError(f"{name}: has column names and no cohort; expected a line per cohort")
    cohorts: dict[str, Any] = {}
    lines: dict[Keys, int] = {}
    findings = list(_columns(f"{name}, line {rows[0][0]}", header))
    for number, row in rows[1:]:
        place = f"{name}, line {number}"
        cells = {column: cell.strip() for column, cell in zip(header, row, strict=False) if cell.strip()}
        cohort = cells.pop("cohort", "")
        if len(row) > len(header):
            expected = f"{len(header)} as in the header"
            findings.append(error("wide-row", count(len(row), "cell"), expected=expected, place=place))
        elif not cohort:
            findings.append(error("nameless-cohort", "no cohort name", expected="a name in every row", place=place))
        elif cohort in cohorts:
            found = f"cohort '{cohort}' occurs twice"
            findings.append(error("duplicate-cohort", found, expected="every cohort once", place=place))
        else:
            cohorts[cohort] = _nested(cells)
            lines["cohorts", cohort] = number
    if findings:
        raise ConfigError(findings=findings)
    return Source(path=path, values={"cohorts": cohorts}, lines=lines)


def _columns(place: str, header: list[str]) -> Iterator[Finding]:
    """Yield a finding for every column that is no key of a cohort, or occurs twice."""
    allowed = validator(schema("cohort_sheet")["items"]["propertyNames"])
    expected = "keys of a cohort: " + ", ".join(_SHEET_KEYS) + ", with dots for nested keys such as views.rna.sha256"
    for position, name in enumerate(header):
        if name in header[:position]:
            found = f"column '{name}' occurs twice" if name else "two columns have no name"
            yield error("duplicate-column", found, expected="every column once", place=place)
        elif not allowed.is_valid(name):
            found = f"unknown column '{name}'" if name else "a column has no name"
            first = name.partition(".")[0]
            fix = did_you_mean(first, _SHEET_KEYS, "rename or remove it", key=lambda key: key.partition(".")[0])
            yield error("unknown-column", found, expected=expected, fix=fix, place=place)


def _nested(cells: dict[str, str]) -> dict[str, Any]:
    """Return the values of a row, with a mapping where a column has a dot."""
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
        elif leaf in _SHEET_LISTS:
            branch[leaf] = [item.strip() for item in cell.split(",") if item.strip()]
        else:
            branch[leaf] = cell
    return tree
