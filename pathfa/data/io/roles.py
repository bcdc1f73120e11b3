"""What each column of a table is: names of features, a sample, or neither, by options and format."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, note, repaired
from pathfa.core.text import count, did_you_mean
from pathfa.data.io.presets import Preset, describes_features, find_preset, plain
from pathfa.data.io.settings import ViewOptions

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|NA|NaN")
_VALUE = re.compile(r"-.*|.*[.,]\d{3,}.*|.*[eE].*")  # a number that no sample is called
_FEWEST_VALUES = 3


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of a table by position.

    Parameters
    ----------
    header
        Names of the columns.
    options
        Options of the view, with those that the format sets.
    names
        Columns with the names of the features, the best first.
    values
        Columns that may contain values, with the names of the samples.
    chosen
        Whether a pattern chose them: then text among them is an error, else it describes the features.
    text
        Columns that describe the features.
    filters
        By column, the regular expression of the rows that are left out.
    long
        Columns of the samples and of the values of a table with one value per row.
    declared
        Whether options or a format say which column contains the names.
    n_sample_rows
        Rows at the top that describe the samples.
    findings
        What was recognised, and left out.
    """

    header: tuple[str, ...]
    options: ViewOptions
    names: tuple[int, ...]
    values: Mapping[int, str]
    chosen: bool
    text: frozenset[int]
    filters: Mapping[int, str]
    long: tuple[int, int] | None
    declared: bool
    n_sample_rows: int
    findings: tuple[Finding, ...]


def columns_of(
    header: Sequence[str], comments: Sequence[str], place: str, file: str, options: ViewOptions
) -> tuple[Columns, Preset | None]:
    """Return what the columns of a table are.

    Parameters
    ----------
    header, comments
        Names of the columns, and the lines above them.
    place, file
        The file for the messages, and its name.
    options
        How the view is read. What it does not say, the format does that the header fits.

    Raises
    ------
    InputError
        When an option names a column that is not there, or the table is not of the format that it is declared to be.
    """
    preset = _preset(header, comments, place, file, options)
    if preset is not None and preset.instead:
        found, fix = f"it looks like {preset.source}", f"give {preset.instead}; set format: none if it is another table"
        raise InputError.of("other-table", found, "values of samples", fix, place=place)
    if preset is not None and preset.columns:
        header = preset.columns
    else:
        _require_names(header, place)
    findings = [] if preset is None else [_said(preset, place)]
    full = options if preset is None else _completed(options, preset)
    find = _Positions(header, place)
    usual = find.known([] if preset is None else preset.feature_column)
    names = [find.one(full.feature_column, "feature_column")] if full.feature_column else usual
    filters = find.filters(options.drop_rows)
    dropped = {find.one(name, "drop_columns") for name in full.drop_columns}
    if preset is not None:
        filters = find.known_filters(preset.drop_rows) | filters
        dropped.update(find.known(preset.drop_columns))
    long = None
    if full.long_samples is not None and full.long_values is not None:
        long = (find.one(full.long_samples, "long_samples"), find.one(full.long_values, "long_values"))
    n_described, n_sample_rows = _gct_size(comments)
    dropped.update(range(1, n_described + 1))
    declared, names = bool(names), names or [0]
    taken = {*names, *filters, *dropped}
    rest = [at for at in range(len(header)) if at not in taken]
    rest = [at for at in rest if at > names[0]] or rest
    patterns = [full.sample_pattern] if full.sample_pattern else list(preset.sample_pattern) if preset else []
    if full.format != "none":
        rest = [at for at in rest if not describes_features(header[at])] or rest
    values = _matching(rest, header, patterns)
    chosen = bool(values)
    if not chosen:
        values = {at: header[at] for at in rest}
    used = {names[0], *values}
    left_out = [name for at, name in enumerate(header) if at not in used and name]
    if left_out and long is None:
        what = "the rows, or hold another quantity" if chosen else "the rows, not a sample"
        said = f"{count(len(left_out), 'column', 'describe')} {what}: left out"
        fix = "set format: none if they are samples"
        findings.append(repaired("annotation-columns", said, fix=fix, place=place, items=left_out))
    if chosen:
        full = replace(full, sample_pattern=None)  # it is done, and the names that it made need not match
    columns = Columns(
        header=tuple(header),
        options=full,
        names=tuple(names),
        values=values,
        chosen=chosen,
        text=frozenset(range(len(header))) - ({long[1]} if long else values.keys()),
        filters=filters,
        long=long,
        declared=declared,
        n_sample_rows=n_sample_rows,
        findings=tuple(findings),
    )
    return columns, preset


