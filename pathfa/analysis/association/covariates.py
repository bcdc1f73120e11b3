"""Covariates of the samples: aligned and typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pathfa.core.choices import bad_option, choose
from pathfa.core.columns import are_codes, holds_numbers, holds_text
from pathfa.core.errors import AlignmentError, ConfigError
from pathfa.core.findings import Severity
from pathfa.core.names import columns_called
from pathfa.core.text import count, did_you_mean
from pathfa.data.cohort.covariates import plain_columns
from pathfa.result.result import PathFAResult

MIN_SAMPLES = 5  # fewer complete samples are not tested
_CODES = "few whole numbers, taken for groups: kinds can say that they are numeric or ordinal"
MIN_PER_LEVEL = 3  # levels with fewer samples are left out


class VariableType(StrEnum):
    """What the values of a covariate are."""

    NUMERIC = "numeric"
    BINARY = "binary"
    CATEGORICAL = "categorical"
    ORDINAL = "ordinal"


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """One covariate on the samples that have it.

    Attributes
    ----------
    name, kind
        Its name and what its values are.
    rows
        Which samples of the model can be used, N of booleans.
    numbers
        Numbers of those samples: the value, the rank of the level, or 0/1 for the second of two levels.
    levels
        Levels in their order, reference first; empty for numbers.
    note
        What was left out.
    problem
        Why it cannot be tested; empty when it can.
    """

    name: str
    kind: VariableType
    rows: np.ndarray
    numbers: np.ndarray
    levels: tuple[str, ...] = ()
    note: str = ""
    problem: str = ""

    @property
    def contrast(self) -> str:
        """Which levels an effect compares; empty for numbers."""
        if self.kind is VariableType.BINARY:
            return f"{self.levels[1]} vs {self.levels[0]}"
        if self.kind is VariableType.CATEGORICAL:
            return count(len(self.levels), "level")
        return f"{self.levels[0]} to {self.levels[-1]}" if self.levels else ""


def covariate_table(result: PathFAResult, covariates: object, place: str = "covariates") -> pd.DataFrame:
    """Return covariates as a table over the samples of the model, NaN where a sample has none.

    Parameters
    ----------
    result
        The fitted model.
    covariates
        DataFrame or Series indexed by sample, or names of columns in ``result.obs``.
    place
        Name of the argument, for messages.

    Raises
    ------
    ConfigError
        If a name is not a column, or a column holds something else than one number or text per sample.
    AlignmentError
        If no sample of the model is in the table, or a sample is in it twice.
    """
    if isinstance(covariates, pd.Series):
        covariates = covariates.to_frame(covariates.name or place)
    table = covariates if isinstance(covariates, pd.DataFrame) else _columns_of_obs(result.obs, covariates, place)
    table = table.set_axis(table.index.astype(str), axis=0).set_axis(table.columns.map(str), axis=1)
    table = _checked_columns(table, place)
    samples = pd.Index(result.sample_names)
    if table.index.has_duplicates:
        twice = table.index[table.index.duplicated()]
        raise _misaligned(place, "samples that occur twice", "one row per sample", twice)
    if not samples.isin(table.index).any():
        expected = f"sample names such as {', '.join(map(repr, samples[:3]))} in the index"
        raise _misaligned(place, "none of the samples of the model", expected, table.index)
    return table.reindex(samples)


def _columns_of_obs(obs: pd.DataFrame, names: object, place: str) -> pd.DataFrame:
    """Return columns of the fitted cohort's obs by their names."""
    if not isinstance(names, str | Sequence):
        fix = "pass a DataFrame or Series indexed by sample"
        raise ConfigError.of(
            "bad-covariates", type(names).__name__, "a table, or names of columns of obs", fix, place=place
        )
    chosen = [names] if isinstance(names, str) else list(names)
    columns = columns_called(map(str, chosen), obs.columns)
    if unknown := [name for name in chosen if str(name) not in columns]:
        fix = "pass a DataFrame indexed by sample, or fit data whose obs has the column"
        raise unknown_covariates(f"{count(len(unknown), 'name')} that obs of the model lacks", unknown, obs, place, fix)
    return obs[[columns[str(name)] for name in chosen]]


