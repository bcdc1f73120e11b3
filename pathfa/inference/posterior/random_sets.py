"""Gene sets beside sets of random genes: does one go with a covariate more than others of its size do.

Where most genes move with a covariate, so do most gene sets, random ones too. That *this* set stands out is the
competitive question (Goeman and Buehlmann 2007, Bioinformatics 23, 980). Exchanging genes at random among those that
were measured in the same views turns every gene set into a random one of the same size, signs and weights in each view.
With m the mean of the members of a set over the samples, m* that of its random sets, and Q orthonormal columns of the
covariate next to the adjustment,

    d = Q' ( m - E m* ),    F = d' ( V + s^2 I )^-1 d / C

V is the covariance of Q' m* over random sets, the choice of genes; s^2 the residual variance over the samples of
m - E m*, the choice of samples, which correlated members need: their mean moves by chance more than that of random
genes. p is of the F distribution, and 1 where random sets go with the covariate more than the set does, or the other
way. A covariate that is itself a weighted sum of the values goes with its genes by construction: of each gene's product
with it, the part of the gene itself is left out.

Moments over random sets are in closed form. With t_mg what gene g shows in view m, c_mgs the entry of set s there,
and n_r genes in the group r of views, a sum over random members has

    E   sum_mg c_mgs t_mg  =  sum_r sum_m  c_mrs tbar_mr,                             c_mrs = sum of c_mgs in r
    Cov sum_mg c_mgs t_mg  =  sum_r sum_ml ( sum_g c_mgs c_lgs - c_mrs c_lrs / n_r ) T_mlr

with tbar_mr the mean of t_m in r and T_mlr the covariance of t_m and t_l there (Hoeffding 1951). In V, the
share of the members of a set that were measured in a sample is taken as that of all sets together.

Shapes: N samples, P gene sets, G features of a view, R groups of views, C columns of a covariate or of what genes show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import scipy.sparse as sp
from scipy import stats


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomMembers:
    """Gene sets whose members are exchanged at random.

    Attributes
    ----------
    masks
        Per view the entries of the gene sets, G x P.
    genes
        Per view which gene each feature is, G.
    groups
        Of every gene the group of views in which it was measured, whole numbers from 0 on.
    """

    masks: Sequence[sp.csr_matrix]
    genes: Sequence[np.ndarray]
    groups: np.ndarray

    @cached_property
    def absolute(self) -> RandomMembers:
        """The same gene sets without signs."""
        return RandomMembers(masks=[abs(mask) for mask in self.masks], genes=self.genes, groups=self.groups)

    def sums(self, shown: Sequence[np.ndarray]) -> np.ndarray:
        """Return the sums over the real members, P x C, of what genes show in every view, G x C each."""
        return np.asarray(sum(mask.T @ values for mask, values in zip(self.masks, shown, strict=True)))

    def expected(self, shown: Sequence[np.ndarray]) -> np.ndarray:
        """Return the means of the sums over random members, P x C."""
        parts = zip(self._grouped, self._groupings, shown, strict=True)
        found = sum(sums @ ((group @ values) / self._sizes[:, None]) for sums, group, values in parts)
        return np.asarray(found)

    def covariance(self, shown: Sequence[np.ndarray]) -> np.ndarray:
        """Return the covariance of the sums over random members, P x C x C."""
        columns, n_sets = shown[0].shape[1], self.masks[0].shape[1]
        found = np.zeros((n_sets, columns**2))
        centred = [
            values - ((group @ values) / self._sizes[:, None])[self.groups[genes]]
            for group, genes, values in zip(self._groupings, self.genes, shown, strict=True)
        ]
        freedom = np.maximum(self._sizes - 1.0, 1.0)[:, None]
        for pair in self._pairs:
            first, other = centred[pair.first][pair.place], centred[pair.other][pair.there]
            products = np.einsum("gc,gd->gcd", first, other).reshape(len(first), columns**2)
            found += pair.entries @ ((pair.group @ products) / freedom)
        return found.reshape(n_sets, columns, columns)

    @cached_property
    def _pairs(self) -> list[_Pair]:
        """What the covariance takes from the gene sets, of every pair of views."""
        found = []
        for m, n in product(range(len(self.masks)), repeat=2):
            both, place, there = np.intersect1d(self.genes[m], self.genes[n], return_indices=True)
            group = _grouping(self.groups[both], len(self._sizes))
            together = (group @ self.masks[m][place].multiply(self.masks[n][there])).T.toarray()
            entries = together - self._grouped[m] * self._grouped[n] / self._sizes
            found.append(_Pair(first=m, other=n, place=place, there=there, group=group, entries=entries))
        return found

    @cached_property
    def _sizes(self) -> np.ndarray:
        """Genes of each group, R."""
        return np.bincount(self.groups).astype(float)

    @cached_property
    def _groupings(self) -> list[sp.csr_matrix]:
        """Which features of each view are in which group, R x G."""
        return [_grouping(self.groups[genes], len(self._sizes)) for genes in self.genes]

    @cached_property
    def _grouped(self) -> list[np.ndarray]:
        """Sums of the entries of each gene set over each group, P x R per view."""
        return [(group @ mask).T.toarray() for group, mask in zip(self._groupings, self.masks, strict=True)]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pair:
    """Two views: where the genes of both are in each, their groups, and sums of products of entries, P x R."""

    first: int
    other: int
    place: np.ndarray
    there: np.ndarray
    group: sp.csr_matrix
    entries: np.ndarray


def _grouping(groups: np.ndarray, n_groups: int) -> sp.csr_matrix:
    """Return which features are in which group, R x G."""
    return sp.csr_matrix((np.ones(len(groups)), (groups, np.arange(len(groups)))), shape=(n_groups, len(groups)))


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
    weights
        Where the columns are weighted sums of the values, the weights of the features of each view, G x C; else None.
    """

    rows: np.ndarray
    columns: np.ndarray
    adjust: np.ndarray
    weights: Sequence[np.ndarray] | None = None


