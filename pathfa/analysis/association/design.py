"""Design matrices, and what rules an association out: confounding with batch, and covariates that the fit has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import (
    MIN_PER_LEVEL,
    MIN_SAMPLES,
    Covariate,
    VariableType,
    covariate_table,
    read_covariate,
    unknown_covariates,
)
from pathfa.core.columns import holds_numbers, is_technical
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error
from pathfa.core.names import columns_called
from pathfa.data.preprocess.design import indicators
from pathfa.result.result import PathFAResult

_CONFOUNDED = 0.95  # R2 of a covariate on batch from which the two are not distinguished
_NOTED = 0.5


def design(covariate: Covariate) -> pd.DataFrame:
    """Return the columns of a covariate on its own samples, n x C: numbers, or indicators of levels."""
    if covariate.kind in {VariableType.BINARY, VariableType.CATEGORICAL}:
        return _columns(covariate.name, np.asarray(covariate.levels)[covariate.numbers.astype(int)], covariate.levels)
    return _columns(covariate.name, covariate.numbers)


def adjustment_design(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the columns of complete covariates, without an intercept, and what to note of them.

    Rare levels have columns too. A column that is a mixture of those before it is dropped: the others say what it says.

    Parameters
    ----------
    table
        Covariates of n samples without missing values.

    Returns
    -------
    DataFrame, str
        n x A, and which columns were dropped.
    """
    parts = [pd.DataFrame(index=range(len(table)))]
    for name, values in table.items():
        covariate = read_covariate(str(name), values)
        if not covariate.problem and covariate.rows.all():
            parts.append(design(covariate))
        else:
            parts.append(_columns(str(name), values.astype(str), sorted(values.astype(str).unique())))
    columns = pd.concat(parts, axis=1)
    kept: list[int] = []
    for place in range(columns.shape[1]):
        surplus, _ = in_span(columns.iloc[:, [place]], columns.iloc[:, kept])
        kept += [] if surplus else [place]
    dropped = [str(name) for place, name in enumerate(columns.columns) if place not in kept]
    note = f"dropped from the adjustment, as the rest determines it: {', '.join(dropped)}" if dropped else ""
    return columns.iloc[:, kept], note


def _batch_design(values: pd.Series) -> pd.DataFrame:
    """Return the columns of a batch variable: a measured quantity as it is, anything else by its levels.

    Whole numbers that repeat are names of batches; purity or a yield is a quantity, whose every value is a new one.
    """
    if holds_numbers(values):
        numbers = values.to_numpy(dtype=float)
        if (numbers != np.round(numbers)).any() or values.nunique() > len(values) // MIN_PER_LEVEL:
            return _columns(str(values.name), numbers)
    return _columns(str(values.name), values.astype(str), sorted(values.astype(str).unique()))


def _columns(name: str, values: np.ndarray | pd.Series, levels: Sequence[str] | None = None) -> pd.DataFrame:
    """Return standardised numbers, or indicators of all levels but the first."""
    known = np.asarray(values)
    if levels is None:
        return pd.DataFrame({name: (known - known.mean()) / known.std(ddof=1)})
    return pd.DataFrame(indicators(name, known, levels), index=range(len(known)))


def in_span(columns: pd.DataFrame, others: pd.DataFrame) -> tuple[bool, np.ndarray]:
    """Return whether a mixture of columns is one of others and a constant, and the R2 of each column on them, C."""
    x, base = columns.to_numpy(), np.column_stack([np.ones(len(others)), others])
    rank = np.linalg.matrix_rank
    left = x - base @ (np.linalg.pinv(base) @ x)
    explained = 1.0 - (left**2).sum(axis=0) / ((x - x.mean(axis=0)) ** 2).sum(axis=0)
    return bool(rank(np.column_stack([base, x])) < rank(base) + x.shape[1]), explained


def confounding(covariate: Covariate, batches: Mapping[str, pd.Series]) -> tuple[str, str]:
    """Return why a covariate cannot be distinguished from batch, or what to know when it can; both may be empty.

    A covariate is withheld when a column of its design lies in the span of a batch variable (no batch holds two of its
    levels), or when batch explains at least 95 % of it.
    """
    note = ""
    for name, series in batches.items():
        values = series[covariate.rows]
        if name == covariate.name or values.isna().any() or values.nunique() < 2:
            continue
        determined, explained = in_span(design(covariate), _batch_design(values))
        if determined or explained.min() >= _CONFOUNDED:
            return f"withheld: confounded with batch '{name}', no comparison is possible within its levels", ""
        if explained.max() > _NOTED:
            note = f"batch '{name}' explains {100 * explained.max():.0f} % of the covariate: adjust for it"
    return "", note


