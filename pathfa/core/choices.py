"""Options given as text, checked against their choices."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error

_Option = TypeVar("_Option", bound=StrEnum)


def choose(options: type[_Option], value: str, place: str) -> _Option:
    """Return the member of ``options`` that ``value`` names.

    Parameters
    ----------
    options
        The enumeration of the allowed values.
    value
        A member or its name as text.
    place
        Name of the argument, for the message.

    Raises
    ------
    ConfigError
        When no member has this value; the message names the nearest one.
    """
    try:
        return options(value)
    except ValueError:
        raise ConfigError(findings=[bad_choice(place, value, [str(option) for option in options])]) from None


def bad_choice(place: str, value: object, allowed: Sequence[str]) -> Finding:
    """Return the finding that the value of an option is not one of those allowed, with the nearest that is."""
    near = difflib.get_close_matches(str(value).lower(), allowed, n=1, cutoff=0.4) or allowed
    found, expected = f"{place}={value!r} is not a choice", "one of " + ", ".join(repr(option) for option in allowed)
    return error("bad-option", found, expected, f"use {place}={near[0]!r}", place=place)


def bad_option(place: str, value: object, expected: str, fix: str = "") -> Finding:
    """Return the finding that an option has a value outside what is allowed."""
    return error("bad-option", f"{place}={value!r}", expected, fix, place=place)
