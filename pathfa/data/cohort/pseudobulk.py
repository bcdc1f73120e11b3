"""Single cells -> one view per cell type whose samples are the people or animals that the cells came from."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import mudata as md
import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, warning
from pathfa.core.needed import needed
from pathfa.core.text import did_you_mean, part_of, plain_name
from pathfa.core.views_apart import views_apart
from pathfa.data.io.containers import layer_names, read_container, select_part
from pathfa.data.io.settings import ViewOptions

_LOOKED_AT = 100_000  # values that say whether they are counts
_FEWEST_SAMPLES = 2  # samples with enough cells that a view needs


@dataclass(frozen=True, kw_only=True, eq=False)
class Pseudobulk:
    """Summed counts of cells.

    Attributes
    ----------
    data
        One view per cell type: counts of samples x features. ``obs`` has the columns that are the same in all cells of
        every sample.
    cells
        Number of cells, samples x views, also of those pairs that were left out.
    findings
        What was left out, and why.

    Examples
    --------
    >>> import anndata, numpy, pandas
    >>> counts = numpy.random.default_rng(0).poisson(2.0, (60, 8))
    >>> obs = pandas.DataFrame({"donor": ["d1", "d2", "d3"] * 20, "type": ["T cell"] * 60})
    >>> cells = anndata.AnnData(counts, obs=obs.set_axis([f"cell{i}" for i in range(60)]))
    >>> pf.pseudobulk(cells, sample="donor", cell_type="type").cells["T_cell"].to_dict()
    {'d1': 20, 'd2': 20, 'd3': 20}
    """

    data: md.MuData
    cells: pd.DataFrame
    findings: tuple[Finding, ...]


def pseudobulk(
    cells: ad.AnnData | str | Path, *, sample: str, cell_type: str = "", layer: str | None = None, min_cells: int = 10
) -> Pseudobulk:
    """Sum the counts of the cells of each sample and cell type.

    Parameters
    ----------
    cells
        AnnData, or an h5ad file, of cells x features with raw counts.
    sample
        Column of ``obs`` that says whom a cell came from, such as the donor: these become the samples.
    cell_type
        Column of ``obs`` with the type of a cell; all cells are one view when empty.
    layer
        Layer with the counts; ``X`` when None.
    min_cells
        Fewest cells of a sample and type; a sample with fewer is missing in that view.

    Returns
    -------
    Pseudobulk
        Views for :class:`pathfa.PathFA`, :func:`pathfa.validate` and ``pathfa fit --mudata``, with findings.

    Raises
    ------
    InputError
        If a column is absent, the values are no counts, or no view is left.

    Examples
    --------
    >>> import anndata, numpy, pandas
    >>> counts = numpy.random.default_rng(0).poisson(2.0, (120, 8))
    >>> obs = pandas.DataFrame({"donor": ["d1", "d2", "d3"] * 40, "type": ["T cell"] * 60 + ["B cell"] * 60})
    >>> cells = anndata.AnnData(counts, obs=obs.set_axis([f"cell{i}" for i in range(120)]))
    >>> bulk = pf.pseudobulk(cells, sample="donor", cell_type="type")
    >>> {name: part.shape for name, part in bulk.data.mod.items()}  # fit bulk.data
    {'B_cell': (3, 8), 'T_cell': (3, 8)}
    """
    read = cells if isinstance(cells, ad.AnnData) else _one_table(Path(cells))
    columns = [name for name in (sample, cell_type) if name]
    for name in columns:
        _require_column(read, name)
    counts = select_part(read, ViewOptions(layer=layer), "cells")
    _require_counts(counts, read)
    known = counts.obs[columns].notna().all(axis=1).to_numpy()
    findings = [] if known.all() else [_unknown_cells(known, columns)]
    counts = counts[known]
    samples = counts.obs[sample].astype(str)
    types = counts.obs[cell_type].astype(str) if cell_type else pd.Series("cells", samples.index)
    numbers = pd.crosstab(samples, types)
    enough = numbers >= min_cells
    kept = [str(name) for name in numbers if enough[name].sum() >= _FEWEST_SAMPLES]
    findings += _too_few(numbers, enough, kept, min_cells)
    if not kept:
        found = f"no cell type has {min_cells} cells or more in {_FEWEST_SAMPLES} samples"
        raise InputError(findings=[*findings, _nothing(found, numbers)])
    names = {name: plain_name(name, "cells") for name in kept}
    if len(set(names.values())) < len(names):
        raise InputError.of("names-alike", "two cell types get the same name as a view", fix="rename one", items=kept)
    views = {names[name]: _summed(counts, samples, types == name, enough.index[enough[name]]) for name in kept}
    with warnings.catch_warnings(), views_apart():
        warnings.filterwarnings("ignore", message=".*names are not unique.*")  # the views have the same genes
        data = md.MuData(views)
    data.obs = _of_samples(counts.obs.drop(columns=columns), samples).reindex(data.obs_names)
    return Pseudobulk(data=data, cells=numbers.rename(columns=names), findings=tuple(findings))


def _one_table(path: Path) -> ad.AnnData:
    read = read_container(path)
    if isinstance(read, md.MuData):
        found, fix = f"it contains {', '.join(read.mod)}", "write the one with the counts as .h5ad"
        raise InputError.of("several-tables", found, "cells x features of one kind", fix, place=path)
    return read


def _require_column(cells: ad.AnnData, name: str) -> None:
    if name in cells.obs:
        return
    known = [str(column) for column in cells.obs]
    found = f"the cells have no column '{name}'"
    fix = did_you_mean(name, known, "name one of them")
    raise InputError.of("no-column", found, f"one of {', '.join(known) or 'none, obs is empty'}", fix, place="obs")


def _require_counts(counts: ad.AnnData, cells: ad.AnnData) -> None:
    """Raise unless the values are whole numbers of 0 or more: sums of logarithms mean nothing."""
    wrong = _no_counts(counts.X)
    if not len(wrong):
        return
    layers = [name for name in layer_names(cells) if not len(_no_counts(cells.layers[name]))]
    fix = f"--layer {layers[0]}, which holds counts" if layers else "give the file from before the normalisation"
    found, expected = "the values are not counts", "whole numbers, 0 or more"
    raise InputError.of(
        "no-counts", found, expected, fix, place="cells", examples=[f"{value:g}" for value in wrong[:3]]
    )


def _no_counts(values: Any) -> np.ndarray:
    """Return values, among the first ones that are not 0, which are no counts."""
    first = values.data if sparse.issparse(values) else np.asarray(values).ravel()
    first = np.asarray(first[:_LOOKED_AT], dtype=np.float64)
    return np.asarray(first[~((first >= 0) & (first == np.floor(first)))])


def _unknown_cells(known: np.ndarray, columns: list[str]) -> Finding:
    said = part_of(int((~known).sum()), len(known), "cell", "lack")
    fix = "fill the column where it is known"
    return warning("cells-without-sample", f"{said} a value of {' or '.join(columns)}; left out", fix=fix, place="obs")


def _too_few(numbers: pd.DataFrame, enough: pd.DataFrame, kept: list[str], min_cells: int) -> Iterator[Finding]:
    """Say which cell types, samples and pairs of them are left out."""
    types = [str(name) for name in numbers if name not in kept]
    if types:
        found = f"{part_of(len(types), numbers.shape[1], 'cell type', 'have')} {min_cells} cells or more in fewer than "
        found += f"{_FEWEST_SAMPLES} samples; left out"
        yield warning("rare-types", found, fix="join types that belong together, or lower --min-cells", items=types)
    lacking = [f"{who} in {what}" for what in kept for who in numbers.index[~enough[what]]]
    if lacking:
        pairs = len(kept) * len(numbers)
        found = f"{part_of(len(lacking), pairs, 'pair of sample and cell type', 'have')} fewer than {min_cells} cells; "
        yield warning("few-cells", f"{found}missing there", fix="lower --min-cells for noisier sums", items=lacking)
    absent = [str(name) for name in numbers.index[~enough[kept].any(axis=1)]] if kept else []
    if absent:
        found = f"{part_of(len(absent), len(numbers), 'sample', 'are')} in no view for lack of cells"
        yield warning("absent-samples", found, fix="lower --min-cells, or leave them out", items=absent)


def _nothing(found: str, numbers: pd.DataFrame) -> Finding:
    most = int(numbers.to_numpy().max(initial=0))
    said = f"{found}; most cells of one sample and type: {most}"
    return error("no-views", said, fix="lower --min-cells, or join cell types")


def _summed(counts: ad.AnnData, samples: pd.Series, wanted: pd.Series, kept: pd.Index) -> ad.AnnData:
    """Return the sums over the cells of one type of each sample with enough of them, samples x features."""
    with needed("scanpy", "sums of counts over cells"):
        from scanpy.get import aggregate

    chosen = (wanted & samples.isin(kept)).to_numpy()
    part = ad.AnnData(counts.X[chosen], obs=pd.DataFrame({"sample": samples[chosen].astype("category")}))
    summed = aggregate(part, by="sample", func="sum")
    names = pd.Index(summed.obs["sample"].astype(str).to_numpy(), name=None)
    return ad.AnnData(
        sparse.csr_matrix(summed.layers["sum"]), obs=pd.DataFrame(index=names), var=pd.DataFrame(index=counts.var_names)
    )


def _of_samples(obs: pd.DataFrame, samples: pd.Series) -> pd.DataFrame:
    """Return the columns that are the same in all cells of every sample, samples x columns."""
    grouped = obs.groupby(samples, observed=True)
    same = (grouped.nunique(dropna=False).max() <= 1).to_numpy()
    return grouped.first().loc[:, same].rename_axis(None)
