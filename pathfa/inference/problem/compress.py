"""Many complete samples as few pseudo-samples that hold the same cross products.

For complete data the fit reads X only through X'X and products with it. One pass over the samples gives the Gram matrix
of all features, G x G; with its features in units of like size, its eigenvectors scaled by the roots of its eigenvalues
are at most G pseudo-samples R with R'R = X'X. A fit on R, told that it stands for N samples, has the same loadings,
weights, noise and evidence as one on X, at a cost that does not depend on N. Scores take a second pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
import torch

from pathfa.inference.problem.problem import Problem, make_problem

_RANK = 1e-12  # eigenvalues below this share of the largest are rounding


def gram(chunks: Iterable[Sequence[np.ndarray]]) -> tuple[np.ndarray, int]:
    """Return the cross products of all features, G x G, and the number of samples.

    Parameters
    ----------
    chunks
        Per chunk of samples the values of every view, n x G_v, without missing entries.

    Raises
    ------
    ValueError
        If a value is missing or there is no chunk.
    """
    total: np.ndarray | None = None
    n = 0
    for views in chunks:
        x = np.hstack(list(views))
        if not np.isfinite(x).all():
            raise ValueError("a value is missing; only complete samples can be compressed")
        total = x.T @ x if total is None else total + x.T @ x
        n += len(x)
    if total is None:
        raise ValueError("no samples to compress")
    return total, n


def compressed_problem(
    chunks: Iterable[Sequence[np.ndarray]],
    masks: Sequence[sp.spmatrix | sp.sparray],
    device: torch.device | str = "cpu",
    levels: Sequence[np.ndarray] | None = None,
) -> Problem:
    """Return the problem of the pseudo-samples of complete data, see ``gram`` for the chunks.

    Parameters
    ----------
    chunks
        The samples.
    masks
        Per view the gene-set mask, G_v x P.
    device
        Where the tensors go.
    levels
        Per view the level of each feature before scaling, G_v, where the noise follows a trend.
    """
    products, n = gram(chunks)
    # in powers of two near the size of each feature, so that none is rounded away beside larger ones
    unit = np.exp2(np.round(0.5 * np.log2(np.where(products.diagonal() > 0, products.diagonal(), 1.0))))
    values, vectors = np.linalg.eigh(products / np.outer(unit, unit))
    kept = values > _RANK * values[-1]
    pseudo = (vectors[:, kept] * np.sqrt(values[kept])).T[::-1] * unit
    edges = np.cumsum([mask.shape[0] for mask in masks])[:-1]
    views = [
        (np.ascontiguousarray(part), mask) for part, mask in zip(np.split(pseudo, edges, axis=1), masks, strict=True)
    ]
    problem = make_problem(views, device, levels)
    scaled = tuple(
        replace(view, n_observed=torch.full_like(view.n_observed, float(n)), present=torch.ones_like(view.present))
        for view in problem.views
    )
    return replace(problem, views=scaled, multiplicity=float(n))
