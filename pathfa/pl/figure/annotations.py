"""Covariates as strips of colour beside a heat map of samples."""

from __future__ import annotations

import pandas as pd

from pathfa.core.numeric import holds_numbers
from pathfa.pl.figure.spec import Strip, shorten

MOST_LEVELS = 7
"""Covariates with more levels cannot be told apart by colour and are no strip."""


def strips(covariates: pd.DataFrame, order: pd.Index) -> tuple[Strip, ...]:
    """Return a strip per covariate, in the order of the samples; those with too many levels are left out.

    Parameters
    ----------
    covariates
        Covariates, one column each, indexed by sample.
    order
        The samples from left to right.
    """
    found = []
    for name in covariates.columns:
        values = covariates[name].reindex(order)
        label = shorten(str(name), 24)
        if _is_number(values):
            found.append(Strip(name=label, values=values.to_numpy(dtype=float)))
            continue
        words = values.map(str, na_action="ignore")
        levels = sorted(words.dropna().unique())
        if 1 <= len(levels) <= MOST_LEVELS:
            codes = words.map({level: float(code) for code, level in enumerate(levels)}).to_numpy(dtype=float)
            found.append(Strip(name=label, values=codes, levels=tuple(shorten(level, 24) for level in levels)))
    return tuple(found)


def _is_number(values: pd.Series) -> bool:
    return holds_numbers(values) and values.nunique() > 2
