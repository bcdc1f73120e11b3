"""The values of a view: in memory, dense or sparse, or left where they are until some rows are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import anndata as ad
import numpy as np
from scipy import sparse

_RUNS = 64  # consecutive rows that are read one after the other; more are read together
_SPREAD = 4  # times as many rows that may be read for those that are wanted


@dataclass(frozen=True, kw_only=True, eq=False)
class Stored:
    """Values that stay in a file, or in a dask graph: anndata reads the rows that are asked for.

    Attributes
    ----------
    source
        What holds the values as its X: backed by h5ad, by an array of zarr, or by dask.
    rows
        Row of the source of each of N samples; -1 where a sample is not in it.
    columns
        Column of the source of each of G features.
    """

    source: ad.AnnData
    rows: np.ndarray
    columns: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """N and G."""
        return len(self.rows), len(self.columns)

    def __getitem__(self, key: Any) -> InMemory:
        """Return some rows, or rows and columns, in memory: dense with NaN in samples that are absent, or sparse."""
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        at, wanted = self.rows[rows], self.columns[columns]
        here = at >= 0
        found = self._read(at[here])
        if not np.array_equal(wanted, np.arange(self.source.n_vars)):
            found = found[:, wanted]
        if here.all():
            return found
        if isinstance(found, np.ndarray):
            values = np.full((len(at), found.shape[1]), np.nan, dtype=found.dtype)
            values[here] = found
            return values
        place = np.full(len(at), found.shape[0])  # behind the last row is an empty one
        place[here] = np.arange(found.shape[0])
        return sparse.vstack([found, sparse.csr_matrix((1, found.shape[1]))], format="csr")[place]

    def _read(self, at: np.ndarray) -> InMemory:
        """Return rows of the source, in this order."""
        order, back = np.unique(at, return_inverse=True)
        parts = [self._consecutive(*run) for run in _runs(order)]
        found = parts[0] if len(parts) == 1 else _stacked(parts)
        if found.shape[0] > len(order):  # rows between those that are wanted were read too
            found = found[order - order[0]]
        return found if np.array_equal(back, np.arange(len(back))) else found[back]

    def _consecutive(self, start: int, end: int) -> InMemory:
        x = self.source[start:end].X
        x = x.compute() if hasattr(x, "compute") else x
        values = in_memory(x)
        return values if isinstance(values, np.ndarray) or not np.isnan(values.data).any() else values.toarray()


InMemory: TypeAlias = "np.ndarray | sparse.csr_matrix"
"""Values, samples x features: dense with NaN where missing, or sparse without missing entries."""
Matrix: TypeAlias = "np.ndarray | sparse.csr_matrix | Stored"
"""Values, samples x features, in memory or stored."""


def stored_values(source: ad.AnnData) -> Stored:
    """Return the X of an AnnData as values that stay where they are."""
    return Stored(source=source, rows=np.arange(source.n_obs), columns=np.arange(source.n_vars))


def read_width(values: Matrix) -> int:
    """Return how many values are read of every sample: of stored ones those of all features, however few are wanted."""
    return int(values.source.n_vars if isinstance(values, Stored) else values.shape[1])


def read_together(values: Matrix) -> int:
    """Return how many samples can only be read together: those of a chunk of a file."""
    chunks = getattr(values.source.X, "chunks", None) if isinstance(values, Stored) else None
    return int(np.max(chunks[0])) if chunks else 1


def select(values: Matrix, rows: np.ndarray | None = None, columns: np.ndarray | slice | None = None) -> Matrix:
    """Return some samples and features of values, stored ones without reading them; all of them when None."""
    if isinstance(values, Stored):
        rows = np.arange(values.shape[0]) if rows is None else rows
        columns = np.arange(values.shape[1]) if columns is None else columns
        return replace(values, rows=values.rows[rows], columns=values.columns[columns])
    values = values if rows is None else values[rows]
    return values if columns is None else values[:, columns]


def padded(values: Matrix, rows: np.ndarray) -> Matrix:
    """Return the samples at some positions; -1 is a sample without values."""
    if isinstance(values, Stored):
        return replace(values, rows=np.where(rows >= 0, values.rows[rows], -1))
    if sparse.issparse(values):
        return sparse.vstack([values, sparse.csr_matrix((1, values.shape[1]))], format="csr")[rows]
    found = np.full((len(rows), values.shape[1]), np.nan, dtype=values.dtype)
    found[rows >= 0] = values[rows[rows >= 0]]
    return found


def in_memory(x: Any) -> InMemory:
    """Return numbers of any type as a dense array or CSR, in single precision where they are and else in double."""
    values = sparse.csr_matrix(x) if sparse.issparse(x) else np.asarray(x)
    return values.astype(np.float32 if values.dtype == np.float32 else np.float64, copy=False)


def in_double(values: InMemory) -> InMemory:
    """Return values in double precision, the same object where they are."""
    return values.astype(np.float64, copy=False)


def as_dense(values: Matrix) -> np.ndarray:
    """Return values as a dense array of double precision."""
    found = values[:] if isinstance(values, Stored) else values
    return np.asarray(found if isinstance(found, np.ndarray) else found.toarray(), dtype=np.float64)


def stored(values: InMemory) -> np.ndarray:
    """Return the values that a matrix keeps in memory: all of a dense one, those other than 0 of a sparse one."""
    return np.asarray(values if isinstance(values, np.ndarray) else values.data)


def as_slice(rows: np.ndarray) -> np.ndarray | slice:
    """Return ascending positions as a slice where none is left out, so that no values are copied."""
    whole = len(rows) > 0 and int(rows[-1]) - int(rows[0]) + 1 == len(rows)
    return slice(int(rows[0]), int(rows[-1]) + 1) if whole else rows


def _runs(order: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the first and last + 1 of consecutive rows that hold these, in ascending order."""
    if not len(order):
        yield 0, 0
        return
    breaks = np.flatnonzero(np.diff(order) != 1) + 1
    if len(breaks) >= _RUNS and order[-1] - order[0] < _SPREAD * len(order):
        yield int(order[0]), int(order[-1]) + 1
        return
    for run in np.split(order, breaks):
        yield int(run[0]), int(run[-1]) + 1


def _stacked(parts: list[InMemory]) -> InMemory:
    """Return parts one below the other, sparse where all are."""
    if all(sparse.issparse(part) for part in parts):
        return sparse.vstack(parts, format="csr")
    return np.vstack([part if isinstance(part, np.ndarray) else part.toarray() for part in parts])
