"""Tables as the scripts of a page read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

MOST_CELLS = 400_000
"""Largest table that a page holds whole; of larger ones it holds the first rows, and the file beside it all."""
FIRST_ROWS = 200


def table_data(table: pd.DataFrame, file: str) -> dict[str, Any]:
    """Return a table by columns."""
    held = table.head(FIRST_ROWS) if table.size > MOST_CELLS else table
    columns = [_column(str(name), held.iloc[:, place]) for place, name in enumerate(held.columns)]
    return {"columns": columns, "total": len(table), "file": file}


def _column(name: str, column: pd.Series) -> Mapping[str, Any]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return {"name": name, "kind": "flag", "values": [bool(value) for value in column]}
    if pd.api.types.is_numeric_dtype(column.dtype):
        return {"name": name, "kind": "number", "values": [_number(value) for value in column.to_numpy()]}
    return {"name": name, "kind": "text", "values": [None if pd.isna(value) else str(value) for value in column]}


def _number(value: Any) -> float | int | None:
    if isinstance(value, int | np.integer):
        return int(value)
    return float(f"{value:.6g}") if np.isfinite(value) else None
