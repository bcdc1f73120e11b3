"""Precision, threads, a Cholesky factorisation that names the matrix that failed, and the tails of the normal."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from pathfa.core.errors import NotPositiveDefiniteError, PathFAWarning

DTYPE = torch.float64
LOG_2PI = math.log(2.0 * math.pi)
_CACHED = 2**17  # numbers that stay in the cache of a processor


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: its matrices are small here, and waiting threads take a busy machine's time.

    Sums keep their order, so that results repeat bit for bit; initialisations run side by side instead.
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


def row_squares(x: Tensor, weight: Tensor) -> Tensor:
    """Return ``sum_g weight_g x_ng^2``, N, for x of shape N x G, without its squares in memory at the same time."""
    found = x.new_empty(len(x))
    for rows, squares in _squares(x):
        torch.mv(squares, weight, out=found[rows])
    return found


def column_squares(x: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return ``sum_n weight_n x_ng^2``, G, as ``row_squares``; all samples count alike without a weight."""
    found = x.new_zeros(x.shape[1])
    for rows, squares in _squares(x):
        found += squares.sum(0) if weight is None else weight[rows] @ squares
    return found


def _squares(x: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Yield the squares of some rows at a time, in the same few pages of memory."""
    step = max(1, _CACHED // max(1, x.shape[1]))
    space = x.new_empty(min(step, len(x)), x.shape[1])
    for start in range(0, len(x), step):
        rows = slice(start, min(start + step, len(x)))
        yield rows, torch.mul(x[rows], x[rows], out=space[: rows.stop - start])


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
