"""What counts as a number: truth values and complex numbers do not."""

from __future__ import annotations

from numbers import Real

import pandas as pd
from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype


def is_number(value: object) -> bool:
    """Whether a value is a real number, of Python or NumPy."""
    return isinstance(value, Real) and not isinstance(value, bool)


def holds_numbers(column: pd.Series | pd.Index) -> bool:
    """Whether the type of a column is one of real numbers."""
    dtype = column.dtype
    return is_numeric_dtype(dtype) and not is_bool_dtype(dtype) and not is_complex_dtype(dtype)
