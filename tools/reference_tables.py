"""Tables of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Return words as a cell: one line, no pipe, in the marks of Markdown in place of those of reStructuredText."""
    words = " ".join(text.split()).replace("``", "`").replace("|", "\\|")
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", words)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
