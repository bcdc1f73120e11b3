"""Preprocessing that was fitted: applied to any samples, inverted, stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import ConfigError
from pathfa.data.cohort.matrix import InMemory, as_dense, in_double
from pathfa.data.cohort.views import View
from pathfa.data.preprocess.design import Design
from pathfa.data.preprocess.transforms import (
    KEEPS_ZEROS,
    Normalise,
    Transform,
    apply_transform,
    from_quantiles,
    invert_sd,
    invert_transform,
    median_offsets,
    normalise_total,
    size_factors,
    to_quantiles,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedPreprocessor:
    """Preprocessing with the statistics of a training cohort.

    Attributes
    ----------
    features
        Features that are kept, G.
    centre, spread
        What is subtracted from each and what it is divided by, G, after the transformation.
    level
        Training mean of each, G, after the transformation.
    missing
        Number of training samples of the view without a value of each, G.
    dropped
        Features that were dropped, with the reason, and the feature that one is ``same_as`` if it is a copy.
    steps
        What is done, in words.
    transformation
        The transformation.
    library, share, target
        All training features, their shares in all counts, and the total that every sample is brought to; 0 for
        values that are not counts.
    mode, reference
        Sample-wise normalisation, and the training profile (median) or distribution (quantile).
    design, coefficients
        Covariates that are regressed out, and their effects, Q x G.
    """

    features: pd.Index
    centre: np.ndarray
    spread: np.ndarray
    level: np.ndarray
    missing: np.ndarray
    dropped: pd.DataFrame
    steps: tuple[str, ...]
    transformation: Transform
    library: pd.Index
    share: np.ndarray
    target: float
    mode: Normalise
    reference: np.ndarray
    design: Design | None
    coefficients: np.ndarray

    @classmethod
    def blank(cls, features: pd.Index, transformation: Transform) -> FittedPreprocessor:
        """Return a preprocessing that only transforms."""
        n, none = len(features), np.zeros(0)
        return cls(
            features=features,
            centre=np.zeros(n),
            spread=np.ones(n),
            level=np.zeros(n),
            missing=np.zeros(n, dtype=np.int64),
            dropped=pd.DataFrame({"feature": [], "reason": [], "same_as": []}, dtype=object),
            steps=(),
            transformation=transformation,
            library=features,
            share=none,
            target=0.0,
            mode=Normalise.NONE,
            reference=none,
            design=None,
            coefficients=np.zeros((0, n)),
        )

    @cached_property
    def copies(self) -> dict[str, str]:
        """Features that were dropped because they repeat another, and the one that is kept, which stands for them."""
        same = self.dropped[self.dropped["same_as"].isin(self.features)]
        return dict(zip(same["feature"], same["same_as"], strict=True))

    @property
    def as_given(self) -> bool:
        """Whether values stay as they are until they are scaled."""
        return self.transformation is Transform.NONE and self.mode is Normalise.NONE and self.target == 0.0

    @property
    def centred(self) -> bool:
        """Whether the mean of every feature is subtracted."""
        return np.array_equal(self.centre, self.level)

    def before_scaling(self, view: View) -> InMemory:
        """Return the values of a view that has all training features before covariates and scaling, N x G."""
        values = self.transformed(view.values[:], self.library)
        return values if self.mode is Normalise.NONE else self.normalised(as_dense(values), np.arange(values.shape[1]))

    def transform(self, view: View) -> np.ndarray:
        """Return the values of a view in fitted units.

        Parameters
        ----------
        view
            N samples. It may lack features, and have others.

        Returns
        -------
        ndarray
            N x G, NaN where missing, in absent samples, and where the view lacks a feature.
        """
        found, block = self._own_columns(view)
        values: np.ndarray = block - self.centre[found]
        if len(found) < len(self.features):
            some, values = values, np.full((len(view.samples), len(self.features)), np.nan)
            values[:, found] = some
        if self.design is not None:
            values[view.present] -= self._effect(view)
        values[~view.present] = np.nan
        values /= self.spread
        return values

    def _own_columns(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions of the features that the view has, and their transformed values."""
        at, columns = self._positions(view)
        wanted = self.library.get_indexer(self.features)
        if self.target == 0.0 and self.mode is Normalise.NONE:  # no feature depends on the others
            columns = wanted[at[wanted] >= 0]
        same = len(columns) == len(view.features) and np.array_equal(at[columns], np.arange(len(columns)))
        given = view.values[:] if same else view.values[:, at[columns]]
        values = self.transformed(given, self.library[columns])
        if self.mode is not Normalise.NONE:
            values = self.normalised(as_dense(values), columns)
        position = np.full(len(self.library), -1)
        position[columns] = np.arange(len(columns))
        found = np.flatnonzero(position[wanted] >= 0)
        order = position[wanted[found]]
        values = values if np.array_equal(order, np.arange(values.shape[1])) else values[:, order]
        return found, values if isinstance(values, np.ndarray) else values.toarray()

    def _positions(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        """Return where each training feature is in a view, -1 where it is not, and which of them it has.

        Where a feature is absent its copies are it.
        """
        at = view.features.get_indexer(self.library)
        for copy, kept in self.copies.items():
            place = self.library.get_loc(kept)
            if at[place] < 0:
                at[place] = at[self.library.get_loc(copy)]
        return at, np.flatnonzero(at >= 0)

    def transformed(self, values: InMemory, features: pd.Index) -> InMemory:
        """Return values of some training features after size factors and transformation, still sparse if possible.

        Where there is none, they stay in the precision in which they are: scaling makes doubles of them without a copy.
        """
        if self.target == 0.0 and self.transformation is Transform.NONE:
            return values
        values = in_double(values)
        if self.target > 0.0:
            values = normalise_total(values, self._target(features))
        if isinstance(values, np.ndarray):
            return apply_transform(values, self.transformation)
        if self.transformation not in KEEPS_ZEROS:
            return apply_transform(as_dense(values), self.transformation)
        data = apply_transform(np.asarray(values.data), self.transformation)
        return sparse.csr_matrix((data, values.indices, values.indptr), shape=values.shape)

    def _target(self, features: pd.Index) -> float:
        """Return the total for samples of which only some features were measured."""
        return self.target * max(float(self.share[self.library.get_indexer(features)].sum()), 1e-12)

    def normalised(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return transformed values of the training features at ``columns`` after the sample-wise normalisation."""
        if self.mode is Normalise.MEDIAN:
            return np.asarray(values - median_offsets(values, self.reference[columns])[:, None])
        return to_quantiles(values, self.reference) if self.mode is Normalise.QUANTILE else values

    def _effect(self, view: View) -> np.ndarray:
        if self.design is None:
            return np.zeros((view.n_present, len(self.features)))
        return np.asarray(self.design.matrix(view.obs.loc[view.present], view.name) @ self.coefficients)

    def inverse(self, values: np.ndarray, like: View | None = None) -> np.ndarray:
        """Return values in fitted units, N x G, in the units that were given.

        Parameters
        ----------
        values
            N x G.
        like
            The N samples they belong to. With it, what was removed per sample (depth, median, distribution, effects
            of covariates) is put back; without it, values are those of a sample of typical depth.
        """
        transformed = self._unscaled(values, like)
        given = invert_transform(transformed, self.transformation)
        return given if like is None else given * self._factors(like)[:, None]

    def inverse_sd(self, sd: np.ndarray, values: np.ndarray | None = None, like: View | None = None) -> np.ndarray:
        """Return standard deviations in fitted units, N x G, in the units that were given.

        Parameters
        ----------
        sd
            N x G.
        values
            The means they belong to, in fitted units; needed where a logarithm or root was taken.
        like
            As for :meth:`inverse`.

        Raises
        ------
        ConfigError
            When ``values`` are needed and not given.
        """
        scaled = np.asarray(sd * self.spread)
        if self.transformation is Transform.NONE:
            return scaled
        if values is None:
            why = f"as the transformation is {self.transformation}"
            raise ConfigError(f"their means are needed for an sd in the units given, {why}")
        given = invert_sd(scaled, self._unscaled(values, like), self.transformation)
        return given if like is None else given * self._factors(like)[:, None]

    def _unscaled(self, values: np.ndarray, like: View | None) -> np.ndarray:
        transformed = np.asarray(values * self.spread + self.centre)
        if like is None:
            return transformed
        if self.design is not None:
            transformed[like.present] += self._effect(like)
        if self.mode is Normalise.NONE:
            return transformed
        at, columns = self._positions(like)
        own = as_dense(self.transformed(like.values[:, at[columns]], self.library[columns]))
        if self.mode is Normalise.MEDIAN:
            return np.asarray(transformed + median_offsets(own, self.reference[columns])[:, None])
        return from_quantiles(transformed, self.reference, own)

    def _factors(self, like: View) -> np.ndarray:
        """Return the size factors of the samples, N; 1 where there are none."""
        if self.target == 0.0:
            return np.ones(len(like.samples))
        at, columns = self._positions(like)
        return size_factors(in_double(like.values[:, at[columns]]), self._target(self.library[columns]))

    def subset(self, kept: np.ndarray) -> FittedPreprocessor:
        """Return the preprocessing of the features at some positions."""
        return replace(
            self,
            features=self.features[kept],
            centre=self.centre[kept],
            spread=self.spread[kept],
            level=self.level[kept],
            missing=self.missing[kept],
            coefficients=self.coefficients[:, kept],
        )
