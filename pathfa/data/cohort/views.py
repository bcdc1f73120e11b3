"""Views and cohorts: aligned numbers with the names of their samples and features."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from pathfa.core.errors import AlignmentError
from pathfa.core.findings import Finding
from pathfa.data.cohort.matrix import Matrix, as_dense, as_slice, read_together, read_width
from pathfa.data.cohort.profile import Profile, profile_of

_READ = 2**23  # values that are read together, in the precision in which they are stored
_AT_ONCE = 2**21  # of these, values in double precision at the same time: few enough for their memory to be used again
_RUNS = 10  # of consecutive samples, where some of all are looked at

FLOW_COLUMNS = ("view", "step", "n_samples", "n_features", "detail")


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """One measured modality, its rows in the order of the samples of the cohort.

    Parameters
    ----------
    name
        Name of the view, such as ``"rna"``.
    values
        N x G. Dense with NaN where missing (absent samples are NaN throughout), or a sparse CSR matrix without
        missing entries, whose rows of absent samples are empty; in double or single precision, or stored.
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
            return as_dense(self.values)
        values = as_dense(self.values)
        values[~self.present] = np.nan
        return values

    def take(self, rows: np.ndarray) -> View:
        """Return some samples by their positions, their values in memory."""
        at = as_slice(rows)
        return replace(
            self, values=self.values[at], present=self.present[at], samples=self.samples[at], obs=self.obs.iloc[at]
        )

    def blocks(self) -> Iterator[View]:
        """Yield the measured samples, in memory, in the precision they have, a few at a time."""
        return (view for (view,) in blocks_of([self], np.flatnonzero(self.present)))

    @cached_property
    def profile(self) -> Profile:
        """What the values of the measured samples are like, from one pass over them."""
        return profile_of((block.values for block in self.blocks()), len(self.features))


def some_samples(view: View, most: int) -> View:
    """Return the measured samples of a view in memory, or of more than ``most`` some from all over it."""
    return view.take(some_of(np.flatnonzero(view.present), most))


def some_of(rows: np.ndarray, most: int) -> np.ndarray:
    """Return positions as they are, or of more than ``most`` some from all over them, in runs: these are read fast."""
    if len(rows) <= most:
        return rows
    return np.concatenate([part[: most // _RUNS + 1] for part in np.array_split(rows, _RUNS)])


def blocks_of(views: Sequence[View], rows: np.ndarray) -> Iterator[tuple[View, ...]]:
    """Yield some samples of views over the same samples, in memory, in the precision they have, a few at a time.

    Parameters
    ----------
    views
        The views.
    rows
        Positions of the samples, in ascending order.
    """
    n_features = max(1, sum(len(view.features) for view in views))

    def read_rows(many: np.ndarray) -> list[View]:
        return [view.take(many) for view in views]

    for read in _ahead(read_rows, _parts(rows, _rows_at_once(views))):
        for few in _parts(np.arange(len(read[0].samples)), _AT_ONCE // n_features):
            yield tuple(view.take(few) for view in read)


def _rows_at_once(views: Sequence[View]) -> int:
    """Return how many samples of views are read together: whole chunks of their files, unless these are huge."""
    most = _READ // max(1, sum(read_width(view.values) for view in views))
    chunk = max((read_together(view.values) for view in views), default=1)
    return max(1, round(most / chunk)) * chunk if chunk <= 2 * most else most


def _ahead(read: Callable[[np.ndarray], list[View]], parts: Sequence[np.ndarray]) -> Iterator[list[View]]:
    """Yield what is read of each part, the next one being read in the meantime."""
    if len(parts) == 1:  # a thread would take longer to start
        yield read(parts[0])
        return
    with ThreadPoolExecutor(1) as reader:
        coming: Future[list[View]] | None = None
        for part in parts:
            before, coming = coming, reader.submit(read, part)
            if before is not None:
                yield before.result()
        if coming is not None:
            yield coming.result()


def _parts(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + max(1, size)] for start in range(0, len(rows), max(1, size))]


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
