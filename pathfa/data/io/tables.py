"""Tables on disk: names stay text, values are numbers or an error."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
from packaging.version import Version
from pandas.api.types import is_float_dtype, is_integer_dtype, is_numeric_dtype

from pathfa.core.errors import InputError
from pathfa.core.files import require_file
from pathfa.core.needed import needed
from pathfa.core.text import count
from pathfa.data.io.cells import MISSING
from pathfa.data.io.layout import GCT, TextTable, lay_out
from pathfa.data.io.numbers import NumericTable, to_numbers
from pathfa.data.io.roles import columns_of
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.text_files import read_text
from pathfa.data.io.workbooks import is_workbook, sheet_as_text

_PARQUET = (".parquet", ".pq")
_NEAREST = {} if Version(pd.__version__) >= Version("3.1") else {"float_precision": "round_trip"}
"""How pandas reads the number that is nearest to what is written; from 3.1 on it always does."""


def read_numbers(path: str | Path, options: ViewOptions | None = None) -> NumericTable:
    r"""Read a table with names in one column and in the header, and numbers in the other cells.

    Parameters
    ----------
    path
        TSV or CSV, plain or gzipped, Parquet or an Excel workbook; with or without comment lines above the header and
        columns that describe the features.
    options
        How it is read: ``format``, ``feature_column``, ``sample_pattern``, ``drop_columns``, ``drop_rows``,
        ``long_samples`` and ``long_values``.

    Raises
    ------
    MissingInputError
        When there is no such file.
    InputError
        When it is no such table: wrong delimiter, rows of unequal length, cells that are not numbers, or an option
        that names a column it lacks.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "counts.txt")
    >>> size = path.write_text("# a comment\nGeneid\tLength\tP1\tP2\nMX1\t900\t5\t3\n")
    >>> table = read_numbers(path)
    >>> list(table.columns), table.values.tolist()
    (['P1', 'P2'], [[5.0, 3.0]])
    """
    path = require_file(path)
    options = ViewOptions() if options is None else options
    if path.suffix.lower() in _PARQUET:
        return _numbers_from_parquet(path, options)
    layout = _open(path)
    columns, preset = columns_of(layout.header, layout.comments, str(path), path.name, options)
    body = layout.body
    if preset is not None and preset.columns:  # what looked like the header is the first row
        body = layout.delimiter.join(layout.header) + "\n" + body
    text = dict.fromkeys(columns.text, str)
    frame = _parse(
        body,
        layout.delimiter,
        path,
        dtype=text,
        na_values={at: list(MISSING) for at in range(len(columns.header)) if at not in text},
        keep_default_na=False,
        low_memory=False,
        **_NEAREST,
    )
    _require_size(frame, layout, columns.n_sample_rows, path)
    return to_numbers(frame, columns, layout.findings, str(path))


def read_sheet(path: str | Path) -> pd.DataFrame:
    """Read a table of descriptions: everything is text, missing cells are NA, names are those of the first column.

    Raises
    ------
    MissingInputError, InputError
        As :func:`read_numbers`, but for numbers.
    """
    path = require_file(path)
    if path.suffix.lower() in _PARQUET:
        frame = _parquet(path)
        return frame.astype(object).where(frame.notna(), None)
    layout = _open(path)
    frame = _parse(layout.body, layout.delimiter, path, dtype=str, na_filter=False)
    frame = pd.DataFrame({at: frame[at].str.strip() for at in frame})
    frame = frame[(frame != "").any(axis=1)]
    names = layout.header[1:]
    if names and not names[-1] and (frame.iloc[:, -1] == "").all():
        names, frame = names[:-1], frame.iloc[:, :-1]
    repeated = pd.Index(names)[pd.Index(names).duplicated()].unique()
    if len(repeated):
        raise InputError.of(
            "duplicate-columns",
            f"{count(len(repeated), 'column', 'share')} a name",
            "one column per name",
            "rename or drop them",
            place=path,
            items=repeated,
        )
    sheet = frame.set_index(0).set_axis(names, axis=1).rename_axis(layout.header[0] if layout.has_corner else None)
    return sheet.mask(sheet.isin(MISSING))


def _require_size(frame: pd.DataFrame, layout: TextTable, n_sample_rows: int, path: Path) -> None:
    """Raise when a GCT file has another number of rows than its second line says."""
    if not (len(layout.comments) == 2 and layout.comments[0].startswith(GCT)):
        return
    size = layout.comments[1].split()
    found, expected = len(frame) - n_sample_rows, int(size[0]) if size and size[0].isdigit() else -1
    if found != expected:
        said = f"it has {count(found, 'row')}, its second line says {layout.comments[1].strip()!r}"
        fix = "copy or export it again, or correct the second line"
        raise InputError.of("cut-short", said, "as many rows as the second line says", fix, place=path)


def _open(path: Path) -> TextTable:
    """Return the layout of a text, or of the first sheet of a workbook."""
    return lay_out(sheet_as_text(path) if is_workbook(path) else read_text(path)[0], path)


def _parse(text: str, delimiter: str, path: Path, **how: Any) -> pd.DataFrame:
    """Return the cells below the header, read as ``how`` says to pandas."""
    try:
        how |= {"sep": delimiter, "skipinitialspace": delimiter == " "}
        frame: pd.DataFrame = pd.read_csv(io.StringIO(text), header=None, **how)
        return frame
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as reason:
        found = f"it cannot be read as a table: {str(reason).strip()}"
        raise InputError.of("broken-table", found, place=path) from None


def _parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file; its names are the index, or the first column when the index only counts."""
    with needed("pyarrow", "a Parquet file", instead="save it as text separated by tabs", place=str(path)):
        import pyarrow as pa

    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as reason:
        found = f"it cannot be read as Parquet: {str(reason).splitlines()[0]}"
        raise InputError.of("broken-parquet", found, place=path) from None
    counted = isinstance(frame.index, pd.RangeIndex) and frame.shape[1] > 0
    return frame.set_index(frame.columns[0]) if counted and not is_numeric_dtype(frame.dtypes.iloc[0]) else frame


def _numbers_from_parquet(path: Path, options: ViewOptions) -> NumericTable:
    frame = _parquet(path).reset_index()
    header = tuple("" if name == "index" else str(name) for name in frame.columns)
    cells = frame.set_axis(range(frame.shape[1]), axis=1)
    columns, _ = columns_of(header, (), str(path), path.name, options)
    kinds = cells.dtypes
    real = {at: "float64" for at in columns.values if is_float_dtype(kinds[at]) or is_integer_dtype(kinds[at])}
    text = cells[sorted(columns.text)].astype(object)
    cells = cells.astype(real)
    cells[text.columns] = text.astype(str).where(text.notna(), "")
    return to_numbers(cells, columns, (), str(path))
