"""The gene sets of a model beside sets of random genes (``inference/posterior/random_sets.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pathfa.inference.posterior.random_sets import Comparison, MemberMeans
from pathfa.result.result import PathFAResult
from pathfa.result.shared_features import random_members


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomSets:
    """Sets of random genes beside those of a model.

    Attributes
    ----------
    result
        The model. Without its data nothing can be compared.
    """

    result: PathFAResult

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
        found = np.full((len(comparisons), len(self.result.gene_set_names)), np.nan)
        for place, item in enumerate(comparisons):
            if item is not None and self.result.data:
                found[place] = self._means.p_values(item)
        return found

    def expected(self) -> np.ndarray:
        """Return the mean of the random sets of each gene set in every sample, N x P; needs the data."""
        return self._means.expected

    @cached_property
    def _means(self) -> MemberMeans:
        data = self.result.data
        features = {view: self.result.loadings[view].index for view in data}
        members = random_members({view: self.result.masks[view] for view in data}, features)
        return MemberMeans(members, [table.to_numpy(dtype=float) for table in data.values()])
