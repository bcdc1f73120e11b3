"""How well activities and scores are known, and how that is carried into tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pathfa.analysis.association.pooling import Answer, Estimates, correct, plug_in, pool
from pathfa.analysis.association.tables import level_table
from pathfa.core.errors import ConfigError
from pathfa.result.result import PathFAResult

_CHUNK = 20_000_000  # most numbers drawn at once
_POORLY_KNOWN = 0.5  # reliability below which results say so


class Uncertainty(StrEnum):
    """How the uncertainty of an activity enters a test."""

    MEASUREMENT = "measurement"  # test of the posterior mean, effects corrected for its reliability
    RUBIN = "rubin"  # tests of posterior draws, pooled


@dataclass(frozen=True, kw_only=True)
class Known:
    """How well each feature is known.

    Attributes
    ----------
    reliability
        Squared correlation of the posterior mean with the true value over the samples, P; NaN where it never varies.
        None when values are taken as known.
    draws
        Posterior draws to pool over, D x N x P; None unless tests are pooled.
    """

    reliability: np.ndarray | None = None
    draws: np.ndarray | None = None


def how_known(result: PathFAResult, level: str, kind: Uncertainty, draws: int, seed: int) -> Known:
    """Return how well the activities or scores of a model are known.

    Parameters
    ----------
    result
        The fitted model.
    level
        ``"activity"`` or ``"scores"``.
    kind
        What the tests will need.
    draws
        Posterior draws; 0 takes the values as known.
    seed
        Seed of the draws.

    Raises
    ------
    ConfigError
        If there is one draw, or fewer than none.
    """
    if draws == 1 or draws < 0 or draws != int(draws):
        raise ConfigError.of("too-few-draws", f"draws={draws}", "0, or 2 and more", "use draws=50", place="draws")
    draws = int(draws)
    if not draws:
        return Known()
    mean, _ = standardised(level_table(result, level).to_numpy()[None])
    size = draws if kind is Uncertainty.RUBIN else max(1, min(draws, _CHUNK // mean.size))
    total, count = np.zeros(mean.shape[2]), np.zeros(mean.shape[2])
    for start in range(0, draws, size):
        part = result.sample_posterior(min(size, draws - start), seed + start, level)  # type: ignore[arg-type]
        drawn, constant = standardised(part)
        agreement = (np.einsum("dnp,np->dp", drawn, mean[0]) / (mean.shape[1] - 1)) ** 2
        total += np.where(constant, 0.0, agreement).sum(axis=0)
        count += (~constant).sum(axis=0)
    with np.errstate(invalid="ignore"):
        reliability = np.where(count > 0, total / count, np.nan)
    return Known(reliability=reliability, draws=part if kind is Uncertainty.RUBIN else None)


def answers(estimates: Estimates, known: Known, pooled: Estimates | None, level: float) -> tuple[Answer, Answer]:
    """Return the answer as asked and the plug-in answer.

    Parameters
    ----------
    estimates
        Tests of the posterior mean.
    known
        How well the features are known.
    pooled
        Tests of the posterior draws, if they are to be pooled.
    level
        Level of the intervals.
    """
    simple = plug_in(estimates, level)
    if pooled is not None:
        return pool(pooled, level), simple
    if known.reliability is not None:
        return correct(estimates, known.reliability, level), simple
    return simple, simple


def reliability_notes(known: Known, width: int) -> list[str]:
    """Return what to note on each feature whose values the data hardly determine, P."""
    if known.reliability is None:
        return [""] * width
    return [f"hardly known: reliability {value:.2f}" if value < _POORLY_KNOWN else "" for value in known.reliability]


def standardised(activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return activities with mean 0 and sd 1 over the samples, and where they do not vary, D x P."""
    centred = activity - activity.mean(axis=1, keepdims=True)
    sd = centred.std(axis=1, ddof=1, keepdims=True)
    size = np.abs(activity).max(axis=1, keepdims=True)
    constant = sd <= 1e-12 * np.maximum(size, 1e-300)
    return centred / np.where(constant, np.nan, sd), constant[:, 0]
