"""Views and cohorts: aligned numbers with the names of their samples and features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import AlignmentError
from pathfa.core.findings import Finding

Matrix: TypeAlias = "np.ndarray | sparse.csr_matrix"
"""Values, samples x features: dense float64 with NaN where missing, or sparse without missing entries."""


def as_dense(values: Matrix) -> np.ndarray:
    """Return values as a dense array."""
    return values if isinstance(values, np.ndarray) else np.asarray(values.toarray())


def stored(values: Matrix) -> np.ndarray:
    """Return the values that a matrix keeps in memory: all of a dense one, those other than 0 of a sparse one."""
    return np.asarray(values if isinstance(values, np.ndarray) else values.data)


FLOW_COLUMNS = ("view", "step", "n_samples", "n_features", "detail")


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """One measured modality, its rows in the order of the samples of the cohort.

    Parameters
    ----------
    name
        Name of the view, such as ``"rna"``.
    values
        N x G. Dense float64 with NaN where missing (absent samples are NaN throughout), or a
        sparse CSR matrix without missing entries, whose rows of absent samples are empty.
    present
        N, whether the sample was measured in this view at all.
    samples, features
        The N and G names.
    obs
        Covariates of the N samples, for steps that regress on them.
    kind
        The declared scale of the values, ``"auto"`` if none was declared.
    preprocessing
        Preprocessing options declared with the data.
    """

    name: str
    values: Matrix
    present: np.ndarray
    samples: pd.Index
    features: pd.Index
    obs: pd.DataFrame
    kind: str = "auto"
    preprocessing: Mapping[str, object] = field(default_factory=dict)

    @property
    def n_present(self) -> int:
        """Number of samples measured in this view."""
        return int(self.present.sum())

    def dense(self) -> np.ndarray:
        """Return the values as a dense float64 array, N x G, rows of absent samples NaN."""
        if isinstance(self.values, np.ndarray):
            return self.values
        values = np.asarray(self.values.toarray(), dtype=np.float64)
        values[~self.present] = np.nan
        return values


@dataclass(frozen=True, kw_only=True, eq=False)
class Cohort:
    """Views over one list of samples.

    Parameters
    ----------
    samples
        Union of the samples over the views, in the order of first appearance, length N.
    obs
        Covariates, N rows.
    views
        The views, each with N rows.
    findings
        What was noticed or repaired on the way here.
    flow
        What each step kept: view, step, n_samples, n_features, detail.
    identifiers
        How many features had which outcome, per translation of the names of a view: ``view``, ``from``, ``to``,
        ``features``, ``unchanged``, ``mapped``, ``ambiguous``, ``lost``, ``merged`` (names that are shared).
    inputs
        Files read, each with ``path`` and ``sha256``.
    """

    samples: pd.Index
    obs: pd.DataFrame
    views: tuple[View, ...]
    findings: tuple[Finding, ...] = ()
    flow: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FLOW_COLUMNS)))
    identifiers: tuple[Mapping[str, str | int], ...] = ()
    inputs: tuple[Mapping[str, str], ...] = ()

    @property
    def view_names(self) -> list[str]:
        """Names of the views."""
        return [view.name for view in self.views]

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Samples x views: whether the sample was measured in the view."""
        return pd.DataFrame({view.name: view.present for view in self.views}, index=self.samples)

    def view(self, name: str) -> View:
        """Return the view of this name.

        Raises
        ------
        AlignmentError
            When the cohort has no such view.
        """
        for view in self.views:
            if view.name == name:
                return view
        raise AlignmentError(f"the data contain no view '{name}'; their views are {', '.join(self.view_names)}")
