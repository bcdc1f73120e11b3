"""Errors, warnings and findings, under their public name."""

from pathfa.core.errors import (
    AlignmentError,
    ConfigError,
    ConvergenceWarning,
    GeneSetError,
    InputError,
    LittleKnownWarning,
    MissingInputError,
    NotFittedError,
    NotPositiveDefiniteError,
    OutputError,
    PathFAError,
    PathFAWarning,
    UnitsWarning,
)
from pathfa.core.findings import Finding, Severity

__all__ = [
    "AlignmentError",
    "ConfigError",
    "ConvergenceWarning",
    "Finding",
    "GeneSetError",
    "InputError",
    "LittleKnownWarning",
    "MissingInputError",
    "NotFittedError",
    "NotPositiveDefiniteError",
    "OutputError",
    "PathFAError",
    "PathFAWarning",
    "Severity",
    "UnitsWarning",
]
