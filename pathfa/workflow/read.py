"""The files of a configuration, opened: present, of the right checksum, as cohorts and gene sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from mudata import MuData

from pathfa.core.errors import InputError, MissingInputError
from pathfa.core.findings import Finding, error
from pathfa.data import GeneSets, read_cohort
from pathfa.data.gene_sets.libraries import is_library, read_gene_sets
from pathfa.data.io.containers import read_container
from pathfa.data.io.parts import declared_of
from pathfa.data.io.text_files import sha256_of
from pathfa.workflow.config import CohortSource, Collection, File

_Made = TypeVar("_Made")


def missing(source: CohortSource) -> list[Finding]:
    """Return a finding for every file of a cohort that is absent or has not the checksum it must have."""
    return [finding for label, file in source.files() if (finding := check_file(file, label)) is not None]


def require_files(source: CohortSource) -> None:
    """Raise unless the files with the values of a cohort are there and have the checksums they must have.

    Raises
    ------
    pathfa.core.errors.MissingInputError, pathfa.core.errors.InputError
        If a file is absent, or another than declared.
    """
    findings = [finding for finding in missing(source) if finding.place != "covariates"]
    absent = any(finding.code == "missing-file" for finding in findings)
    (MissingInputError if absent else InputError).stop_on(findings)


def require_file(file: File, label: str) -> None:
    """Raise unless a file is there and has the checksum it must have.

    Parameters
    ----------
    file
        The file, with its checksum if one was declared.
    label
        What the file is, for the message.

    Raises
    ------
    pathfa.core.errors.MissingInputError, pathfa.core.errors.InputError
        If it is absent, or another than declared.
    """
    finding = check_file(file, label)
    if finding is not None:
        raise (MissingInputError if finding.code == "missing-file" else InputError)(findings=[finding])


def check_file(file: File, label: str) -> Finding | None:
    """Return what is wrong with a file before it is even opened.

    Parameters
    ----------
    file
        The file, with its checksum if one was declared.
    label
        What the file is, for the message.
    """
    path = Path(file.path)
    if not path.exists():
        return error(
            "missing-file",
            f"{file.path} does not exist",
            f"a file; the path is relative to {Path.cwd()}",
            _nearby(path),
            place=label,
        )
    if file.sha256 and (found := sha256_of(path)) != file.sha256:
        return error(
            "changed-file",
            f"{file.path} has the checksum {found}",
            f"{file.sha256}, so the file was changed under the same name",
            "restore the file, or write the new checksum into 'sha256' if the change is meant",
            place=label,
        )
    return None


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either: correct the path"
    near = get_close_matches(path.name, [item.name for item in folder.iterdir()], n=1, cutoff=0.6)
    return f"did you mean {folder / near[0]}?" if near else f"correct the path, or put the file into {folder}"


def read_source(source: CohortSource, gene_sets: Iterable[Iterable[str]] = ()) -> MuData:
    """Read a cohort.

    Parameters
    ----------
    source
        Where it comes from.
    gene_sets
        Members of gene sets, by which the side of a table that holds the features is known.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If a file is absent.
    pathfa.core.errors.InputError
        If a file cannot be read or has another checksum.
    """
    require_files(source)
    if source.mudata is not None and not source.views and source.samples is None:
        ingested = _ingested(Path(source.mudata.path))
        if ingested is not None:
            return ingested
    files = {name: view.path for name, view in source.views.items()}
    return read_cohort(
        files if source.mudata is None else source.mudata.path,
        options={name: view.options for name, view in source.views.items()},
        samples=None if source.samples is None else source.samples.path,
        gene_sets=gene_sets,
    )


def _ingested(path: Path) -> MuData | None:
    """Return a cohort that ``pathfa ingest`` wrote, as it is; None for any other file."""
    if path.suffix != ".h5mu":
        return None
    data = read_container(path)
    return data if isinstance(data, MuData) and "flow" in declared_of(data) else None


def read_collection(item: Collection) -> GeneSets:
    """Read a gene-set collection.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If the file is absent.
    pathfa.core.errors.GeneSetError
        If it holds no gene sets, or there is no such collection.
    """
    if is_library(item.path):
        return _unchanged(read_gene_sets(item.path), item)
    require_file(File(path=item.path, sha256=item.sha256), "gene sets")
    return read_gene_sets(item.path)


def _unchanged(sets: GeneSets, item: Collection) -> GeneSets:
    """Return downloaded gene sets if they have the checksum that was declared."""
    if item.sha256 and sets.sha256 != item.sha256:
        raise InputError.of(
            "changed-file",
            f"{item.path} has the checksum {sets.sha256}",
            f"{item.sha256}, so the collection was changed under the same name",
            "name a release, or write the new checksum into 'sha256' if the change is meant",
            place="gene sets",
        )
    return sets


def tried(findings: list[Finding], action: Callable[[], _Made]) -> _Made | None:
    """Return what an action returns, or add its errors to the findings."""
    try:
        return action()
    except InputError as reason:
        known = [finding for finding in reason.findings if finding not in findings]
        findings += known or [error("unusable-input", str(reason))]
        return None


def overlap(sets: GeneSets, item: Collection, features: Sequence[str]) -> dict[str, int]:
    """Return how many features are in a usable set, and how many sets have enough measured members."""
    usable = [
        name for name, kept in zip(sets, sets.usable(features, item.min_size, item.max_size), strict=True) if kept
    ]
    members = {gene for name in usable for gene in sets.members(name)}
    return {"n_features": len(members.intersection(features)), "n_gene_sets": len(usable)}
