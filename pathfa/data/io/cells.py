"""Cells that should be numbers: blanks, placeholders and decimal commas, and what is said of those that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, repaired
from pathfa.core.text import count, inflect

MISSING = ("", "NA", "NaN", "nan", "null", "NULL", "None", "N/A", "n/a", "#N/A", "<NA>")
PLACEHOLDERS = (
    "[Not Available]", "[Not Applicable]", "[Not Evaluated]", "[Unknown]", "[Discrepancy]", "'--", "--", "-", "Unknown",
    "unknown", "UNKNOWN", "not reported", "Not Reported", "not available", "Not Available", "Filtered", "#DIV/0!",
    "#NUM!", "#VALUE!", "#REF!", "#NAME?", "#NULL!",
)  # fmt: skip
"""What programs and portals write where there is no value, beside the words that pandas knows."""
NOT_MEASURED = (
    "ND", "N.D.", "n.d.", "nd", "n.d", "not detected", "Not detected", "Not Detected", "missing", "Missing", ".", "..",
    "?", "---",
)  # fmt: skip
"""What stands for a value that was not measured among numbers; in a sheet these may be groups."""
DECIMAL_COMMAS = "write decimal points instead of commas, or no commas if they mean thousands"  # which is not known
_THOUSANDS_FIX = "write numbers without commas between thousands"
_FIRST = 20  # cells that are looked at first, to tell a column of numbers at once
_LONG = "name the columns of a table with one value per row in feature_column, long_samples and long_values"
_REPEATED = 0.5  # share of repeated names from which a table is taken for one with one value per row
COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
LIMIT = re.compile(r"[<>≤≥]=?\s*[+-]?[\d.,]+.*|(?i:([<>]|below )?\s*(LL?O[DQ]|ULOQ|BLQ|BDL|BLOD|BLOQ))")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3}){2,}(\.\d+)?|[+-]?[1-9]\d{0,2},\d{3}\.\d+")
PERCENT = re.compile(r"[+-]?[\d.,]+\s*%")


def is_text(column: pd.Series) -> bool:
    """Whether no cell of a column is a number, and half of them or more are text."""
    if column.dtype.kind in "iuf" or pd.to_numeric(column[:_FIRST].astype(str), errors="coerce").notna().any():
        return False
    cells = _cleaned(column).dropna().astype(str)
    return 2 * len(cells) >= max(1, len(column)) and not (
        pd.to_numeric(cells, errors="coerce").notna().any()
        or cells.str.fullmatch(f"{COMMA.pattern}|{LIMIT.pattern}|{PERCENT.pattern}").any()
    )


def _cleaned(column: pd.Series, marks: str = " ") -> pd.Series:
    """Return cells without blanks around them, and missing where a placeholder stands."""
    if column.dtype.kind in "iufb":
        return column
    cells = column.astype(object)
    text = cells.map(lambda cell: cell.strip() if isinstance(cell, str) else cell) if " " in marks else cells
    return text.mask(text.isin([*MISSING, *PLACEHOLDERS, *NOT_MEASURED]))


def _marks(cells: pd.Series) -> str:
    """Return which of blank and comma are in some cells; much faster than to look into each."""
    text = "".join([cell for cell in cells if isinstance(cell, str)])
    return "".join(mark for mark in " ," if mark in text)


def as_numbers(cells: pd.DataFrame, place: str, said: list[Finding]) -> pd.DataFrame:
    """Return cells as numbers where all of a column are, without blanks, placeholders and decimal commas."""
    strange = [at for at, dtype in cells.dtypes.items() if dtype.kind not in "iufb"]
    marks = {at: _marks(cells[at]) for at in strange}
    cleaned = {at: _cleaned(cells[at], marks[at]) for at in strange}
    placed = [cell for at in strange for cell in cells[at][cleaned[at].isna() & cells[at].notna()]]
    placed = [cell for cell in placed if cell.strip() not in MISSING]
    said += placeholders_found([cell.strip() for cell in placed], place)
    read = cells.copy() if strange else cells
    for at in strange:
        read[at] = cleaned[at]
    has_commas = any("," in each for each in marks.values())
    if has_commas and (commas := _decimal_commas(read)) is not None:
        said.append(repaired("decimal-commas", "commas were read as decimal points", place=place))
        return commas
    for at in strange:
        if pd.to_numeric(read[at], errors="coerce").notna().equals(read[at].notna()) and not _has_bool(read[at]):
            read[at] = read[at].astype(np.float64)
    return read


def placeholders_found(cells: Sequence[str], place: str) -> list[Finding]:
    """Return the finding that cells say in words that there is no value, if some do."""
    words = ", ".join(map(repr, dict.fromkeys(cells)))
    found = f"{count(len(cells), 'cell', 'say')} {words}: read as missing"
    return [repaired("placeholders", found, place=place, count=len(cells))] if cells else []


def _has_bool(column: pd.Series) -> bool:
    return bool(column.map(type).isin([bool]).any())


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Return whether the commas in some cells are decimal commas and nothing else.

    They are when every cell is a whole number or has one comma between digits, and some of them, such as ``0,5``,
    cannot mean thousands.
    """
    sure = False
    for cell in cells:
        if COMMA.fullmatch(cell):
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
        read[name] = table[name].str.replace(",", ".").astype(np.float64)
    return read


def require_numbers(numbers: pd.DataFrame, rows: pd.Index, names: Sequence[object], place: str) -> None:
    """Raise when cells are not numbers, with the first of them and where they are."""
    cells: list[str] = []
    texts: list[str] = []
    n_strange = n_numbers = 0
    for position, (_, column) in enumerate(numbers.items()):
        if column.dtype.kind in "iuf":
            continue
        text = column.astype(object)
        strange = text.notna() & pd.to_numeric(text.astype(str), errors="coerce").isna()  # True and False are words
        if not strange.any() and column.dtype.kind == "O":
            strange = text.notna()  # whole numbers too large for 64 bits
        n_strange += int(strange.sum())
        n_numbers += int((text.notna() & ~strange).sum())
        at = int(np.flatnonzero(strange.to_numpy())[0])
        texts.append(str(text.iloc[at]))
        cells.append(f"{text.iloc[at]} (row {rows[at]}, column {names[position]})")
    if not cells:
        return
    where = f"{len(cells)} of {count(numbers.shape[1], 'column')}"
    found = f"{count(n_strange, 'cell')} in {where} {inflect(n_strange, 'contain')} no number"
    if n_numbers:
        others = "1 other there is a number" if n_numbers == 1 else f"{n_numbers:,} others there are numbers"
        found += f" ({others})"
    raise InputError.of(
        "non-numeric",
        found,
        "numbers, and NA or nothing where missing",
        _LONG if rows.duplicated().mean() > _REPEATED else _fix(texts),
        place=place,
        examples=cells,
        count=n_strange,
    )


def _fix(texts: Sequence[str]) -> str:
    """Return what to do about cells that are no numbers, by what most columns with such cells contain."""
    for pattern, fix in (
        (_GROUPED, _THOUSANDS_FIX),
        (COMMA, DECIMAL_COMMAS),
        (LIMIT, "write NA where a value is beyond a limit, and name the view in left_censored if it was too low"),
        (PERCENT, "write numbers without the percent sign"),
    ):
        if 2 * sum(pattern.fullmatch(text) is not None for text in texts) > len(texts):
            return fix
    return (
        "move descriptions to the sample sheet, or name columns that are no samples in drop_columns; "
        "write missing values as NA or leave them empty"
    )
