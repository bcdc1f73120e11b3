"""Gene sets from tables: one member per row, with weights, or a matrix of features and sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pathfa.core.errors import GeneSetError
from pathfa.core.grammar import count
from pathfa.data.gene_sets.collection import GeneSets, Members
from pathfa.data.io.rows import check_rows
from pathfa.data.io.tables import read_sheet
from pathfa.data.io.text_files import sha256_of

_SETS = ("source", "pathway", "gene_set", "geneset", "set", "term")
_MEMBERS = ("target", "gene", "symbol", "genesymbol", "gene_symbol", "member", "feature")
_WEIGHTS = ("weight", "score", "mor")


def read_gene_set_table(
    path: str | Path,
    *,
    set_column: str | None = None,
    member_column: str | None = None,
    weight_column: str | None = None,
    max_members: int | None = None,
) -> GeneSets:
    """Read gene sets from a table with one member per row, such as the weights of PROGENy.

    Parameters
    ----------
    path
        TSV, CSV or Parquet.
    set_column, member_column, weight_column
        Columns; by default those with usual names (source, target, weight). Without a column of weights
        all members count alike.
    max_members
        Keep only so many members of each set, those with the largest weights in size.

    Raises
    ------
    GeneSetError
        When a column or name is missing, a weight is not a number, or a set names a member twice.
    """
    table = read_sheet(path).reset_index()
    columns = {str(name).lower(): name for name in table.columns}
    set_name = _column(columns, set_column, _SETS, "gene sets", path)
    member = _column(columns, member_column, _MEMBERS, "members", path)
    usual = next((columns[name] for name in _WEIGHTS if name in columns), None)
    weight = usual if weight_column is None else _column(columns, weight_column, (), "weights", path)
    names = table[[set_name, member]].astype(object)
    rows = names.where(names.notna(), None).set_axis(["source", "target"], axis=1).to_dict("records")
    GeneSetError.stop_on(check_rows(rows, "gene_set_sheet", str(path)))
    repeated = table[table.duplicated([set_name, member])]
    if len(repeated):
        shown = (repeated[member] + " in " + repeated[set_name]).tolist()
        raise GeneSetError.of(
            "repeated-members",
            f"{count(len(shown), 'member', 'stand')} twice in a set",
            "each once",
            place=path,
            examples=shown,
        )
    if weight is None:
        groups = {str(name): tuple(group[member].astype(str)) for name, group in table.groupby(set_name, sort=False)}
        return GeneSets(groups, source=str(path), sha256=sha256_of(path))
    numbers = pd.to_numeric(table[weight], errors="coerce")
    if not np.isfinite(numbers).all():
        shown = table.loc[~np.isfinite(numbers), weight].tolist()
        raise GeneSetError.of(
            "weights-not-numbers",
            f"{count(len(shown), 'weight', 'hold')} no number",
            "a number each",
            place=path,
            examples=shown,
        )
    table = table.assign(**{weight: numbers})
    sets: dict[str, Members] = {}
    for name, group in table.groupby(set_name, sort=False):
        order = group[weight].abs().sort_values(ascending=False, kind="stable").index
        kept = group if max_members is None else group.loc[order[:max_members]]
        sets[str(name)] = dict(zip(kept[member].astype(str), kept[weight].astype(float), strict=True))
    return GeneSets(sets, source=str(path), sha256=sha256_of(path))


def read_gene_set_matrix(path: str | Path) -> GeneSets:
    """Read gene sets from a matrix with features in rows and sets in columns.

    Parameters
    ----------
    path
        TSV, CSV or Parquet. Cells are True/False, 0/1 or weights; 0, False and empty cells are no member.

    Raises
    ------
    GeneSetError
        When a cell is none of these, or no set has a member.
    """
    table = read_sheet(path)
    text = table.fillna("0").astype(str).replace({"True": "1", "False": "0", "TRUE": "1", "FALSE": "0"})
    numbers = text.apply(pd.to_numeric, errors="coerce")
    strange = numbers.isna().to_numpy()
    if strange.any():
        shown = text.to_numpy()[strange].tolist()
        raise GeneSetError.of(
            "weights-not-numbers",
            f"{count(len(shown), 'cell', 'hold')} no number",
            "0/1 or weights",
            place=path,
            examples=shown,
        )
    weighted = bool((~numbers.isin([0, 1])).to_numpy().any())
    sets: dict[str, Members] = {}
    for name in numbers.columns:
        column = numbers[name][numbers[name] != 0]
        if len(column):
            members = {str(member): float(value) for member, value in column.items()}
            sets[str(name)] = members if weighted else tuple(members)
    return GeneSets(sets, source=str(path), sha256=sha256_of(path))


def _column(columns: dict[str, str], wanted: str | None, usual: tuple[str, ...], what: str, path: str | Path) -> str:
    if wanted is None:
        found = next((columns[name] for name in usual if name in columns), None)
    else:
        found = columns.get(wanted.lower())
    if found is None:
        said = f"there is no column {wanted!r}" if wanted else f"no column holds the {what}"
        expected = f"one such as {' or '.join(usual[:2])}"
        raise GeneSetError.of("no-such-column", said, expected, place=path, examples=columns.values())
    return found
