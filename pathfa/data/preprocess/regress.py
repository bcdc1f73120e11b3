"""Regression of features on covariates such as the batch, with a recorded design."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.grammar import count


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """Columns made from covariates, as fixed on the training cohort.

    Parameters
    ----------
    levels
        Per covariate the levels of a text covariate without the first, or None for numbers.
    centre
        Training mean of each column, Q; columns are centred, so that the mean of a feature is kept.
    """

    levels: dict[str, list[str] | None]
    centre: np.ndarray

    def matrix(self, obs: pd.DataFrame, view: str) -> np.ndarray:
        """Return the centred design, N x Q.

        Raises
        ------
        InputError
            When a covariate is absent, missing for a sample, or has a level that the training cohort lacked.
        """
        return np.asarray(_columns(self.levels, obs, view) - self.centre)

    def to_text(self) -> str:
        """Return the levels as JSON."""
        return json.dumps(self.levels)


def fit_design(covariates: Sequence[str], obs: pd.DataFrame, view: str) -> Design:
    """Fix the columns that covariates make.

    Parameters
    ----------
    covariates
        Columns of ``obs``.
    obs
        Covariates of the training samples measured in the view.
    view
        Name of the view, for the messages.
    """
    levels: dict[str, list[str] | None] = {}
    for name in covariates:
        column = _column(obs, name, view)
        is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        levels[name] = None if is_number else sorted(column.astype(str).unique())
    for name, known in levels.items():
        if known is not None and len(known) * 2 > len(obs):
            raise InputError.of(
                "regress-too-many-levels",
                f"covariate {name!r} has {count(len(known), 'level')} for {count(len(obs), 'sample')}",
                "at least two samples per level",
                "leave it out of regress",
                view=view,
                examples=known,
            )
    return Design(levels=levels, centre=_columns(levels, obs, view).mean(axis=0))


def fit_coefficients(design: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return least-squares coefficients of every feature, Q x G, each from the samples in which it was measured."""
    columns = np.column_stack([np.ones(len(design)), design])
    seen = ~np.isnan(values)
    coefficients = np.zeros((columns.shape[1], values.shape[1]))
    complete = seen.all(axis=0)
    coefficients[:, complete] = np.linalg.lstsq(columns, values[:, complete], rcond=None)[0]
    for feature in np.flatnonzero(~complete):
        rows = seen[:, feature]
        coefficients[:, feature] = np.linalg.lstsq(columns[rows], values[rows, feature], rcond=None)[0]
    return coefficients[1:]


def _column(obs: pd.DataFrame, name: str, view: str) -> pd.Series:
    if name not in obs.columns:
        raise InputError.of(
            "regress-unknown",
            f"there is no covariate {name!r}",
            f"one of {', '.join(map(str, obs.columns[:8])) or 'none: there is no sample sheet'}",
            "name a column of the sample sheet in regress",
            view=view,
        )
    column: pd.Series = obs[name]
    if column.isna().any():
        missing = column.index[column.isna()]
        raise InputError.of(
            "regress-missing",
            f"covariate {name!r} is missing for {count(len(missing), 'sample')}",
            "a value for every sample",
            "complete the sample sheet, drop these samples, or leave it out of regress",
            view=view,
            items=missing,
        )
    return column


def _columns(levels: dict[str, list[str] | None], obs: pd.DataFrame, view: str) -> np.ndarray:
    columns = []
    for name, known in levels.items():
        column = _column(obs, name, view)
        if known is None:
            columns.append(column.to_numpy(dtype=np.float64))
            continue
        text = column.astype(str)
        if not text.isin(known).all():
            strange = text[~text.isin(known)].unique()
            raise InputError.of(
                "regress-new-level",
                f"covariate {name!r} has levels that the training cohort lacked",
                f"one of {', '.join(known)}",
                "a batch that was not seen in training cannot be corrected",
                view=view,
                items=strange,
            )
        columns += [(text == level).to_numpy(dtype=np.float64) for level in known[1:]]
    return np.column_stack(columns) if columns else np.zeros((len(obs), 0))
