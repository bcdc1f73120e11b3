"""Files and containers to one MuData: read, oriented, renamed, joined, with everything that was done said."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata as ad
import mudata as md
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import error, findings_to_json
from pathfa.core.text import count
from pathfa.core.views_apart import views_apart
from pathfa.data.cohort.covariates import plain_columns
from pathfa.data.cohort.opening import Log, RawView, Source, open_views, options_of
from pathfa.data.cohort.orientation import samples_in_rows
from pathfa.data.cohort.parts import DECLARED, DUPLICATE_SAMPLES, duplicates, parts_of
from pathfa.data.cohort.strangers import better_names, several_quantities, strangers
from pathfa.data.gene_sets.libraries import as_gene_sets
from pathfa.data.identifiers.features import (
    looks_like_counts,
    merge_duplicates,
    rename_features,
    true_features,
    zeros_as_missing,
)
from pathfa.data.identifiers.samples import chosen_samples, join_samples
from pathfa.data.io.containers import named
from pathfa.data.io.settings import SampleRule, ValueKind, ViewOptions
from pathfa.data.io.sheet import add_sheet, columns_of_views, found_elsewhere, load_sheet, oriented
from pathfa.data.io.tables import read_sheet


def read_cohort(
    source: Source | None = None,
    *,
    options: Mapping[str, ViewOptions | Mapping[str, Any]] | None = None,
    samples: str | Path | pd.DataFrame | None = None,
    gene_sets: Iterable[Iterable[str]] | Mapping[str, Iterable[str]] | pd.DataFrame | str | Path | None = None,
) -> md.MuData:
    """Read a cohort from files or containers.

    Parameters
    ----------
    source
        Path of an ``.h5mu`` or ``.h5ad`` file; a mapping from view names to paths (table, h5ad, MTX folder,
        or a folder or pattern of tables), AnnData or DataFrames (samples x features); a MuData, an AnnData, or a
        DataFrame, which is one view. None when every view of ``options`` has a path.
    options
        Per view, how it is read: :class:`~pathfa.data.io.settings.ViewOptions` or a mapping of its fields. For a
        single AnnData they may name several views by ``layer``, ``obsm`` or ``feature_type``.
    samples
        Sample sheet: a table or DataFrame with the samples as first column (or, transposed, as columns).
    gene_sets
        Gene sets, as for ``PathFA.fit``; their members help to find which side of a table the features are on.

    Returns
    -------
    MuData
        Samples in rows. Findings, the flow of counts and the checksums of the files are kept in
        ``uns["pathfa_input"]``.

    Raises
    ------
    MissingInputError
        When a file does not exist.
    InputError
        With every problem of every view at once.

    Examples
    --------
    >>> cohort.mdata["rna"].to_df().T.to_csv("rna.csv")  # features in rows, as programs write it
    >>> read = pf.read_cohort({"rna": "rna.csv", "protein": cohort.mdata["protein"]}, gene_sets=gene_sets)
    >>> read.n_obs, list(read.mod)
    (40, ['rna', 'protein'])
    """
    log = Log()
    raw, cohort_obs = open_views(
        source, {name: options_of(name, entry) for name, entry in (options or {}).items()}, log
    )
    sheet = None
    if samples is not None:
        if not isinstance(samples, pd.DataFrame):
            log.read(samples)
        sheet = load_sheet(samples)
    for view in raw.values():
        log.read(view.options.id_table, view.options.orthologues, view.options.sample_table)
    if sheet is not None:
        for name, column in _columns_of_views(raw, sheet).items():
            raw[name].options = replace(raw[name].options, sample_column=column)
        sides = (side for view in raw.values() for side in (view.adata.obs_names, view.adata.var_names))
        joined = any(view.options.sample_column or view.options.sample_table for view in raw.values())
        first, sheet = sheet, oriented(sheet, sides, other_column=not joined)
        log.findings += found_elsewhere(first, sheet, "sample sheet")
    if isinstance(gene_sets, str | Path | pd.DataFrame):
        gene_sets = as_gene_sets(gene_sets)
    _orient(raw, sheet, gene_sets, log)
    views: dict[str, ad.AnnData] = {}
    for name, view in raw.items():
        try:
            views[name] = _repair(name, view, sheet, log)
        except InputError as problem:
            log.findings += problem.findings or [error("unreadable-view", str(problem), view=name)]
    InputError.stop_on(log.findings)
    cohort = _join(views)
    if cohort_obs is not None:
        add_sheet(cohort, cohort_obs)
    if sheet is not None:
        log.findings += add_sheet(cohort, sheet)
    InputError.stop_on(log.findings)
    cohort.uns[DECLARED] = {
        "findings": findings_to_json(log.findings),
        "flow": json.dumps(log.flow),
        "identifiers": json.dumps(log.identifiers),
        "inputs": json.dumps([{"path": path, "sha256": digest} for path, digest in log.inputs.items()]),
    }
    return cohort


def _columns_of_views(raw: Mapping[str, RawView], sheet: pd.DataFrame) -> dict[str, str]:
    """Return the columns of the sheet with the names of each view, where no option says how names are joined."""
    said = ("sample_column", "sample_table", "sample_pattern")
    options = [view.options for view in raw.values()]
    if any(each.sample_rule != SampleRule.NONE or any(getattr(each, name) for name in said) for each in options):
        return {}
    return columns_of_views(sheet, {name: (view.adata.obs_names, view.adata.var_names) for name, view in raw.items()})


def _orient(
    raw: dict[str, RawView],
    sheet: pd.DataFrame | None,
    gene_sets: Iterable[Iterable[str]] | Mapping[str, Iterable[str]] | None,
    log: Log,
) -> None:
    """Turn tables so that samples are in rows."""
    tables = {name: view for name, view in raw.items() if view.is_table}
    groups = gene_sets.values() if isinstance(gene_sets, Mapping) else gene_sets or ()
    genes = frozenset(gene for group in groups for gene in group)
    fixed = {name for view in raw.values() if not view.is_table for name in view.adata.obs_names}
    sides = {name: (view.adata.obs_names, view.adata.var_names) for name, view in tables.items()}
    for name, view in tables.items():
        listed = set(fixed)
        if sheet is not None:
            listed |= set(sheet.index)
            if view.options.sample_column in sheet.columns and view.options.sample_table is None:
                listed |= set(sheet[view.options.sample_column].dropna())
        if view.options.sample_table is not None:
            table, key = read_sheet(view.options.sample_table), view.options.sample_key
            listed |= set(table.index if key is None else table.get(key, table.index))
        others = {other: pair for other, pair in sides.items() if other != name}
        in_rows, findings = samples_in_rows(*sides[name], view.options, (listed, genes), others, name)
        log.findings += [replace(finding, place=view.place) for finding in findings]
        if not in_rows:
            turned = named(view.adata.X.T, view.adata.var_names, view.adata.obs_names)
            turned.var = view.adata.obs
            view.adata = turned
        else:
            view.adata = named(view.adata.X, view.adata.obs_names, view.adata.var_names)
        elsewhere = listed.union(*(name for pair in others.values() for name in pair))
        log.findings += strangers(view.adata, elsewhere, name)
        if view.options.sample_pattern is None:
            log.findings += several_quantities(view.adata.obs_names, name)
    for name, view in raw.items():
        if view.options.id_table is None and view.options.id_column is None:
            log.findings += better_names(view.adata, genes, name, "feature_column" if view.is_table else "id_column")


def _repair(name: str, view: RawView, sheet: pd.DataFrame | None, log: Log) -> ad.AnnData:
    """Join samples, translate features, merge duplicates, and recode zeros, as the options say."""
    options, adata = view.options, view.adata
    log.step(name, "read", adata, view.place)
    for keep in (chosen_samples, true_features):
        adata, findings = keep(adata, options, name)
        log.findings += findings
    if adata is not view.adata:
        log.step(name, "chosen", adata, "without what is no sample or feature")
    parts, findings = parts_of({name: adata})
    InputError.stop_on(findings)
    samples, findings = join_samples(parts[0].samples, options, sheet, name)
    log.findings += findings
    base = named(parts[0].values, samples, parts[0].features)
    obs, findings = plain_columns(adata.obs.set_axis(samples), name)
    log.findings += findings
    var = adata.var.set_axis(parts[0].features)
    base.obs, base.var = obs, var.assign(**plain_columns(var)[0])
    renamed, findings, reports = rename_features(base, options, name)
    log.findings += findings
    if reports or renamed.n_vars < base.n_vars:
        said = [report.summary for report in reports] or [f"{base.n_vars - renamed.n_vars} without a name"]
        log.step(name, "identifiers", renamed, "; ".join(said))
        log.identifiers += [report.record for report in reports]
    declared = str(adata.uns.get(DECLARED, {}).get("kind", ValueKind.AUTO))
    kind = declared if options.kind == ValueKind.AUTO else str(options.kind)
    if options.zero_is_missing:
        renamed, n_zeros = zeros_as_missing(renamed)
        log.step(name, "zeros as missing", renamed, f"{n_zeros:,} of {count(renamed.n_obs * renamed.n_vars, 'value')}")
    merged, findings = merge_duplicates(renamed, options, name, counts=looks_like_counts(renamed.X, kind))
    log.findings += findings
    if merged is not renamed:
        log.step(name, "duplicates", merged, str(options.duplicates))
    earlier = json.loads(str(adata.uns.get(DECLARED, {}).get("preprocessing", "{}")))
    merged.uns[DECLARED] = {"kind": kind, "preprocessing": json.dumps({**earlier, **options.preprocessing})}
    return merged


def _join(views: dict[str, ad.AnnData]) -> md.MuData:
    InputError.stop_on(
        [
            finding
            for name, view in views.items()
            for finding in duplicates(view.obs_names, "sample", DUPLICATE_SAMPLES, name)
        ]
    )
    with warnings.catch_warnings(), views_apart():
        warnings.filterwarnings("ignore", message=".*names are not unique.*")
        return md.MuData(views)
