"""How one check of a fit turned out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The verdict on one check or on the whole fit."""

    PASS = "PASS"  # noqa: S105 - the verdict, not a password
    CAUTION = "CAUTION"
    STOP = "DO NOT INTERPRET"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """How one check turned out.

    Parameters
    ----------
    code
        Stable identifier of the check.
    level
        How it turned out.
    text
        What was seen, in a sentence.
    topic
        The same in a few words that can follow "because of" where the check did not pass; empty where nothing is told
        of it.
    anchor
        Where the evidence is.
    """

    code: str
    level: Level
    text: str
    topic: str
    anchor: str


def grade(bad: bool, poor: bool) -> Level:
    """Return the level of a check that turned out bad, poor or well."""
    return Level.STOP if bad else Level.CAUTION if poor else Level.PASS
