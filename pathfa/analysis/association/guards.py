"""What keeps an association honest: no confounding with batch, no covariate that the fit has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pathfa.analysis.association.covariates import MIN_PER_LEVEL, MIN_SAMPLES, Covariate
from pathfa.core.errors import ConfigError
from pathfa.core.findings import error
from pathfa.core.technical import is_technical
from pathfa.core.text import did_you_mean
from pathfa.result.result import PathFAResult

_CONFOUNDED = 0.95  # R2 of a covariate on batch from which it is not told apart from it
_NOTED = 0.5


def confounding(covariate: Covariate, batches: Mapping[str, pd.Series]) -> tuple[str, str]:
    """Return why a covariate cannot be told from batch, and what to know when it can; both empty when all is well.

    A covariate is withheld when a column of its design lies in the span of a batch variable (no batch holds two of its
    levels), or when batch explains at least 95 % of it.
    """
    note = ""
    for name, series in batches.items():
        values = series[covariate.rows]
        if name == covariate.name or values.isna().any() or values.nunique() < 2:
            continue
        base = np.column_stack([np.ones(len(values)), _batch_design(values)])
        x = covariate.design
        centred = x - x.mean(axis=0)
        left = x - base @ (np.linalg.pinv(base) @ x)
        explained = 1.0 - (left**2).sum(axis=0) / (centred**2).sum(axis=0)
        if np.linalg.matrix_rank(np.column_stack([base, x])) < np.linalg.matrix_rank(base) + x.shape[1] or (
            explained.min() >= _CONFOUNDED
        ):
            return f"withheld: confounded with batch '{name}', no comparison is possible within its levels", ""
        if explained.max() > _NOTED:
            note = f"batch '{name}' explains {100 * explained.max():.0f} % of the covariate: adjust for it"
    return "", note


def _batch_design(values: pd.Series) -> np.ndarray:
    """Return the columns of a batch variable: a measured quantity as it is, anything else as one indicator per level.

    Whole numbers that repeat are names of batches; purity or a yield is a quantity, whose every value is a new one.
    """
    if is_numeric_dtype(values) and not is_bool_dtype(values):
        numbers = values.to_numpy(dtype=float)
        if (numbers != np.round(numbers)).any() or values.nunique() > len(values) // MIN_PER_LEVEL:
            return np.asarray((numbers - numbers.mean()) / numbers.std(ddof=1))[:, None]
    return pd.get_dummies(values.astype(str)).to_numpy(dtype=float)


def batch_columns(table: pd.DataFrame, obs: pd.DataFrame, batch: str | Sequence[str] | None) -> dict[str, pd.Series]:
    """Return the batch variables: those named, or every column that is called so (batch, plate, run, site, ...)."""
    everything = pd.concat([table, obs.reindex(table.index).drop(columns=table.columns, errors="ignore")], axis=1)
    if batch is None:
        names = [str(name) for name in everything.columns if is_technical(name)]
        # a column with a new value for every sample holds identifiers, not batches
        names = [name for name in names if everything[name].nunique() < everything[name].notna().sum()]
    else:
        names = [batch] if isinstance(batch, str) else list(batch)
    unknown = [name for name in names if name not in everything.columns]
    if unknown:
        raise ConfigError.of(
            "unknown-covariate",
            "columns that do not exist",
            "columns of the covariates",
            did_you_mean(unknown[0], map(str, everything.columns), "correct it"),
            place="batch",
            examples=unknown,
        )
    return {name: everything[name] for name in names}


def used_covariates(result: PathFAResult) -> frozenset[str]:
    """Return the names of the covariates that the fit has seen: those that preprocessing regressed on."""
    used: set[str] = set()
    for arrays in result.preprocessing.values():
        if arrays.get("design"):
            used |= set(json.loads(str(arrays["design"])))
    return frozenset(used)


def refuse_used(result: PathFAResult, table: pd.DataFrame, place: str = "covariates") -> None:
    """Raise when a covariate went into the fit: its association would be built in, or taken out.

    Refused are covariates that preprocessing regressed on, and numbers that are, up to shift and scale, a fitted
    feature, a score or an activity of this model.

    Raises
    ------
    ConfigError
        With one finding per covariate.
    """
    used = used_covariates(result)
    findings = []
    for name in table.columns:
        reason = (
            "it was used in fitting the model: preprocessing regressed on it"
            if str(name) in used
            else _copy_of(result, table[name])
        )
        if reason:
            findings.append(
                error(
                    "covariate-used-in-fit",
                    reason,
                    "covariates that the fit never saw",
                    f"leave out '{name}', or fit the model without it",
                    place=f"{place}, column '{name}'",
                )
            )
    if findings:
        raise ConfigError(findings=findings)


def _copy_of(result: PathFAResult, values: pd.Series) -> str:
    if not is_numeric_dtype(values) or is_bool_dtype(values) or values.nunique() < MIN_SAMPLES:
        return ""
    rows = values.notna().to_numpy()
    x = values[rows].to_numpy(dtype=float)
    if rows.sum() < MIN_SAMPLES:
        return ""
    x = x / np.abs(x).max()  # squares of huge numbers are no numbers
    x = (x - x.mean()) / np.linalg.norm(x - x.mean())
    sources = {"an activity of this model": result.activity, "a score of this model": result.scores}
    sources |= {f"a fitted feature of view '{view}'": table for view, table in result.data.items()}
    for source, table in sources.items():
        given = table.to_numpy(dtype=float)[rows]
        for place in _near(x, given):
            centred = given[:, place] - given[:, place].mean()
            if abs(x @ centred) > (1.0 - 1e-9) * np.linalg.norm(centred) > 0:
                return f"its values are those of {source}: {table.columns[place]}"
    return ""


def _near(x: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the columns that may be x, of mean 0 and norm 1, up to shift and scale; rounding may add a few more."""
    squares = np.einsum("ng,ng->g", table, table)
    norm = squares - len(x) * table.mean(axis=0) ** 2
    return np.flatnonzero((x @ table) ** 2 > (1.0 - 1e-6) * norm - 1e-9 * squares)
