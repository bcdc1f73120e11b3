"""Figures that are drawn from a table say so when they are given something else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import pandas as pd

from pathfa.pl.spec import Figure

_Options = ParamSpec("_Options")
_Draw = Callable[Concatenate[pd.DataFrame, _Options], Figure]


def of_table(maker: str) -> Callable[[_Draw[_Options]], _Draw[_Options]]:
    """Return a decorator that raises TypeError unless a figure is given the table that ``maker`` returns."""

    def decorate(draw: _Draw[_Options]) -> _Draw[_Options]:
        @wraps(draw)
        def checked(table: pd.DataFrame, /, *args: _Options.args, **options: _Options.kwargs) -> Figure:
            given: object = table
            if not isinstance(given, pd.DataFrame):
                found = type(given).__name__
                raise TypeError(f"pl.{draw.__name__} was given {found}; expected the table that {maker} returns")
            return draw(table, *args, **options)

        return checked

    return decorate
