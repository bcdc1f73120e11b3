"""Gene sets from files of any kind, and by name from MSigDB and Enrichr, kept on disk with release and checksum."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from pathfa.core.errors import GeneSetError, MissingInputError
from pathfa.core.files import whole, write_text
from pathfa.core.needed import needed
from pathfa.data.gene_sets.collection import GeneSets, Members
from pathfa.data.gene_sets.formats import format_of, read_lines_of
from pathfa.data.gene_sets.gmt import parse_gmt, read_gmt, write_gmt
from pathfa.data.gene_sets.long_tables import is_long_table, read_gene_set_table
from pathfa.data.io.downloads import cache_folder, downloading
from pathfa.data.io.text_files import sha256_of

_NAME = re.compile(r"(msigdb|enrichr):([A-Za-z0-9][A-Za-z0-9._ +-]*?)(?:@([A-Za-z0-9.]+))?")
MSIGDB_RELEASE = "2024.1.Hs"

GeneSetSource: TypeAlias = GeneSets | Mapping[str, Members] | pd.DataFrame | str | Path
"""What :func:`as_gene_sets` makes gene sets of."""


def is_library(name: str | Path) -> bool:
    """Whether a text names a collection that is downloaded, not a file."""
    return _NAME.fullmatch(str(name)) is not None


def as_gene_sets(source: GeneSetSource) -> GeneSets:
    """Return gene sets from whatever contains or names them.

    Parameters
    ----------
    source
        Gene sets; a mapping from their names to their members, or to members with weights; a DataFrame with a member
        per row, as for :func:`~pathfa.data.gene_sets.long_tables.read_gene_set_table`; or what
        :func:`read_gene_sets` reads: a path, or the name of a collection such as ``"msigdb:h.all"``.

    Raises
    ------
    MissingInputError, GeneSetError
        When they cannot be read, or are none.

    Examples
    --------
    >>> as_gene_sets(pd.DataFrame({"gs_name": ["A", "A"], "gene_symbol": ["MX1", "OAS1"]}))
    GeneSets(1 set, 2 genes)
    """
    if isinstance(source, GeneSets):
        return source
    if isinstance(source, pd.DataFrame):
        return read_gene_set_table(source)
    return read_gene_sets(source) if isinstance(source, str | Path) else GeneSets(source)


def read_gene_sets(source: str | Path) -> GeneSets:
    r"""Read gene sets from wherever they are.

    Parameters
    ----------
    source
        A file: GMT; JSON, GMX or GRP of MSigDB; a table (TSV, CSV, Parquet) with one member a row, as for
        :func:`~pathfa.data.gene_sets.long_tables.read_gene_set_table`. Or the name of a collection, as for
        :func:`fetch_gene_sets`: ``msigdb:h.all``, ``enrichr:WikiPathways_2024_Human``.

    Raises
    ------
    MissingInputError, GeneSetError
        As the functions that read them.

    Examples
    --------
    >>> _ = open("sets.gmt", "w").write("HYPOXIA\t\tVEGFA\tCA9\tLDHA\n")
    >>> pf.read_gene_sets("sets.gmt").members("HYPOXIA")
    ('VEGFA', 'CA9', 'LDHA')
    """
    if is_library(source):
        return fetch_gene_sets(str(source))
    if not Path(source).exists():
        found, expected = f"{source}: there is no such file", "a file, or a collection by name"
        fix = "correct the path, or name a collection: msigdb:h.all, enrichr:WikiPathways_2024_Human"
        raise MissingInputError.of("no-gene-set-file", found, expected, fix)
    kind = format_of(source)
    if kind == "table" or (kind == "gmt" and is_long_table(source)):
        return read_gene_set_table(source)
    return read_gmt(source) if kind == "gmt" else read_lines_of(source)


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
        fix = "for example msigdb:h.all@2024.1.Hs; a file is named by its path"
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
    with needed("gseapy", f"the download of {source}:{library}", instead="name the path of a GMT file"):
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
