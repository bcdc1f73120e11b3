"""Which gene sets a factor uses, and how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.result.result import PathFAResult

_SELECTED = 0.5  # probability from which a gene set counts as selected
_SURE = 0.9  # probability of playing a part in any factor, below which results say so


def set_sizes(result: PathFAResult) -> np.ndarray:
    """Return the number of measured members of each gene set, summed over the views, P."""
    sizes = [np.asarray((mask != 0).sum(axis=0)).ravel() for mask in result.masks.values()]
    return np.asarray(np.sum(sizes, axis=0))


def contributions(result: PathFAResult) -> pd.DataFrame:
    """Return what each gene set adds to the loadings of each factor, P x K.

    That is the size of its weight, times the root of the number of its measured members, times the probability that it
    belongs to the factor at all.
    """
    return (result.gene_set_weights.abs() * result.gene_set_probability).mul(np.sqrt(set_sizes(result)), axis=0)


def selected(result: PathFAResult) -> pd.DataFrame:
    """Return which gene sets each factor uses, P x K: those with a weight and a probability above one half."""
    return (result.gene_set_probability > _SELECTED) & (result.gene_set_weights != 0)


def part(result: PathFAResult, level: str) -> pd.Series[float]:
    """Return the probability that a gene set belongs to any factor, P; 1 for factors."""
    if level != "activity":
        return pd.Series(1.0, index=result.scores.columns)
    return 1.0 - (1.0 - result.gene_set_probability).prod(axis=1)


def counted(probability: pd.Series[float]) -> pd.Series[bool]:
    """Return which features enter false discovery rates: those that more likely than not play a part."""
    return probability > _SELECTED


def doubts(probability: pd.Series[float]) -> pd.Series[str]:
    """Return a note for every feature that may play no part at all, empty for the others."""
    return probability.map(
        lambda p: (
            ""
            if p >= _SURE
            else f"plays a part with a probability of {p:.0%} only" + (", not counted in q" if p <= _SELECTED else "")
        )
    )
