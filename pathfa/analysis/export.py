"""What a model found, in formats that other tools read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pathfa.analysis.programmes.fitted_scores import fitted_scores
from pathfa.analysis.programmes.selection import contributions, selected
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
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
        One row per number: ``quantity`` (``scores``, ``activity``, ``fitted_scores``, ``view_scores``,
        ``gene_set_weights``, ``loadings``, ``noise``, ``variance_explained``, ``annotated_share``, ``evidence``), what
        it belongs to (``view``, ``sample``, ``feature``, ``gene_set``, ``factor``; empty where it does not apply),
        ``value``, ``lower`` and ``upper`` (95 % posterior interval), ``sd``, and ``probability`` (that a gene set
        belongs to a factor).
    """
    result = as_result(model)
    parts = [
        _bounded(result, "scores", "sample", "factor"),
        _bounded(result, "activity", "sample", "gene_set"),
        _bounded(result, "gene_set_weights", "gene_set", "factor", probability=result.gene_set_probability),
        _melt("variance_explained", {"value": result.variance_explained}, "factor", "view"),
        _melt("annotated_share", {"value": result.annotated_share}, "factor", "view"),
    ]
    for view in result.view_names:
        tables = {"value": result.loadings[view], "sd": result.loadings_sd[view]}
        parts.append(_melt("loadings", tables, "feature", "factor").assign(view=view))
        parts.append(_melt("view_scores", {"value": result.view_scores[view]}, "sample", "factor").assign(view=view))
        fitted, fitted_sd = fitted_scores(result, view, return_std=True)
        tables = {"value": fitted, "sd": fitted_sd}
        parts.append(_melt("fitted_scores", tables, "sample", "gene_set").assign(view=view))
        noise = result.noise[view]
        parts.append(
            pd.DataFrame({"quantity": "noise", "view": view, "feature": noise.index, "value": noise.to_numpy()})
        )
    evidence = pd.DataFrame({"feature": result.evidence_terms.keys(), "value": result.evidence_terms.values()})
    parts.append(evidence.assign(quantity="evidence"))
    table = pd.concat(parts, ignore_index=True).reindex(columns=[*_KEYS, *_VALUES])
    table[_KEYS] = table[_KEYS].fillna("").astype(str)
    return table


def refined_gene_sets(model: object, min_ratio: float = 2.0) -> pd.DataFrame:
    """Return the members of every selected gene set that the data support, with their weights.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    min_ratio
        A member is kept when its loading on the factor, in the direction of the set's weight, is at least this many
        posterior sd away from 0.

    Returns
    -------
    DataFrame
        One row per selected gene set and factor, view and measured member: ``source`` (the gene set), ``factor``,
        ``view``, ``target`` (the feature), ``weight`` (its loading), ``sd``, ``kept``. With ``kept`` rows alone, the
        columns source, target and weight are a network that decoupler takes.
    """
    result = as_result(model)
    used, weights = selected(result).to_numpy(), result.gene_set_weights.to_numpy()
    parts = []
    for k, factor in enumerate(result.factor_names):
        for p in map(int, np.flatnonzero(used[:, k])):
            direction = np.sign(weights[p, k])
            for view in result.view_names:
                rows = result.masks[view][:, [p]].nonzero()[0]
                loading = result.loadings[view].iloc[rows, k]
                sd = result.loadings_sd[view].iloc[rows, k]
                parts.append(
                    pd.DataFrame(
                        {
                            "source": result.gene_set_names[p],
                            "factor": factor,
                            "view": view,
                            "target": loading.index.astype(str),
                            "weight": loading.to_numpy(),
                            "sd": sd.to_numpy(),
                            "kept": (loading * direction >= min_ratio * sd).to_numpy() & (loading != 0).to_numpy(),
                        }
                    )
                )
    columns = ["source", "factor", "view", "target", "weight", "sd", "kept"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def write_refined_gmt(model: object, path: str | Path, min_ratio: float = 2.0) -> None:
    """Write the refined gene sets as GMT: per selected set the members that load on its main factor in any view.

    Parameters
    ----------
    model, min_ratio
        As for ``refined_gene_sets``.
    path
        The file; an existing one is replaced.
    """
    result = as_result(model)
    main = contributions(result).idxmax(axis=1)
    table = refined_gene_sets(result, min_ratio)
    table = table[table["kept"].astype(bool) & (table["factor"] == table["source"].map(main))]
    lines = []
    for name, rows in table.groupby("source", sort=False):
        strength = rows.groupby("target")["weight"].agg(lambda values: values.abs().max()).sort_values(ascending=False)
        lines.append("\t".join([str(name), f"refined by PathFA, {rows['factor'].iloc[0]}", *strength.index]))
    Path(path).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def to_anndata(model: object) -> AnnData:
    """Return samples x gene sets for scanpy: ``X`` the activities, ``obsm["X_pathfa"]`` the scores, ``obs`` covariates.

    ``layers["fitted_scores"]`` holds the fitted scores of all views together.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    ``scanpy.pp.neighbors(adata, use_rep="X_pathfa")``, then ``scanpy.tl.umap(adata)``.
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
    """
    result = as_result(model)
    write = _writer(choose(TableFormat, table_format, "table_format"))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    samples = pd.concat([result.scores, result.activity, result.obs], axis=1).rename_axis("sample").reset_index()
    samples.columns = samples.columns.astype(str)
    files = [
        write(to_long(result), folder / "pathfa_long"),
        write(samples, folder / "samples"),
        write(refined_gene_sets(result), folder / "refined_gene_sets"),
        folder / "refined_gene_sets.gmt",
        folder / "model.json",
    ]
    write_refined_gmt(result, files[-2])
    about = {"settings": result.settings, "provenance": result.provenance, "log_evidence": result.log_evidence}
    files[-1].write_text(json.dumps(about, indent=1, default=str), encoding="utf-8")
    return files


def _writer(table_format: TableFormat) -> Callable[[pd.DataFrame, Path], Path]:
    if table_format is TableFormat.TSV:

        def write_tsv(table: pd.DataFrame, path: Path) -> Path:
            path = path.with_name(f"{path.name}.tsv.gz")
            table.to_csv(path, sep="\t", index=False, compression={"method": "gzip", "mtime": 0})
            return path

        return write_tsv
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        fix = "pip install pyarrow, or use table_format='tsv'"
        raise ConfigError.of("not-installed", "'parquet'", "the package pyarrow", fix, place="table_format") from error

    def write_parquet(table: pd.DataFrame, path: Path) -> Path:
        path = path.with_name(f"{path.name}.parquet")
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
        return path

    return write_parquet


def _bounded(
    result: PathFAResult, quantity: str, rows: str, columns: str, probability: pd.DataFrame | None = None
) -> pd.DataFrame:
    lower, upper = result.interval(quantity)  # type: ignore[arg-type]
    tables = {"value": getattr(result, quantity), "lower": lower, "upper": upper}
    if probability is not None:
        tables["probability"] = probability
    return _melt(quantity, tables, rows, columns)


def _melt(quantity: str, tables: Mapping[str, pd.DataFrame], rows: str, columns: str) -> pd.DataFrame:
    """Return tables with the same labels as one long table."""
    first = next(iter(tables.values()))
    shape = first.shape
    return pd.DataFrame(
        {
            "quantity": quantity,
            rows: np.repeat(first.index.astype(str), shape[1]),
            columns: np.tile(first.columns.astype(str), shape[0]),
            **{name: table.to_numpy().ravel() for name, table in tables.items()},
        }
    )
