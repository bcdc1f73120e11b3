"""The tables of a report: in the page, and as text beside it that a spreadsheet opens without running anything."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathfa.core.columns import holds_text
from pathfa.core.files import write_text
from pathfa.core.names import SEPARATOR, readable

MOST_CELLS = 400_000
"""Largest table that a page holds whole; of larger ones it holds the first rows, and the file beside it all."""
FIRST_CELLS = 80_000
"""Cells of those first rows."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
README = """Tables of the report beside this folder: tab-separated, UTF-8, one header line.

Numbers have six significant digits; an empty cell is a missing value.
A text that begins with = + - @ or a control character has an apostrophe (') in front, so that a spreadsheet does not
run it as a formula. Tabs and line breaks inside a text are spaces.
"""


_LEADING = (
    "covariate", "feature", "factor", "gene_set", "gene", "view", "effect", "lower", "upper", "contrast", "measure",
    "q", "n", "typical", "discordant_q", "status", "note",
)  # fmt: skip
"""Columns that come first, in this order: what a row is about, and what it says."""


def leading_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns that matter first.

    >>> list(leading_columns(pd.DataFrame(columns=["test", "q", "gene_set", "effect"])))
    ['gene_set', 'effect', 'q', 'test']
    """
    first = [name for name in _LEADING if name in table]
    return table[[*first, *(name for name in table if name not in first)]] if table.columns.is_unique else table


_NAMES = ("gene_set", "feature", "shown_under")
"""Columns that name gene sets; ``near_copies`` names several."""
ID = "gene_set_id"
"""Column with the names of gene sets as they were given."""


def spelled(table: pd.DataFrame, gene_sets: Collection[str]) -> pd.DataFrame:
    """Return a table that calls gene sets as figures and sentences do; column ``gene_set_id`` has their own names.

    >>> name = "HALLMARK_E2F_TARGETS"
    >>> spelled(pd.DataFrame({"gene_set": [name]}), [name]).iloc[0].tolist()
    ['E2F targets', 'HALLMARK_E2F_TARGETS']
    """
    shown = {name: readable(name) for name in gene_sets}
    if all(name == label for name, label in shown.items()):
        return table
    times = Counter([*shown.values(), *map(str, table.columns)])
    found = table.rename(columns={name: label for name, label in shown.items() if times[label] == 1})
    for name in [each for each in _NAMES if each in table]:
        found[name] = table[name].map(shown).fillna(table[name])
    if "near_copies" in table:
        copies = table["near_copies"].fillna("").str.split(SEPARATOR, regex=False)
        found["near_copies"] = [SEPARATOR.join(shown.get(name, name) for name in names) for names in copies]
    for name in [each for each in _NAMES[:2] if each in table and table[each].isin(list(shown)).any()][:1]:
        found[ID] = table[name].where(table[name].isin(list(shown)), "")
    return found


def files_of(report: str | Path) -> Path:
    """Return the folder beside a report that holds its tables: ``report_files`` for ``report.html``."""
    path = Path(report)
    return path.with_name(f"{path.stem}_files")


def status_path(report: str | Path) -> Path:
    """Return the status file of a report."""
    return files_of(report) / "status.json"


def tsv(table: pd.DataFrame) -> str:
    """Return a table as tab-separated text."""
    columns = [_texts(table.iloc[:, place]) for place in range(table.shape[1])]
    lines = ["\t".join(escape(str(name)) for name in table.columns)]
    lines += ["\t".join(row) for row in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, on one line."""
    flat = " ".join(text.split()) if any(char in text for char in "\t\r\n\x00") else text
    return f"'{flat}" if text.startswith(FORMULA_STARTS) else flat


def read_tsv(path: Path, wanted: Callable[[str], bool] = lambda _: True) -> pd.DataFrame:
    """Return the columns of a table that :func:`tsv` wrote whose names are wanted; names are as they were before."""
    table = pd.read_csv(path, sep="\t", usecols=wanted, na_values=[""], keep_default_na=False)
    texts = {str(name): column for name, column in table.items() if holds_text(column)}
    return table.assign(**{name: column.map(_unescape, na_action="ignore") for name, column in texts.items()})


def _unescape(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files by name into a folder, which takes the place of an earlier one when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        part.chmod(0o755)
        for name, text in texts.items():
            write_text(part / name, text)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _texts(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column.dtype):
        return ["" if np.isnan(value) else f"{value:.6g}" for value in column.to_numpy(dtype=float)]
    return [cell(value) for value in column]


def cell(value: object) -> str:
    """Return one value as the text of a table."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.6g}"
    return escape(str(value))


def table_data(table: pd.DataFrame, file: str, filters: Sequence[Any] = ()) -> dict[str, Any]:
    """Return a table by columns, with what can be asked of its rows (instances of dataclasses).

    Columns of repeated texts have each text once in ``levels``, and their places in ``codes``, -1 where there is none.
    """
    held = table.head(FIRST_CELLS // table.shape[1]) if table.size > MOST_CELLS else table
    columns = [_once(column_data(str(name), held.iloc[:, place])) for place, name in enumerate(held.columns)]
    return {"columns": columns, "total": len(table), "file": file, "filters": [asdict(item) for item in filters]}


def _once(column: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a column of texts with each text once, where that is shorter."""
    if column["kind"] != "text":
        return column
    codes, levels = pd.factorize(np.asarray(column["values"], dtype=object))
    if 2 * len(levels) > len(codes):
        return column
    return {"name": column["name"], "kind": "text", "levels": levels.tolist(), "codes": codes.tolist()}


def column_data(name: str, column: pd.Series) -> Mapping[str, Any]:
    """Return a column with its kind."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return {"name": name, "kind": "flag", "values": [bool(value) for value in column]}
    if pd.api.types.is_numeric_dtype(column.dtype):
        return {"name": name, "kind": "number", "values": [_number(value) for value in column.to_numpy()]}
    return {"name": name, "kind": "text", "values": [None if pd.isna(value) else str(value) for value in column]}


def _number(value: Any) -> float | int | None:
    if isinstance(value, int | np.integer):
        return int(value)
    return float(f"{value:.6g}") if np.isfinite(value) else None
