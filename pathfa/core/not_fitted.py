"""The error of a model that is not fitted: that of scikit-learn too, so not where the command line loads its errors."""

from __future__ import annotations

from sklearn import exceptions

from pathfa.core.errors import PathFAError


class NotFittedError(PathFAError, exceptions.NotFittedError):  # type: ignore[misc]
    """A fitted attribute or method was used before ``fit``."""
