"""Precision, threads, a Cholesky factorisation that names the matrix that failed, and the tails of the normal."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce

import torch
from torch import Tensor

from pathfa.core.errors import NotPositiveDefiniteError, PathFAWarning
from pathfa.core.side_by_side import in_order

DTYPE = torch.float64
LOG_2PI = math.log(2.0 * math.pi)
_CACHED = 2**17  # numbers that stay in the cache of a processor
_AT_ONCE = 2**22  # numbers that one thread works with at a time


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: its matrices are small here, and waiting threads take a busy machine's time.

    Sums keep their order, so that results repeat bit for bit; initialisations, and parts of large matrices, run side by
    side instead.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def cholesky(matrix: Tensor, what: str) -> Tensor:
    """Return the lower Cholesky factor of one or a stack of positive definite matrices, ... x K x K.

    A matrix that fails is tried once more with a jitter of 1e-10 of its mean diagonal, with a warning that says so.

    Raises
    ------
    NotPositiveDefiniteError
        If it is not positive definite, or not finite, also with the jitter.
    """
    factor: Tensor
    info: Tensor
    factor, info = torch.linalg.cholesky_ex(matrix)
    if _succeeded(factor, info):
        return factor
    jitter = 1e-10 * float(matrix.diagonal(dim1=-2, dim2=-1).mean())
    eye = torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    factor, info = torch.linalg.cholesky_ex(matrix + jitter * eye)
    if not _succeeded(factor, info):
        raise NotPositiveDefiniteError(
            f"the {what} ({matrix.shape[-1]} x {matrix.shape[-1]}) is not positive definite, also with a jitter of "
            f"{jitter:.1e}; the data may have values of very different size: scale='zscore' makes them comparable"
        )
    warnings.warn(f"the {what} needed a jitter of {jitter:.1e}", PathFAWarning, stacklevel=2)
    return factor


def _succeeded(factor: Tensor, info: Tensor) -> bool:
    """Return whether a factorisation succeeded; what is not finite in a row of a factor reaches its diagonal."""
    return not bool(info.any()) and math.isfinite(float(factor.diagonal(dim1=-2, dim2=-1).sum()))


def row_blocks(n_rows: int, width: int) -> list[slice]:
    """Return rows of a matrix in their order, as many at a time as one thread works with; one block if there are none.

    >>> row_blocks(5, 2**21)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, _AT_ONCE // max(1, width))
    return [slice(start, min(start + step, n_rows)) for start in range(0, max(1, n_rows), step)]


def over_rows(x: Tensor, work: Callable[[slice], Tensor]) -> list[Tensor]:
    """Return what is made of the rows of a matrix, in their order: of a large one a fixed number of them at a time.

    These run side by side on a processor (``core/side_by_side.py``). Sums over them do not depend on the threads.
    """
    rows = row_blocks(*x.shape) if x.device.type == "cpu" else [slice(0, len(x))]
    return [work(rows[0])] if len(rows) == 1 else list(in_order(torch.inference_mode()(work), rows))


def rows_times(x: Tensor, w: Tensor) -> Tensor:
    """Return X W, N x K, for a large X, N x G."""
    return torch.cat(over_rows(x, lambda rows: x[rows] @ w))


def times_rows(z: Tensor, x: Tensor) -> Tensor:
    """Return Z' X, K x G, for a large X, N x G."""
    return reduce(torch.add, over_rows(x, lambda rows: z[rows].T @ x[rows]))


def row_squares(x: Tensor, weight: Tensor) -> Tensor:
    """Return ``sum_g weight_g x_ng^2``, N, for x of shape N x G, without its squares in memory at the same time."""
    return torch.cat(over_rows(x, lambda rows: torch.cat([few @ weight for _, few in _squares(x, rows)])))


def column_squares(x: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return ``sum_n weight_n x_ng^2``, G, as ``row_squares``; all samples count alike without a weight."""

    def some(rows: slice) -> Tensor:
        found = x.new_zeros(x.shape[1])
        for few, squares in _squares(x, rows):
            found += squares.sum(0) if weight is None else weight[few] @ squares
        return found

    return reduce(torch.add, over_rows(x, some))


def _squares(x: Tensor, rows: slice) -> Iterator[tuple[slice, Tensor]]:
    """Yield the squares of some of these rows at a time, in the same few pages of memory."""
    step = max(1, _CACHED // max(1, x.shape[1]))
    space = x.new_empty(min(step, len(x)), x.shape[1])
    for start in range(rows.start, max(rows.stop, rows.start + 1), step):
        some = slice(start, min(start + step, rows.stop))
        yield some, torch.mul(x[some], x[some], out=space[: some.stop - start])


def submatrix(matrix: Tensor, index: Tensor) -> Tensor:
    """Return the rows and columns with these indices, a x a."""
    return matrix.index_select(0, index).index_select(1, index)


def square(flat: Tensor) -> Tensor:
    """Return matrices of size K from their entries, ... x K^2; K may be 0."""
    size = math.isqrt(flat.shape[-1])
    return flat.reshape(*flat.shape[:-1], size, size)


def inverse_mills(x: Tensor) -> Tensor:
    """Return phi(x) / Phi(x), with all its digits also where both are 0 in floating point: there it is nearly -x."""
    scaled_tail: Tensor = torch.special.erfcx(-x * math.sqrt(0.5))
    return math.sqrt(2.0 / math.pi) / scaled_tail
