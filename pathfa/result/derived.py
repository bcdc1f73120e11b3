"""Tables that follow from those of a fitted model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.result.intervals import Posterior, array
from pathfa.result.sources import Sources, sources
from pathfa.result.tensors import member_loading_cov_of, member_loadings_of, own_variance_of


class DerivedTables:
    """What ``PathFAResult`` works out from its fields when it is asked for."""

    scores: pd.DataFrame
    score_cov: np.ndarray
    score_pattern: np.ndarray
    activity: pd.DataFrame
    gene_set_weights: pd.DataFrame
    loadings: dict[str, pd.DataFrame]
    loadings_cov: dict[str, np.ndarray]
    noise: dict[str, pd.Series[float]]
    masks: dict[str, sp.csr_matrix]
    member_probability: dict[str, sp.csr_matrix]
    view_scale: pd.DataFrame
    loading_intercepts: pd.DataFrame
    set_effect_sd: pd.DataFrame
    shared_effect_sd: pd.Series[float]
    set_effect_correlation: pd.DataFrame
    settings: dict[str, Any]

    @property
    def posterior(self) -> Posterior:
        """The tables behind intervals and draws."""
        return Posterior(**{item.name: getattr(self, item.name) for item in fields(Posterior)})

    @cached_property
    def factor_activity(self) -> pd.DataFrame:
        """Posterior mean of Z U', N x P: the activity of Immer et al. 2024, 0 for sets that belong to no factor."""
        values = array(self.scores) @ array(self.gene_set_weights).T
        return pd.DataFrame(values, self.scores.index, self.gene_set_weights.index)

    @property
    def factor_activity_spread(self) -> pd.Series[float]:
        """How far factor activities lie from those of other starts that are as good, root mean square over samples, P.

        0 where no other start is as good, and in models that do not tell.
        """
        given = self.settings.get("factor_activity_spread", 0.0)
        return pd.Series(given, self.gene_set_weights.index, dtype=float, name="sd")

    @cached_property
    def activity_sources(self) -> Sources:
        """Shares of the variance of each activity over the samples that factors carry, and its own, with intervals."""
        return sources(self.posterior, member_loading_cov_of(self), own_variance_of(self))

    @property
    def activity_source(self) -> pd.DataFrame:
        """The shares, P x (K + 2): of each factor, of all ``factors``, and the set's ``own``; these two add up to 1.

        A share is the covariance of a part with the activity over the variance of the activity: one is above 1 where
        another part works against it.
        """
        return self.activity_sources.share

    @cached_property
    def member_loadings(self) -> pd.DataFrame:
        """Mean loading of the members of each gene set, with their signs and weights, over all views, P x K."""
        return pd.DataFrame(member_loadings_of(self), self.gene_set_weights.index, self.scores.columns)

    @cached_property
    def expected_masks(self) -> dict[str, sp.csr_matrix]:
        """Per view the gene-set mask times the probability that each member takes part, G x P."""
        return {view: sp.csr_matrix(mask.multiply(self.member_probability[view])) for view, mask in self.masks.items()}

    @cached_property
    def members(self) -> pd.Series[float]:
        """Probability that each member of a gene set with a weight takes part in it, by gene set and feature."""
        used = np.flatnonzero((array(self.gene_set_weights) != 0).any(axis=1))
        parts = []
        for view, table in self.loadings.items():
            entries = self.member_probability[view][:, used].tocoo()
            names = [self.gene_set_weights.index[used[entries.col]], table.index[entries.row]]
            parts.append(pd.Series(entries.data, pd.MultiIndex.from_arrays(names, names=["gene_set", "feature"])))
        found = pd.concat(parts).rename("probability")
        return found[~found.index.duplicated()].sort_index()

    @cached_property
    def prior_loadings(self) -> dict[str, pd.DataFrame]:
        """Per view the loadings that the gene sets alone give, c C U, without the intercept, G x K."""
        given = {view: mask @ array(self.gene_set_weights) for view, mask in self.expected_masks.items()}
        return self._like_loadings({view: given[view] * self.view_scale[view].to_numpy() for view in given})

    @cached_property
    def excess_loadings(self) -> dict[str, pd.DataFrame]:
        """Per view the loadings without the intercept that all features share, w - b, G x K."""
        return {view: table - self.loading_intercepts[view] for view, table in self.loadings.items()}

    @cached_property
    def loadings_sd(self) -> dict[str, pd.DataFrame]:
        """Per view the posterior sd of the loadings, G x K."""
        own = np.cumsum(np.arange(1, self.scores.shape[1] + 1)) - 1  # the diagonals of the packed triangles
        return self._like_loadings({view: np.sqrt(cov[:, own].clip(0.0)) for view, cov in self.loadings_cov.items()})

    def _like_loadings(self, values: Mapping[str, np.ndarray]) -> dict[str, pd.DataFrame]:
        return {view: pd.DataFrame(values[view], table.index, table.columns) for view, table in self.loadings.items()}

    @cached_property
    def annotated_share(self) -> pd.DataFrame:
        """Share of each factor's loadings, without their intercept, that its gene sets explain, K x views, 0 to 1."""
        return pd.DataFrame({view: self.explained_share(view) for view in list(self.loadings)}, self.scores.columns)

    def explained_share(self, view: str, features: slice | np.ndarray = slice(None)) -> np.ndarray:
        """Return ``1 - |w - b - c C U|^2 / |w - b|^2`` over features of a view, K; 0 where a factor has no loadings.

        Parameters
        ----------
        view
            Name of the view.
        features
            Positions of the features.

        Examples
        --------
        >>> model.result_.explained_share("rna").shape
        (2,)
        """
        excess, prior = (array(tables[view])[features] for tables in (self.excess_loadings, self.prior_loadings))
        total, off = (excess**2).sum(axis=0), ((excess - prior) ** 2).sum(axis=0)
        return np.asarray(np.clip(1.0 - np.divide(off, total, out=np.ones_like(off), where=total > 0), 0.0, 1.0))
