"""Where the activity of a gene set comes from: the shares that each factor carries, and its own.

The activity of a set in a sample is a sum of parts, one per factor and one of the effects beyond the factors. The
share of a part is its covariance with the activity over the samples, over the variance of the activity; shares add up
to 1, and one is below 0 where the part works against the others. The shares are drawn from the posterior: scores and
loadings move together; effects are as uncertain as their variance v over samples, which itself is known from N samples
only; and the mean loading of the members is uncertain by v / N more than loadings of unrelated features are, because
what the effects have in common with a factor by chance cannot be told from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from pathfa.inference.numerics import one_thread
from pathfa.result.intervals import Posterior, array

FACTORS, OWN = "factors", "own"
"""Columns beside those of the factors: all of them together, and what is the set's own."""

_DRAWS = 200
_SAMPLES = 2_000  # samples of a larger cohort that the shares are worked out from
_SETS = 500  # gene sets whose draws are held at the same time
_LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Shares of the activity of each gene set, P x (K + 2): per factor, of all factors, and its own.

    Attributes
    ----------
    share
        Posterior mean; NaN where the activity does not vary.
    lower, upper
        Limits of 95 % intervals.
    """

    share: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame


@one_thread()
def sources(posterior: Posterior, loading_cov: np.ndarray, own_variance: np.ndarray) -> Sources:
    """Return where the activities come from.

    Parameters
    ----------
    posterior
        The tables behind intervals and draws.
    loading_cov
        Covariance of the mean loading of the members of each gene set, P x K x K.
    own_variance
        Variance over samples of what effects beyond the factors do to each activity, P.
    """
    rng, n = np.random.default_rng(0), len(posterior.scores)
    rows = np.arange(n) if n <= _SAMPLES else np.sort(rng.permutation(n)[:_SAMPLES])
    members, factors = array(posterior.member_loadings), array(posterior.scores)[rows]
    own = array(posterior.activity)[rows] - factors @ members.T
    factors, own = factors - factors.mean(axis=0), own - own.mean(axis=0)
    mixed = posterior.draw_mixing(_DRAWS, seed=0)
    scores = posterior.draw_scores(mixed, seed=0, rows=rows).numpy()
    scores -= scores.mean(axis=1, keepdims=True)
    turned = torch.linalg.inv(torch.eye(mixed.shape[-1], dtype=mixed.dtype) + mixed).mT.numpy()
    root, tail, found = _root(loading_cov), 0.5 * (1.0 - _LEVEL), []
    for start in range(0, len(members), _SETS):
        some = slice(start, start + _SETS)
        size = members[some].shape
        parts = np.empty((_DRAWS, size[0], size[1] + 2))
        for d in range(_DRAWS):
            variance = own_variance[some] * (n - 1) / rng.chisquare(n - 1, size[0])
            uncertain = (variance - (own[:, some] ** 2).mean(axis=0)).clip(min=0.0)
            by_chance = np.sqrt(variance / n)[:, None] * rng.standard_normal(size)
            beyond = own[:, some] + np.sqrt(uncertain) * rng.standard_normal(own[:, some].shape) - factors @ by_chance.T
            loadings = members[some] + by_chance + np.einsum("pkl,pl->pk", root[some], rng.standard_normal(size))
            carried = loadings @ turned[d]
            beyond -= beyond.mean(axis=0)
            activity = scores[d] @ carried.T + beyond
            total = (activity**2).sum(axis=0)
            total[total == 0.0] = np.nan
            parts[d, :, :-2] = carried * (activity.T @ scores[d]) / total[:, None]
            parts[d, :, -1] = (activity * beyond).sum(axis=0) / total
        parts[..., -2] = 1.0 - parts[..., -1]
        found.append([parts.mean(axis=0), *np.quantile(parts, [tail, 1.0 - tail], axis=0)])
    columns = [*posterior.scores.columns, FACTORS, OWN]
    share, lower, upper = (
        pd.DataFrame(np.vstack(tables), posterior.activity.columns, columns) for tables in zip(*found, strict=True)
    )
    return Sources(share=share, lower=lower, upper=upper)


def _root(cov: np.ndarray) -> np.ndarray:
    """Return a square root of positive semi-definite matrices, P x K x K."""
    values, vectors = np.linalg.eigh(cov)
    return np.asarray(vectors * np.sqrt(values.clip(min=0.0))[:, None, :])
