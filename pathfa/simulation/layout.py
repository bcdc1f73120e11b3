"""Which gene sets, features and samples a simulated cohort has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError

_USED_SHARE = 0.75  # share of the gene sets that are dealt to factors


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
        check(
            {
                "factors": (len(factors), len(factors) > 0, "at least one factor"),
                "gene sets of factors": (unknown[:3], not unknown, "names of simulated gene sets"),
            }
        )
        return {name: list(members) for name, members in factors.items()}
    check({"factors": (factors, 0 < factors <= len(names), f"1 to {len(names)}, the number of gene sets")})
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
    """Return which samples each view has, N; every sample keeps at least one view.

    Parameters
    ----------
    absent
        Per view the fraction of the samples that lack it.
    n_samples
        Number of samples, N.
    rng
        Which samples.
    """
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
