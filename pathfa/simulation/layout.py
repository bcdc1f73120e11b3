"""Which gene sets, features, samples and covariates a simulated cohort has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from pathfa.core.choices import bad_option, choose
from pathfa.core.errors import ConfigError
from pathfa.core.findings import error
from pathfa.core.text import count

_USED_SHARE = 0.75  # share of the gene sets that are dealt to factors
_FOLLOW_UP = 60.0  # months; later events are censored
_MEDIAN_TIME = 30.0  # months


def check(checks: Mapping[str, tuple[object, bool, str]]) -> None:
    """Raise one error that names every option that is wrong.

    Parameters
    ----------
    checks
        Per option its value, whether it is allowed, and what is.

    Raises
    ------
    ConfigError
        When an option is not allowed.
    """
    findings = [
        bad_option(place, value, expected, f"set {place} to {expected}")
        for place, (value, allowed, expected) in checks.items()
        if not allowed
    ]
    if findings:
        raise ConfigError(findings=findings)


def make_gene_sets(
    gene_sets: int | Mapping[str, Sequence[str]], set_size: tuple[int, int], rng: np.random.Generator
) -> dict[str, list[str]]:
    """Return the gene sets: those given, or so many of random genes that about one gene in four is in two sets."""
    if not isinstance(gene_sets, int):
        check({"gene_sets": (len(gene_sets), len(gene_sets) > 0, "at least one gene set")})
        return {name: list(dict.fromkeys(members)) for name, members in gene_sets.items()}
    low, high = set_size
    check(
        {
            "gene_sets": (gene_sets, gene_sets > 0, "at least one gene set"),
            "set_size": (set_size, 0 < low <= high, "two positive numbers, the smaller first"),
        }
    )
    sizes = rng.integers(low, high + 1, gene_sets)
    n_genes = max(int(0.75 * sizes.sum()), int(sizes.max()))
    genes = [f"GENE{index:0{len(str(n_genes))}d}" for index in range(1, n_genes + 1)]
    width = len(str(gene_sets))
    return {
        f"SET_{index:0{width}d}": [genes[gene] for gene in np.sort(rng.choice(n_genes, size, replace=False))]
        for index, size in enumerate(sizes, start=1)
    }


def deal_factors(
    factors: int | Mapping[str, Sequence[str]], names: Sequence[str], rng: np.random.Generator
) -> dict[str, list[str]]:
    """Return the gene sets of each factor: those given, or three quarters of all dealt at random, at least one each."""
    if not isinstance(factors, int):
        unknown = sorted({name for members in factors.values() for name in members} - set(names))
        check({"gene sets of factors": (unknown[:3], not unknown, "names of simulated gene sets")})
        return {name: list(members) for name, members in factors.items()}
    check({"factors": (factors, 0 <= factors <= len(names), f"0 to {len(names)}, the number of gene sets")})
    n_used = max(factors, round(_USED_SHARE * len(names)))
    shuffled = [names[index] for index in rng.permutation(len(names))[:n_used]]
    return {f"factor_{index + 1}": sorted(shuffled[index::factors]) for index in range(factors)}


def all_genes(gene_sets: Mapping[str, Sequence[str]], other: int | Sequence[str]) -> list[str]:
    """Return the genes of all sets, in alphabetical order, and after them those outside every set."""
    members = sorted({gene for genes in gene_sets.values() for gene in genes})
    if isinstance(other, int):
        check({"other_features": (other, other >= 0, "a number that is not negative")})
        other = [f"OTHER{index:0{len(str(max(other, 1)))}d}" for index in range(1, other + 1)]
    return members + [gene for gene in dict.fromkeys(other) if gene not in set(members)]


def gene_set_mask(features: pd.Index, gene_sets: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Return the membership of features in gene sets, G x P."""
    return np.stack([features.isin(list(members)) for members in gene_sets.values()], axis=1).astype(np.float64)


def draw_presence(absent: Mapping[str, float], n_samples: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return which samples each view has, N, given the share that it lacks; every sample keeps at least one view."""
    presence = {name: np.ones(n_samples, dtype=bool) for name in absent}
    n_views = np.full(n_samples, len(absent))
    for name, fraction in absent.items():
        candidates = np.flatnonzero(n_views > 1)
        lost = rng.permutation(candidates)[: round(fraction * n_samples)]
        presence[name][lost] = False
        n_views[lost] -= 1
    return presence


def hide_entries(values: np.ndarray, fraction: float, when_low: bool, rng: np.random.Generator) -> np.ndarray:
    """Return a copy with a fraction of the entries NaN: all alike, or lower values more often."""
    hidden = values.copy()
    n_hidden = round(fraction * values.size)
    # the largest of weighted exponential keys: a weighted draw without replacement
    weight = np.exp(-2.0 * (values - values.mean()) / values.std()) if when_low else np.ones_like(values)
    keys = rng.exponential(size=values.shape) / weight
    hidden.flat[np.argsort(keys, axis=None)[:n_hidden]] = np.nan
    return hidden


class CovariateKind(StrEnum):
    """What is derived from the liability of a simulated covariate."""

    CONTINUOUS = "continuous"  # the liability itself
    BINARY = "binary"  # two levels, cut at the median of the liability
    SURVIVAL = "survival"  # exponential time with the liability as log hazard, censored


@dataclass(frozen=True, kw_only=True)
class SimulatedCovariate:
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


def draw_covariates(
    activity: pd.DataFrame, covariates: Sequence[SimulatedCovariate], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the covariates, samples x columns.

    Parameters
    ----------
    activity
        True activities, samples x gene sets.
    covariates
        What to derive from them.
    rng
        Source of the noise.

    Raises
    ------
    ConfigError
        When a gene set is not a column of ``activity``.
    """
    unknown = sorted({item.gene_set for item in covariates if item.gene_set is not None} - set(activity.columns))
    if unknown:
        finding = error(
            "unknown-gene-set",
            f"{count(len(unknown), 'covariate', 'depend')} on a gene set that is not simulated",
            expected=f"one of the {activity.shape[1]} simulated gene sets",
            fix="correct the name, or make it depend on None",
            place="covariates",
            examples=tuple(unknown[:3]),
            count=len(unknown),
        )
        raise ConfigError(findings=[finding])
    columns: dict[str, np.ndarray] = {}
    for item in covariates:
        columns.update(_derive(item, activity, rng))
    return pd.DataFrame(columns, index=activity.index)


def _derive(item: SimulatedCovariate, activity: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
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
