"""Covariates and survival times that depend on known gene-set activities, for simulated cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.core.text import count

_FOLLOW_UP = 60.0  # months; later events are censored
_MEDIAN_TIME = 30.0  # months


class CovariateKind(StrEnum):
    """What is derived from the liability of a planted covariate."""

    CONTINUOUS = "continuous"  # the liability itself
    BINARY = "binary"  # two levels, cut at the median of the liability
    SURVIVAL = "survival"  # exponential time with the liability as log hazard, censored


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A covariate and what it depends on.

    Its liability is ``strength`` times the standardised activity of ``gene_set`` plus standard normal noise; a survival
    time has ``strength`` as log hazard ratio per standard deviation of the activity.

    Parameters
    ----------
    name
        Column of the covariate; a survival time adds the columns ``<name>_time`` and ``<name>_event``.
    gene_set
        The gene set it depends on; None for a covariate that depends on nothing.
    kind
        ``continuous``, ``binary`` or ``survival``.
    strength
        Effect per standard deviation of the activity.
    levels
        Names of the low and high level of a binary covariate.
    centre, spread
        Mean and standard deviation of a continuous covariate, in its units.

    Raises
    ------
    ConfigError
        When ``kind`` is not a choice.
    """

    name: str
    gene_set: str | None
    kind: CovariateKind = CovariateKind.CONTINUOUS
    strength: float = 2.0
    levels: tuple[str, str] = ("no", "yes")
    centre: float = 0.0
    spread: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", choose(CovariateKind, self.kind, "kind"))


def plant(activity: pd.DataFrame, planted: Sequence[Planted], rng: np.random.Generator) -> pd.DataFrame:
    """Return the covariates, samples x columns.

    Parameters
    ----------
    activity
        True activities, samples x gene sets.
    planted
        What to derive from them.
    rng
        Source of the noise.

    Raises
    ------
    ConfigError
        When a gene set is not a column of ``activity``.
    """
    unknown = sorted({item.gene_set for item in planted if item.gene_set is not None} - set(activity.columns))
    if unknown:
        raise ConfigError.of(
            "unknown-gene-set",
            f"{count(len(unknown), 'planted covariate', 'depend')} on a gene set that is not simulated",
            f"one of the {activity.shape[1]} simulated gene sets",
            "correct the name, or plant it on None",
            place="covariates",
            items=unknown,
        )
    columns: dict[str, np.ndarray] = {}
    for item in planted:
        columns.update(_derive(item, activity, rng))
    return pd.DataFrame(columns, index=activity.index)


def _derive(item: Planted, activity: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    n = len(activity)
    driver = np.zeros(n)
    if item.gene_set is not None:
        values = activity[item.gene_set].to_numpy()
        spread = values.std()
        driver = item.strength * (values - values.mean()) / spread if spread > 0 else driver
    if item.kind is CovariateKind.SURVIVAL:
        return _survival(item.name, driver, rng)
    liability = driver + rng.standard_normal(n)
    if item.kind is CovariateKind.BINARY:
        return {item.name: np.asarray(item.levels)[(liability > np.median(liability)).astype(int)]}
    return {item.name: item.centre + item.spread * (liability - liability.mean()) / liability.std()}


def _survival(name: str, log_hazard: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return time in months and event: exponential, censored at random and at the end of the follow-up."""
    event_time = rng.exponential(_MEDIAN_TIME / np.log(2.0), len(log_hazard)) * np.exp(-log_hazard)
    censored = np.minimum(rng.uniform(0.3, 1.5, len(log_hazard)) * _FOLLOW_UP, _FOLLOW_UP)
    return {
        f"{name}_time": np.minimum(event_time, censored),
        f"{name}_event": (event_time <= censored).astype(int),
    }
