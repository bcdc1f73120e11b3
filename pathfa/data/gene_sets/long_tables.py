"""Gene sets from tables with one member per row, on disk or in memory."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from pathfa.core.errors import GeneSetError
from pathfa.core.findings import repaired
from pathfa.core.text import count
from pathfa.data.gene_sets.collection import GeneSets, Members
from pathfa.data.io.sheet import check_rows
from pathfa.data.io.tables import read_sheet
from pathfa.data.io.text_files import read_text, sha256_of

_SETS = ("source", "pathway", "gsname", "geneset", "set", "setname", "term", "signature")
_MEMBERS = ("target", "genesymbol", "gene", "symbol", "hgncsymbol", "member", "feature", "site")
_WEIGHTS = ("weight", "score", "mor", "sign")


def is_long_table(path: str | Path) -> bool:
    """Whether the first line of a text names a column of gene sets and one of members."""
    first = read_text(path, kind=GeneSetError)[0].lstrip().partition("\n")[0]
    cells = {_plain(cell) for cell in re.split("[\t,;]", first)}
    return not cells.isdisjoint(_SETS) and not cells.isdisjoint(_MEMBERS)


def read_gene_set_table(
    source: str | Path | pd.DataFrame,
    *,
    set_column: str | None = None,
    member_column: str | None = None,
    weight_column: str | None = None,
    max_members: int | None = None,
) -> GeneSets:
    """Read gene sets from a table with one member per row, as of decoupler and msigdbr, or the weights of PROGENy.

    Parameters
    ----------
    source
        TSV, CSV or Parquet, or a DataFrame.
    set_column, member_column, weight_column
        Columns; by default those with usual names: source, target and weight of decoupler, gs_name and gene_symbol of
        msigdbr, geneset and genesymbol of OmniPath. Without a column of weights all members count alike.
    max_members
        Keep only so many members of each set, those with the largest weights in size.

    Raises
    ------
    GeneSetError
        When a column or name is missing, a weight is not a number, or a set names a member twice with other weights.

    Examples
    --------
    >>> table = pd.DataFrame({"source": "A", "target": ["MX1", "OAS1"], "weight": [1.0, -0.5]})
    >>> read_gene_set_table(table).weights("A").tolist()
    [1.0, -0.5]
    """
    in_memory = isinstance(source, pd.DataFrame)
    table = source.reset_index() if isinstance(source, pd.DataFrame) else read_sheet(source).reset_index()
    path = "the table of gene sets" if in_memory else str(source)
    columns = {_plain(name): name for name in reversed(table.columns)}
    set_name = _column(columns, set_column, _SETS, "gene sets", path)
    member = _column(columns, member_column, _MEMBERS, "members", path)
    weights = {name: column for name, column in columns.items() if column not in (set_name, member)}
    usual = next((weights[name] for name in _WEIGHTS if name in weights), None)
    weight = usual if weight_column is None else _column(columns, weight_column, (), "weights", path)
    names = table[[set_name, member]].astype(object)
    rows = names.where(names.notna(), None).set_axis(["source", "target"], axis=1).to_dict("records")
    GeneSetError.stop_on(check_rows(rows, "gene_set_sheet", path))
    counted = [set_name, member] if weight is None else [set_name, member, weight]
    once = table.drop_duplicates(counted)
    findings = []
    if len(once) < len(table):
        said = f"{count(len(table) - len(once), 'member', 'were')} counted once: twice in the set"
        findings = [repaired("repeated-members", said, place=path)]
        table = once
    repeated = table[table.duplicated([set_name, member])]
    if len(repeated):
        shown = (repeated[member] + " in " + repeated[set_name]).tolist()
        raise GeneSetError.of(
            "repeated-members",
            f"{count(len(shown), 'member', 'occur')} twice in a set, with other weights",
            "each once",
            place=path,
            examples=shown,
        )
    sha256 = "" if in_memory else sha256_of(path)
    if weight is None:
        groups = {str(name): tuple(group[member].astype(str)) for name, group in table.groupby(set_name, sort=False)}
        return GeneSets(groups, source=path, sha256=sha256, findings=findings)
    numbers = pd.to_numeric(table[weight], errors="coerce")
    if not np.isfinite(numbers).all():
        shown = table.loc[~np.isfinite(numbers), weight].tolist()
        raise GeneSetError.of(
            "weights-not-numbers",
            f"{count(len(shown), 'weight', 'contain')} no number",
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
    return GeneSets(sets, source=path, sha256=sha256, findings=findings)


def _column(columns: dict[str, str], wanted: str | None, usual: tuple[str, ...], what: str, path: str) -> str:
    if wanted is None:
        found = next((columns[name] for name in usual if name in columns), None)
    else:
        found = columns.get(_plain(wanted))
    if found is None:
        said = f"there is no column {wanted!r}" if wanted else f"no column contains the {what}"
        expected = f"one such as {' or '.join(usual[:2])}"
        raise GeneSetError.of("no-such-column", said, expected, place=path, examples=columns.values())
    return found


def _plain(name: object) -> str:
    return re.sub(r"[\s._]", "", str(name)).lower().strip('"')
