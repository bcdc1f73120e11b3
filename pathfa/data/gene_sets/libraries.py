"""Gene sets by name from MSigDB and Enrichr, through gseapy, kept on disk with release and checksum."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pathfa.core.errors import GeneSetError, MissingInputError
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.gmt import parse_gmt, read_gmt, write_gmt
from pathfa.data.gene_sets.tables import read_gene_set_table
from pathfa.data.io.text_files import sha256_of

_NAME = re.compile(r"(msigdb|enrichr):([A-Za-z0-9][A-Za-z0-9._ +-]*?)(?:@([A-Za-z0-9.]+))?")
MSIGDB_RELEASE = "2024.1.Hs"


def cache_folder() -> Path:
    """Return where downloaded collections are kept: ``PATHFA_CACHE``, else ``pathfa`` in the cache of the user."""
    if folder := os.environ.get("PATHFA_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pathfa"


def is_library(name: str | Path) -> bool:
    """Whether a text names a collection that is downloaded, not a file."""
    return _NAME.fullmatch(str(name)) is not None


def read_gene_sets(source: str | Path) -> GeneSets:
    """Read gene sets from wherever they are.

    Parameters
    ----------
    source
        A GMT file; a table (TSV, CSV, Parquet) with one member a row, as for
        :func:`~pathfa.data.gene_sets.tables.read_gene_set_table`; or the name of a collection, as for
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
        ``"enrichr:WikiPathways_2024_Human"`` (a library of Enrichr, whose name holds its release).
    organism
        For Enrichr: Human, Mouse, Yeast, Fly, Fish or Worm. The releases of MSigDB name their species.
    cache
        Folder for the files; :func:`cache_folder` by default.

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
        raise GeneSetError.of(
            "gene-set-name",
            f"{name!r} names no collection",
            "msigdb:CATEGORY, msigdb:CATEGORY@RELEASE or enrichr:LIBRARY",
            "for example msigdb:h.all@2024.1.Hs; files are read with pathfa.read_gmt",
        )
    source, library, release = match[1], match[2], match[3] or (MSIGDB_RELEASE if match[1] == "msigdb" else organism)
    folder = cache_folder() if cache is None else Path(cache)
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", f"{source}-{library}-{release}")
    path, record_path = folder / f"{stem}.gmt", folder / f"{stem}.json"
    if not path.exists():
        sets = _download(source, library, release)
        _keep(sets, path, record_path, {"source": source, "library": library, "release": release})
    record = json.loads(record_path.read_text(encoding="utf-8"))
    if sha256_of(path) != record["sha256"]:
        raise GeneSetError.of(
            "changed-gene-sets",
            "the file is not the one that was downloaded",
            f"SHA-256 {record['sha256']}",
            "delete it to download it again",
            place=path,
        )
    read = read_gmt(path)
    said = f"{source}:{library}@{release}, downloaded {record['downloaded']}"
    return GeneSets(
        {name: read[name] for name in read},
        source=said,
        sha256=read.sha256,
        descriptions=read.descriptions,
        findings=read.findings,
    )


def _keep(sets: GeneSets, path: Path, record_path: Path, record: Mapping[str, str]) -> None:
    """Write a collection and its record; the collection appears under its name only when both are complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    write_gmt(sets, part)
    full = {**record, "sha256": sha256_of(part), "downloaded": dt.datetime.now(dt.UTC).date().isoformat()}
    record_path.write_text(json.dumps(full, indent=1), encoding="utf-8")
    part.replace(path)


def _download(source: str, library: str, release: str) -> GeneSets:
    """Download through gseapy; whatever fails there is told as one clear error."""
    import gseapy

    found: Mapping[str, Sequence[str]] | None
    try:
        if source == "msigdb":
            found = gseapy.Msigdb.get_gmt(category=library, dbver=release)
        else:
            found = gseapy.get_library(library, organism=release, min_size=1, max_size=1_000_000)
    except ValueError as reason:
        raise GeneSetError.of(
            "unknown-collection",
            f"{source} knows no {library!r} ({reason})",
            fix="check name and organism on the page of the source",
        ) from None
    except Exception as reason:  # gseapy raises bare Exception, and whatever requests raises
        raise MissingInputError.of(
            "no-download",
            f"{source}:{library}@{release} could not be downloaded ({type(reason).__name__}: {str(reason)[:150]})",
            "access to the network, or the file in the cache",
            "download the GMT file elsewhere and name its path instead",
        ) from reason
    if not found:
        raise GeneSetError.of(
            "unknown-collection",
            f"{source} has no {library!r} in release {release}",
            fix="check category and release on the page of the source",
        )
    text = "\n".join("\t".join([name, "", *members]) for name, members in found.items())
    return parse_gmt(text, place=f"{source}:{library}@{release}")
