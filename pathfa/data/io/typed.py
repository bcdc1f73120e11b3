"""Columns of a sheet as what they contain: numbers, days from the first date, or text; codes of groups are text."""

from __future__ import annotations

import pandas as pd

from pathfa.core.columns import MOST_CODES, are_codes, codes_found, holds_numbers, holds_text, levels_alike
from pathfa.core.findings import Finding, repaired, warning
from pathfa.core.text import count
from pathfa.data.io.cells import COMMA, LIMIT, PERCENT, PLACEHOLDERS, has_decimal_commas, placeholders_found

_DATES = (
    (r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?", "ISO8601"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y", "%m/%d/%Y"),
)
"""How dates may be written, and in which ways these are read."""
_DAY = 24 * 60 * 60  # seconds
_MOSTLY = 0.5  # share of the cells that are numbers, or nearly, in a column that is meant to hold numbers


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
    return column.mask(column.isin(PLACEHOLDERS)) if holds_text(column) else column


def notes(sheet: pd.DataFrame, place: str) -> list[Finding]:
    """Return what is read in another way than it is written, or not as it may be meant.

    Words are missing, dates days, codes groups; columns that are nearly numbers, or dates of unknown order, stay text.

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
    read = {name: _dates(sheet[name]) for name in sheet.columns}
    dates = [f"{name} from {days[0].min():%Y-%m-%d}" for name, days in read.items() if len(days) == 1]
    if dates:
        found = f"{count(len(dates), 'column', 'contain')} dates: read as days from the first"
        findings.append(repaired("dates-as-days", found, place=place, items=dates))
    unsure = [f"{name}: {sheet[name].dropna().iloc[0]}" for name, days in read.items() if len(days) > 1]
    if unsure:
        found = f"{count(len(unsure), 'column', 'contain')} dates of which day and month are not known: left as text"
        fix = "write them as 2021-03-14"
        findings.append(warning("ambiguous-dates", found, fix=fix, place=place, items=unsure))
    nearly = [f"{name}: {said}" for name in sheet.columns if (said := _nearly_numbers(sheet[name]))]
    if nearly:
        found = f"{count(len(nearly), 'column', 'are')} nearly numbers: left as text"
        fix = "write numbers with decimal points, without signs and units, and NA where there is none"
        findings.append(warning("nearly-numbers", found, fix=fix, place=place, items=nearly))
    codes = codes_found(sheet, "if they are amounts, write them with decimals, such as 1.0", place)
    return [*findings, *levels_alike(sheet, place), *codes]


def _typed(column: pd.Series) -> pd.Series:
    dates = _dates(column)
    if len(dates) == 1:
        days: pd.Series = (dates[0] - dates[0].min()).dt.total_seconds() / _DAY
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


def _nearly_numbers(column: pd.Series) -> str:
    """Return how many cells of a column of text are numbers, if most are and not all; nothing otherwise."""
    known = column.dropna().astype(str)
    numbers = _numbers(known).notna()
    near = known.str.fullmatch(f"{LIMIT.pattern}|{PERCENT.pattern}|{COMMA.pattern}")
    others = known[~numbers]
    if others.empty or known.nunique() <= MOST_CODES or not (numbers | near).mean() > _MOSTLY:
        return ""
    return f"{int(numbers.sum())} are numbers, {len(others)} are not, such as {others.iloc[0]!r}"


def _dates(column: pd.Series) -> list[pd.Series]:
    """Return a column of text as dates in every way in which all of it can be read; nothing where there is none."""
    known = column.dropna()
    if known.empty or not known.map(lambda cell: isinstance(cell, str)).all():
        return []
    ways = [way for pattern, *ways in _DATES if known.str.fullmatch(pattern).all() for way in ways]
    read = [pd.to_datetime(column, format=way, errors="coerce", utc=True) for way in ways]
    return [dates for dates in read if dates.notna().sum() == len(known)]
