"""Orders of rows and columns in which patterns can be seen."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

_MOST_OPTIMAL = 400  # optimal leaf order takes time that grows with the square of the number of rows


def clustered(values: np.ndarray) -> np.ndarray:
    """Return the order of rows by average linkage of their Euclidean distances.

    Parameters
    ----------
    values
        N x P without NaN.
    """
    if len(values) < 3:
        return np.arange(len(values))
    tree = linkage(values, method="average")
    if len(values) <= _MOST_OPTIMAL:
        tree = optimal_leaf_ordering(tree, values)
    return np.asarray(leaves_list(tree))
