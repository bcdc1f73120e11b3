"""What is found wrong with an input, and what is to be done about it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 80  # most characters of an example
_COLUMNS = ("severity", "where", "found", "expected", "fix")
_PAGE = 120  # characters of a table in text


class Severity(StrEnum):
    """How serious a finding is.

    Examples
    --------
    >>> [str(severity) for severity in pf.errors.Severity]
    ['error', 'repaired', 'warning', 'note']
    """

    ERROR = "error"  # nothing runs, nothing is written
    REPAIRED = "repaired"  # repaired, with counts
    WARNING = "warning"  # runs, but the reader must know
    NOTE = "note"  # nothing is wrong


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem of an input.

    Parameters
    ----------
    code
        Stable identifier in kebab case, such as ``"duplicate-samples"``.
    severity
        Whether it stops the run, was repaired, must be known, or is just how things are.
    found, expected, fix
        What the input contains, what it should contain, and what to do.
    place
        Where: file, line or column, or the name of the argument.
    view
        The view concerned, if it is one.
    examples
        Up to three offending values.
    count
        How many there are.

    Examples
    --------
    >>> finding = pf.validate(cohort.mdata, gene_sets)[0]
    >>> finding.code, str(finding.severity)
    ('partial-samples', 'note')
    """

    code: str
    severity: Severity
    found: str
    expected: str = ""
    fix: str = ""
    place: str = ""
    view: str = ""
    examples: tuple[str, ...] = ()
    count: int | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.place, f"view '{self.view}'" if self.view else "") if part)
        text = f"{where}: {self.found}" if where and not self.found.startswith(where) else self.found
        if self.examples:
            text += f" (for example {', '.join(repr(example) for example in self.examples[:3])})"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.fix:
            text += f". Fix: {self.fix}"
        return text

    def to_dict(self) -> dict[str, object]:
        """Return the finding as plain values, for JSON and tables.

        Examples
        --------
        >>> sorted(pf.validate(cohort.mdata, gene_sets)[0].to_dict())
        ['code', 'count', 'examples', 'expected', 'fix', 'found', 'place', 'severity', 'view']
        """
        return {**asdict(self), "severity": str(self.severity), "examples": list(self.examples)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        """Return the finding from what ``to_dict`` returned.

        Parameters
        ----------
        values
            What ``to_dict`` returned.

        Examples
        --------
        >>> finding = pf.validate(cohort.mdata, gene_sets)[0]
        >>> pf.errors.Finding.from_dict(finding.to_dict()) == finding
        True
        """
        return cls(**{**values, "severity": Severity(values["severity"]), "examples": tuple(values["examples"])})


class Findings(tuple[Finding, ...]):
    """Findings that show themselves as a table, on a terminal and in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self:
            return "no findings"
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*_COLUMNS, show_lines=True)
        for item in self:
            table.add_row(*(Text(cell) for cell in _cells(item)))
        console = Console(no_color=True, width=_PAGE)
        with console.capture() as shown:
            console.print(table)
        return "\n".join(line.rstrip() for line in shown.get().splitlines())

    def _repr_html_(self) -> str:
        import pandas as pd

        with pd.option_context("display.max_colwidth", None):
            return str(pd.DataFrame([_cells(item) for item in self], columns=_COLUMNS).to_html(index=False))


def _cells(item: Finding) -> tuple[str, ...]:
    """Return a finding as the cells of a row, examples beside what was found."""
    examples = f" (for example {', '.join(map(repr, item.examples))})" if item.examples else ""
    where = ", ".join(part for part in (item.view, item.place) if part)
    return str(item.severity), where, item.found + examples, item.expected, item.fix


class Details(TypedDict, total=False):
    """What else a finding may say: where it is, and of which values.

    ``items`` are all values concerned: the first three become the examples, their number the count. ``examples`` and
    ``count`` take their place where the values are not at hand one by one.
    """

    place: str | Path
    view: str
    items: Collection[object]
    examples: Iterable[object]
    count: int | None


def finding(
    severity: Severity, code: str, found: str, expected: str = "", fix: str = "", **details: Unpack[Details]
) -> Finding:
    """Return a finding, with three examples at most, as text and each cut to 80 characters."""
    items = details.get("items", ())
    first = [str(item) for item in islice(items if len(items) else details.get("examples", ()), 3)]
    return Finding(
        code=code,
        severity=severity,
        found=found,
        expected=expected,
        fix=fix,
        place=str(details.get("place", "")),
        view=details.get("view", ""),
        examples=tuple(text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..." for text in first),
        count=len(items) if len(items) else details.get("count"),
    )


error = partial(finding, Severity.ERROR)
"""Return a finding that stops the run."""

repaired = partial(finding, Severity.REPAIRED)
"""Return a finding about something that was repaired."""

warning = partial(finding, Severity.WARNING)
"""Return a finding that the reader must know."""

note = partial(finding, Severity.NOTE)
"""Return a finding that tells how things are, where nothing is wrong."""


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, one row each, examples joined; what was found and what to do come first."""
    import pandas as pd  # the command line makes findings before it needs pandas

    columns = ["severity", "found", "expected", "fix", "view", "place", "examples", "count", "code"]
    rows = [{**finding.to_dict(), "examples": "; ".join(finding.examples)} for finding in findings]
    return pd.DataFrame(rows, columns=columns)


def findings_to_json(findings: Iterable[Finding]) -> str:
    """Return findings as JSON text, as kept in files."""
    return json.dumps([finding.to_dict() for finding in findings])


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """Return the findings that :func:`findings_to_json` wrote."""
    return tuple(Finding.from_dict(entry) for entry in json.loads(text))
