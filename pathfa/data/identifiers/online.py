"""Tables of identifiers from Ensembl BioMart, through gseapy, kept on disk and read like any other table."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd

from pathfa.core.errors import ConfigError, InputError, MissingInputError
from pathfa.data.gene_sets.libraries import cache_folder
from pathfa.data.io.settings import IdType

_PREFIX = "biomart:"
_ATTRIBUTES = {
    IdType.ENSEMBL: "ensembl_gene_id",
    IdType.ENTREZ: "entrezgene_id",
    IdType.UNIPROT: "uniprotswissprot",
    IdType.REFSEQ: "refseq_mrna",
}


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
        Folder for the tables; :func:`~pathfa.data.gene_sets.libraries.cache_folder` by default.

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
    if IdType(id_type) not in _ATTRIBUTES:
        raise ConfigError(f"id_table {name!r} needs id_type; expected one of {', '.join(_ATTRIBUTES)}")
    path = (cache_folder() if cache is None else Path(cache)) / f"biomart-{species}-{id_type}.tsv"
    if not path.exists():
        table = _download(species, _ATTRIBUTES[IdType(id_type)])
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        table.to_csv(part, sep="\t", index=False)
        part.replace(path)
    return str(path)


def _download(species: str, attribute: str) -> pd.DataFrame:
    import gseapy

    try:
        found = gseapy.Biomart().query(
            dataset=f"{species}_gene_ensembl", attributes=[attribute, "external_gene_name"], filters={}
        )
    except Exception as reason:  # gseapy passes on whatever requests and pandas raise
        raise MissingInputError.of(
            "no-download",
            f"ids of {species} could not be downloaded from BioMart ({type(reason).__name__}: {str(reason)[:150]})",
            "access to the network, or the table in the cache",
            "download a table of ids elsewhere and name its path as id_table",
        ) from reason
    if not isinstance(found, pd.DataFrame) or {attribute, "external_gene_name"} - set(found.columns):
        raise InputError.of(
            "no-download",
            f"BioMart answered no table for {species} ({str(found)[:150]!r})",
            "ids and names of genes",
            "check the name of the species, such as hsapiens, or try again later",
        )
    table = found[[attribute, "external_gene_name"]].dropna().astype(str).drop_duplicates()
    return table.set_axis(["id", "symbol"], axis=1)
