"""Features that say the same: two activities that rise and fall together are one finding, not two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pathfa.core.names import SEPARATOR
from pathfa.result.judgement import LIMITS

_ROWS = 512  # features whose correlations with all others are held at once


def near_copies(standard: np.ndarray, names: Sequence[str]) -> pd.Series[str]:
    """Return for every feature the names of those that are nearly copies of it, P; empty where there is none.

    Parameters
    ----------
    standard
        Values with mean 0 and sd 1 over the samples, N x P; NaN where they do not vary.
    names
        Names of the P features.
    """
    known, most = np.nan_to_num(standard), LIMITS["near-copy"].caution * (len(standard) - 1)
    said, labels = [], np.asarray(names, dtype=object)
    for start in range(0, len(labels), _ROWS):
        alike = np.abs(known[:, start : start + _ROWS].T @ known) > most
        alike[np.arange(len(alike)), start + np.arange(len(alike))] = False
        said += [SEPARATOR.join(labels[row]) for row in alike]
    return pd.Series(said, index=pd.Index(names), dtype=object)


def copies_among(values: pd.DataFrame) -> dict[str, list[str]]:
    """Return the columns of a table by the first of those that are nearly copies of each other.

    Parameters
    ----------
    values
        Samples x features, N x P, the features that matter most first.

    Examples
    --------
    >>> copies_among(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 1.0, 2.0], "c": [2.0, 4.0, 6.0]}))
    {'a': ['a', 'c'], 'b': ['b']}
    """
    numbers = values.to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0, ddof=1)
    names = [str(name) for name in values.columns]
    near = near_copies(standard, names)
    return groups_of_copies(pd.DataFrame({"feature": names, "near_copies": near.to_numpy()}))


def groups_of_copies(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the features of a table of associations by the first of those that are nearly copies of each other.

    Parameters
    ----------
    table
        Rows of ``associate`` or ``survival``, those that matter most first.
    """
    copies = table.drop_duplicates("feature").set_index("feature")["near_copies"]
    groups: dict[str, list[str]] = {}
    for name, cell in copies.items():
        near = set(str(cell).split(SEPARATOR))
        lead = next((lead for lead in groups if lead in near), str(name))
        groups.setdefault(lead, []).append(str(name))
    return groups
