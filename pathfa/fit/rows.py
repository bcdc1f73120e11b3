"""Which rows a fit sees: the samples, or pseudo-samples that stand for those that were measured in the same views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pathfa.core.text import count

MOST_KEPT = 50_000_000
"""Values of a compressed cohort that are kept in the result, 0.4 GB."""


@dataclass(frozen=True, kw_only=True)
class ViewShape:
    """The shape of a view.

    Attributes
    ----------
    name
        Its name.
    n_features
        Number of features that are fitted.
    complete
        Whether every sample that was measured in it has every value.
    n_samples
        Number of samples that were measured in it; all of them when None.
    stored
        Whether its values stay in a file.
    """

    name: str
    n_features: int
    complete: bool = True
    n_samples: int | None = None
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class FittedRows:
    """The rows of a fit.

    Attributes
    ----------
    alike
        Samples that were measured in the same views, and the number of features of these, for every combination.
    n_features
        Number of features of all views.
    incomplete
        Views of which some samples lack single values.
    """

    alike: tuple[tuple[int, int], ...]
    n_features: int
    incomplete: tuple[str, ...]

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return sum(n for n, _ in self.alike)

    @property
    def compressible(self) -> bool:
        """Whether samples that are alike are more than the features."""
        return max(n for n, _ in self.alike) > self.n_features

    @property
    def compressed(self) -> bool:
        """Whether the fit sees pseudo-samples instead of samples."""
        return self.compressible and not self.incomplete

    @property
    def n_compressed(self) -> int:
        """Number of pseudo-samples: never more than samples, nor than the features of each combination of views."""
        return sum(min(n, max(n_features, 1)) for n, n_features in self.alike)

    @property
    def number(self) -> int:
        """Number of rows that the fit sees."""
        return self.n_compressed if self.compressed else self.n_samples

    @property
    def words(self) -> str:
        """What an iteration reads, in words."""
        samples = count(self.n_samples, "sample")
        if self.compressed:
            return f"{self.number:,} that stand for {samples}"
        if self.compressible:
            return f"{samples}; {self.n_compressed:,} without single missing values in {' and '.join(self.incomplete)}"
        return samples


def rows_of(presence: np.ndarray, views: Sequence[ViewShape]) -> FittedRows:
    """Return the rows of a fit of samples with this presence, N x views."""
    patterns, counts = np.unique(presence, axis=0, return_counts=True)
    sizes = np.array([view.n_features for view in views])
    return _rows(zip(counts.tolist(), (patterns @ sizes).tolist(), strict=True), views)


def planned_rows(n_samples: int, views: Sequence[ViewShape]) -> FittedRows:
    """Return the rows of a fit of which only shapes are known; samples without a view are taken to lack rarer ones too.

    >>> shapes = [ViewShape(name="rna", n_features=50), ViewShape(name="atac", n_features=9, n_samples=700)]
    >>> planned_rows(1000, shapes).alike
    ((700, 59), (300, 50))
    """
    measured = [n_samples if view.n_samples is None else view.n_samples for view in views]
    levels = sorted({n_samples, *measured})
    features = [sum(v.n_features for v, n in zip(views, measured, strict=True) if n >= level) for level in levels]
    return _rows(zip(np.diff([0, *levels]).tolist(), features, strict=True), views)


def _rows(alike: Iterable[tuple[int, int]], views: Sequence[ViewShape]) -> FittedRows:
    return FittedRows(
        alike=tuple(alike),
        n_features=sum(view.n_features for view in views),
        incomplete=tuple(view.name for view in views if not view.complete),
    )