def _preset(
    header: Sequence[str], comments: Sequence[str], place: str, file: str, options: ViewOptions
) -> Preset | None:
    if options.format == "none":
        return None
    only = "" if options.format == "auto" else options.format
    preset = find_preset(header, comments, file, only)
    if preset is None and only:
        other = find_preset(header, comments, file)
        looks = f"it looks like {other.format}" if other else f"its columns are {', '.join(list(header)[:6])}"
        fix = f"set format: {other.format}" if other else "set format: none, and feature_column and sample_pattern"
        raise InputError.of(
            "other-format", f"it is no table of {only}: {looks}", f"a table of {only}", fix, place=place
        )
    return preset


def _require_names(header: Sequence[str], place: str) -> None:
    """Raise when what should be the names of the columns are the values of a first row."""
    names = [name.strip() for name in header[1:]]
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    values = len(set(names)) < len(names) or any(_VALUE.fullmatch(name) for name in names)
    if len(names) >= _FEWEST_VALUES and len(numbers) == len(names) and values:
        found, expected = "its first line has only numbers behind the first cell", "a header that names the columns"
        fix = "add a line above with a name for each; if these are names, give every sample its own"
        raise InputError.of("no-header", found, expected, fix, place=place, examples=names)


def _said(preset: Preset, place: str) -> Finding:
    """Return the finding that a format was recognised, with what it sets and what is asked."""
    sets = ", ".join(
        f"{name}: {str(value).lower() if value is True else value}" for name, value in preset.options.items()
    )
    said = f"read as {preset.source}" + (f", which sets {sets}" if sets else "")
    asks = f" ({preset.asks})" if preset.asks else ""
    return note("format", said, fix=f"set format: none if it is not{asks}", place=place)


def _completed(options: ViewOptions, preset: Preset) -> ViewOptions:
    """Return the options with those that the format sets, where they have their defaults."""
    defaults = {item.name: item.default for item in dataclasses.fields(options)}
    sets = dict(preset.options)
    if preset.long_samples:
        sets |= {"long_samples": preset.long_samples, "long_values": preset.long_values}
    unset = {name: value for name, value in sets.items() if getattr(options, name) == defaults[name]}
    return replace(options, format=preset.format, **unset)


def _matching(rest: Sequence[int], header: Sequence[str], patterns: Sequence[str]) -> dict[int, str]:
    """Return the columns that match the first of some patterns that any matches, with the names of their samples."""
    for pattern in patterns:
        found = {at: sample_name(pattern, header[at]) for at in rest}
        if matched := {at: name for at, name in found.items() if name is not None}:
            return matched
    return {}


def sample_name(pattern: str, name: str) -> str | None:
    r"""Return the group of a pattern in the name of a column (the name, where it has none); None if it does not match.

    >>> sample_name("LFQ intensity (.+)", "LFQ intensity P01"), sample_name("P\\d+", "P01"), sample_name("P.", "S1")
    ('P01', 'P01', None)
    """
    match = re.fullmatch(pattern, name)
    if match is None:
        return None
    return next((group for group in match.groups() if group is not None), name)


def _gct_size(comments: Sequence[str]) -> tuple[int, int]:
    """Return how many columns describe features and how many rows samples, as the second line of a GCT 1.3 says."""
    if comments and comments[0].startswith("#1.3"):
        size = [int(word) for word in comments[1].split() if word.isdigit()]
        if len(size) == 4:
            return size[2], size[3]
    return 0, 0


class _Positions:
    """Positions of columns by name."""

    def __init__(self, header: Sequence[str], place: str) -> None:
        self.header, self.place = header, place
        self.positions: dict[str, int] = {}
        for at, name in reversed(list(enumerate(header))):
            self.positions[plain(name)] = at

    def one(self, name: str, option: str) -> int:
        """Return the position of the column that an option names."""
        if plain(name) not in self.positions:
            known = [each for each in self.header if each]
            fix = did_you_mean(name, known, f"the columns are {', '.join(known[:8])}")
            found, expected = f"{option} names the column {name!r}, which is not there", "a column of the table"
            raise InputError.of("no-such-column", found, expected, fix, place=self.place)
        return self.positions[plain(name)]

    def known(self, names: Sequence[str]) -> list[int]:
        """Return the positions of those names that there are."""
        return [self.positions[plain(name)] for name in names if plain(name) in self.positions]

    def filters(self, filters: Mapping[str, str]) -> dict[int, str]:
        """Return patterns by position, as the option drop_rows gives them."""
        return {self.one(name, "drop_rows"): pattern for name, pattern in filters.items()}

    def known_filters(self, filters: Mapping[str, str]) -> dict[int, str]:
        """Return the patterns of those columns that there are."""
        return {self.positions[plain(name)]: each for name, each in filters.items() if plain(name) in self.positions}