def unknown_covariates(found: str, unknown: Sequence[str], table: pd.DataFrame, place: str, fix: str) -> ConfigError:
    """Return the error that names are no columns of a table; the fix is the nearest name where one is near."""
    known = [str(name) for name in table.columns]
    expected, fix = ", ".join(known[:10]) or "a column, but obs has none", did_you_mean(unknown[0], known, fix)
    return ConfigError.of("unknown-covariate", found, expected, fix, place=place, examples=unknown)


def _checked_columns(table: pd.DataFrame, place: str) -> pd.DataFrame:
    """Return columns in plain types; raise unless they have names of their own and hold numbers, text or levels."""
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        found = f"{count(len(twice), 'column')} with the name of another"
        raise ConfigError.of(
            "same-covariate", found, "one column per name", "rename or drop them", place=place, examples=list(twice)
        )
    plain, findings = plain_columns(table)
    if problems := [
        replace(item, place=f"{place}, {item.place}") for item in findings if item.severity is Severity.ERROR
    ]:
        raise ConfigError(findings=problems)
    for name, values in plain.items():
        known = values[values.notna()]
        where = f"{place}, column '{name}'"
        infinite = known[np.isinf(known.to_numpy(dtype=float))] if holds_numbers(known) else known.iloc[:0]
        if bad := [f"{sample}: {value}" for sample, value in infinite.items()]:
            found, fix = count(len(bad), "infinite value"), "correct them, or write NA"
            raise ConfigError.of("infinite-values", found, "numbers", fix, place=where, examples=bad)
    return plain


def read_covariate(
    name: str, values: pd.Series, kind: str | None = None, reference: str | None = None, rows: np.ndarray | None = None
) -> Covariate:
    """Return a covariate on its complete samples.

    Parameters
    ----------
    name
        Its name.
    values
        One value per sample of the model, N.
    kind
        ``"numeric"``, ``"binary"``, ``"categorical"`` or ``"ordinal"``; found from the values when None. Ordered
        categoricals are ordinal; other text becomes ordinal by ``kind`` and is then sorted. Few different whole numbers
        are categorical.
    reference
        Level that the others are compared with; the first in sorted (or categorical) order when None.
    rows
        Samples that may be used; all when None.
    """
    codes = kind is None and are_codes(values)
    values, said = _text_as_numbers(values)
    usable = values.notna().to_numpy() & (True if rows is None else rows)
    seen = values[usable]
    if len(seen) < MIN_SAMPLES:
        found = f"{count(len(seen), 'sample', 'have')} a value, at least {MIN_SAMPLES} are needed"
        return _unusable(name, usable, found)
    if seen.nunique() < 2:
        return _unusable(name, usable, f"all {len(seen)} samples have the value {seen.iloc[0]}")
    if codes:
        groups = _levels(name, VariableType.CATEGORICAL, values, usable, reference)
        return replace(groups, note="; ".join(filter(None, (groups.note, _CODES))))
    chosen = _kind(seen) if kind is None else choose(VariableType, kind, f"kinds[{name!r}]")
    if chosen is VariableType.NUMERIC or (chosen is VariableType.ORDINAL and is_numeric_dtype(seen)):
        numbers = pd.to_numeric(seen, errors="coerce")
        if bad := list(seen[numbers.isna()]):
            found = f"{count(len(bad), 'value')} other than numbers"
            raise ConfigError.of("not-numeric", found, "numbers", "set kinds", place=name, examples=bad)
        known = numbers.to_numpy(dtype=float)
        size = np.abs(known).max()
        # squares of extreme numbers are no numbers; tests do not depend on the unit
        known = known / size if size > 1e100 or size < 1e-100 else known
        return Covariate(name=name, kind=chosen, rows=usable, numbers=known, note=said)
    return _levels(name, chosen, values, usable, reference)


