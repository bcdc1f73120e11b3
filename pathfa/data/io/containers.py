"""AnnData from h5ad and h5mu files, tables, folders of them and MTX folders; nothing is repaired here."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import h5py
import mudata as md
import pandas as pd
from scipy import sparse

from pathfa.core.errors import InputError
from pathfa.core.files import HDF5, require_file
from pathfa.core.findings import Finding
from pathfa.core.text import count
from pathfa.core.views_apart import views_apart
from pathfa.data.io.joined import read_joined
from pathfa.data.io.numbers import NumericTable
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.tables import read_numbers
from pathfa.data.io.text_files import read_text

_HDF5 = (".h5ad", ".h5mu")


def read_container(path: str | Path) -> ad.AnnData | md.MuData:
    """Read an h5ad or h5mu file.

    Raises
    ------
    MissingInputError
        When there is no such file.
    InputError
        When it is none of the two; the message says what it is.
    """
    path = require_file(path)
    suffix = path.suffix.lower()
    try:
        with h5py.File(path, "r") as handle:
            is_cohort = "mod" in handle
    except (OSError, RuntimeError) as reason:
        if suffix in _HDF5:
            found, expected = (
                f"it is no HDF5 file or is cut short ({str(reason).splitlines()[0]})",
                f"a complete {suffix} file",
            )
            raise InputError.of("not-hdf5", found, expected, "write or copy it again", place=path) from None
        found, expected = "it is no HDF5 file", "a whole cohort in one .h5mu or .h5ad file"
        fix = f"a table is one view: name it as such, --view NAME={path.name} or {{NAME: '{path.name}'}} in Python"
        raise InputError.of("not-hdf5", found, expected, fix, place=path) from None
    try:
        with warnings.catch_warnings(), views_apart():
            warnings.simplefilter("ignore", category=FutureWarning)
            warnings.filterwarnings("ignore", message=".*names are not unique.*")
            return md.read_h5mu(path) if is_cohort else ad.read_h5ad(path)
    except Exception as reason:  # damaged bytes make the libraries fail in every way
        raise InputError.of(
            "not-anndata",
            f"it is an HDF5 file but no complete AnnData or MuData ({type(reason).__name__}: {str(reason)[:150]})",
            "a file written by AnnData or MuData",
            "write it again with write_h5ad or write_h5mu",
            place=path,
        ) from None


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """One view as it is in its file.

    Parameters
    ----------
    adata
        The values.
    options
        How the view is read, with what the format of a table sets.
    findings
        What was noticed.
    is_table
        Whether it is not yet known which side the samples are on: then the rows of the file are the observations.
    """

    adata: ad.AnnData
    options: ViewOptions
    findings: tuple[Finding, ...] = ()
    is_table: bool = False


def read_matrix(path: str | Path, options: ViewOptions) -> Read:
    """Read one view from a file, an MTX folder, or several tables: those of a folder, or those that match a pattern."""
    path = require_file(path)
    if ".mtx" in path.suffixes or _has_mtx(path):
        return Read(adata=_read_mtx(path, options), options=options)
    if not path.is_file():
        return as_read(read_joined(path, options))
    with path.open("rb") as handle:
        is_hdf5 = handle.read(len(HDF5)) == HDF5
    if is_hdf5 or path.suffix.lower() in _HDF5:
        container = read_container(path)
        if isinstance(container, md.MuData):
            raise InputError(
                f"{path}: it contains the views {', '.join(container.mod)}; expected one view. "
                "Fix: read the file as a whole cohort"
            )
        return Read(adata=container, options=options)
    return as_read(read_numbers(path, options))


def as_read(table: NumericTable) -> Read:
    """Return a table as a view, its rows as observations until it is known which side the samples are on."""
    adata = named(table.values, table.rows, table.columns, table.described.set_axis(table.rows))
    return Read(adata=adata, options=table.options, findings=table.findings, is_table=True)


def named(values: object, rows: pd.Index, columns: pd.Index, obs: pd.DataFrame | None = None) -> ad.AnnData:
    """Return an AnnData, with covariates if there are any; duplicate names are reported elsewhere."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*names are not unique.*")
        return ad.AnnData(
            values, obs=pd.DataFrame(index=rows) if obs is None else obs.copy(), var=pd.DataFrame(index=columns)
        )


