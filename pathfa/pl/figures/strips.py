"""Covariates of the samples as colours: strips above a map, and which of them are groups."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pathfa.core.names import column_words
from pathfa.pl.axes import short_labels
from pathfa.pl.spec import Strip
from pathfa.pl.strip_colours import colours_taken

MOST_LEVELS = 7
"""Covariates with more levels cannot be told apart by colour."""
_LENGTH = 24  # letters of a label


def strips(covariates: pd.DataFrame, order: pd.Index) -> tuple[Strip, ...]:
    """Return a strip per covariate, in the order of the samples; those with too many levels are left out.

    Each has colours of its own, as far as there are colours.
    """
    found: list[Strip] = []
    words = column_words(map(str, covariates.columns))
    labels = short_labels([words[str(name)] for name in covariates.columns], _LENGTH)
    for name, label in zip(covariates.columns, labels, strict=True):
        strip = _strip(label, covariates[name].reindex(order))
        if strip is not None:
            style = found[-1].style + colours_taken(found[-1]) if found else 0
            found.append(replace(strip, style=style))
    return tuple(found)


def _strip(label: str, values: pd.Series) -> Strip | None:
    """Return the strip of a covariate; None where it has too many levels, or none."""
    if is_measured(values):
        return Strip(name=label, values=values.to_numpy(dtype=float))
    words = values.map(str, na_action="ignore")
    levels = sorted(words.dropna().unique())
    if not 1 <= len(levels) <= MOST_LEVELS:
        return None
    codes = words.map({level: float(code) for code, level in enumerate(levels)}).to_numpy(dtype=float)
    return Strip(name=label, values=codes, levels=short_labels(levels, _LENGTH))


def is_measured(values: pd.Series) -> bool:
    """Whether values are numbers on a scale, not groups."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    return numeric and values.nunique() > 2