def _text_as_numbers(values: pd.Series) -> tuple[pd.Series, str]:
    """Return text that holds nothing but numbers as numbers, and what to say about it; codes such as 001 stay text."""
    if not holds_text(values) or values.map(lambda value: isinstance(value, bool)).any():
        return values, ""
    numbers = pd.to_numeric(values, errors="coerce")
    is_text = values.map(lambda value: isinstance(value, str)).any()
    if values.notna().sum() == 0 or (numbers.isna() & values.notna()).any():
        return values, ""
    if is_text and values[values.notna()].astype(str).str.fullmatch(r"[+-]?0\d+").any():
        return values, ""
    return numbers, "text read as numbers" if is_text else ""


def _kind(seen: pd.Series) -> VariableType:
    if isinstance(seen.dtype, pd.CategoricalDtype) and seen.dtype.ordered and seen.nunique() > 2:
        return VariableType.ORDINAL
    if seen.nunique() == 2:
        return VariableType.BINARY
    return VariableType.NUMERIC if is_numeric_dtype(seen) else VariableType.CATEGORICAL


def _levels(name: str, kind: VariableType, values: pd.Series, usable: np.ndarray, reference: str | None) -> Covariate:
    """Return a covariate with levels; rare ones are left out."""
    whole = holds_numbers(values) and bool((values[usable] == values[usable].round()).all())
    text = (values.astype("Int64") if whole else values).astype("string")
    counts = text[usable].value_counts()
    if kind is not VariableType.BINARY and len(counts) > max(2, len(text[usable]) // MIN_PER_LEVEL):
        found = f"{count(len(counts), 'level')} in {count(int(usable.sum()), 'sample')} look like identifiers"
        return _unusable(name, usable, found)
    small = [level for level in counts.index if counts[level] < MIN_PER_LEVEL]
    known = map(str, values.cat.categories) if isinstance(values.dtype, pd.CategoricalDtype) else sorted(counts.index)
    order = [level for level in known if level in counts.index and level not in small]
    if len(order) < 2:
        return _unusable(name, usable, f"fewer than two levels have {MIN_PER_LEVEL} samples or more")
    if kind is VariableType.BINARY and len(order) > 2:
        place, found = f"kinds[{name!r}]", count(len(order), "level")
        raise ConfigError.of("too-many-levels", found, "two levels", "use 'categorical'", place=place, examples=order)
    if reference is not None:
        if reference not in order:
            place, expected = f"reference[{name!r}]", f"one of {', '.join(map(repr, order))}"
            raise ConfigError(findings=[bad_option(place, reference, expected, f"{place}={order[0]!r}")])
        order = [reference, *(level for level in order if level != reference)]
    rows = usable & text.isin(order).to_numpy(dtype=bool)
    codes = text[rows].map({level: code for code, level in enumerate(order)}).to_numpy(dtype=float)
    kind = VariableType.BINARY if kind is VariableType.CATEGORICAL and len(order) == 2 else kind
    left_out = f"levels with fewer than {MIN_PER_LEVEL} samples left out: {', '.join(small[:5])}" if small else ""
    return Covariate(name=name, kind=kind, rows=rows, numbers=codes, levels=tuple(order), note=left_out)


def _unusable(name: str, rows: np.ndarray, problem: str) -> Covariate:
    return Covariate(
        name=name, kind=VariableType.CATEGORICAL, rows=rows, numbers=np.empty(0), problem=f"withheld: {problem}"
    )


def _misaligned(place: str, found: str, expected: str, names: pd.Index) -> AlignmentError:
    fix = "use the sample names of the fitted cohort as index"
    return AlignmentError.of("samples-do-not-match", found, expected, fix, place=place, examples=names)
