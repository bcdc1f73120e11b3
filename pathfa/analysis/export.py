"""What a model found, in formats that other tools read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pathfa.analysis.programmes.refined import refined_gene_sets, write_refined_gmt
from pathfa.analysis.programmes.scores import fitted_scores
from pathfa.core.choices import choose
from pathfa.core.needed import needed
from pathfa.result.result import PathFAResult, as_result

if TYPE_CHECKING:
    from anndata import AnnData

_KEYS = ["quantity", "view", "sample", "feature", "gene_set", "factor"]
_VALUES = ["value", "lower", "upper", "sd", "probability"]


class TableFormat(StrEnum):
    """Format of the exported tables."""

    TSV = "tsv"  # gzipped
    PARQUET = "parquet"


def to_long(model: object) -> pd.DataFrame:
    """Return everything that a model found as one long table.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Returns
    -------
    DataFrame
        One row per number: ``quantity`` (such as ``scores``, ``activity``, ``view_activity``, ``loadings``), what it
        belongs to (``view``, ``sample``, ``feature``, ``gene_set``, ``factor``; empty where it does not apply),
        ``value``, ``lower`` and ``upper`` (95 % posterior interval), ``sd``, and ``probability`` (of a gene set in a
        factor).

    Examples
    --------
    >>> table = pf.analysis.to_long(model)
    >>> table.loc[table["quantity"] == "scores", ["sample", "factor"]].shape
    (80, 2)
    """
    result = as_result(model)
    parts = []
    for (quantity, view), group in groupby(_long_tables(result), key=lambda item: (item.quantity, item.view)):
        same = list(group)
        first, values = same[0], {item.kind: item.table.to_numpy().ravel() for item in same}
        rows, columns = first.table.index.astype(str), first.table.columns.astype(str)
        labels: dict[str, object] = {first.rows: np.repeat(rows, len(columns))}
        if first.columns:
            labels[first.columns] = np.tile(columns, len(rows))
        parts.append(pd.DataFrame({"quantity": quantity, "view": view, **labels, **values}))
    table = pd.concat(parts, ignore_index=True).reindex(columns=[*_KEYS, *_VALUES])
    table[_KEYS] = table[_KEYS].fillna("").astype(str)
    return table


@dataclass(frozen=True, kw_only=True, eq=False)
class ResultTable:
    """A table of a model.

    Attributes
    ----------
    table
        The table.
    quantity
        What it contains.
    view
        The view it is of, if it is of one.
    kind
        ``"value"`` of the quantity, or its ``"lower"``, ``"upper"``, ``"sd"`` or ``"probability"``.
    rows, columns
        What its labels are: ``"sample"``, ``"feature"``, ``"gene_set"``, ``"factor"``, ``"view"``; empty for records.
    """

    table: pd.DataFrame
    quantity: str
    view: str = ""
    kind: str = "value"
    rows: str = ""
    columns: str = ""

    @property
    def name(self) -> str:
        """Name of its file, without the ending."""
        kind = "" if self.kind == "value" else f"_{self.kind}"
        return f"{self.quantity}{kind}{f'.{self.view}' if self.view else ''}"


def result_tables(model: object) -> Iterator[ResultTable]:
    """Yield every table of a model: its quantities with their labels, then records of the fit.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    """
    result = as_result(model)
    yield ResultTable(table=result.scores, quantity="scores", rows="sample", columns="factor")
    lower, upper = result.interval("activity")
    for kind, table in (("value", result.activity), ("lower", lower), ("upper", upper)):
        yield ResultTable(table=table, quantity="activity", kind=kind, rows="sample", columns="gene_set")
    of_sets = {"rows": "sample", "columns": "gene_set", "quantity": "view_activity"}
    for view in result.view_names:
        yield ResultTable(table=result.view_activity[view], view=view, **of_sets)
        yield ResultTable(table=result.view_activity_sd[view], view=view, kind="sd", **of_sets)
    found = result.activity_sources
    yield ResultTable(table=result.factor_activity, quantity="factor_activity", rows="sample", columns="gene_set")
    sources = {"rows": "gene_set", "columns": "factor", "quantity": "activity_source"}
    for kind, table in (("value", found.share), ("lower", found.lower), ("upper", found.upper)):
        yield ResultTable(table=table, kind=kind, **sources)
    yield ResultTable(table=result.gene_set_weights, quantity="gene_set_weights", rows="gene_set", columns="factor")
    for name in ("variance_explained", "annotated_share"):
        yield ResultTable(table=getattr(result, name), quantity=name, rows="factor", columns="view")
    for view in result.view_names:
        means = result.loadings[view]
        loadings = ResultTable(table=means, quantity="loadings", view=view, rows="feature", columns="factor")
        yield loadings
        yield replace(loadings, table=result.loadings_sd[view], kind="sd")
        yield ResultTable(table=result.noise[view].to_frame("sd"), quantity="noise", view=view, rows="feature")
    records = {
        "residual_correlation": result.residual_correlation,
        "selection": result.selection,
        "trace": result.trace,
        "samples": result.presence,
        "flow": result.flow,
        "findings": pd.DataFrame([finding.to_dict() for finding in result.findings]),
    }
    for name, table in records.items():
        yield ResultTable(table=table, quantity=name)


def _long_tables(result: PathFAResult) -> Iterator[ResultTable]:
    """Yield the quantities of a model, those of one after the other, with all that is known of each."""
    for item in result_tables(result):
        if not item.rows:
            continue
        if item.quantity == "noise":
            scores = replace(item, table=result.view_scores[item.view], rows="sample", columns="factor")
            yield replace(scores, quantity="view_scores")
            mean, sd = fitted_scores(result, item.view, return_std=True)
            fitted = replace(scores, table=mean, quantity="fitted_scores", columns="gene_set")
            yield fitted
            yield replace(fitted, table=sd, kind="sd")
        yield item
        if item.quantity in {"scores", "gene_set_weights"}:
            bounds = result.interval(item.quantity)  # type: ignore[arg-type]
            for kind, table in zip(("lower", "upper"), bounds, strict=True):
                yield replace(item, table=table, kind=kind)
        if item.quantity == "gene_set_weights":
            yield replace(item, table=result.gene_set_probability, kind="probability")
    evidence = pd.Series(result.evidence_terms, dtype=float).to_frame()
    yield ResultTable(table=evidence, quantity="evidence", rows="feature")


def to_anndata(model: object) -> AnnData:
    """Return samples x gene sets for scanpy: ``X`` the activities, ``obsm["X_pathfa"]`` the scores, ``obs`` covariates.

    ``layers["fitted_scores"]`` holds the fitted scores of all views together.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> adata = pf.to_anndata(model)  # go on with scanpy.pp.neighbors(adata, use_rep="X_pathfa")
    >>> adata.shape, adata.obsm["X_pathfa"].shape
    ((40, 8), (40, 2))
    """
    from anndata import AnnData

    result = as_result(model)
    adata = AnnData(
        X=result.activity.to_numpy(copy=True),
        obs=result.obs.set_axis(result.sample_names, axis=0),
        var=pd.DataFrame(index=result.gene_set_names),
    )
    adata.obsm["X_pathfa"] = result.scores.to_numpy(copy=True)
    adata.layers["fitted_scores"] = fitted_scores(result).to_numpy(copy=True)
    adata.varm["gene_set_weights"] = result.gene_set_weights.to_numpy(copy=True)
    adata.uns["pathfa"] = {"factor_names": np.array(result.factor_names, dtype=object)}
    return adata


def export(model: object, folder: str | Path, table_format: str = "tsv") -> list[Path]:
    """Write everything that a model found to a folder.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    folder
        Where; made if it does not exist.
    table_format
        ``"tsv"`` (gzipped) or ``"parquet"`` (needs the package pyarrow).

    Returns
    -------
    list of Path
        The files: ``pathfa_long`` (see ``to_long``), ``samples`` (scores, activities and covariates, one row per
        sample), ``refined_gene_sets`` and ``refined_gene_sets.gmt``, ``model.json`` (settings and provenance).

    Examples
    --------
    >>> [path.name for path in pf.export(model, "export")]
    ['pathfa_long.tsv.gz', 'samples.tsv.gz', 'refined_gene_sets.tsv.gz', 'refined_gene_sets.gmt', 'model.json']
    """
    result, chosen = as_result(model), choose(TableFormat, table_format, "table_format")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    samples = pd.concat([result.scores, result.activity, result.obs], axis=1).rename_axis("sample").reset_index()
    samples.columns = samples.columns.astype(str)
    files = [
        _write(to_long(result), folder / "pathfa_long", chosen),
        _write(samples, folder / "samples", chosen),
        _write(refined_gene_sets(result), folder / "refined_gene_sets", chosen),
        folder / "refined_gene_sets.gmt",
        folder / "model.json",
    ]
    write_refined_gmt(result, files[-2])
    about = {"settings": result.settings, "provenance": result.provenance, "log_evidence": result.log_evidence}
    files[-1].write_text(json.dumps(about, indent=1, default=str), encoding="utf-8")
    return files


def _write(table: pd.DataFrame, path: Path, table_format: TableFormat) -> Path:
    """Write a table and return its file."""
    if table_format is TableFormat.TSV:
        path = path.with_name(f"{path.name}.tsv.gz")
        table.to_csv(path, sep="\t", index=False, compression={"method": "gzip", "mtime": 0})
        return path
    path = path.with_name(f"{path.name}.parquet")
    with needed("pyarrow", "'parquet'", instead="use table_format='tsv'", place="table_format"):
        import pyarrow as pa  # noqa: F401
    table.to_parquet(path, engine="pyarrow", index=False)
    return path
