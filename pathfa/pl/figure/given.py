"""Figures that are drawn from a table say so when they are given something else."""

from __future__ import annotations

import pandas as pd


def require_table(given: object, figure: str, maker: str) -> None:
    """Raise TypeError unless a figure is given the table that ``maker`` returns."""
    if not isinstance(given, pd.DataFrame):
        found = type(given).__name__
        raise TypeError(f"pl.{figure} was given {found}; expected the table that {maker} returns")
