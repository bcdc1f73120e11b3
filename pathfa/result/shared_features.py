"""Features that several views measure under one name: how their residuals correlate, and which exchange places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.posterior.random_sets import RandomMembers


def shared_names(features: Mapping[str, pd.Index]) -> pd.Index:
    """Return the names that at least two views have, in the order of the views."""
    names = pd.Index(np.concatenate([index.to_numpy(dtype=object) for index in features.values()]))
    shared: pd.Index = names[names.duplicated()].unique()
    return shared


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


def random_members(masks: Mapping[str, sp.csr_matrix], features: Mapping[str, pd.Index]) -> RandomMembers:
    """Return gene sets whose members are exchanged with features that were measured in the same views.

    Parameters
    ----------
    masks, features
        Entries of the gene sets, G x P, and names of the features, G, of each view.
    """
    groups = combinations_of(features)
    return RandomMembers(
        masks=[sp.csr_matrix(masks[view]) for view in features],
        genes=[groups.index.get_indexer(index.astype(str)) for index in features.values()],
        groups=groups.to_numpy(),
    )


def places_of(names: pd.Index, features: Mapping[str, pd.Index]) -> Tensor:
    """Return where each name is in each view, L x M; -1 where a view lacks it."""
    return torch.from_numpy(np.stack([index.get_indexer(names) for index in features.values()], axis=1))


def correlation_table(names: pd.Index, views: Sequence[str], places: Tensor, correlation: Tensor) -> pd.DataFrame:
    """Return correlations as a table of features x pairs of views; NaN where one of them lacks the feature.

    Parameters
    ----------
    names
        The L features that several views have.
    views
        Names of the M views.
    places
        Where each feature is in each view, L x M; -1 where a view lacks it.
    correlation
        L x M x M.
    """
    values, present = correlation.cpu().numpy(), (places >= 0).cpu().numpy()
    table = {}
    for (a, first), (b, second) in combinations(enumerate(views), 2):
        both = present[:, a] & present[:, b]
        table[_pair(first, second)] = np.where(both, values[:, a, b], np.nan)
    return pd.DataFrame(table, index=names)


def correlation_tensor(table: pd.DataFrame, views: list[str]) -> Tensor:
    """Return what ``correlation_table`` made a table of, L x M x M; 0 where a view lacks the feature."""
    found = torch.eye(len(views), dtype=torch.float64).repeat(len(table), 1, 1)
    for (a, first), (b, second) in combinations(enumerate(views), 2):
        found[:, a, b] = found[:, b, a] = torch.as_tensor(table[_pair(first, second)].fillna(0.0).to_numpy(copy=True))
    return found


def _pair(first: str, second: str) -> str:
    return f"{first} & {second}"
