"""Columns of a sheet as what they contain: numbers, days, or text."""

from __future__ import annotations

import pandas as pd

from pathfa.data.io.cells import has_decimal_commas


def with_numbers(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return descriptions with the columns that are numbers throughout, also with decimal commas, as numbers.

    A column with codes such as ``001`` stays text; an empty one becomes numbers, which every container can store.
    """
    columns = {}
    for name in sheet.columns:
        column = sheet[name]
        if has_decimal_commas(column.dropna().astype(str)):
            column = column.where(column.isna(), column.astype(str).str.replace(",", "."))
        numbers = pd.to_numeric(column, errors="coerce")
        codes = column.dropna().astype(str).str.fullmatch(r"[+-]?0\d+").any()
        plain = bool((numbers.isna() == column.isna()).all())
        columns[name] = numbers if plain and not codes else column
    return pd.DataFrame(columns, index=sheet.index)
