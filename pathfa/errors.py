"""Errors, warnings and findings, under their public name."""

from pathfa.core.errors import (
    AlignmentError,
    ConfigError,
    ConvergenceWarning,
    FitWarning,
    GeneSetError,
    InputError,
    LittleKnownWarning,
    MissingInputError,
    NotPositiveDefiniteError,
    OutputError,
    PathFAError,
    PathFAWarning,
    UnitsWarning,
)
from pathfa.core.findings import Finding, Severity
from pathfa.core.not_fitted import NotFittedError

__all__ = [
    "AlignmentError",
    "ConfigError",
    "ConvergenceWarning",
    "Finding",
    "FitWarning",
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
