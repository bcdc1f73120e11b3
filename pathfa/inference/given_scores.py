"""The posterior of the loadings that fits a view: complete, or with missing entries."""

from __future__ import annotations

from torch import Tensor

from pathfa.inference.complete import CompleteLoadings
from pathfa.inference.incomplete import IncompleteLoadings
from pathfa.inference.loadings import LoadingPosterior


def loading_posterior(noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> LoadingPosterior:
    """Return the posterior that fits the shape of ``second``: shared, K x K, or per feature, G x K x K."""
    kind = CompleteLoadings if second.ndim == 2 else IncompleteLoadings
    return kind(noise_precision, second, cross, omega)
