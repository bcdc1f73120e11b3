"""The sample sheet: covariates of the samples, whichever side of the table they are on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mudata as md
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, repaired, warning
from pathfa.core.schemas import schema as load_schema
from pathfa.core.schemas import validator
from pathfa.core.text import count, letters_and_digits, part_of
from pathfa.data.io.tables import read_sheet
from pathfa.data.io.typed import notes, with_numbers

_MOST = 0.5  # share of the names that must be known


def load_sheet(samples: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Return the sample sheet with names as text.

    Raises
    ------
    InputError
        When the sheet cannot be read, or a sample has no name; the message names the line.
    """
    if isinstance(samples, pd.DataFrame):
        sheet = samples
    else:
        sheet = read_sheet(samples)
        InputError.stop_on(check_rows(_records(sheet), "sample_sheet", str(samples)))
    return sheet.set_axis(sheet.index.astype(str)).set_axis(sheet.columns.astype(str), axis=1)


def check_rows(rows: Sequence[Mapping[Any, object]], schema: str, place: str) -> list[Finding]:
    """Return a finding for every row that the schema refuses, with its line in the file.

    Parameters
    ----------
    rows
        The rows below the header, as mappings from column names to cells.
    schema
        Name of the schema, such as ``"sample_sheet"``.
    place
        The file.
    """
    problems = validator(load_schema(schema)).iter_errors(list(rows))
    findings = []
    for problem in problems:
        path = list(problem.absolute_path)
        where = f"{place}, line {int(path[0]) + 2}" if path else place
        column = f"column {path[1]!r}: " if len(path) > 1 else ""
        expected = str(problem.schema.get("description", "")).rstrip(".")
        findings.append(error("sheet-row", f"{column}{problem.message}", expected, place=where))
    return findings


def _records(sheet: pd.DataFrame) -> list[dict[Any, object]]:
    """Return the rows as mappings, the first column as ``sample``, missing cells as None."""
    if sheet.shape[1] == 0:
        return [{"sample": None if name is None or name != name else str(name)} for name in sheet.index]
    cells = sheet.astype(object).where(sheet.notna(), None)
    cells.columns = cells.columns.astype(str)
    names = [None if name is None or name != name else str(name) for name in sheet.index]
    return [{**row, "sample": name} for name, row in zip(names, cells.to_dict("records"), strict=True)]


def oriented(sheet: pd.DataFrame, sides: Iterable[pd.Index], *, other_column: bool = True) -> pd.DataFrame:
    """Return the sheet with samples in rows: transposed if its columns, not its rows, are names of the views.

    Parameters
    ----------
    sheet
        The sheet as it was read.
    sides
        Names on both sides of every view.
    other_column
        Whether the samples may stand in another column than the first, such as SAMPLE_ID beside PATIENT_ID.
    """
    known = {name for side in sides for name in side}
    in_rows, in_columns = sum(sheet.index.isin(known)), sum(sheet.columns.isin(known))
    turned = sheet.T if in_columns > in_rows else sheet
    if not in_rows and not in_columns and other_column:
        turned = _named_by_another_column(sheet, known)
    if turned.index.has_duplicates:
        repeated = turned.index[turned.index.duplicated()].unique()
        found = f"{count(len(repeated), 'sample', 'occur')} in the sheet more than once"
        fix = "drop the surplus rows"
        raise InputError.of("duplicate-samples", found, "one row per sample", fix, place="sample sheet", items=repeated)
    return turned


def found_elsewhere(sheet: pd.DataFrame, turned: pd.DataFrame, place: str) -> list[Finding]:
    """Return the finding that the samples stand in another column than the first, where :func:`oriented` found them."""
    column = turned.index.name
    if column is None or column not in sheet.columns or column == sheet.index.name:
        return []
    found = f"the samples were found in column {column!r}, not in the first"
    return [repaired("samples-in-column", found, place=place, items=list(turned.index))]


