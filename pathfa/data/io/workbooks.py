"""Excel workbooks: the first sheet as the text of a table."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.needed import needed


def is_workbook(path: Path) -> bool:
    """Whether a file is an Excel workbook, by its name and content."""
    return path.suffix.lower() in (".xlsx", ".xlsm") and zipfile.is_zipfile(path)


def sheet_as_text(path: Path) -> str:
    """Return the first sheet of a workbook as tab-separated text.

    Raises
    ------
    InputError
        When the library that reads workbooks is not installed, or the workbook is damaged.
    """
    with needed("openpyxl", "an Excel workbook", instead="save it as text separated by tabs", place=str(path)):
        import openpyxl  # noqa: F401
    try:
        frame = pd.read_excel(path, header=None, dtype=object, keep_default_na=False, na_values=[])
    except Exception as reason:  # damaged workbooks make the library fail in every way
        found = f"the workbook cannot be read ({type(reason).__name__}: {str(reason)[:150]})"
        raise InputError.of("broken-workbook", found, "a complete workbook", "save it again", place=path) from None
    stream = io.StringIO()
    csv.writer(stream, delimiter="\t", lineterminator="\n").writerows(frame.fillna("").astype(str).to_numpy())
    return stream.getvalue()
