"""Decimal commas, as spreadsheets of many countries write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Return whether the commas in some cells are decimal commas and nothing else.

    They are when every cell is a whole number or has one comma between digits, and some of them, such as ``0,5``,
    cannot mean thousands.
    """
    sure = False
    for cell in cells:
        if _COMMA.fullmatch(cell):
            sure = sure or not _THOUSANDS.fullmatch(cell)
        elif not _WHOLE.fullmatch(cell):
            return False
    return sure


def read_decimal_commas(table: pd.DataFrame) -> pd.DataFrame | None:
    """Return a table with its text as numbers if all of it has decimal commas, and no number a point; else None."""
    numbers = table.select_dtypes("float").to_numpy()
    text = [name for name, column in table.items() if column.dtype.kind not in "iufb"]
    cells = {cell for name in text for cell in table[name].dropna().unique()}
    if not cells or not all(isinstance(cell, str) for cell in cells) or not has_decimal_commas(cells):
        return None
    if (numbers[np.isfinite(numbers)] % 1 != 0).any():
        return None
    read = table.copy()
    for name in text:
        read[name] = pd.to_numeric(table[name].str.replace(",", "."))
    return read