def _named_by_another_column(sheet: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """Return the sheet with the column as index that contains most of the known names, if one does."""
    hits = {name: int(column.isin(known).sum()) for name, column in _texts(sheet).items() if column.is_unique}
    best = max(hits, key=lambda name: hits[name], default="")
    if not hits.get(best):
        return sheet
    label = str(sheet.index.name or "sample")
    return sheet[sheet[best].notna()].rename_axis(index=label).reset_index().set_index(best)


def _texts(sheet: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the columns of nothing but text, which may hold names, without what is missing."""
    known = {str(name): column.dropna() for name, column in sheet.items()}
    return {name: cells for name, cells in known.items() if cells.map(lambda cell: isinstance(cell, str)).all()}


def columns_of_views(sheet: pd.DataFrame, sides: Mapping[str, tuple[pd.Index, pd.Index]]) -> dict[str, str]:
    """Return by view the column of the sheet that has the names of its samples, where views are named differently.

    Parameters
    ----------
    sheet
        The sheet as it was read.
    sides
        By view the names on both of its sides.

    Returns
    -------
    dict
        Empty unless every view has its names in the sheet, not all of them in one column; without those that have
        them in the first column.
    """
    first = ""
    columns = {first: pd.Series(sheet.index), **_texts(sheet)}
    own = {name: set(column) for name, column in columns.items() if column.is_unique}
    chosen = {}
    for view, pair in sides.items():
        hits = {name: max(int(side.isin(known).sum()) for side in pair) for name, known in own.items()}
        best = max(hits, key=lambda name: hits[name], default=first)
        if not hits.get(best) or hits[best] < _MOST * len(own[best]):
            return {}
        chosen[view] = best
    return {view: name for view, name in chosen.items() if name != first} if len(set(chosen.values())) > 1 else {}


def respelled(sheet: pd.DataFrame, names: pd.Index, place: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the sheet with its samples spelt as the cohort has them, where none is, and what was done.

    Names are the same when their letters and digits are, whatever their case; most have to be, and each only once.

    Parameters
    ----------
    sheet
        The sheet, samples in rows.
    names
        The samples of the cohort.
    place
        The sheet, for the message.
    """
    spelled = {letters_and_digits(str(name)): str(name) for name in names}
    own = {name: letters_and_digits(str(name)) for name in sheet.index}
    found = {name: spelled[plain] for name, plain in own.items() if plain in spelled}
    enough = len(found) >= _MOST * min(len(sheet), len(names)) and found
    if sheet.index.isin(names).any() or not enough or len({spelled[own[name]] for name in found}) < len(found):
        return sheet, []
    said = f"{part_of(len(found), len(sheet), 'sample', 'are')} spelt otherwise: taken for those of the same letters"
    pairs = [f"{name} = {other}" for name, other in found.items()]
    told = repaired("samples-respelled", f"{said} and digits", place=place, items=pairs)
    return sheet.set_axis([found.get(name, name) for name in sheet.index]), [told]


def add_sheet(cohort: md.MuData, sheet: pd.DataFrame) -> list[Finding]:
    """Write the columns of the sheet to ``obs`` of the cohort, and say which samples lack a row."""
    names = cohort.obs_names
    sheet, findings = respelled(sheet, names, "sample sheet")
    known = names.isin(sheet.index)
    if not known.any():
        findings.append(
            error(
                "sheet-without-samples",
                f"none of {count(len(names), 'sample')} is in the sample sheet",
                f"names such as {', '.join(map(repr, sheet.index[:3]))}",
                "join the names with sample_rule, sample_table or sample_column",
                place="sample sheet",
                examples=names,
            )
        )
    elif not known.all():
        lacking = names[~known]
        found = f"{part_of(len(lacking), len(names), 'sample', 'are')} not in the sheet; their covariates are missing"
        findings.append(warning("samples-without-row", found, place="sample sheet", items=lacking))
    findings += notes(sheet.reindex(names), "sample sheet")
    columns = with_numbers(sheet.reindex(names)) if len(sheet.columns) else sheet.reindex(names)
    kept = cohort.obs[[column for column in cohort.obs.columns if column not in columns.columns]]
    cohort.obs = pd.concat([kept, columns], axis=1)
    return findings
