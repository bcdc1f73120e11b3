"""Which gene sets a factor uses, and how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.analysis.association.tables import SELECTED
from pathfa.result.result import PathFAResult


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
    return (result.gene_set_probability > SELECTED) & (result.gene_set_weights != 0)
