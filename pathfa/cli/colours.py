"""Colour for the first words of a line, on terminals only."""

from __future__ import annotations

import logging
import os
from typing import TextIO

import typer

_COLOURS = {
    **dict.fromkeys(("error", "failed", "DO NOT INTERPRET"), typer.colors.RED),
    **dict.fromkeys(("warning", "skipped", "CAUTION"), typer.colors.YELLOW),
    "PASS": typer.colors.GREEN,
}
_OF_LEVELS = {logging.ERROR: typer.colors.RED}


def painted(line: str, stream: TextIO) -> str:
    """Return a line with what it begins with in colour, where it goes to a terminal that may show colours.

    Parameters
    ----------
    line
        Such as "error: no such file"; lines that begin with another word stay as they are.
    stream
        Where it goes. A file or a pipe gets plain text, and so does a terminal with ``NO_COLOR`` set.
    """
    word, colon, rest = line.partition(":")
    if not colon or word not in _COLOURS or not _shows_colours(stream):
        return line
    return typer.style(f"{word}:", fg=_COLOURS[word], bold=True) + rest


def _shows_colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class LogLine(logging.Formatter):
    """The message of a record, in colour where it is an error."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__("%(message)s")
        self.stream = stream

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = super().format(record)
        if record.levelno in _OF_LEVELS and _shows_colours(self.stream):
            return typer.style(line, fg=_OF_LEVELS[record.levelno])
        return painted(line, self.stream)
