"""Errors, warnings and findings: what PathFA says when something is wrong.

Every message says what was found, what was expected and what to do about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How serious a finding is."""

    ERROR = "error"  # nothing runs, nothing is written
    REPAIRED = "repaired"  # repaired, with counts
    WARNING = "warning"  # runs, but the reader must know


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem of an input.

    Parameters
    ----------
    code
        Stable identifier in kebab case, such as ``"duplicate-samples"``.
    severity
        Whether it stops the run, was repaired, or is worth knowing.
    found, expected, fix
        What the input holds, what it should hold, and what to do.
    place
        Where: file, line or column, or the name of the argument.
    view
        The view concerned, if it is one.
    examples
        Up to three offending values.
    count
        How many there are.
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
        """Return the finding as plain values, for JSON and tables."""
        return {**asdict(self), "severity": str(self.severity), "examples": list(self.examples)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        """Return the finding that ``to_dict`` turned into plain values."""
        return cls(**{**values, "severity": Severity(values["severity"]), "examples": tuple(values["examples"])})


class PathFAError(Exception):
    """Root of every error that PathFA raises on purpose."""


class InputError(PathFAError, ValueError):
    """The input cannot be used.

    Parameters
    ----------
    message
        The message; made from ``findings`` when empty.
    findings
        All that is wrong, so that one run shows every problem.
    """

    def __init__(self, message: str = "", *, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(message or "\n".join(str(finding) for finding in self.findings))


class MissingInputError(InputError):
    """A file that was named does not exist or cannot be opened."""


class ConfigError(InputError):
    """A configuration or an option has a value that it cannot have."""


class OutputError(PathFAError, OSError):
    """A result cannot be written where it was asked for; nothing stands under its final name."""


class AlignmentError(InputError):
    """Views, samples or features do not fit together."""


class GeneSetError(InputError):
    """A gene-set collection cannot be used."""


class NotPositiveDefiniteError(PathFAError, ArithmeticError):
    """A matrix that must be positive definite is not, also after the allowed jitter."""


class NotFittedError(PathFAError, AttributeError):
    """A fitted attribute or method was used before ``fit``."""


class PathFAWarning(UserWarning):
    """Root of the warnings of PathFA."""


class ConvergenceWarning(PathFAWarning):
    """A fit stopped before it met its convergence criterion."""


class UnitsWarning(PathFAWarning):
    """Values of new samples cannot be in the units of the training cohort, by their distance, sign or range."""
