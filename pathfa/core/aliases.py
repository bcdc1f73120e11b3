"""Other words for a keyword: names that users bring from other libraries, and other spellings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def also_called(**names: str) -> Callable[[Callable[_Given, _Made]], Callable[_Given, _Made]]:
    """Return a decorator with which a function accepts keywords under another name too; its signature stays.

    Parameters
    ----------
    **names
        By the other name, the keyword that it stands for.

    Raises
    ------
    TypeError
        When the function is called with both.

    Examples
    --------
    >>> @also_called(color="colour")
    ... def paint(colour="red"):
    ...     return colour
    >>> paint(color="blue")
    'blue'
    """

    def decorate(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        @wraps(function)
        def call(*args: _Given.args, **given: _Given.kwargs) -> _Made:
            for other, name in names.items():
                if other in given:
                    if name in given:
                        raise TypeError(f"found {name} and {other}, which are the same; expected one of them")
                    given[name] = given.pop(other)
            return function(*args, **given)

        return call

    return decorate