def batch_columns(table: pd.DataFrame, obs: pd.DataFrame, batch: str | Sequence[str] | None) -> dict[str, pd.Series]:
    """Return the batch variables: those named, or every column that is called so (batch, plate, run, site, ...)."""
    everything = pd.concat([table, obs.reindex(table.index).drop(columns=table.columns, errors="ignore")], axis=1)
    if batch is None:
        names = [str(name) for name in everything.columns if is_technical(name)]
        # a column with a new value for every sample holds identifiers, not batches
        names = [name for name in names if everything[name].nunique() < everything[name].notna().sum()]
    else:
        names = [batch] if isinstance(batch, str) else list(batch)
    columns = columns_called(names, everything.columns)
    if unknown := [name for name in names if name not in columns]:
        raise unknown_covariates("columns that do not exist", unknown, everything, "batch", "correct it")
    return {columns[name]: everything[columns[name]] for name in names}


def unseen_table(result: PathFAResult, covariates: object, place: str = "covariates") -> pd.DataFrame:
    """Return what ``covariate_table`` does, of covariates that the fit has not seen.

    Raises
    ------
    ConfigError
        Also as ``refuse_used`` does.
    """
    table = covariate_table(result, covariates, place)
    refuse_used(result, table, place)
    return table


def adjustment_table(result: PathFAResult, adjust: object) -> pd.DataFrame:
    """Return the covariates to adjust for, as ``unseen_table`` does; without columns when None."""
    return pd.DataFrame(index=result.scores.index) if adjust is None else unseen_table(result, adjust, "adjust")


def refuse_used(result: PathFAResult, table: pd.DataFrame, place: str = "covariates") -> None:
    """Raise when a covariate went into the fit: its association would be built in, or taken out.

    Refused are covariates that preprocessing regressed on, and numbers that are, up to shift and scale, a fitted
    feature, a score or an activity of this model.

    Raises
    ------
    ConfigError
        With one finding per covariate.
    """
    designs = [arrays["design"] for arrays in result.preprocessing.values() if arrays.get("design")]
    used = {name for design in designs for name in json.loads(str(design))}
    findings: list[Finding] = []
    for name in map(str, table.columns):
        reason = "it was used in fitting the model: preprocessing regressed on it" if name in used else ""
        if reason := reason or _copy_of(result, table[name]):
            place_of = f"{place}, column '{name}'"
            fix = f"leave out '{name}', or fit the model without it"
            expected = "covariates that the fit never saw"
            findings.append(error("covariate-used-in-fit", reason, place=place_of, expected=expected, fix=fix))
    if findings:
        raise ConfigError(findings=findings)


def _copy_of(result: PathFAResult, values: pd.Series) -> str:
    """Return which numbers of the fit a covariate repeats; empty when it repeats none."""
    if not holds_numbers(values) or values.nunique() < MIN_SAMPLES:
        return ""
    rows = values.notna().to_numpy()
    x = values[rows].to_numpy(dtype=float)
    x = x / np.abs(x).max()  # squares of huge numbers are no numbers
    x = (x - x.mean()) / np.linalg.norm(x - x.mean())
    sources = {"an activity of this model": result.activity, "a score of this model": result.scores}
    sources |= {f"a fitted feature of view '{view}'": table for view, table in result.data.items()}
    for source, table in sources.items():
        given = table.to_numpy(dtype=float)[rows]
        for column in _near(x, given):
            centred = given[:, column] - given[:, column].mean()
            if abs(x @ centred) > (1.0 - 1e-9) * np.linalg.norm(centred) > 0:
                return f"its values are those of {source}: {table.columns[column]}"
    return ""


def _near(x: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the columns that may be x, of mean 0 and norm 1, up to shift and scale; rounding may add a few more."""
    squares = np.einsum("ng,ng->g", table, table)
    norm = squares - len(x) * table.mean(axis=0) ** 2
    return np.flatnonzero((x @ table) ** 2 > (1.0 - 1e-6) * norm - 1e-9 * squares)
