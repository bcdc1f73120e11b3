"""Options given as text, checked against their choices."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from pathfa.core.errors import ConfigError, Finding, Severity

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
        raise ConfigError(findings=[_unknown(value, [str(option) for option in options], place)]) from None


def _unknown(value: object, allowed: Sequence[str], place: str) -> Finding:
    near = difflib.get_close_matches(str(value).lower(), allowed, n=1, cutoff=0.4)
    return Finding(
        code="unknown-option",
        severity=Severity.ERROR,
        found=f"{place}={value!r} is not a choice",
        expected="one of " + ", ".join(repr(option) for option in allowed),
        fix=f"use {place}={near[0]!r}" if near else f"use {place}={allowed[0]!r}",
        place=place,
    )


def bad_value(place: str, value: object, expected: str, fix: str = "") -> Finding:
    """Return the finding that an option has a value outside what is allowed."""
    return Finding(
        code="bad-option", severity=Severity.ERROR, found=f"{place}={value!r}", expected=expected, fix=fix, place=place
    )


def bad_option(place: str, found: object, expected: str, fix: str) -> Finding:
    """Return the finding that an option is none of its choices, with what to use instead."""
    return Finding(
        code="unknown-option",
        severity=Severity.ERROR,
        found=f"{place}={found!r}",
        expected=expected,
        fix=f"use {fix}",
        place=place,
    )
