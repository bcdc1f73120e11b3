"""How a text is laid out as a table: comment lines, delimiter, header, and the lines below it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, repaired
from pathfa.core.text import count, inflect

GCT = ("#1.2", "#1.3")
"""First lines of the two versions of GCT files; the second line says how many rows and columns there are."""

_TITLED = 3  # cells of a line below a title, at least
_DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons", " ": "spaces"}


@dataclass(frozen=True, kw_only=True, eq=False)
class TextTable:
    """A table as text.

    Parameters
    ----------
    header
        A name for every column; the first is empty where the file names one column less than it has.
    body
        The lines below the header.
    delimiter
        What separates the cells.
    comments
        The lines above the header.
    has_corner
        Whether the header names the first column, if only by an empty cell.
    findings
        What was repaired.
    """

    header: tuple[str, ...]
    body: str
    delimiter: str
    comments: tuple[str, ...]
    has_corner: bool
    findings: tuple[Finding, ...]


def lay_out(text: str, path: Path) -> TextTable:
    """Find the header and the cells of a table.

    Raises
    ------
    InputError
        When it is no table: one column, rows of unequal length, no row.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    comments, text = _above(text)
    findings = []
    if comments:
        said = f"{count(len(comments), 'line')} above the header {inflect(len(comments), 'were')} left out"
        findings.append(repaired("comment-lines", said, place=path, items=comments))
    delimiter, other = _delimiter(text, path)
    findings += other
    first, body = _split(text, delimiter, path)
    widths = _widths(body, delimiter, path)
    if not widths:
        raise InputError.of("no-rows", "it has a header and no row", "a table of numbers", place=path)
    width = max(set(widths), key=widths.count)
    if width < 2:
        found, fix = "most of its lines have one cell", "name the right file; a text is no table"
        raise InputError.of("no-table", found, f"cells separated by {_DELIMITERS[delimiter]}", fix, place=path)
    if len(first) == width + 1 and not first[-1].strip():
        first = first[:-1]
    if len(first) == width - 1 and _ends_empty(body, delimiter):
        first = [*first, ""]
    _require_even(first, widths, width, path, delimiter, 2 + len(comments))
    has_corner = len(first) == width
    header = tuple(first if has_corner else ["", *first])
    if any(name != name.strip() for name in header):
        changed = [name for name in header if name != name.strip()]
        said = f"blanks around {count(len(changed), 'name')} in the header were cut"
        findings.append(repaired("blanks-cut", said, place=path, items=list(map(repr, changed))))
    if '"' not in body and delimiter != " " and any(pair in body for pair in _blank_pairs(delimiter)):
        findings.append(repaired("blanks-cut", "blanks around cells were cut", place=path))
    if header[0].startswith("#"):
        header = (header[0].lstrip("# "), *header[1:])
    return TextTable(
        header=tuple(name.strip() for name in header),
        body=body,
        delimiter=delimiter,
        comments=tuple(comments),
        has_corner=has_corner,
        findings=tuple(findings),
    )


def _above(text: str) -> tuple[list[str], str]:
    """Return the lines above the header, and the text from the header on.

    Comments begin with ``#``. Where a single such line has as many cells as the next one, or a row of numbers follows,
    it is the header itself. The first two lines of a GCT file are its version and its size. A line with one cell, above
    lines with several, is a title.
    """
    above: list[str] = []
    rest = text
    if re.match(r"sep=.\n", rest, re.IGNORECASE):  # the first line of tables that Excel writes
        line, _, rest = rest.partition("\n")
        return [line], rest
    while rest.startswith("#"):
        line, _, rest = rest.partition("\n")
        above.append(line)
        rest = rest.lstrip("\n")
    if len(above) == 1 and above[0].strip() in GCT:
        size, _, rest = rest.partition("\n")
        return [above[0], size], rest
    if above and rest:
        following = rest.partition("\n")[0]
        if _is_header(above, following):
            rest = f"{above.pop()}\n{rest}"
    while (below := _below_title(rest)) is not None:
        above.append(rest.partition("\n")[0].strip("\t,; "))
        rest = below
    return [line.strip() for line in above], rest


