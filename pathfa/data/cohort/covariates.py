"""Covariates of the samples: in types that every file holds, and joined over the views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from functools import reduce

import mudata as md
import numpy as np
import pandas as pd
from pandas.api.types import is_complex_dtype, is_float_dtype

from pathfa.core.columns import is_number
from pathfa.core.findings import Finding, error, repaired
from pathfa.core.text import count
from pathfa.data.cohort.parts import ViewPart, own_covariates

_DAY = 24 * 60 * 60  # seconds
_RESERVED = "_index"  # what HDF5 files of AnnData call the names of the samples


def join_covariates(data: object, parts: Sequence[ViewPart], samples: pd.Index) -> tuple[pd.DataFrame, list[Finding]]:
    """Join the covariates of the cohort and of its views, in types that every file holds.

    Columns of the cohort come first. A column of a view is added under its own name when the views that have it agree
    wherever they overlap, and as ``view:column`` otherwise. Types are kept where the views agree on them.

    Parameters
    ----------
    data
        What the views come from; a MuData has covariates of its own.
    parts
        The views, each sample once.
    samples
        Names of all samples.

    Returns
    -------
    DataFrame, list of Finding
        One row per sample, and what was found: see ``plain_columns``.
    """
    joined = pd.DataFrame(index=samples)
    findings: list[Finding] = []
    if isinstance(data, md.MuData):
        own, problems = plain_columns(own_covariates(data))
        joined = own[~own.index.duplicated()].reindex(samples)
        findings += problems
    tables = {}
    for part in parts:
        tables[part.name], problems = plain_columns(part.obs, part.name)
        findings += problems
    for name in dict.fromkeys(column for table in tables.values() for column in table.columns):
        if name in joined.columns:
            continue
        columns = {view: table[name] for view, table in tables.items() if name in table.columns}
        if _agree(list(columns.values()), samples):
            joined[name] = reduce(_filled, columns.values()).reindex(samples)
        else:
            for view, column in columns.items():
                joined[f"{view}:{name}"] = column.reindex(samples)
    return plain_columns(joined)[0], findings


def plain_columns(table: pd.DataFrame, view: str = "") -> tuple[pd.DataFrame, list[Finding]]:
    """Return covariates as text, numbers, truth values or levels, which every file holds.

    Dates become ISO text, spans of time days, intervals ordered levels, and the types of Arrow those of NumPy.

    Parameters
    ----------
    table
        Covariates, one row per sample.
    view
        The view that they belong to, for messages.

    Returns
    -------
    DataFrame, list of Finding
        The columns that can be kept, and an error for each other one: values such as lists and complex numbers, a name
        that occurs twice or that no file takes.
    """
    columns, changed, findings = {}, [], []
    named = table.set_axis([str(name) for name in table.columns], axis=1)
    for name, problem in _bad_names(list(named.columns)).items():
        fix, place = "rename the column, or leave it out", f"covariate '{name}'"
        findings.append(error("bad-covariate", problem, "a name of its own", fix, place=place, view=view))
    named = named.loc[:, ~named.columns.duplicated()]
    for name in named.columns:
        plain, became = _plain(named[name])
        if strange := _strange(plain):
            found, expected = f"{count(len(strange), 'value')} other than numbers or text", "one of them per sample"
            fix, place = "convert the column, or leave it out", f"covariate '{name}'"
            findings.append(error("bad-covariate", found, expected, fix, place=place, view=view, items=strange))
            continue
        columns[name] = plain
        changed += [f"{name}: {became}"] * bool(became)
    if changed:
        found = f"{count(len(changed), 'covariate')} rewritten so that every file can hold it"
        findings.append(repaired("covariates-rewritten", found, view=view, items=changed))
    return pd.DataFrame(columns, index=table.index), findings


def _bad_names(names: Sequence[str]) -> Mapping[str, str]:
    """Return the names that no file can hold beside the others, and why."""
    known, problems = set(names), {}
    for place, name in enumerate(names):
        parents = {name[:at] for at, letter in enumerate(name) if letter == "/"}
        if name in names[:place]:
            problems[name] = "its name occurs twice"
        elif name == _RESERVED or not name.strip("./ "):
            problems[name] = "no file can hold a column of this name"
        elif parents & known:
            problems[name] = f"no file can hold it beside '{min(parents & known)}'"
    return problems


def _plain(column: pd.Series) -> tuple[pd.Series, str]:
    """Return a column in a type that every file holds, and what it became where that is not obvious."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain_levels(column)
    if isinstance(dtype, pd.SparseDtype):
        column = pd.Series(np.asarray(column), column.index)
    if column.dtype == object or isinstance(dtype, pd.ArrowDtype | pd.StringDtype):
        column = _inferred(column)
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if kind == "M" or isinstance(column.dtype, pd.DatetimeTZDtype):
        return _as_text(column), "dates as text"
    if kind == "m":
        return column.dt.total_seconds() / _DAY, "spans of time in days"
    if isinstance(column.dtype, pd.PeriodDtype):
        return _as_text(column), "periods as text"
    if isinstance(column.dtype, pd.IntervalDtype):
        return _plain_levels(column.astype(pd.CategoricalDtype(ordered=True)))
    if is_float_dtype(column.dtype):
        return column.astype(np.float64), ""
    if column.dtype == object and column.map(lambda value: isinstance(value, dt.date)).any():
        return _as_text(column), "dates as text"
    return column, ""