class MemberMeans:
    """Means over the members of gene sets and of random ones in every sample.

    Parameters
    ----------
    members
        The gene sets.
    values
        Of each view the values, N x G; NaN where nothing was measured.
    """

    def __init__(self, members: RandomMembers, values: Sequence[np.ndarray]) -> None:
        self.members, self.values = members, [np.nan_to_num(table.T) for table in values]
        seen = [np.isfinite(table.T).astype(float) for table in values]
        weight, typical = members.absolute.sums(seen), members.absolute.expected(seen)
        self.own = _ratio(members.sums(self.values), weight).T  # N x P
        self.own_size = weight.mean(axis=1)
        self.expected = _ratio(members.expected(self.values), typical).T  # N x P
        self.relative = self.own - self.expected
        self.size = typical.mean(axis=1)
        self.share = _ratio(typical, self.size[:, None]).mean(axis=0)

    def p_values(self, comparison: Comparison) -> np.ndarray:
        """Return p values of the gene sets against random ones, P."""
        basis, rows = _basis(comparison), comparison.rows
        size, columns = basis.shape
        df = size - columns - comparison.adjust.shape[1] - 1
        relative = self.relative[rows] - self.relative[rows].mean(axis=0)
        onto = _ratio(basis, self.share[rows, None])
        shown = [values[:, rows] @ onto for values in self.values]
        excess, shows = (basis.T @ relative).T, (basis.T @ self.own[rows]).T
        if comparison.weights is not None:
            per_basis = np.linalg.inv(basis.T @ comparison.columns)
            itself = [
                (values[:, rows] ** 2).sum(axis=1, keepdims=True) * weights @ per_basis
                for values, weights in zip(self.values, comparison.weights, strict=True)
            ]
            own = _ratio(self.members.sums(itself), self.own_size[:, None])
            excess -= own - _ratio(self.members.expected(itself), self.size[:, None])
            shown, shows = [values - part for values, part in zip(shown, itself, strict=True)], shows - own
        left = ((relative**2).sum(axis=0) - (excess**2).sum(axis=1)).clip(min=0.0) / df
        cov = _ratio(self.members.covariance(shown), self.size[:, None, None] ** 2)
        cov += left[:, None, None] * np.eye(columns)
        varies = np.linalg.norm(relative, axis=0) > 1e-9
        cov[~varies] = np.eye(columns)
        p = stats.f.sf((excess * np.linalg.solve(cov, excess[:, :, None])[:, :, 0]).sum(axis=1) / columns, columns, df)
        ahead = (excess * shows).sum(axis=1) > 0
        return np.asarray(np.where(varies & ahead, p, 1.0))


def _ratio(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return sums as means; 0, the mean of every feature, where nothing was measured."""
    weight = np.broadcast_to(weight, total.shape)
    return np.asarray(np.divide(total, weight, out=np.zeros_like(total), where=weight > 0))


def _basis(comparison: Comparison) -> np.ndarray:
    """Return orthonormal columns of a covariate next to the adjustment and a constant, n x C."""
    base = np.linalg.qr(np.column_stack([np.ones(len(comparison.columns)), comparison.adjust]))[0]
    return np.linalg.qr(comparison.columns - base @ (base.T @ comparison.columns))[0]
