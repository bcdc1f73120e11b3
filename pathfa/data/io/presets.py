"""How programs of the field lay out their tables: the entries of presets.yaml, and which of them a header fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("presets.yaml")


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One layout of the tables of one program; the fields are explained at the top of presets.yaml."""

    format: str
    source: str
    header: Sequence[str] = ()
    lacks: Sequence[str] = ()
    comment: str = ""
    file: str = ""
    column: str = ""
    instead: str = ""
    sample_file: str = ""
    columns: Sequence[str] = ()
    first: str = ""
    feature_column: Sequence[str] = ()
    sample_pattern: Sequence[str] = ()
    drop_columns: Sequence[str] = ()
    drop_rows: Mapping[str, str] = field(default_factory=dict)
    long_samples: str = ""
    long_values: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    asks: str = ""

    def fits(self, header: Sequence[str], known: frozenset[str], comments: Sequence[str], file: str) -> bool:
        """Whether a table with this header, its ``plain`` names, these comments and this name is of this layout."""
        if self.columns:
            return len(header) == len(self.columns) and re.fullmatch(self.first, "\t".join(header)) is not None
        return (
            known.issuperset(map(plain, self.header))
            and known.isdisjoint(map(plain, self.lacks))
            and (not self.comment or any(re.match(self.comment, line) for line in comments))
            and (not self.file or re.fullmatch(self.file, file) is not None)
            and (not self.column or any(re.fullmatch(self.column, name) for name in header))
        )


@cache
def presets() -> tuple[Preset, ...]:
    """Return the known layouts, in the order in which they are tried."""
    return tuple(Preset(**entry) for entry in _data()["formats"])


@cache
def format_names() -> tuple[str, ...]:
    """Return the names of the formats, each once."""
    return tuple(dict.fromkeys(preset.format for preset in presets()))


def find_preset(header: Sequence[str], comments: Sequence[str], file: str, only: str = "") -> Preset | None:
    """Return the first layout that a table fits.

    Parameters
    ----------
    header, comments, file
        Names of the columns, the comment lines above them, and the name of the file.
    only
        Name of the format that it must have; any when empty.
    """
    tried = (preset for preset in presets() if only in ("", preset.format))
    known = frozenset(map(plain, header))
    return next((preset for preset in tried if preset.fits(header, known, comments, file)), None)


def annotation_columns() -> tuple[str, ...]:
    """Return the names of columns that describe features in the tables of some program."""
    return tuple(_data()["annotation_columns"])


def not_features() -> tuple[str, ...]:
    """Return regular expressions of the names of rows that are no features."""
    return tuple(_data()["not_features"])


def describes_features(name: str) -> bool:
    """Whether a column of this name describes the features in the tables of some program, and is no sample."""
    return plain(name) in _annotation_columns()


def sample_columns() -> tuple[str, ...]:
    """Return the names of columns that describe samples where these are in rows."""
    return tuple(_data()["sample_columns"])


def describes_samples(name: str) -> bool:
    """Whether a column of this name describes samples, and is no feature."""
    return plain(name) in _sample_columns()


def is_quantity(text: str) -> bool:
    """Whether a text beside the name of a sample says what was measured."""
    return plain(text) in _quantities()


def is_no_feature(names: Iterable[str]) -> list[bool]:
    """Return for each name whether it is that of a summary, spike-in, sum or contaminant, and of no feature."""
    known = re.compile("|".join(f"(?:{pattern})" for pattern in not_features()))
    return [known.fullmatch(name) is not None for name in names]


def plain(name: str) -> str:
    """Return the name of a column as it is compared: without blanks, dots, underscores and case.

    >>> plain("Protein.IDs") == plain("Protein IDs")
    True
    """
    return re.sub(r"[\s._]", "", name).lower()


@cache
def _annotation_columns() -> frozenset[str]:
    return frozenset(map(plain, annotation_columns()))


@cache
def _sample_columns() -> frozenset[str]:
    return frozenset(map(plain, sample_columns()))


@cache
def _quantities() -> frozenset[str]:
    return frozenset(map(plain, _data()["quantities"]))


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data
