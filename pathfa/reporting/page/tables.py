"""Tables as text that a spreadsheet opens without running anything."""

from __future__ import annotations

import numpy as np
import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
README = """Tables of the report beside this folder: tab-separated, UTF-8, one header line.

Numbers have six significant digits; an empty cell is a missing value.
A text that begins with = + - @ or a control character has an apostrophe (') in front, so that a spreadsheet does not
run it as a formula. Tabs and line breaks inside a text are spaces.
"""


def tsv(table: pd.DataFrame) -> str:
    """Return a table as tab-separated text."""
    columns = [_column(table.iloc[:, place]) for place in range(table.shape[1])]
    lines = ["\t".join(escape(str(name)) for name in table.columns)]
    lines += ["\t".join(row) for row in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, on one line."""
    flat = " ".join(text.split()) if any(char in text for char in "\t\r\n\x00") else text
    return f"'{flat}" if text.startswith(FORMULA_STARTS) else flat


def _column(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column.dtype):
        return ["" if np.isnan(value) else f"{value:.6g}" for value in column.to_numpy(dtype=float)]
    return [cell(value) for value in column]


def cell(value: object) -> str:
    """Return one value as the text of a table."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.6g}"
    return escape(str(value))
