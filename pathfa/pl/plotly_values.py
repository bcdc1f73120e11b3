"""Names and numbers as plotly takes them."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pandas as pd

_DIGITS = 5  # significant digits of a drawn number; tables have more


def text(name: object) -> str:
    """Return a name that plotly shows letter by letter."""
    return html.escape(str(name), quote=False)


def numbers(values: Any) -> Any:
    """Return numbers with few digits, nested as they are, None where there is none; text is escaped."""
    if isinstance(values, pd.DataFrame | pd.Series | pd.Index):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return [numbers(row) for row in values]
    return [_number(value) for value in values]


def _number(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if value is None or not np.isfinite(value):
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    return float(f"{value:.{_DIGITS}g}")
