"""What a file is that was given, and where such a file belongs: for whoever gave it in the place of another."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Any

from pathfa.core.files import HDF5
from pathfa.core.findings import Finding, error

_TABLES = (".tsv", ".csv", ".txt", ".xlsx", ".gct", ".cct")


class FileKind(Enum):
    """A kind of file that commands take: what it is in words, and the words of the command line that take it."""

    CONFIGURATION = ("a configuration", "pathfa validate {0}, or pathfa run {0}")
    MODEL = ("a fitted model", "pathfa report {0}, pathfa tables {0} --out tables, or pathfa predict {0}")
    RESULTS = ("the results of a workflow", "pathfa index {0}")
    VALIDATION = ("what 'pathfa validate --out' wrote", "pathfa gate {0} --out gate.tsv")
    COLLECTION = ("what 'pathfa genesets --found' wrote", "pathfa gate --collection {0}")
    CHECKS = ("what 'pathfa check' wrote", "pathfa report MODEL.h5 --checks {0}")
    COHORT = ("a whole cohort", "--mudata {0}, as in pathfa fit")
    ANNDATA = ("an AnnData", "--view NAME={0}, or pathfa pseudobulk {0} where its rows are cells")
    GENE_SETS = ("a collection of gene sets", "--gene-sets {0}")
    TABLE = ("a table", "--view NAME={0} for values, --covariates {0} for what is known of the samples")


DATA = (FileKind.TABLE, FileKind.ANNDATA, FileKind.COHORT)  # of which a cohort can be made
SETS = (FileKind.GENE_SETS, FileKind.TABLE)  # of which a collection of gene sets can be made
_KEYS = {  # of what PathFA writes as JSON
    FileKind.VALIDATION: {"cohort", "collections", "findings"},
    FileKind.COLLECTION: {"collection", "n_gene_sets", "findings"},
    FileKind.CHECKS: {"model", "not_done", "tables"},
}


def kind_of(path: str | Path) -> FileKind | None:
    """Return what a file or folder is, from its beginning and, for text, from its ending; None where neither says.

    Parameters
    ----------
    path
        A file or folder, which need not exist.

    Examples
    --------
    >>> kind_of("sets.gmt").name, kind_of("notes.md")
    ('GENE_SETS', None)
    """
    path = Path(path)
    if path.is_dir():
        return FileKind.RESULTS if (path / "gate.tsv").is_file() else None
    if path.is_file():
        with path.open("rb") as file:
            beginning = file.read(6)
        if beginning.startswith(HDF5):
            return _of_hdf5(path)
        if beginning.startswith(b"MuData"):
            return FileKind.COHORT
    suffix = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "").lower()
    if suffix == ".json" and path.is_file():
        return json_of(path)[0]
    if suffix in (".yaml", ".yml"):
        return FileKind.CONFIGURATION
    if suffix in (".gmt", ".gmx", ".grp"):
        return FileKind.GENE_SETS
    return FileKind.TABLE if suffix in _TABLES else None


def json_of(path: Path) -> tuple[FileKind | None, dict[str, Any]]:
    """Return what a file of JSON is, None where PathFA does not write such, and what it holds.

    Parameters
    ----------
    path
        A file that is there.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # who reads it says what is wrong
        return None, {}
    if not isinstance(content, dict):
        return None, {}
    return next((kind for kind, keys in _KEYS.items() if keys <= content.keys()), None), content


def misplaced(path: str | Path, place: str, *expected: FileKind) -> Finding | None:
    """Return what is to be said of a file that is known to be of none of the kinds that are expected in its place.

    Parameters
    ----------
    path
        The file.
    place
        Where it was given.
    expected
        What may stand there.
    """
    kind = kind_of(path)
    if kind is None or kind in expected:
        return None
    what, belongs = kind.value
    wanted = " or ".join(each.value[0] for each in expected)
    fix = f"it goes to: {belongs.format(path)}"
    return error("wrong-kind", f"{path} is {what}", expected=wanted, fix=fix, place=place)


def _of_hdf5(path: Path) -> FileKind | None:
    import h5py

    from pathfa.result.storage import MODEL_FORMAT

    try:
        with h5py.File(path, "r") as file:
            attributes = dict(file.attrs)
    except OSError:  # damaged: who reads it says how
        return None
    if attributes.get("format") == MODEL_FORMAT:
        return FileKind.MODEL
    found = {"anndata": FileKind.ANNDATA, "MuData": FileKind.COHORT}
    return found.get(str(attributes.get("encoding-type")))
