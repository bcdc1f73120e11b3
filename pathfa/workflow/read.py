"""The files of a configuration, opened: present, of the right checksum, as cohorts and gene sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import pandas as pd
from mudata import MuData

from pathfa.core.errors import InputError, MissingInputError
from pathfa.core.files import matching
from pathfa.core.findings import Finding, error
from pathfa.data import GeneSets, read_cohort
from pathfa.data.cohort.parts import declared_of
from pathfa.data.gene_sets.libraries import is_library, read_gene_sets
from pathfa.data.io.containers import read_container
from pathfa.data.io.sheet import found_elsewhere, load_sheet, oriented, respelled
from pathfa.data.io.text_files import sha256_of
from pathfa.data.io.typed import notes, with_numbers
from pathfa.workflow.config import CohortSource, Collection, File
from pathfa.workflow.config.kinds import DATA, SETS, misplaced

_Result = TypeVar("_Result")


def file_findings(files: Iterable[tuple[str, File]]) -> list[Finding]:
    """Return a finding for every file that is absent, of a kind that cannot stand there, or has another checksum.

    Parameters
    ----------
    files
        What each file is, for the message, and the file.
    """
    findings = []
    for label, file in files:
        path = Path(file.path)
        if not any(each.exists() for each in matching(path)):
            expected = f"a file; the path is relative to {Path.cwd()}"
            found = f"{file.path} does not exist"
            more = (
                "; or name a collection: msigdb:h.all, enrichr:WikiPathways_2024_Human" if label == "gene sets" else ""
            )
            findings.append(error("missing-file", found, place=label, expected=expected, fix=_nearby(path) + more))
        elif file.sha256 and (found := sha256_of(path)) != file.sha256:
            findings.append(_changed(label, "file", file, found, "restore the file"))
        elif other := misplaced(path, label, *(SETS if label == "gene sets" else DATA)):
            findings.append(other)
    return findings


def require_files(files: Iterable[tuple[str, File]]) -> None:
    """Raise unless files exist and have the checksums they must have.

    Parameters
    ----------
    files
        What each file is, for the message, and the file.

    Raises
    ------
    pathfa.core.errors.MissingInputError, pathfa.core.errors.InputError
        If a file is absent, or another than declared.
    """
    findings = file_findings(files)
    if any(finding.code == "missing-file" for finding in findings):
        raise MissingInputError(findings=findings)
    if findings:
        raise InputError(findings=findings)


def _changed(place: str, what: str, file: File, found: str, fix: str) -> Finding:
    return error(
        "changed-file",
        f"{file.path} has the checksum {found}",
        place=place,
        expected=f"{file.sha256}, so the {what} was changed under the same name",
        fix=f"{fix}, or write the new checksum into 'sha256' if the change is meant",
    )


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
        Members of gene sets, which show the side of a table that the features are on.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If a file is absent.
    pathfa.core.errors.InputError
        If a file cannot be read or has another checksum.
    """
    require_files(source.data_files())
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
    pathfa.core.errors.InputError
        If it has another checksum.
    pathfa.core.errors.GeneSetError
        If it contains no gene sets, or there is no such collection.
    """
    file = File(path=item.path, sha256=item.sha256)
    if not is_library(item.path):
        require_files([("gene sets", file)])
        return read_gene_sets(item.path)
    sets = read_gene_sets(item.path)
    if item.sha256 and sets.sha256 != item.sha256:
        raise InputError(findings=[_changed("gene sets", "collection", file, str(sets.sha256), "name a release")])
    return sets


def read_covariates(file: File, samples: Sequence[str]) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the covariates of samples, and return what is read in another way than it is written too.

    Parameters
    ----------
    file
        A table with the samples in rows or in columns.
    samples
        Names of the samples of the cohort, which show whether samples are in rows or in columns.

    Returns
    -------
    pandas.DataFrame
        Those of the samples that are in the table, or the whole table where none is; samples in rows. A column is
        numeric when all its values are numbers, else text.
    list of Finding
        What is read in another way.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If the file is absent.
    pathfa.core.errors.InputError
        If it has another checksum, is not a table, or has a sample twice.
    """
    require_files([("covariates", file)])
    sheet, names, place = load_sheet(file.path), pd.Index(samples), "covariates"
    turned, told = respelled(oriented(sheet, [names]), names, place)
    own = turned[turned.index.isin(samples)]
    findings = [*found_elsewhere(sheet, turned, place), *told, *notes(own, place)]
    return with_numbers(own if len(own) else turned), findings


def or_findings(findings: list[Finding], action: Callable[[], _Result]) -> _Result | None:
    """Return what an action returns; where the input stops it, add its errors to the findings and return None."""
    try:
        return action()
    except InputError as reason:
        known = [finding for finding in reason.findings if finding not in findings]
        findings += known or [error("unusable-input", str(reason))]
        return None


def usable_counts(sets: GeneSets, item: Collection, features: Sequence[str]) -> dict[str, int]:
    """Return how many gene sets have enough measured members, and how many features are in one of them."""
    kept = sets.usable(features, item.min_size, item.max_size)
    usable = [name for name, wanted in zip(sets, kept, strict=True) if wanted]
    members = {gene for name in usable for gene in sets.members(name)}
    return {"n_features": len(members.intersection(features)), "n_gene_sets": len(usable)}
