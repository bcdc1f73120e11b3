"""The files of a configuration, opened: present, of the right checksum, as cohorts and gene sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pathfa.config import CohortSource, Collection, File, Table
from pathfa.errors import Finding, InputError, MissingInputError, Severity
from pathfa.files import sha256

if TYPE_CHECKING:
    import pandas as pd
    from mudata import MuData

    from pathfa.data import GeneSets


def missing(source: CohortSource) -> list[Finding]:
    """Return a finding for every file of a cohort that is absent or has not the checksum it must have."""
    return [finding for label, file in source.files() if (finding := check_file(file, label)) is not None]


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
    if not path.is_file():
        return Finding(
            code="missing-file",
            severity=Severity.ERROR,
            place=label,
            found=f"{file.path} does not exist",
            expected=f"a file; the path is relative to {Path.cwd()}",
            fix=_nearby(path),
        )
    if file.sha256 and (found := sha256(path)) != file.sha256:
        return Finding(
            code="changed-file",
            severity=Severity.ERROR,
            place=label,
            found=f"{file.path} has the checksum {found}",
            expected=f"{file.sha256}, so the file was changed under the same name",
            fix="restore the file, or write the new checksum into 'sha256' if the change is meant",
        )
    return None


def _nearby(path: Path) -> str:
    from difflib import get_close_matches

    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either: correct the path"
    near = get_close_matches(path.name, [item.name for item in folder.iterdir()], n=1, cutoff=0.6)
    return f"did you mean {folder / near[0]}?" if near else f"correct the path, or put the file into {folder}"


def read_source(source: CohortSource) -> MuData:
    """Read a cohort.

    Parameters
    ----------
    source
        Where it comes from.

    Raises
    ------
    pathfa.errors.MissingInputError
        If a file is absent.
    pathfa.errors.InputError
        If a file cannot be read or has another checksum.
    """
    _refuse([finding for finding in missing(source) if finding.place != "covariates"])
    from pathfa.data import read_cohort
    from pathfa.data.read import read_table

    samples = None if source.samples is None else read_covariates(source.samples)
    if source.mudata is not None:
        return read_cohort(source.mudata.path, samples=samples)
    views = {
        view: table.path if table.samples_in == "columns" else read_table(Path(table.path), view)
        for view, table in source.views.items()
    }
    return read_cohort(views, samples=samples)


def read_collection(item: Collection) -> GeneSets:
    """Read a gene-set collection.

    Raises
    ------
    pathfa.errors.MissingInputError
        If the file is absent.
    pathfa.errors.GeneSetError
        If it is not a GMT file.
    """
    finding = check_file(File(path=item.path, sha256=item.sha256), "gene sets")
    _refuse([finding] if finding else [])
    from pathfa.data import read_gmt

    return read_gmt(item.path)


def _refuse(findings: list[Finding]) -> None:
    if any(finding.code == "missing-file" for finding in findings):
        raise MissingInputError(findings=findings)
    if findings:
        raise InputError(findings=findings)


def read_covariates(table: Table) -> pd.DataFrame:
    """Read a table of covariates.

    Parameters
    ----------
    table
        The table; the names of the samples stand in its first column, or in its first row.

    Returns
    -------
    pandas.DataFrame
        Samples in rows. A column is numeric when all its values are numbers, else text; empty
        cells and ``NA`` are missing.

    Raises
    ------
    pathfa.errors.MissingInputError
        If the file is absent.
    pathfa.errors.InputError
        If it has another checksum, is not a table, or has a sample twice.
    """
    finding = check_file(table, "covariates")
    _refuse([finding] if finding else [])
    import pandas as pd

    comma = Path(table.path).name.removesuffix(".gz").endswith(".csv")
    try:
        read = pd.read_csv(
            table.path, sep="," if comma else "\t", dtype=str, index_col=0, na_values=["", "NA"], keep_default_na=False
        )
    except (ValueError, OSError, EOFError) as error:
        msg = f"covariates {table.path}: not a table: {error}; expected {'comma' if comma else 'tab'}-separated text"
        raise InputError(msg) from error
    rows = read if table.samples_in == "rows" else read.T
    rows.index = rows.index.astype(str).rename("sample")
    rows.columns.name = None
    twice = rows.index[rows.index.duplicated()].unique()
    if len(twice):
        msg = f"covariates {table.path}: {len(twice)} samples stand twice (for example {', '.join(twice[:3])})"
        raise InputError(f"{msg}; expected every sample once. Fix: remove the extra rows, or check 'samples_in'")
    return rows.apply(_numeric)


def _numeric(column: pd.Series[str]) -> pd.Series[str] | pd.Series[float]:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if bool((numbers.notna() == column.notna()).all()) else column


def overlap(sets: GeneSets, item: Collection, features: Sequence[str]) -> dict[str, int]:
    """Return how many features are in a usable set, and how many sets have enough measured members."""
    measured = sets.coverage(features)["n_measured"]
    usable = measured.index[measured.between(item.min_size, item.max_size)]
    members = {gene for name in usable for gene in sets.members(name)}
    return {"n_features": len(members.intersection(features)), "n_gene_sets": len(usable)}
