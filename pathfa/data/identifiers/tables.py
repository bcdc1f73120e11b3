"""Tables that translate identifiers: the layout of the HGNC, any two columns, or downloaded from Ensembl BioMart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.files import whole
from pathfa.core.needed import needed
from pathfa.data.identifiers.ids import strip_version
from pathfa.data.io.cells import MISSING
from pathfa.data.io.downloads import cache_folder, downloading
from pathfa.data.io.settings import IdType
from pathfa.data.io.tables import read_sheet

_HGNC = {
    IdType.ENSEMBL: "ensembl_gene_id",
    IdType.ENTREZ: "entrez_id",
    IdType.UNIPROT: "uniprot_ids",
    IdType.REFSEQ: "refseq_accession",
}
_PREFIX = "biomart:"
_BIOMART = {
    IdType.ENSEMBL: "ensembl_gene_id",
    IdType.ENTREZ: "entrezgene_id",
    IdType.UNIPROT: "uniprotswissprot",
    IdType.REFSEQ: "refseq_mrna",
}


def read_lookup(
    path: str | Path, *, id_type: IdType, key: str | None, column: str | None
) -> dict[str, tuple[str, ...]]:
    """Read a table that translates identifiers.

    Parameters
    ----------
    path
        TSV, CSV or Parquet. A file with the columns of the HGNC complete set needs neither ``key`` nor ``column``.
    id_type
        Which column of the HGNC contains the ids.
    key, column
        Columns of the ids and of the names. The first column and the one after it by default.

    Raises
    ------
    InputError
        When a column is missing; the message lists those that exist.
    """
    sheet = read_sheet(path).reset_index(names="__first__")
    first = "__first__"
    if key is None and column is None and _is_hgnc(sheet):
        return _hgnc(sheet, id_type)
    named = [name for name in sheet.columns if name != first]
    key = first if key is None else key
    column = named[0] if column is None and named else column
    for name in (key, column):
        if name not in sheet.columns:
            raise InputError.of(
                "no-id-column",
                f"the table has no column {name!r}",
                f"one of {', '.join(map(str, named[:12]))}",
                "set id_key and id_column to columns that exist",
                place=path,
            )
    return pairs(sheet[key], sheet[column])


def pairs(keys: Iterable[object], names: Iterable[object]) -> dict[str, tuple[str, ...]]:
    """Return all names of every key, without missing ones; versions are cut from Ensembl keys, as from features."""
    found: dict[str, tuple[str, ...]] = {}
    for key, name in zip(keys, names, strict=True):
        if _is_missing(key) or _is_missing(name):
            continue
        stable = strip_version(str(key))
        known = found.get(stable, ())
        if str(name) not in known:
            found[stable] = (*known, str(name))
    return found


def _is_missing(cell: object) -> bool:
    return cell is None or cell != cell or not str(cell).strip()  # NaN differs from itself


def _is_hgnc(sheet: pd.DataFrame) -> bool:
    return {"symbol", "alias_symbol", "prev_symbol", "ensembl_gene_id"} <= set(sheet.columns)


def _hgnc(sheet: pd.DataFrame, id_type: IdType) -> dict[str, tuple[str, ...]]:
    """Read the columns of the HGNC; a current symbol wins over a previous one, and that over an alias."""
    if id_type is IdType.SYMBOL:
        current = {str(symbol): (str(symbol),) for symbol in sheet["symbol"].dropna()}
        previous, alias = _exploded(sheet, "prev_symbol"), _exploded(sheet, "alias_symbol")
        return {**alias, **previous, **current}
    if id_type not in _HGNC:
        raise InputError.of(
            "id-type-not-in-table",
            f"the HGNC table has no column for names of type {id_type}",
            f"one of symbol, {', '.join(_HGNC)}",
            "set id_type, or id_key and id_column",
        )
    return _exploded(sheet, _HGNC[id_type])


def _exploded(sheet: pd.DataFrame, column: str) -> dict[str, tuple[str, ...]]:
    cells = sheet[["symbol", column]].dropna()
    rows = [(key.strip(), symbol) for symbol, cell in cells.itertuples(index=False) for key in str(cell).split("|")]
    known = [row for row in rows if row[0] not in MISSING]  # NA is an alias of XK, and more often no name at all
    return pairs([key for key, _ in known], [symbol for _, symbol in known])


def local_id_table(name: str, id_type: str, *, cache: str | Path | None = None) -> str:
    """Return the path of a table of identifiers, downloaded first if it is named ``biomart:SPECIES``.

    Parameters
    ----------
    name
        Path of a table, which is returned as it is, or a species of Ensembl such as ``"biomart:hsapiens"`` or
        ``"biomart:rnorvegicus"``.
    id_type
        What the features are; it has to be said for a download.
    cache
        Folder for the tables; :func:`~pathfa.data.io.downloads.cache_folder` by default.

    Returns
    -------
    str
        Path of a table with the ids in its first and the symbols in its second column.

    Raises
    ------
    ConfigError
        When the id type is not said, or BioMart has no such ids.
    MissingInputError
        When the table is not on disk and cannot be downloaded.
    """
    if not name.startswith(_PREFIX):
        return name
    species = name.removeprefix(_PREFIX)
    if not re.fullmatch(r"[a-z]+", species):
        raise ConfigError(f"id_table {name!r} names no species; expected for example biomart:hsapiens")
    if IdType(id_type) not in _BIOMART:
        raise ConfigError(f"id_table {name!r} needs id_type; expected one of {', '.join(_BIOMART)}")
    path = (cache_folder() if cache is None else Path(cache)) / f"biomart-{species}-{id_type}.tsv"
    if not path.exists():
        table = _download(species, _BIOMART[IdType(id_type)])
        with whole(path) as part:
            table.to_csv(part, sep="\t", index=False)
    return str(path)


def _download(species: str, attribute: str) -> pd.DataFrame:
    with needed("gseapy", "the download of ids from BioMart", instead="name the path of a table of ids"):
        import gseapy

    columns = [attribute, "external_gene_name"]
    fix = "download a table of ids elsewhere and name its path as id_table"
    with downloading(f"ids of {species} could not be downloaded from BioMart", fix):
        found = gseapy.Biomart().query(dataset=f"{species}_gene_ensembl", attributes=columns, filters={})
    if not isinstance(found, pd.DataFrame) or not set(columns) <= set(found.columns):
        raise InputError.of(
            "no-download",
            f"BioMart answered no table for {species} ({str(found)[:150]!r})",
            "ids and names of genes",
            "check the name of the species, such as hsapiens, or try again later",
        )
    return found[columns].dropna().astype(str).drop_duplicates().set_axis(["id", "symbol"], axis=1)
