"""The posterior of the loadings that fits a view: complete, with missing entries in every feature, or in some."""

from __future__ import annotations

from torch import Tensor

from pathfa.inference.loadings.incomplete import IncompleteLoadings
from pathfa.inference.loadings.loadings import LoadingPosterior, Mixed
from pathfa.inference.loadings.mixed import MixedLoadings
from pathfa.inference.loadings.strict import shared_loadings

ViewPosterior = LoadingPosterior | MixedLoadings


def loading_posterior(noise_precision: Tensor, second: Tensor | Mixed, cross: Tensor, omega: Tensor) -> ViewPosterior:
    """Return the posterior that fits ``second``: shared, K x K, per feature, G x K x K, or mixed."""
    if isinstance(second, Mixed):
        return MixedLoadings(noise_precision, second, cross, omega)
    make = shared_loadings if second.ndim == 2 else IncompleteLoadings
    return make(noise_precision, second, cross, omega)
