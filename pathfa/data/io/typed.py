"""Columns of a sheet as what they contain: numbers, days from the first date, or text; codes of groups are text."""

from __future__ import annotations

import pandas as pd

from pathfa.core.columns import are_codes, codes_found, holds_numbers
from pathfa.core.findings import Finding, repaired
from pathfa.core.text import count
from pathfa.data.io.cells import PLACEHOLDERS, has_decimal_commas, placeholders_found

_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?"


def with_numbers(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return descriptions with the columns that are numbers throughout, also with decimal commas, as numbers.

    A column with codes such as ``001`` stays text, and so do few different whole numbers, which are more likely groups;
    dates become days from the first, and words such as Unknown are missing. An empty column becomes numbers, which
    every container can store.

    Examples
    --------
    >>> with_numbers(pd.DataFrame({"age": ["50", "61"], "seen": ["2020-01-01", "2020-01-31"]}))["seen"].tolist()
    [0.0, 30.0]
    """
    return pd.DataFrame({name: _typed(_known(sheet[name])) for name in sheet.columns}, index=sheet.index)


def _known(column: pd.Series) -> pd.Series:
    """Return a column of text without the words that mean that there is no value."""
    return column.mask(column.isin(PLACEHOLDERS)) if column.dtype.kind == "O" else column


def notes(sheet: pd.DataFrame, place: str) -> list[Finding]:
    """Return what is read in another way than it is written: words as missing, dates as days, codes as groups.

    Parameters
    ----------
    sheet
        Descriptions as text.
    place
        The sheet, for the messages.
    """
    words = [cell for name in sheet.columns for cell in sheet[name][sheet[name].isin(PLACEHOLDERS)]]
    findings = placeholders_found(words, place)
    sheet = pd.DataFrame({name: _known(sheet[name]) for name in sheet.columns}, index=sheet.index)
    dates = [f"{name} from {_dates(sheet[name]).min():%Y-%m-%d}" for name in sheet.columns if _is_dates(sheet[name])]
    if dates:
        found = f"{count(len(dates), 'column', 'contain')} dates: read as days from the first"
        findings.append(repaired("dates-as-days", found, place=place, items=dates))
    return [*findings, *codes_found(sheet, "if they are amounts, write them with decimals, such as 1.0", place)]


def _typed(column: pd.Series) -> pd.Series:
    if _is_dates(column):
        dates = _dates(column)
        days: pd.Series = (dates - dates.min()).dt.days.astype(float)
        return days
    numbers = _numbers(column)
    zeros = column.dropna().astype(str).str.fullmatch(r"[+-]?0\d+").any()
    plain = bool((numbers.isna() == column.isna()).all())
    return numbers if plain and not zeros and (holds_numbers(column) or not are_codes(column)) else column


def _numbers(column: pd.Series) -> pd.Series:
    if has_decimal_commas(column.dropna().astype(str)):
        column = column.where(column.isna(), column.astype(str).str.replace(",", "."))
    numbers: pd.Series = pd.to_numeric(column, errors="coerce")
    return numbers


def _is_dates(column: pd.Series) -> bool:
    known = column.dropna()
    if known.empty or not known.map(lambda cell: isinstance(cell, str)).all() or not known.str.fullmatch(_DATE).all():
        return False
    return bool(_dates(column).notna().sum() == len(known))


def _dates(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
