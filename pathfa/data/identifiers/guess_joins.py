"""Which tables beside a view translate its features or name the subjects behind its samples."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathfa.data.identifiers.ids import strip_versions
from pathfa.data.io.tables import Table, read_sheet

_MOST = 0.5  # share of the names that a table must know


@dataclass(frozen=True, kw_only=True)
class Join:
    """A table, its column with the names of the view, and the column with those to use."""

    path: Path
    key: str | None
    column: str
    n_known: int


def feature_join(features: pd.Index, sheets: Mapping[Path, pd.DataFrame], genes: Collection[str]) -> Join | None:
    """Return the table that translates most features to members of the gene sets.

    Parameters
    ----------
    features
        Names of the features of a view, few of which are members of gene sets.
    sheets
        Tables by path, as :func:`read_sheets` returns them.
    genes
        Members of the gene sets.
    """
    if features.isin(genes).mean() > _MOST / 5:
        return None
    return _best(set(_stable(features)), sheets, genes, len(features), least=_MOST / 5)


def sample_join(samples: pd.Index, sheets: Mapping[Path, pd.DataFrame]) -> Join | None:
    """Return the table that names most samples of a view by rows of another of the tables."""
    found = []
    for path, sheet in sheets.items():
        others = {name for other, table in sheets.items() if other != path for name in table.index}
        if not samples.isin(others).any():
            join = _best(set(samples), {path: sheet}, others, len(samples), least=_MOST)
            found += [] if join is None else [join]
    return max(found, key=lambda join: join.n_known, default=None)


def describes_samples(table: Table, others: Collection[Table], genes: Collection[str]) -> bool:
    """Whether a table of numbers describes the samples of others: its rows are theirs, its columns no genes.

    Parameters
    ----------
    table
        The table.
    others
        The tables beside it.
    genes
        Members of the gene sets.
    """
    sides = [side for other in others for side in (other.rows, other.columns)]
    known = {name for side in sides for name in side}.union(genes)
    return (
        bool(genes)
        and len(table.columns) < len(table.rows)
        and not table.columns.isin(known).any()
        and any(table.rows.isin(side).mean() > _MOST for side in sides)
    )


def read_sheets(paths: Collection[Path]) -> dict[Path, pd.DataFrame]:
    """Return tables of text by path, with their first column as index."""
    return {path: read_sheet(path) for path in paths}


def _best(
    wanted: set[str], sheets: Mapping[Path, pd.DataFrame], targets: Collection[str], n: int, *, least: float
) -> Join | None:
    """Return the key and column that lead from most of the wanted names to targets."""
    found = []
    for path, sheet in sheets.items():
        keys: dict[str | None, pd.Index] = {None: _stable(sheet.index)}
        keys.update({str(name): _stable(pd.Index(sheet[name])) for name in sheet.columns})
        known = {name: int(values.isin(wanted).sum()) for name, values in keys.items()}
        key = max(known, key=lambda name: known[name])
        if known[key] < _MOST * n:
            continue
        rows = sheet[keys[key].isin(wanted)]
        hits = {name: int(rows[name].isin(targets).sum()) for name in sheet.columns if name != key}
        column = max(hits, key=lambda name: hits[name], default=None)
        if column is not None and hits[column] >= least * len(rows):
            found.append(Join(path=path, key=key, column=str(column), n_known=hits[column]))
    return max(found, key=lambda join: join.n_known, default=None)


def _stable(names: pd.Index) -> pd.Index:
    """Return names as they are looked up: text, without versions of Ensembl."""
    return strip_versions(pd.Index(["" if name is None else str(name) for name in names], dtype=object))