def select_part(adata: ad.AnnData, options: ViewOptions, view: str) -> ad.AnnData:
    """Return the layer, the array of obsm or the feature type that the options name.

    Raises
    ------
    InputError
        When the AnnData has no such part; the message lists those it has.
    """
    if options.layer is not None:
        _require(options.layer, layer_names(adata), "layer", view)
        return ad.AnnData(adata.layers[options.layer], obs=adata.obs, var=adata.var, uns=adata.uns)
    if options.obsm is not None:
        _require(options.obsm, list(adata.obsm), "obsm", view)
        array = adata.obsm[options.obsm]
        if not isinstance(array, pd.DataFrame):
            array = pd.DataFrame(array).rename(columns=lambda position: f"{options.obsm}_{position + 1}")
        return ad.AnnData(array.to_numpy(), obs=adata.obs, var=pd.DataFrame(index=array.columns.astype(str)))
    if options.feature_type is not None:
        column = next((name for name in ("feature_types", "modality") if name in adata.var), None)
        types = pd.Series(dtype=str) if column is None else adata.var[column].astype(str)
        _require(options.feature_type, list(types.unique()), "feature_type", view)
        return adata[:, (types == options.feature_type).to_numpy()].copy()
    return adata


def _require(name: str, known: list[str], what: str, view: str) -> None:
    if name not in known:
        raise InputError.of(
            f"missing-{what.replace('_', '-')}",
            f"there is no {what} {name!r}",
            f"one of {', '.join(known)}" if known else f"data with a {what}",
            f"name one that exists as {what}, or none to read X",
            view=view,
        )


def _has_mtx(path: Path) -> bool:
    return path.is_dir() and any(".mtx" in entry.suffixes for entry in path.iterdir())


def _read_mtx(path: Path, options: ViewOptions) -> ad.AnnData:
    """Read a 10x folder, or a bare MTX file with the names beside it; features are its rows."""
    if path.is_dir():
        matrix_path = _one(path, ("matrix.mtx.gz", "matrix.mtx"))
        features = _names(_one(path, ("features.tsv.gz", "features.tsv", "genes.tsv.gz", "genes.tsv")))
        samples = _names(_one(path, ("barcodes.tsv.gz", "barcodes.tsv")))
    else:
        if options.features_file is None or options.samples_file is None:
            raise InputError.of(
                "mtx-without-names",
                "an MTX file contains no names",
                "features_file and samples_file beside it",
                "set features_file and samples_file, one name a line",
                place=path,
            )
        matrix_path = path
        features, samples = (_names(require_file(name)) for name in (options.features_file, options.samples_file))
    from scipy.io import mmread  # takes long to load

    try:
        matrix = sparse.csr_matrix(mmread(matrix_path).T)
    except (ValueError, OSError, EOFError, StopIteration) as reason:
        raise InputError.of(
            "broken-mtx", f"it is no MTX file or is cut short ({reason})", "a Matrix Market file", place=matrix_path
        ) from None
    if matrix.shape != (len(samples), len(features)):
        raise InputError.of(
            "mtx-shape",
            f"the matrix is {matrix.shape[1]} x {matrix.shape[0]}, but there are names of "
            f"{count(len(features), 'feature')} and {count(len(samples), 'sample')}",
            "features in rows, samples in columns, and a name for each",
            place=path,
        )
    adata = named(matrix, pd.Index(samples.iloc[:, 0], dtype=object), pd.Index(features.iloc[:, 0], dtype=object))
    if features.shape[1] > 1:
        adata.var["symbol"] = features.iloc[:, 1].to_numpy()
    if features.shape[1] > 2:
        adata.var["feature_types"] = features.iloc[:, 2].to_numpy()
    return adata


def _one(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).exists():
            return folder / name
    held = sorted(entry.name for entry in folder.iterdir())
    raise InputError.of(
        "mtx-folder",
        f"the folder has none of {', '.join(names)}",
        "matrix.mtx, features.tsv and barcodes.tsv, gzipped or not",
        place=folder,
        examples=held,
    )


def _names(path: Path) -> pd.DataFrame:
    text, _ = read_text(path)
    rows = [line.split("\t") for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    width = min(len(row) for row in rows)
    return pd.DataFrame([row[:width] for row in rows], dtype=object)


def layer_names(data: ad.AnnData | md.MuData) -> list[str]:
    """Return the names of the layers, none of a MuData; from anndata 0.13 on X is one of them, without a name."""
    return [str(name) for name in data.layers if name is not None] if isinstance(data, ad.AnnData) else []
