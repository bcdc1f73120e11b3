"""Gene sets beside sets of random genes: does one go with a covariate more than others of its size do.

An association of an activity says that the members of the set are associated. Where most genes move with a covariate,
so do most gene sets, random ones too. That *this* set is the finding needs the competitive question (Goeman and
Buehlmann 2007, Bioinformatics 23, 980). Genes are exchanged at random among those that were measured in the same views,
which turns every gene set into a random one of the same size, signs and weights in each view. With m the mean of the
members of a set over the fitted values, m* that of its random sets, and Q orthonormal columns of the covariate next to
the adjustment,

    d = Q' ( m - E m* ),    F = d' ( V + s^2 I )^-1 d / C

V is the covariance of Q' m* over random sets, the choice of genes; s^2 the residual variance over the samples of
m - E m*, the choice of samples, which correlated members need: their mean moves by chance more than that of random
genes. p is of the F distribution, and 1 where random sets go with the covariate more than the set does, or the other
way.

Shapes: N samples, P gene sets, G features of a view, C columns of a covariate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy import stats

from pathfa.result.result import PathFAResult

_MOST_SETS = 200  # random sets per gene set
_FEWEST_SETS = 30
_MOST_NUMBERS = 20_000_000  # random sets x samples that are worth their time


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """A covariate that members of gene sets are compared with.

    Attributes
    ----------
    rows
        Samples that have it, N of booleans.
    columns
        Its columns, n x C.
    adjust
        Columns of the adjustment covariates, n x A, without an intercept.
    """

    rows: np.ndarray
    columns: np.ndarray
    adjust: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomSets:
    """Sets of random genes beside those of a model.

    Attributes
    ----------
    result
        The model. Without its data nothing can be compared.
    seed
        Seed of what is drawn.
    """

    result: PathFAResult
    seed: int

    @property
    def note(self) -> str:
        """Why nothing is compared; empty where it is."""
        return "" if self.result.data else "not compared with random gene sets: the model keeps no data"

    def p_values(self, comparisons: Sequence[Comparison | None]) -> np.ndarray:
        """Return p values of every comparison and gene set against random sets, C x P; NaN where nothing is compared.

        Examples
        --------
        ``pathfa.associate(model, covariates)["competitive_p"]``
        """
        asked = [(place, item, _basis(item)) for place, item in enumerate(comparisons) if item is not None]
        found = np.full((len(comparisons), len(self.result.gene_set_names)), np.nan)
        if not asked or not self.result.data:
            return found
        means = _MemberMeans(self.result)
        own, expected = means.real(), np.zeros_like(self.result.activity.to_numpy())
        rng = np.random.default_rng(self.seed)
        size = int(np.clip(_MOST_NUMBERS // own.size, _FEWEST_SETS, _MOST_SETS))
        drawn = [np.empty((size, basis.shape[1], own.shape[1])) for _, _, basis in asked]
        for draw in range(size):
            other = means.random(rng)
            expected += other / size
            for each, (_, item, basis) in zip(drawn, asked, strict=True):
                each[draw] = basis.T @ other[item.rows]
        for each, (place, item, basis) in zip(drawn, asked, strict=True):
            found[place] = _p_value(own[item.rows], expected[item.rows], each, basis, item.adjust.shape[1])
        return found


def combinations_of(features: Mapping[str, pd.Index]) -> pd.Series[int]:
    """Return for each measured feature a number that those share which were measured in the same views.

    Parameters
    ----------
    features
        Measured features of each view.
    """
    measured = pd.Index(np.unique(np.concatenate([index.astype(str) for index in features.values()])))
    inside = pd.DataFrame({view: measured.isin(index.astype(str)) for view, index in features.items()}, index=measured)
    return inside.groupby(list(inside.columns[::-1])).ngroup()


class _MemberMeans:
    """Means over the members of each gene set of the values that were fitted, N x P, of real sets and random ones."""

    def __init__(self, result: PathFAResult) -> None:
        views = list(result.data)
        features = {view: result.loadings[view].index.astype(str) for view in views}
        codes = combinations_of(features)
        self.codes, self.shape = codes.to_numpy(), result.activity.T.shape
        self.place = {view: codes.index.get_indexer(features[view]) for view in views}
        self.row = {view: features[view].get_indexer(codes.index) for view in views}
        self.masks = {view: sp.csr_matrix(result.masks[view]) for view in views}
        values = {view: result.data[view].to_numpy(dtype=float) for view in views}
        self.seen = {view: np.isfinite(table).T.astype(float) for view, table in values.items()}
        self.values = {view: np.nan_to_num(table).T for view, table in values.items()}

    def real(self) -> np.ndarray:
        """Return the means of the gene sets as they are; 0, the mean of every feature, where no member was measured."""
        return self._of(np.arange(len(self.codes)))

    def random(self, rng: np.random.Generator) -> np.ndarray:
        """Return the means of sets in which genes were exchanged at random."""
        other = np.arange(len(self.codes))
        for code in range(self.codes.max() + 1):
            group = np.flatnonzero(self.codes == code)
            other[group] = rng.permutation(group)
        return self._of(other)

    def _of(self, other: np.ndarray) -> np.ndarray:
        """Return the means of sets that have every gene in the place of another."""
        total, weight = np.zeros(self.shape), np.zeros(self.shape)
        for view, mask in self.masks.items():
            members = mask[self.row[view][other[self.place[view]]]].T.tocsr()
            total += members @ self.values[view]
            weight += abs(members) @ self.seen[view]
        return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0).T


def _basis(comparison: Comparison) -> np.ndarray:
    """Return orthonormal columns of a covariate next to the adjustment and a constant, n x C."""
    base = np.linalg.qr(np.column_stack([np.ones(len(comparison.columns)), comparison.adjust]))[0]
    return np.linalg.qr(comparison.columns - base @ (base.T @ comparison.columns))[0]


def _p_value(own: np.ndarray, expected: np.ndarray, drawn: np.ndarray, basis: np.ndarray, adjusted: int) -> np.ndarray:
    """Return p values of gene sets against random ones, P.

    Parameters
    ----------
    own, expected
        Means of the members, and of those of random sets, n x P.
    drawn
        How random sets go with the covariate, draws x C x P.
    basis
        Orthonormal columns of the covariate, n x C.
    adjusted
        Number of columns that it stands next to.
    """
    size, columns = basis.shape
    df = size - columns - adjusted - 1
    relative = own - expected
    relative = relative - relative.mean(axis=0)
    excess = basis.T @ relative
    left = ((relative - basis @ excess) ** 2).sum(axis=0) / df
    genes = np.einsum("bcp,bdp->pcd", *[drawn - drawn.mean(axis=0)] * 2) / (len(drawn) - 1)
    cov = genes + left[:, None, None] * np.eye(columns)
    varies = np.linalg.norm(relative, axis=0) > 1e-9
    cov[~varies] = np.eye(columns)
    f = np.einsum("cp,pc->p", excess, np.linalg.solve(cov, excess.T[:, :, None])[:, :, 0]) / columns
    ahead = (excess * (basis.T @ own)).sum(axis=0) > 0
    return np.where(varies & ahead, stats.f.sf(f, columns, df), 1.0)
