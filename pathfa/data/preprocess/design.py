"""Design matrices of covariates such as the batch, and the regression of features on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathfa.core.columns import are_codes, holds_numbers
from pathfa.core.errors import InputError
from pathfa.core.text import count

_RANK = 1e-10  # share of the largest eigenvalue below which directions of a design are none


def levels_of(table: pd.DataFrame) -> dict[str, list[str] | None]:
    """Return the sorted levels of every column that is not of amounts, as text, and None for those that are."""
    return {
        str(name): None
        if holds_numbers(column) and not are_codes(column)
        else sorted(column.dropna().astype(str).unique())
        for name, column in table.items()
    }


def indicators(name: str, values: pd.Series | np.ndarray, levels: Sequence[str]) -> dict[str, np.ndarray]:
    """Return a column of 0 and 1 named ``covariate: level`` for every level but the first, the reference."""
    return {f"{name}: {level}": (np.asarray(values) == level).astype(np.float64) for level in levels[1:]}


def design_matrix(table: pd.DataFrame, levels: Mapping[str, Sequence[str] | None], view: str = "") -> pd.DataFrame:
    """Return the columns that covariates make in a linear model, without an intercept.

    Parameters
    ----------
    table
        The covariates, N rows.
    levels
        As :func:`levels_of` returned them for this or another table; the first level of each is the reference.
    view
        Name of the view that they are for, for the messages.

    Returns
    -------
    DataFrame
        N x Q of floats: numbers as they are under their own name, and a column of 0 and 1 named ``covariate: level``
        for every level but the first.

    Raises
    ------
    InputError
        When a covariate is absent, missing for a sample, or has a level beside those known.
    """
    columns: dict[str, np.ndarray] = {}
    for name, known in levels.items():
        column = _complete(table, name, view)
        if known is None:
            columns[name] = column.to_numpy(dtype=np.float64)
            continue
        text = column.astype(str)
        if not text.isin(known).all():
            raise InputError.of(
                "regress-new-level",
                f"covariate {name!r} has levels that the training cohort lacked",
                f"one of {', '.join(known)}",
                "a batch that was not seen in training cannot be corrected",
                view=view,
                items=text[~text.isin(known)].unique(),
            )
        columns |= indicators(name, text, known)
    return pd.DataFrame(columns, index=table.index)


def _complete(table: pd.DataFrame, name: str, view: str) -> pd.Series:
    """Return a covariate that every sample has."""
    if name not in table.columns:
        raise InputError.of(
            "regress-unknown",
            f"there is no covariate {name!r}",
            f"one of {', '.join(map(str, table.columns[:8])) or 'none: there is no sample sheet'}",
            "name a column of the sample sheet in regress",
            view=view,
        )
    column: pd.Series = table[name]
    missing = column.index[column.isna()]
    if len(missing):
        raise InputError.of(
            "regress-missing",
            f"covariate {name!r} is missing for {count(len(missing), 'sample')}",
            "a value for every sample",
            "complete the sample sheet, drop these samples, or leave it out of regress",
            view=view,
            items=missing,
        )
    return column


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """Columns made from covariates, as fixed on the training cohort.

    Parameters
    ----------
    levels
        Per covariate its levels, the first one without a column, or None for numbers.
    centre
        Training mean of each column, Q; columns are centred, so that the mean of a feature is kept.
    """

    levels: dict[str, list[str] | None]
    centre: np.ndarray

    def matrix(self, obs: pd.DataFrame, view: str) -> np.ndarray:
        """Return the centred design, N x Q, see :func:`design_matrix`."""
        return np.asarray(design_matrix(obs, self.levels, view).to_numpy() - self.centre)

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

    Raises
    ------
    InputError
        When a covariate is absent, missing for a sample, or has so many levels that most have one sample.
    """
    levels = levels_of(pd.DataFrame({name: _complete(obs, name, view) for name in covariates}))
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
    return Design(levels=levels, centre=design_matrix(obs, levels, view).to_numpy().mean(axis=0))


def fit_coefficients(design: np.ndarray, blocks: Iterable[np.ndarray]) -> np.ndarray:
    """Return least-squares coefficients of every feature, Q x G, each from the samples in which it was measured.

    Parameters
    ----------
    design
        N x Q.
    blocks
        The values of the N samples, a few at a time, n x G each, NaN where missing.
    """
    columns = np.column_stack([np.ones(len(design)), design])
    unit = np.sqrt((columns**2).sum(axis=0)).clip(min=1e-300)
    columns, start = columns / unit, 0
    whole, lost, linear = columns.T @ columns, None, None
    for values in blocks:
        rows = columns[start : start + len(values)]
        start += len(values)
        missing = np.isnan(values)
        if linear is None or lost is None:
            linear = np.zeros((len(unit), values.shape[1]))
            lost = np.zeros((values.shape[1], len(unit), len(unit)))
        linear += rows.T @ np.where(missing, 0.0, values)
        some = np.flatnonzero(missing.any(axis=0))
        products = (rows[:, :, None] * rows[:, None, :]).reshape(len(rows), -1)
        lost[some] += (missing[:, some].T @ products).reshape(-1, len(unit), len(unit))
    if linear is None or lost is None:
        raise ValueError("no samples to regress")
    inverse = np.linalg.pinv(whole - lost, rcond=_RANK, hermitian=True)
    found: np.ndarray = np.einsum("gij,jg->ig", inverse, linear) / unit[:, None]
    return found[1:]
