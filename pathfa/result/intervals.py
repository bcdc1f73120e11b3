"""Posterior intervals and draws of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
import torch
from scipy.special import ndtri

from pathfa.core.choices import bad_choice, bad_option
from pathfa.core.errors import ConfigError
from pathfa.inference.numerics import one_thread
from pathfa.inference.posterior.draws import Mixing, draw_scores, draw_weights, mixing, mixture_quantile
from pathfa.inference.weights.inclusion import Inclusion

if TYPE_CHECKING:
    from pathfa.result.result import PathFAResult

Quantity = Literal["activity", "scores", "gene_set_weights"]
_N_DRAWS = 1000  # draws behind an interval of activities
_MIXING_SEED = 1_000_003  # keeps draws of A apart from those of weights and scores
_CHUNK = 4_000_000  # most numbers drawn at once


def array(table: pd.DataFrame | pd.Series[float]) -> np.ndarray:
    """Return a copy of the values in one memory layout, so that sums are identical before saving and after loading."""
    return np.array(table.to_numpy(), order="C")


@one_thread()
def interval(result: PathFAResult, what: Quantity, level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return lower and upper limits of central posterior intervals, see ``PathFAResult.interval``."""
    if not 0.0 < level < 1.0:
        raise ConfigError(findings=[bad_option("level", level, "a number between 0 and 1", "use level=0.95")])
    tail, table = 0.5 * (1.0 - level), _table(result, what)
    if what == "scores":
        own = result.score_cov.diagonal(axis1=1, axis2=2)[result.score_pattern]
        sd = np.sqrt(own + array(result.scores) ** 2 @ _mixing(result).variance.numpy())
        half = pd.DataFrame(float(ndtri(1.0 - tail)) * sd, index=table.index, columns=table.columns)
        return table - half, table + half
    if what == "gene_set_weights":
        item = _inclusion(result)
        limits = [
            mixture_quantile(rank, item.probability, item.mean, item.sd, nonnegative=result.nonnegative).numpy()
            for rank in (tail, 1.0 - tail)
        ]
    else:
        limits = _activity_limits(result, np.ones(table.shape[1], dtype=bool), tail)
    lower, upper = (pd.DataFrame(values, index=table.index, columns=table.columns) for values in limits)
    return lower, upper


@one_thread()
def draw(result: PathFAResult, n: int, seed: int, what: Quantity) -> np.ndarray:
    """Return posterior draws, see ``PathFAResult.sample_posterior``."""
    _table(result, what)
    if what == "scores":
        return np.asarray(_draw_scores(result, _draw_mixing(result, n, seed), seed).numpy())
    weights = _draw_weights(result, n, seed)
    if what == "gene_set_weights":
        return np.asarray(weights.numpy())
    scores = _draw_scores(result, _draw_mixing(result, n, seed), seed + 1)
    return np.asarray((scores @ weights.transpose(1, 2)).numpy())


@one_thread()
def activity_interval(result: PathFAResult, wanted: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``interval`` says of the activities of some gene sets, N x wanted each.

    Parameters
    ----------
    result
        The fitted model.
    wanted
        Which gene sets, P booleans.
    level
        Posterior probability inside the interval.
    """
    lower, upper = _activity_limits(result, wanted, 0.5 * (1.0 - level))
    return lower[:, wanted], upper[:, wanted]


def _activity_limits(result: PathFAResult, wanted: np.ndarray, tail: float) -> list[np.ndarray]:
    """Return the limits of the activities, N x P; 0 for gene sets that are not wanted."""
    shape = result.activity.shape
    lower, upper = np.zeros(shape), np.zeros(shape)
    weights, moved = _draw_weights(result, _N_DRAWS, seed=0), _draw_mixing(result, _N_DRAWS, seed=0)
    # where fewer draws than the tail holds are not 0, both limits are 0
    live = ((weights != 0).any(dim=2).sum(dim=0) > tail * (_N_DRAWS - 1)).numpy() & wanted
    weights = weights[:, torch.as_tensor(live)].transpose(1, 2).contiguous()
    step = max(1, _CHUNK // (_N_DRAWS * max(1, shape[1])))
    for start in range(0, shape[0], step):
        rows = slice(start, start + step)
        scores = _draw_scores(result, moved, seed=1 + start, rows=rows)
        draws = (scores @ weights).permute(1, 2, 0).contiguous()  # quantiles want the draws side by side
        lower[rows, live], upper[rows, live] = np.quantile(draws.numpy(), [tail, 1.0 - tail], axis=-1)
    return [lower, upper]


def _table(result: PathFAResult, what: Quantity) -> pd.DataFrame:
    quantities: tuple[str, ...] = get_args(Quantity)
    if what not in quantities:
        raise ConfigError(findings=[bad_choice("what", what, quantities)])
    table: pd.DataFrame = getattr(result, what)
    return table


def _draw_weights(result: PathFAResult, n: int, seed: int) -> torch.Tensor:
    blocks = [(torch.as_tensor(active), torch.as_tensor(cov)) for active, cov in result.weight_blocks]
    generator = torch.Generator().manual_seed(seed)
    return draw_weights(_inclusion(result), blocks, n, generator, nonnegative=result.nonnegative)


def _draw_scores(result: PathFAResult, moved: torch.Tensor, seed: int, rows: slice = slice(None)) -> torch.Tensor:
    """Return draws of the scores of some samples; ``moved`` holds the A of each draw, the same for all samples."""
    mean = torch.as_tensor(array(result.scores)[rows])
    pattern = torch.as_tensor(result.score_pattern[rows])
    generator = torch.Generator().manual_seed(seed)
    scores = draw_scores(mean, torch.as_tensor(result.score_cov), pattern, len(moved), generator)
    return scores + scores @ moved


def _draw_mixing(result: PathFAResult, n: int, seed: int) -> torch.Tensor:
    return _mixing(result).draw(n, torch.Generator().manual_seed(seed + _MIXING_SEED))


def _mixing(result: PathFAResult) -> Mixing:
    scores = array(result.scores)
    variance = result.score_cov.diagonal(axis1=1, axis2=2)[result.score_pattern]
    return mixing(
        torch.as_tensor((scores**2 + variance).sum(axis=0)),
        [torch.as_tensor(array(result.excess_loadings[view])) for view in result.view_names],
        [torch.as_tensor(array(result.prior_loadings[view])) for view in result.view_names],
        [torch.as_tensor(array(result.omega[view])) for view in result.view_names],
    )


def _inclusion(result: PathFAResult) -> Inclusion:
    tables = (result.gene_set_probability, result.slab_mean, result.slab_sd)
    probability, mean, sd = (torch.as_tensor(array(table)) for table in tables)
    return Inclusion(probability=probability, mean=mean, sd=sd)
