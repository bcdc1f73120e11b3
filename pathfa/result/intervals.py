"""Posterior intervals and draws of scores, gene-set weights and activities, those of the paper included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
import torch
from scipy.special import ndtri
from torch import Tensor

from pathfa.core.choices import bad_choice, bad_option
from pathfa.core.errors import ConfigError
from pathfa.inference.numerics import DTYPE, one_thread
from pathfa.inference.posterior.activity import score_variance
from pathfa.inference.posterior.draws import Mixing, draw_scores, draw_weights, mixing, mixture_quantile
from pathfa.inference.weights.inclusion import Inclusion

Quantity = Literal["activity", "factor_activity", "scores", "gene_set_weights"]
_N_DRAWS = 1000  # draws behind an interval of activities
_MIXING_SEED = 1_000_003  # keeps draws of A apart from those of weights and scores
_STARTS_SEED = 2_000_003  # keeps what starts differ by apart from both
_CHUNK = 4_000_000  # most numbers drawn at once


def array(table: pd.DataFrame | pd.Series[float]) -> np.ndarray:
    """Return a copy of the values in one memory layout, so that sums are identical before saving and after loading."""
    return np.array(table.to_numpy(), order="C")


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """The tables behind intervals and draws, under the names that they have in ``PathFAResult``."""

    scores: pd.DataFrame
    score_cov: np.ndarray
    score_pattern: np.ndarray
    gene_set_probability: pd.DataFrame
    slab_mean: pd.DataFrame
    slab_sd: pd.DataFrame
    weight_blocks: Sequence[tuple[np.ndarray, np.ndarray]]
    nonnegative: bool
    activity: pd.DataFrame
    activity_sd: pd.DataFrame
    member_loadings: pd.DataFrame
    excess_loadings: Mapping[str, pd.DataFrame]
    prior_loadings: Mapping[str, pd.DataFrame]
    omega: pd.DataFrame
    factor_activity_spread: pd.Series[float]

    @cached_property
    def score_variance(self) -> np.ndarray:
        """Variance of the scores when the loadings are known, N x K."""
        return np.asarray(self.score_cov.diagonal(axis1=1, axis2=2)[self.score_pattern])

    @cached_property
    def mixing(self) -> Mixing:
        """How scores and loadings move together."""
        return mixing(
            torch.as_tensor((array(self.scores) ** 2 + self.score_variance).sum(axis=0)),
            [torch.as_tensor(array(table)) for table in self.excess_loadings.values()],
            [torch.as_tensor(array(table)) for table in self.prior_loadings.values()],
            [torch.as_tensor(array(self.omega[view])) for view in self.excess_loadings],
        )

    @cached_property
    def inclusion(self) -> Inclusion:
        """Whether each gene-set weight is not 0, and its Gaussian if so."""
        tables = (self.gene_set_probability, self.slab_mean, self.slab_sd)
        probability, mean, sd = (torch.as_tensor(array(table)) for table in tables)
        return Inclusion(probability=probability, mean=mean, sd=sd)

    def score_sd(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return the sd of scores, n x K, with what is not known because scores and loadings move together.

        ``mean`` and ``variance`` are those when the loadings are known, n x K each.
        """
        return np.asarray(np.sqrt(variance + mean**2 @ self.mixing.variance.numpy()))

    def draw_mixing(self, n: int, seed: int) -> Tensor:
        """Return draws of how scores and loadings move together, n x K x K."""
        return self.mixing.draw(n, torch.Generator().manual_seed(seed + _MIXING_SEED))

    def draw_weights(self, n: int, seed: int) -> Tensor:
        """Return draws of the gene-set weights, n x P x K."""
        blocks = [(torch.as_tensor(active), torch.as_tensor(cov)) for active, cov in self.weight_blocks]
        generator = torch.Generator().manual_seed(seed)
        return draw_weights(self.inclusion, blocks, n, generator, nonnegative=self.nonnegative)

    def draw_starts(self, n: int, seed: int) -> Tensor:
        """Return draws of how far factor activities of starts that are as good may lie from the chosen one, n x P."""
        spread = torch.as_tensor(array(self.factor_activity_spread))
        generator = torch.Generator().manual_seed(seed + _STARTS_SEED)
        return torch.randn(n, len(spread), generator=generator, dtype=DTYPE) * spread

    def draw_scores(self, mixed: Tensor, seed: int, rows: slice | np.ndarray = slice(None)) -> Tensor:
        """Return draws of the scores of some samples, n x rows x K; ``mixed`` is what ``draw_mixing`` returned."""
        mean, pattern = torch.as_tensor(array(self.scores)[rows]), torch.as_tensor(self.score_pattern[rows])
        generator = torch.Generator().manual_seed(seed)
        scores = draw_scores(mean, torch.as_tensor(self.score_cov), pattern, len(mixed), generator)
        return scores + scores @ mixed