def _inferred(column: pd.Series) -> pd.Series:
    """Return Python objects in the type that they all are; text, and a mixture of types, as text."""
    column = column.astype(object).where(column.notna(), None).infer_objects()
    if column.dtype != object:
        return column
    known = column[column.notna()]
    if known.empty:
        return column.astype(np.float64)
    if known.map(lambda value: isinstance(value, bool | np.bool_)).all():
        return column.astype("boolean")
    if known.map(lambda value: is_number(value) or isinstance(value, Decimal)).all():
        numbers = pd.to_numeric(column)
        whole = known.map(lambda value: isinstance(value, int | np.integer)).all()
        return numbers.astype("Int64") if whole and (known.abs() < 2**53).all() else numbers.astype(np.float64)
    if _strange(known) or known.map(lambda value: isinstance(value, dt.date)).all():
        return column
    return _as_text(column)


def _as_text(column: pd.Series) -> pd.Series:
    """Return values as text, dates as ISO 8601, without the time where it is midnight throughout."""
    known = column[column.notna()]
    if known.map(lambda value: isinstance(value, dt.datetime) and value.time() == dt.time() and not value.tzinfo).all():
        known = known.map(lambda value: value.date())
    text = known.map(lambda value: value.isoformat() if isinstance(value, dt.date) else str(value)).astype(object)
    whole = pd.Series(np.nan, index=column.index, dtype=object)
    whole[column.notna().to_numpy()] = text.to_numpy()
    return whole


def _plain_levels(column: pd.Series) -> tuple[pd.Series, str]:
    """Return levels that are text or numbers, in their order."""
    levels = pd.Series(column.cat.categories)
    if isinstance(levels.dtype, np.dtype) and levels.dtype.kind in "biuf":
        return column, ""
    text = _as_text(levels)
    became = "" if list(levels) == list(text) else "levels as text"
    if text.duplicated().any():  # such as the number 1 and the text '1'
        return _as_text(column.astype(object)), became
    return column.cat.rename_categories(list(text)), became


def _strange(column: pd.Series) -> list[object]:
    """Return the values of a column that are not one number or text each."""
    if column.dtype != object:
        return list(column) if is_complex_dtype(column.dtype) else []
    known = column[column.notna().to_numpy()]
    return [value for value in known if isinstance(value, complex | bytes) or not isinstance(value, Hashable)]


def _agree(columns: Sequence[pd.Series], samples: pd.Index) -> bool:
    """Return whether columns of several views have the same value wherever two of them have one."""
    merged = pd.Series(np.nan, index=samples, dtype=object)
    for column in columns:
        other = column.reindex(samples).astype(object)
        both = merged.notna() & other.notna()
        if not (merged[both] == other[both]).all():
            return False
        merged = merged.where(merged.notna(), other)
    return True


def _filled(first: pd.Series, other: pd.Series) -> pd.Series:
    """Return a column with what another has for the samples that it lacks."""
    known = first[first.notna()]
    more = other[other.notna() & ~other.index.isin(known.index)]
    if more.empty:
        return first
    if known.empty:
        return other
    joined: pd.Series = pd.concat(_same_levels(known, more))
    return joined


def _same_levels(first: pd.Series, other: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return two columns with the levels of both if they have levels; ordered where one order fits both."""
    if not isinstance(first.dtype, pd.CategoricalDtype) or not isinstance(other.dtype, pd.CategoricalDtype):
        for one, text in ((first, other), (other, first)):
            if isinstance(one.dtype, pd.CategoricalDtype) and text.isin(one.cat.categories).all():
                return first.astype(one.dtype), other.astype(one.dtype)
        return first, other
    ours, theirs = list(first.cat.categories), list(other.cat.categories)
    more, fewer = (ours, theirs) if len(ours) >= len(theirs) else (theirs, ours)
    in_order = [level for level in more if level in fewer] == fewer
    levels = more if in_order else [*ours, *(level for level in theirs if level not in ours)]
    dtype = pd.CategoricalDtype(levels, ordered=bool(first.cat.ordered and other.cat.ordered and in_order))
    return first.astype(dtype), other.astype(dtype)
