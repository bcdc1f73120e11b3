"""Tables on disk: names stay text, values are numbers or an error."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_integer_dtype, is_numeric_dtype

from pathfa.core.errors import InputError
from pathfa.core.files import require_file
from pathfa.core.findings import Finding, repaired
from pathfa.core.text import count, inflect
from pathfa.data.io.text_files import read_text

MISSING = ("", "NA", "NaN", "nan", "null", "NULL", "None", "N/A", "n/a", "#N/A", "<NA>")
DECIMAL_COMMAS = "write decimal points instead of commas"  # the fix where commas may also mean thousands
_DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons"}
_PARQUET = (".parquet", ".pq")
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


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
    """

    rows: pd.Index
    columns: pd.Index
    values: np.ndarray
    findings: tuple[Finding, ...] = ()


def read_numbers(path: str | Path) -> NumericTable:
    """Read a table whose first column and first row are names and whose other cells are numbers.

    Parameters
    ----------
    path
        TSV or CSV, plain or gzipped, or Parquet.

    Raises
    ------
    MissingInputError
        When there is no such file.
    InputError
        When it is no such table: wrong delimiter, rows of unequal length, cells that are not numbers.
    """
    path = require_file(path)
    if path.suffix.lower() in _PARQUET:
        return _numbers_from_parquet(path)
    text, delimiter, header, width, findings = _open(path)
    names = header[1:] if len(header) == width else header
    frame = _parse(
        text,
        delimiter,
        path,
        dtype={0: str},
        na_values={column: list(MISSING) for column in range(1, width)},
        keep_default_na=False,
        float_precision="round_trip",
        low_memory=False,
    )
    rows = pd.Index(frame[0], dtype=object)
    numbers = frame.drop(columns=0)
    if (read := _decimal_commas(numbers)) is not None:
        numbers = read
        findings.append(repaired("decimal-commas", "commas were read as decimal points", place=path))
    _require_numbers(numbers, rows, names, path)
    return NumericTable(
        rows=rows,
        columns=pd.Index(names, dtype=object),
        values=numbers.to_numpy(dtype=np.float64),
        findings=tuple(findings),
    )


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
    text, delimiter, header, width, _ = _open(path)
    frame = _parse(text, delimiter, path, dtype=str, na_filter=False)
    names = header[1:] if len(header) == width else header
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
    sheet = frame.set_index(0).set_axis(names, axis=1).rename_axis(header[0] if len(header) == width else None)
    return sheet.mask(sheet.isin(MISSING))


