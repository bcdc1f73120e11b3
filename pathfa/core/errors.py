"""Errors and warnings: what PathFA raises when something is wrong.

Every message says what was found, what was expected and what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, Unpack

from pathfa.core.findings import Details, Finding, Severity, error


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

    @classmethod
    def of(cls, code: str, found: str, expected: str = "", fix: str = "", **details: Unpack[Details]) -> Self:
        """Return the exception with one finding, as :func:`pathfa.core.findings.error` makes it."""
        return cls(findings=[error(code, found, expected, fix, **details)])

    @classmethod
    def stop_on(cls, findings: Sequence[Finding]) -> None:
        """Raise the exception with all findings if there is an error among them; its message lists the errors."""
        errors = [str(finding) for finding in findings if finding.severity is Severity.ERROR]
        if errors:
            raise cls("\n".join(errors), findings=findings)


class MissingInputError(InputError):
    """A file that was named does not exist or cannot be opened."""


class ConfigError(InputError):
    """A configuration or an option has a value that it cannot have."""


class OutputError(PathFAError, OSError):
    """A result cannot be written where it should be; no file exists under its final name."""


class AlignmentError(InputError):
    """Views, samples or features do not fit together."""


class GeneSetError(InputError):
    """A gene-set collection cannot be used."""


class NotPositiveDefiniteError(PathFAError, ArithmeticError):
    """A matrix that must be positive definite is not, also after the allowed jitter."""


class PathFAWarning(UserWarning):
    """Root of the warnings of PathFA."""


class FitWarning(PathFAWarning):
    """Something that whoever reads a fit must know; ``model.findings_`` has all of it."""


class ConvergenceWarning(PathFAWarning):
    """A fit stopped before it met its convergence criterion."""


class UnitsWarning(PathFAWarning):
    """Values of new samples cannot be in the units of the training cohort, by their distance, sign or range."""


class LittleKnownWarning(PathFAWarning):
    """New samples were measured in so few features that little can be said of them."""
