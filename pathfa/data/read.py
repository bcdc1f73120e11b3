"""Files to MuData: names stay text, numbers are numbers or an error."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anndata as ad
import mudata as md
import pandas as pd

from pathfa.data.findings import error, examples, stop_on_errors
from pathfa.data.parts import DECLARED
from pathfa.errors import Finding, InputError, MissingInputError

_TABLES = (".tsv", ".csv", ".txt", ".tsv.gz", ".csv.gz", ".txt.gz")
_NA = ("", "NA", "NaN", "nan", "null", "None", "N/A", "#N/A")


def read_cohort(
    source: str | Path | Mapping[str, Any] | ad.AnnData | md.MuData, *, samples: str | Path | pd.DataFrame | None = None
) -> md.MuData:
    """Return a cohort as MuData.

    Parameters
    ----------
    source
        Path of an ``.h5mu`` or ``.h5ad`` file, or a mapping from view names to paths, AnnData or DataFrames
        (samples x features). Tables on disk have features in rows and samples in columns.
    samples
        Sample sheet: a table whose first column names the samples, or a DataFrame with the samples as index.

    Raises
    ------
    MissingInputError
        If a file does not exist.
    InputError
        If a file cannot be read.
    """
    inputs: list[dict[str, str]] = []
    if isinstance(source, str | Path):
        cohort = _read_container(Path(source), inputs)
    elif isinstance(source, md.MuData):
        cohort = source
    elif isinstance(source, ad.AnnData):
        cohort = _join({"view": source})
    else:
        cohort = _join({str(name): _as_anndata(str(name), item, inputs) for name, item in source.items()})
    if samples is not None:
        sheet = samples if isinstance(samples, pd.DataFrame) else _read_sheet(Path(samples), inputs)
        for column in sheet.columns:
            cohort.obs[column] = sheet[column].reindex(cohort.obs_names)
    cohort.uns[DECLARED] = {**cohort.uns.get(DECLARED, {}), "inputs": json.dumps(inputs)}
    return cohort


def _read_container(path: Path, inputs: list[dict[str, str]]) -> md.MuData:
    _must_exist(path)
    inputs.append(_checksum(path))
    try:
        if path.suffix == ".h5mu":
            return md.read_h5mu(path)
        if path.suffix == ".h5ad":
            return _join({path.stem: ad.read_h5ad(path)})
    except (OSError, KeyError) as problem:
        raise InputError(findings=[_unreadable(path, str(problem).splitlines()[0], "an HDF5 file")]) from problem
    raise InputError(findings=[_unreadable(path, f"a file that ends in '{path.suffix}'", ".h5mu or .h5ad")])


def _as_anndata(name: str, item: object, inputs: list[dict[str, str]]) -> ad.AnnData:
    if isinstance(item, ad.AnnData):
        return item
    if isinstance(item, pd.DataFrame):
        return ad.AnnData(item.set_axis(item.index.astype(str)).set_axis(item.columns.astype(str), axis=1))
    path = Path(str(item))
    _must_exist(path)
    inputs.append(_checksum(path))
    if path.suffix == ".h5ad":
        return ad.read_h5ad(path)
    if not path.name.endswith(_TABLES):
        raise InputError(findings=[_unreadable(path, f"a file that ends in '{path.suffix}'", ", ".join(_TABLES))])
    return ad.AnnData(read_table(path, name).T)


def read_table(path: Path, view: str = "") -> pd.DataFrame:
    """Return a table of numbers with names in its first column and row, both as text.

    Raises
    ------
    InputError
        If it is not such a table.
    """
    text = _read_text(path)
    numbers: pd.DataFrame = text.apply(pd.to_numeric, errors="coerce")
    strange = numbers.isna() & ~text.isin(_NA) & text.notna()
    if strange.to_numpy().any():
        column = strange.columns[strange.any().to_numpy()][0]
        row = strange.index[strange[column].to_numpy()][0]
        finding = error(
            "non-numeric",
            f"{int(strange.to_numpy().sum())} values are not numbers",
            expected="numbers, NA or nothing where missing",
            fix="move descriptions to the sample sheet",
            place=str(path),
            view=view,
            examples=examples([f"{text.loc[[row], column].iloc[0]} (row {row}, column {column})"]),
        )
        raise InputError(findings=[finding])
    return numbers


def _read_sheet(path: Path, inputs: list[dict[str, str]]) -> pd.DataFrame:
    _must_exist(path)
    inputs.append(_checksum(path))
    text = _read_text(path).replace(list(_NA), pd.NA)
    for column in text.columns:
        numbers = pd.to_numeric(text[column], errors="coerce")
        if bool((numbers.isna() == text[column].isna()).all()):
            text[column] = numbers
    return text


def _read_text(path: Path) -> pd.DataFrame:
    separator = "," if ".csv" in path.suffixes else "\t"
    try:
        table = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, na_filter=False)
    except (OSError, UnicodeDecodeError, EOFError, pd.errors.ParserError, pd.errors.EmptyDataError) as problem:
        raise InputError(findings=[_unreadable(path, str(problem).splitlines()[0], "a table")]) from problem
    if table.shape[1] < 2:
        raise InputError(findings=[_unreadable(path, "one column", f"columns separated by {separator!r}")])
    table = table.set_index(table.columns[0])
    duplicates = list(table.columns[table.columns.duplicated()])
    stop_on_errors(
        [error("duplicate-columns", "columns share a name", place=str(path), examples=examples(duplicates))]
        if duplicates
        else []
    )
    return table


def _join(parts: dict[str, ad.AnnData]) -> md.MuData:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*var_names are not unique.*")
        return md.MuData(parts)


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise MissingInputError(
            findings=[
                error(
                    "missing-file", "no such file", expected="an existing file", fix="check the path", place=str(path)
                )
            ]
        )


def _checksum(path: Path) -> dict[str, str]:
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _unreadable(path: Path, found: str, expected: str) -> Finding:
    return error("unreadable-file", found, expected=expected, fix="check the file and its format", place=str(path))