@one_thread()
def interval(posterior: Posterior, what: Quantity, level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return lower and upper limits of central posterior intervals, see ``PathFAResult.interval``."""
    if not 0.0 < level < 1.0:
        raise ConfigError(findings=[bad_option("level", level, "a number between 0 and 1", "use level=0.95")])
    _require_quantity(what)
    tail, weights = 0.5 * (1.0 - level), posterior.slab_mean
    rows, columns = posterior.scores.index, posterior.scores.columns
    if what == "scores":
        sd = posterior.score_sd(array(posterior.scores), posterior.score_variance)
        half = float(ndtri(1.0 - tail)) * pd.DataFrame(sd, rows, columns)
        return posterior.scores - half, posterior.scores + half
    if what == "activity":
        half = float(ndtri(1.0 - tail)) * posterior.activity_sd
        return posterior.activity - half, posterior.activity + half
    limits: Sequence[np.ndarray]
    if what == "gene_set_weights":
        item, rows = posterior.inclusion, weights.index
        limits = [
            mixture_quantile(rank, item.probability, item.mean, item.sd, nonnegative=posterior.nonnegative).numpy()
            for rank in (tail, 1.0 - tail)
        ]
    else:
        limits, columns = _factor_activity_interval(posterior, level), weights.index
    lower, upper = (pd.DataFrame(values, index=rows, columns=columns) for values in limits)
    return lower, upper


def _factor_activity_interval(posterior: Posterior, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``interval`` says of the activities that the weights of the gene sets give, N x P each."""
    tail, size, n_sets = 0.5 * (1.0 - level), len(posterior.scores), len(posterior.slab_mean)
    lower, upper = np.zeros((2, size, n_sets))
    weights, mixed = posterior.draw_weights(_N_DRAWS, seed=0), posterior.draw_mixing(_N_DRAWS, seed=0)
    apart = posterior.draw_starts(_N_DRAWS, seed=0)
    # both limits are 0 where fewer draws than in a tail are not 0
    live = ((weights != 0).any(dim=2).sum(dim=0) > tail * (_N_DRAWS - 1)).numpy()
    live |= array(posterior.factor_activity_spread) > 0.0
    weights = weights[:, torch.as_tensor(live)].transpose(1, 2).contiguous()
    step = max(1, _CHUNK // (_N_DRAWS * max(1, n_sets)))
    for start in range(0, size, step):
        rows = slice(start, start + step)
        scores = posterior.draw_scores(mixed, seed=1 + start, rows=rows)
        draws = scores @ weights + apart[:, None, torch.as_tensor(live)]
        draws = draws.permute(1, 2, 0).contiguous()  # quantiles want the draws side by side
        lower[rows, live], upper[rows, live] = np.quantile(draws.numpy(), [tail, 1.0 - tail], axis=-1)
    return lower, upper


@one_thread()
def draw(posterior: Posterior, n: int, seed: int, what: Quantity) -> np.ndarray:
    """Return posterior draws, see ``PathFAResult.sample_posterior``."""
    _require_quantity(what)
    if what == "activity":
        return _draw_activity(posterior, n, seed)
    if what == "scores":
        return np.asarray(posterior.draw_scores(posterior.draw_mixing(n, seed), seed).numpy())
    weights = posterior.draw_weights(n, seed)
    if what == "gene_set_weights":
        return np.asarray(weights.numpy())
    scores = posterior.draw_scores(posterior.draw_mixing(n, seed), seed + 1)
    return np.asarray((scores @ weights.transpose(1, 2) + posterior.draw_starts(n, seed)[:, None, :]).numpy())


def _draw_activity(posterior: Posterior, n: int, seed: int) -> np.ndarray:
    """Return draws of the activities: what the scores do is drawn with them, the rest for each set on its own."""
    members = torch.as_tensor(array(posterior.member_loadings))
    still = torch.zeros(n, members.shape[1], members.shape[1], dtype=DTYPE)
    moved = (posterior.draw_scores(still, seed) - torch.as_tensor(array(posterior.scores))) @ members.T
    by_scores = score_variance(members, torch.as_tensor(posterior.score_cov)).numpy()[posterior.score_pattern]
    own = np.sqrt(np.clip(array(posterior.activity_sd) ** 2 - by_scores, 0.0, None))
    rest = np.random.default_rng([seed, 1]).standard_normal((n, *own.shape))
    return np.asarray(array(posterior.activity) + moved.numpy() + own * rest)


def _require_quantity(what: str) -> None:
    quantities: tuple[str, ...] = get_args(Quantity)
    if what not in quantities:
        raise ConfigError(findings=[bad_choice("what", what, quantities)])
