"""From the cells of a table to numbers: names, rows that are left out, placeholders, text beside the values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, repaired
from pathfa.core.text import count
from pathfa.data.io.cells import LIMIT, MISSING, NOT_MEASURED, PLACEHOLDERS, as_numbers, is_text, require_numbers
from pathfa.data.io.roles import Columns
from pathfa.data.io.settings import ViewOptions

_UNITS = 3  # most different words in a second header
_COUNTED = 10  # a column of so many numbers that are 1, 2, 3, ... counts the rows


@dataclass(frozen=True, kw_only=True, eq=False)
class NumericTable:
    """A table of numbers as it is in its file.

    Parameters
    ----------
    rows, columns
        Names as text, duplicates and all.
    values
        Rows x columns, float64, NaN where missing.
    findings
        What was noticed.
    options
        How the view is read, with what the format of the table sets.
    described
        Text that describes the rows, a column for each in the file.
    """

    rows: pd.Index
    columns: pd.Index
    values: np.ndarray
    findings: tuple[Finding, ...] = ()
    options: ViewOptions = field(default_factory=ViewOptions)
    described: pd.DataFrame = field(default_factory=pd.DataFrame)


def to_numbers(frame: pd.DataFrame, columns: Columns, findings: Sequence[Finding], place: str) -> NumericTable:
    """Return the numbers of a table with the names of its rows and columns.

    Parameters
    ----------
    frame
        All cells below the header, columns by position: text in the columns that ``columns.text`` lists, in the
        others what they look like.
    columns
        What the columns are.
    findings
        What was noticed before.
    place
        The file, for the messages.

    Raises
    ------
    InputError
        When cells that should be numbers are none.
    """
    said = [*findings, *columns.findings]
    frame = _rows(frame, columns, place, said)
    if columns.long is not None:
        frame, names, values = _long(frame, columns, place, said)
    else:
        names = _names(frame, columns, place, said)
        values = dict(columns.values)
    if not columns.declared and columns.long is None:
        names, values = _without_row_numbers(frame, columns, names, values, place, said)
    numbers, names_of, described = _split(frame[list(values)], values, columns, place, said)
    rows = _stripped(names, "row", place, said)
    if not names_of:
        found, expected = "no column contains values", "a column of numbers for every sample"
        shown = columns.header[:6]
        raise InputError.of(
            "non-numeric", found, expected, "name those that do in sample_pattern", place=place, examples=shown
        )
    require_numbers(numbers, rows, names_of, place)
    text = [] if columns.long is not None else sorted({*columns.text, *described} - set(columns.names))
    text = [at for at in text if columns.header[at] and columns.header.index(columns.header[at]) == at]
    labels = pd.Index([columns.header[at] for at in text], dtype=object)
    return NumericTable(
        rows=rows,
        columns=pd.Index(names_of, dtype=object),
        values=numbers.to_numpy(dtype=np.float64),
        findings=tuple(said),
        options=columns.options,
        described=frame[text].astype(object).set_axis(labels, axis=1).reset_index(drop=True),
    )


def _rows(frame: pd.DataFrame, columns: Columns, place: str, said: list[Finding]) -> pd.DataFrame:
    """Return the rows that stay: not empty, not describing samples, and matching none of the filters."""
    if columns.n_sample_rows:
        names = frame.iloc[: columns.n_sample_rows, 0]
        found = f"{count(len(names), 'row', 'describe')} the samples: left out"
        said.append(repaired("sample-rows", found, fix="give them as a sample sheet", place=place, items=names))
        frame = frame.iloc[columns.n_sample_rows :].infer_objects()
    nameless = frame[frame[columns.names[0]].isin(["", np.nan])]
    empty = nameless.index[nameless.isin(["", np.nan]).all(axis=1)]
    if len(empty):
        found = f"{count(len(empty), 'empty row', 'were')} left out"
        said.append(repaired("empty-rows", found, place=place))
        frame = frame.drop(index=empty)
    frame = _without_second_header(frame, columns, place, said)
    for at, pattern in columns.filters.items():
        matched = frame[at].astype(str).str.strip().str.fullmatch(pattern)
        if matched.any():
            found = f"{count(int(matched.sum()), 'row', 'were')} left out, whose {columns.header[at]!r} is {pattern}"
            examples = frame.loc[matched, columns.names[-1]]
            said.append(repaired("rows-left-out", found, place=place, items=list(examples)))
            frame = frame[~matched]
    return frame


def _without_second_header(frame: pd.DataFrame, columns: Columns, place: str, said: list[Finding]) -> pd.DataFrame:
    """Leave out a first row of words above rows of numbers, such as the units of TCGA or the types of Perseus."""
    values = [at for at in columns.values if at in frame.columns]
    if len(frame) < 2 or len(values) < 2 or any(frame[at].dtype.kind in "iufb" for at in values):
        return frame
    first, second = (frame.iloc[position][values].astype(str).str.strip() for position in (0, 1))
    words = first.str.fullmatch(r"[^\d\[]*[A-Za-z][^\d]*") & ~first.isin([*MISSING, *PLACEHOLDERS, *NOT_MEASURED])
    words &= ~first.str.fullmatch(LIMIT)
    numbers = pd.to_numeric(second, errors="coerce").notna()
    if not words.all() or first.nunique() > _UNITS or numbers.mean() <= 0.5:
        return frame
    found = f"the first row has only words, such as {first.iloc[0]!r}: left out as a second header"
    said.append(repaired("second-header", found, place=place, examples=[frame.iloc[0][columns.names[0]]]))
    return frame.iloc[1:]


def _names(frame: pd.DataFrame, columns: Columns, place: str, said: list[Finding]) -> pd.Series:
    """Return the names of the rows: of the first column, and of the next ones where it is empty."""
    first, *others = columns.names
    names = frame[first].astype(str)
    for at in others:
        void = _is_void(names)
        second = frame[at].astype(str)
        if (void & ~_is_void(second)).any():
            which = f"without {columns.header[first]!r} took the name of {columns.header[at]!r}"
            found = f"{count(int(void.sum()), 'row')} {which}"
            said.append(repaired("names-completed", found, place=place, items=list(second[void])))
            names = names.mask(void, second)
    return names


def _is_void(names: pd.Series) -> pd.Series:
    return names.str.strip().isin({*MISSING, "-", "--", "---", "?"})


def _without_row_numbers(
    frame: pd.DataFrame, columns: Columns, names: pd.Series, values: dict[int, str], place: str, said: list[Finding]
) -> tuple[pd.Series, dict[int, str]]:
    """Take the names from the second column where the first only counts the rows; drop columns that count them."""
    first = columns.names[0] + 1
    if (
        first in frame.columns
        and _counts_rows(pd.to_numeric(names, errors="coerce"), least=2)
        and is_text(frame[first])
        and 2 * frame[first].nunique() > len(frame)
    ):
        found = f"the first column counts the rows; their names were taken from {columns.header[first]!r}"
        said.append(repaired("row-numbers", found, fix="set feature_column to another one", place=place))
        names = frame[first].astype(str)
        values = {at: name for at, name in values.items() if at != first}
    counting = [at for at in values if frame[at].dtype.kind in "iuf" and _counts_rows(frame[at], least=_COUNTED)]
    if counting and 2 * len(counting) < len(values):
        found = f"{count(len(counting), 'column', 'count')} the rows: left out"
        said.append(repaired("row-numbers", found, place=place, items=[values[at] for at in counting]))
        values = {at: name for at, name in values.items() if at not in counting}
    return names, values


def _counts_rows(numbers: pd.Series, least: int) -> bool:
    if len(numbers) < least or numbers.iloc[0] not in (0, 1):
        return False
    return bool((numbers.to_numpy() == np.arange(len(numbers)) + numbers.iloc[0]).all())


def _long(
    frame: pd.DataFrame, columns: Columns, place: str, said: list[Finding]
) -> tuple[pd.DataFrame, pd.Series, dict[int, str]]:
    """Return a table with one value per row as one with a column per sample; identical repeats count once."""
    samples, values = columns.long or (0, 0)
    used = frame.assign(name=_names(frame, columns, place, said))
    keys = [*dict.fromkeys(columns.names), samples]
    once = used.drop_duplicates([*keys, values])
    if (repeated := once.duplicated(keys)).any():
        which = once.loc[repeated, "name"] + " in " + once.loc[repeated, samples].astype(str)
        raise InputError.of(
            "repeated-values",
            f"{count(int(repeated.sum()), 'value', 'are')} given again, otherwise, for the same feature and sample",
            "one value for each feature in each sample",
            "drop the repeats, or name the column that tells them apart as a part of feature_column",
            place=place,
            items=list(which),
        )
    features, first = pd.factorize(pd.MultiIndex.from_frame(once[keys[:-1]].astype(str)))
    subjects, named = pd.factorize(once[samples].astype(str))
    wide = np.full((len(first), len(named)), None, dtype=object)
    wide[features, subjects] = once[values].astype(object).to_numpy()
    table = pd.DataFrame(wide).infer_objects()
    names = once["name"][~pd.Series(features, index=once.index).duplicated()].reset_index(drop=True)
    found = (
        f"{count(len(frame), 'row', 'were')} read as {count(len(first), 'feature')} in {count(len(named), 'sample')}"
    )
    said.append(repaired("long-table", found, place=place))
    return table, names, dict(enumerate(map(str, named)))


def _split(
    cells: pd.DataFrame, names: dict[int, str], columns: Columns, place: str, said: list[Finding]
) -> tuple[pd.DataFrame, list[str], list[int]]:
    """Return the columns that contain numbers, as numbers as far as they are, their names, and the other columns.

    Columns of text describe the rows where they are fewer than those of numbers and stand beside them, not among them:
    a table of patients is no table of values.
    """
    blank = [at for at, name in names.items() if not name and cells[at].isna().all()]
    if blank:
        found = f"{count(len(blank), 'column', 'have')} neither name nor value: left out"
        said.append(repaired("nameless-columns", found, place=place, count=len(blank)))
    kept = [at for at in names if at not in blank]
    text = [] if columns.chosen or columns.long is not None else [at for at in kept if is_text(cells[at])]
    others = [at for at in kept if at not in text]
    if len(others) < 2 or len(text) >= len(others) or any(others[0] < at < others[-1] for at in text):
        text, others = [], kept
    if text:
        found = f"{count(len(text), 'column', 'contain')} text and no number: left out, as they describe the rows"
        fix = "set feature_column if one of them has the names of the features"
        said.append(repaired("text-columns", found, fix=fix, place=place, items=[names[at] for at in text]))
    return as_numbers(cells[others], place, said), [names[at] for at in others], text


def _stripped(names: pd.Series, what: str, place: str, said: list[Finding]) -> pd.Index:
    """Return names without blanks around them."""
    bare = names.str.strip()
    changed = [repr(name) for name in names[names != bare]]
    if changed:
        found = f"blanks around {count(len(changed), f'{what} name', 'were')} cut"
        said.append(repaired("blanks-cut", found, place=place, items=changed))
    return pd.Index(bare.to_numpy(), dtype=object)