def _below_title(text: str) -> str | None:
    """Return the text below a first line that is the title of a table; None where it is none."""
    line, _, rest = text.partition("\n")
    rest = rest.lstrip("\n")
    following = rest.partition("\n")[0]
    delimiters = [each for each in "\t,;" if following.count(each) >= _TITLED - 1]
    try:
        rows = [next(_reader([line], each), []) for each in delimiters]
    except csv.Error:
        return None
    is_title = all(not any(map(str.strip, cells[1:])) and (cells[:1] != [""] or not any(cells)) for cells in rows)
    return rest if line and rows and is_title else None


def _is_header(above: Sequence[str], following: str) -> bool:
    """Whether the last of the lines that begin with ``#`` names the columns of the line that follows."""
    delimiter = max("\t,;", key=following.count)
    n = following.count(delimiter)
    alike = [line for line in above if line.count(delimiter) == n]
    cells = [cell.strip('" ') for cell in following.split(delimiter)[1:]]
    has_numbers = any(re.fullmatch(r"[+-]?\d*[.,]?\d+([eE][+-]?\d+)?", cell) for cell in cells)
    return n > 0 and above[-1].count(delimiter) == n and (has_numbers or len(alike) == 1)


def _delimiter(text: str, path: Path) -> tuple[str, list[Finding]]:
    """Return the delimiter that the header uses most."""
    first = text.partition("\n")[0]
    counts = {delimiter: first.count(delimiter) for delimiter in "\t,;"}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if counts[best] == 0:
        if _is_spaced(text):
            return " ", [repaired("other-delimiter", "columns are separated by spaces", place=path)]
        by_space = len(first.split()) > 1
        raise InputError.of(
            "wrong-delimiter",
            "its first line contains one column" + (", or columns separated by spaces" if by_space else ""),
            "columns separated by tabs, commas or semicolons",
            "export it as TSV",
            place=f"{path}, line 1",
            examples=[first],
        )
    expected = "," if ".csv" in [suffix.lower() for suffix in path.suffixes] else "\t"
    if any(suffix.lower() in (".csv", ".tsv") for suffix in path.suffixes) and best != expected:
        found = f"columns are separated by {_DELIMITERS[best]}, not {_DELIMITERS[expected]}"
        return best, [repaired("other-delimiter", found, place=path)]
    return best, []


def _is_spaced(text: str) -> bool:
    """Whether spaces separate the columns, as ``write.table`` of R does, with quotes or a header one cell shorter."""
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        widths = [len(row) for row in _reader(lines, " ")]
    except csv.Error:
        return False
    body = set(widths[1:])
    shorter = body == {widths[0] + 1} if widths else False
    return len(lines) > 2 and widths[0] > 1 and (shorter or (body == {widths[0]} and lines[0].startswith('"')))


def _split(text: str, delimiter: str, path: Path) -> tuple[list[str], str]:
    """Return the cells of the header, and the text below it."""
    stream = io.StringIO(text)
    try:
        header = next((row for row in _reader(stream, delimiter) if row), [])
    except csv.Error as reason:
        raise InputError.of("broken-table", f"it cannot be split into cells: {reason}", place=path) from None
    return header, stream.read()


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " ")


def _widths(body: str, delimiter: str, path: Path) -> list[int]:
    """Return the number of cells of every line that is not empty."""
    if '"' not in body and delimiter != " ":
        return [line.count(delimiter) + 1 for line in body.split("\n") if line]
    try:
        return [len(row) for row in _reader(io.StringIO(body), delimiter) if row]
    except csv.Error as reason:
        raise InputError.of("broken-table", f"it cannot be split into cells: {reason}", place=path) from None


def _ends_empty(body: str, delimiter: str) -> bool:
    """Whether every line ends with a delimiter: then the last column is none."""
    return all(line.endswith(delimiter) for line in body.split("\n") if line)


def _blank_pairs(delimiter: str) -> tuple[str, ...]:
    return f" {delimiter}", f"{delimiter} ", " \n", "\n "


def _require_even(
    header: Sequence[str], widths: Sequence[int], width: int, path: Path, delimiter: str, start: int
) -> None:
    odd = [f"header: {len(header)} cells"] if len(header) not in (width, width - 1) else []
    odd += [f"line {number}: {cells} cells" for number, cells in enumerate(widths, start=start) if cells != width]
    if odd:
        raise InputError.of(
            "ragged-rows",
            f"{count(len(odd), 'line', 'have')} another number of cells than the others",
            f"{width} cells in each, separated by {_DELIMITERS[delimiter]}",
            "repair these lines; a file that was cut short ends in such a line",
            place=path,
            items=odd,
        )
