"""Gene sets from files of any kind, and by name from MSigDB and Enrichr, kept on disk with release and checksum."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pathfa.core.errors import GeneSetError
from pathfa.core.files import whole, write_text
from pathfa.core.text import count
from pathfa.data.gene_sets.collection import GeneSets, Members
from pathfa.data.gene_sets.gmt import parse_gmt, read_gmt, write_gmt
from pathfa.data.io.downloads import cache_folder, downloading
from pathfa.data.io.sheet import check_rows
from pathfa.data.io.tables import read_sheet
from pathfa.data.io.text_files import sha256_of

_NAME = re.compile(r"(msigdb|enrichr):([A-Za-z0-9][A-Za-z0-9._ +-]*?)(?:@([A-Za-z0-9.]+))?")
MSIGDB_RELEASE = "2024.1.Hs"


def is_library(name: str | Path) -> bool:
    """Whether a text names a collection that is downloaded, not a file."""
    return _NAME.fullmatch(str(name)) is not None


def read_gene_sets(source: str | Path) -> GeneSets:
    """Read gene sets from wherever they are.

    Parameters
    ----------
    source
        A GMT file; a table (TSV, CSV, Parquet) with one member a row, as for
        :func:`~pathfa.data.gene_sets.libraries.read_gene_set_table`; or the name of a collection, as for
        :func:`fetch_gene_sets`.

    Raises
    ------
    MissingInputError, GeneSetError
        As the functions that read them.
    """
    if is_library(source):
        return fetch_gene_sets(str(source))
    if {suffix.lower() for suffix in Path(source).suffixes} & {".tsv", ".csv", ".parquet"}:
        return read_gene_set_table(source)
    return read_gmt(source)


def fetch_gene_sets(name: str, *, organism: str = "Human", cache: str | Path | None = None) -> GeneSets:
    """Return a collection by name, downloaded once and then read from disk.

    Parameters
    ----------
    name
        ``"msigdb:h.all"`` or ``"msigdb:c2.cp.reactome@2024.1.Hs"`` (category and release of MSigDB), or
        ``"enrichr:WikiPathways_2024_Human"`` (a library of Enrichr, whose name contains its release).
    organism
        For Enrichr: Human, Mouse, Yeast, Fly, Fish or Worm. The releases of MSigDB name their species.
    cache
        Folder for the files; :func:`~pathfa.data.io.downloads.cache_folder` by default.

    Returns
    -------
    GeneSets
        ``source`` names collection, release and day of the download; ``sha256`` is that of the file on disk.

    Raises
    ------
    GeneSetError
        When there is no such collection, or the file on disk is not the one that was downloaded.
    MissingInputError
        When it is not on disk and cannot be downloaded.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        expected = "msigdb:CATEGORY, msigdb:CATEGORY@RELEASE or enrichr:LIBRARY"
        fix = "for example msigdb:h.all@2024.1.Hs; files are read with pathfa.read_gmt"
        raise GeneSetError.of("gene-set-name", f"{name!r} names no collection", expected, fix)
    source, library, release = match[1], match[2], match[3] or (MSIGDB_RELEASE if match[1] == "msigdb" else organism)
    folder = cache_folder() if cache is None else Path(cache)
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", f"{source}-{library}-{release}")
    path, record_path = folder / f"{stem}.gmt", folder / f"{stem}.json"
    if not path.exists():
        sets = _download(source, library, release)
        with whole(path) as part:  # appears under its name only when its record is complete
            write_gmt(sets, part)
            day = dt.datetime.now(dt.UTC).date().isoformat()
            record = {
                "source": source,
                "library": library,
                "release": release,
                "sha256": sha256_of(part),
                "downloaded": day,
            }
            write_text(record_path, json.dumps(record, indent=1))
    record = json.loads(record_path.read_text(encoding="utf-8"))
    if sha256_of(path) != record["sha256"]:
        said, fix = "the file is not the one that was downloaded", "delete it to download it again"
        raise GeneSetError.of("changed-gene-sets", said, f"SHA-256 {record['sha256']}", fix, place=path)
    read = read_gmt(path)
    said = f"{source}:{library}@{release}, downloaded {record['downloaded']}"
    return GeneSets(read, source=said, sha256=read.sha256, descriptions=read.descriptions, findings=read.findings)


def _download(source: str, library: str, release: str) -> GeneSets:
    """Download through gseapy; whatever fails there becomes one clear error."""
    import gseapy

    found: Mapping[str, Sequence[str]] | None
    with downloading(
        f"{source}:{library}@{release} could not be downloaded",
        "download the GMT file elsewhere and name its path instead",
    ):
        try:
            if source == "msigdb":
                found = gseapy.Msigdb.get_gmt(category=library, dbver=release)
            else:
                found = gseapy.get_library(library, organism=release, min_size=1, max_size=1_000_000)
        except ValueError as reason:
            said, fix = f"{source} knows no {library!r} ({reason})", "check name and organism on the page of the source"
            raise GeneSetError.of("unknown-collection", said, fix=fix) from None
    if not found:
        said = f"{source} has no {library!r} in release {release}"
        fix = "check category and release on the page of the source"
        raise GeneSetError.of("unknown-collection", said, fix=fix)
    text = "\n".join("\t".join([name, "", *members]) for name, members in found.items())
    return parse_gmt(text, place=f"{source}:{library}@{release}")


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
            f"{count(len(shown), 'member', 'occur')} twice in a set",
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
    return GeneSets(sets, source=str(path), sha256=sha256_of(path))


def _column(columns: dict[str, str], wanted: str | None, usual: tuple[str, ...], what: str, path: str | Path) -> str:
    if wanted is None:
        found = next((columns[name] for name in usual if name in columns), None)
    else:
        found = columns.get(wanted.lower())
    if found is None:
        said = f"there is no column {wanted!r}" if wanted else f"no column contains the {what}"
        expected = f"one such as {' or '.join(usual[:2])}"
        raise GeneSetError.of("no-such-column", said, expected, place=path, examples=columns.values())
    return found
