"""Covariates of the samples as colours: strips above a map, and which of them are groups."""

from __future__ import annotations

import pandas as pd

from pathfa.core.text import shorten
from pathfa.pl.spec import Strip

MOST_LEVELS = 7
"""Covariates with more levels cannot be told apart by colour."""


def strips(covariates: pd.DataFrame, order: pd.Index) -> tuple[Strip, ...]:
    """Return a strip per covariate, in the order of the samples; those with too many levels are left out."""
    found = []
    for name in covariates.columns:
        values = covariates[name].reindex(order)
        label = shorten(str(name), 24)
        if is_measured(values):
            found.append(Strip(name=label, values=values.to_numpy(dtype=float)))
            continue
        words = values.map(str, na_action="ignore")
        levels = sorted(words.dropna().unique())
        if 1 <= len(levels) <= MOST_LEVELS:
            codes = words.map({level: float(code) for code, level in enumerate(levels)}).to_numpy(dtype=float)
            found.append(Strip(name=label, values=codes, levels=tuple(shorten(level, 24) for level in levels)))
    return tuple(found)


def is_measured(values: pd.Series) -> bool:
    """Whether values are numbers on a scale, not groups."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    return numeric and values.nunique() > 2