def with_numbers(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return descriptions with the columns that are numbers throughout, also with decimal commas, as numbers.

    A column with codes such as ``001`` stays text; an empty one becomes numbers, which every container can store.
    """
    columns = {}
    for name in sheet.columns:
        column = sheet[name]
        if has_decimal_commas(column.dropna().astype(str)):
            column = column.where(column.isna(), column.astype(str).str.replace(",", "."))
        numbers = pd.to_numeric(column, errors="coerce")
        codes = column.dropna().astype(str).str.fullmatch(r"[+-]?0\d+").any()
        plain = bool((numbers.isna() == column.isna()).all())
        columns[name] = numbers if plain and not codes else column
    return pd.DataFrame(columns, index=sheet.index)


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Return whether the commas in some cells are decimal commas and nothing else.

    They are when every cell is a whole number or has one comma between digits, and some of them, such as ``0,5``,
    cannot mean thousands.
    """
    sure = False
    for cell in cells:
        if _COMMA.fullmatch(cell):
            sure = sure or not _THOUSANDS.fullmatch(cell)
        elif not _WHOLE.fullmatch(cell):
            return False
    return sure


def _decimal_commas(table: pd.DataFrame) -> pd.DataFrame | None:
    """Return a table with its text as numbers if all of it has decimal commas, and no number a point; else None."""
    numbers = table.select_dtypes("float").to_numpy()
    text = [name for name, column in table.items() if column.dtype.kind not in "iufb"]
    cells = {cell for name in text for cell in table[name].dropna().unique()}
    if not cells or not all(isinstance(cell, str) for cell in cells) or not has_decimal_commas(cells):
        return None
    if (numbers[np.isfinite(numbers)] % 1 != 0).any():
        return None
    read = table.copy()
    for name in text:
        read[name] = pd.to_numeric(table[name].str.replace(",", "."))
    return read


def _open(path: Path) -> tuple[str, str, list[str], int, list[Finding]]:
    """Return the text, its delimiter, header and number of cells per row."""
    text = read_text(path)[0].lstrip("\r\n")
    delimiter, findings = _delimiter(text, path)
    header, width = _shape(text, delimiter, path)
    return text, delimiter, header, width, findings


def _delimiter(text: str, path: Path) -> tuple[str, list[Finding]]:
    """Return the delimiter that the first line uses most."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    counts = {delimiter: first.count(delimiter) for delimiter in _DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    if counts[best] == 0:
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


def _shape(text: str, delimiter: str, path: Path) -> tuple[list[str], int]:
    """Return the header and the number of cells of every row; rows of other lengths are an error."""
    if '"' in text:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
        except csv.Error as reason:
            raise InputError.of("broken-table", f"it cannot be split into cells: {reason}", place=path) from None
    else:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        widths = [line.count(delimiter) + 1 for line in lines if line]
    header = next(row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row)
    if len(widths) < 2:
        raise InputError.of("no-rows", "it has a header and no row", "a table of numbers", place=path)
    body = widths[1:]
    width = max(set(body), key=body.count)
    odd = [f"header: {len(header)} cells"] if len(header) not in (width, width - 1) else []
    odd += [f"line {number}: {cells} cells" for number, cells in enumerate(body, start=2) if cells != width]
    if odd or width < 2:
        raise InputError.of(
            "ragged-rows",
            f"{count(len(odd), 'line', 'have')} another number of cells than the others",
            f"{width} cells in each",
            "repair these lines; a file that was cut short ends in such a line",
            place=path,
            items=odd,
        )
    return header, width


def _parse(text: str, delimiter: str, path: Path, **how: Any) -> pd.DataFrame:
    """Return the cells below the header, read as ``how`` says to pandas."""
    try:
        frame: pd.DataFrame = pd.read_csv(io.StringIO(text), sep=delimiter, header=None, skiprows=1, **how)
        return frame
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as reason:
        found = f"it cannot be read as a table: {str(reason).strip()}"
        raise InputError.of("broken-table", found, place=path) from None


def _require_numbers(numbers: pd.DataFrame, rows: pd.Index, names: Sequence[object], path: Path) -> None:
    """Raise when cells are not numbers, with the first of them and where they are."""
    cells: list[str] = []
    texts: list[str] = []
    n_cells = 0
    for position, (_, column) in enumerate(numbers.items()):
        if column.dtype.kind in "iuf":
            continue
        text = column.astype(object)
        strange = text.notna() & (pd.to_numeric(text.astype(str), errors="coerce").isna() | (column.dtype.kind == "b"))
        strange |= text.map(type).isin([bool])
        if not strange.any() and column.dtype.kind == "O":
            strange = text.notna()  # whole numbers too large for 64 bits
        n_cells += int(strange.sum())
        at = int(np.flatnonzero(strange.to_numpy())[0])
        texts.append(str(text.iloc[at]))
        cells.append(f"{text.iloc[at]} (row {rows[at]}, column {names[position]})")
    if not cells:
        return
    commas = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", text)) for text in texts)
    fix = "move descriptions to the sample sheet; write missing values as NA or leave them empty"
    where = f"{len(cells)} of {count(numbers.shape[1], 'column')}"
    raise InputError.of(
        "non-numeric",
        f"{count(n_cells, 'cell')} in {where} {inflect(n_cells, 'contain')} no number",
        "numbers, and NA or nothing where missing",
        DECIMAL_COMMAS if commas * 2 > len(texts) else fix,
        place=path,
        examples=cells,
        count=n_cells,
    )


def _parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file; its names are the index, or the first column when the index only counts."""
    import pyarrow as pa

    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as reason:
        found = f"it cannot be read as Parquet: {str(reason).splitlines()[0]}"
        raise InputError.of("broken-parquet", found, place=path) from None
    counted = isinstance(frame.index, pd.RangeIndex) and frame.shape[1] > 0
    return frame.set_index(frame.columns[0]) if counted and not is_numeric_dtype(frame.dtypes.iloc[0]) else frame


def _numbers_from_parquet(path: Path) -> NumericTable:
    frame = _parquet(path)
    names = [str(name) for name in frame.columns]
    rows = pd.Index([str(name) for name in frame.index], dtype=object)
    numbers = frame.set_axis(range(frame.shape[1]), axis=1)
    real = [name for name, kind in numbers.dtypes.items() if is_float_dtype(kind) or is_integer_dtype(kind)]
    numbers = numbers.astype(dict.fromkeys(real, "float64"))
    _require_numbers(numbers, rows, names, path)
    return NumericTable(rows=rows, columns=pd.Index(names, dtype=object), values=numbers.to_numpy(dtype=np.float64))
