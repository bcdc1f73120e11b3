"""Gene sets in the other formats of MSigDB: JSON, GMX and GRP, read through the lines of a GMT file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

from pathfa.core.errors import GeneSetError
from pathfa.core.text import collection_name
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.gmt import parse_gmt
from pathfa.data.io.text_files import read_text, sha256_of

_MEMBERS = ("geneSymbols", "genes", "members", "symbols")


def format_of(path: str | Path) -> str:
    """Return the format that the name of a file shows: json, gmx, grp, table, or gmt for any other."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    return next((kind for suffix in suffixes for kind in [_SUFFIXES.get(suffix)] if kind), "gmt")


def read_lines_of(path: str | Path) -> GeneSets:
    """Read a JSON, GMX or GRP file, plain or gzipped.

    Raises
    ------
    MissingInputError
        When there is no such file.
    GeneSetError
        When it is not of the format that its name says.
    """
    text, _ = read_text(path, kind=GeneSetError)
    lines = ("\t".join(line) for line in _READERS[format_of(path)](text, Path(path)))
    return parse_gmt("\n".join(lines), place=str(path), sha256=sha256_of(path))


def _json(text: str, path: Path) -> Iterator[list[str]]:
    """Yield the sets of MSigDB (``geneSymbols`` of each), or of a plain mapping from names to lists."""
    try:
        sets = json.loads(text)
    except json.JSONDecodeError as reason:
        found = f"it is no JSON: {reason.msg} (line {reason.lineno})"
        raise GeneSetError.of("no-json", found, "a JSON file of MSigDB", "download it again", place=path) from None
    for name, item in sets.items() if isinstance(sets, Mapping) else ():
        described = item if isinstance(item, Mapping) else {}
        members = next((described[key] for key in _MEMBERS if key in described), item)
        if not isinstance(members, list):
            found = f"set {name!r} is no list of genes and has none"
            expected = f"a list, or one of {', '.join(_MEMBERS)}"
            raise GeneSetError.of("json-members", found, expected, place=path)
        about = str(described.get("msigdbURL", described.get("systematicName", "")))
        yield [name, about, *map(str, members)]


def _gmx(text: str, _: Path) -> Iterator[list[str]]:
    """Yield the columns of a GMX file: name, description, members below each other."""
    rows = [line.split("\t") for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    for column in zip_longest(*rows, fillvalue=""):
        name, about, *members = (cell.strip() for cell in (*column, "")[: max(2, len(column))])
        if name or any(members):
            yield [name, about, *(member for member in members if member)]


def _grp(text: str, path: Path) -> Iterator[list[str]]:
    """Yield the one set of a GRP file: a member per line, above them its name where a comment follows it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = len(lines) > 1 and lines[1].startswith("#") and not lines[0].startswith("#")
    comments = [line.lstrip("# ") for line in lines if line.startswith("#")]
    members = [line for line in lines[named:] if not line.startswith("#")]
    yield [lines[0] if named else collection_name(path), " ".join(comments), *members]


_READERS: Mapping[str, Callable[[str, Path], Iterator[list[str]]]] = {"json": _json, "gmx": _gmx, "grp": _grp}
_SUFFIXES = {
    **{f".{kind}": kind for kind in _READERS},
    **dict.fromkeys((".tsv", ".csv", ".parquet", ".pq", ".xlsx"), "table"),
}
