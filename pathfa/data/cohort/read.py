"""Files and containers to one MuData: read, oriented, renamed, joined, with everything that was done said."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import anndata as ad
import mudata as md
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, findings_from_json, findings_to_json
from pathfa.core.text import count
from pathfa.data.cohort.covariates import plain_columns
from pathfa.data.cohort.orientation import samples_in_rows
from pathfa.data.cohort.parts import DECLARED, DUPLICATE_SAMPLES, duplicates, parts_of
from pathfa.data.identifiers.features import looks_like_counts, merge_duplicates, rename_features, zeros_as_missing
from pathfa.data.identifiers.samples import join_samples
from pathfa.data.identifiers.tables import local_id_table
from pathfa.data.io.containers import named, read_container, read_matrix, select_part
from pathfa.data.io.settings import ValueKind, ViewOptions
from pathfa.data.io.sheet import add_sheet, load_sheet, oriented
from pathfa.data.io.tables import read_sheet
from pathfa.data.io.text_files import sha256_of

Source: TypeAlias = str | Path | Mapping[str, Any] | ad.AnnData | md.MuData
"""What :func:`pathfa.data.cohort.read.read_cohort` reads."""


@dataclass(eq=False)
class RawView:
    """One view as it was read, before anything is repaired."""

    adata: ad.AnnData
    options: ViewOptions
    is_table: bool = False
    place: str = ""


@dataclass(eq=False)
class Log:
    """What was found, kept and read."""

    findings: list[Finding] = field(default_factory=list)
    flow: list[dict[str, object]] = field(default_factory=list)
    identifiers: list[dict[str, object]] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def read(self, *paths: str | Path | None) -> None:
        """Note files with their checksums."""
        for path in paths:
            if path is not None and str(path) not in self.inputs:
                self.inputs[str(path)] = sha256_of(path)

    def resume(self, earlier: Mapping[str, Any]) -> None:
        """Go on from what an earlier reading left in ``uns``."""
        self.findings += findings_from_json(str(earlier.get("findings", "[]")))
        self.flow += json.loads(str(earlier.get("flow", "[]")))
        self.identifiers += json.loads(str(earlier.get("identifiers", "[]")))
        before = json.loads(str(earlier.get("inputs", "[]")))
        self.inputs = {**{entry["path"]: entry["sha256"] for entry in before}, **self.inputs}

    def step(self, view: str, step: str, adata: ad.AnnData, detail: str = "") -> None:
        """Note what is left after a step."""
        size = {"n_samples": adata.n_obs, "n_features": adata.n_vars}
        self.flow.append({"view": view, "step": step, **size, "detail": detail})


def read_cohort(
    source: Source | None = None,
    *,
    options: Mapping[str, ViewOptions | Mapping[str, Any]] | None = None,
    samples: str | Path | pd.DataFrame | None = None,
    gene_sets: Iterable[Iterable[str]] | Mapping[str, Iterable[str]] | None = None,
) -> md.MuData:
    """Read a cohort from files or containers.

    Parameters
    ----------
    source
        Path of an ``.h5mu`` or ``.h5ad`` file; a mapping from view names to paths (TSV, CSV, Parquet, h5ad, MTX
        folder), AnnData or DataFrames (samples x features); a MuData or AnnData. None when every view of
        ``options`` has a path.
    options
        Per view, how it is read: :class:`~pathfa.data.io.settings.ViewOptions` or a mapping of its fields. For a
        single AnnData they may name several views by ``layer``, ``obsm`` or ``feature_type``.
    samples
        Sample sheet: a table or DataFrame with the samples as first column (or, transposed, as columns).
    gene_sets
        Gene sets; their members help to find which side of a table the features are on.

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
    """
    log = Log()
    raw, cohort_obs = _open(source, {name: _options(name, entry) for name, entry in (options or {}).items()}, log)
    sheet = None
    if samples is not None:
        if not isinstance(samples, pd.DataFrame):
            log.read(samples)
        sheet = load_sheet(samples)
    for view in raw.values():
        log.read(view.options.id_table, view.options.orthologues, view.options.sample_table)
    if sheet is not None:
        sheet = oriented(
            sheet, (side for view in raw.values() for side in (view.adata.obs_names, view.adata.var_names))
        )
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


def _options(name: str, entry: ViewOptions | Mapping[str, Any]) -> ViewOptions:
    """Return the options of a view, with a table of identifiers on disk."""
    made = entry if isinstance(entry, ViewOptions) else ViewOptions.from_mapping(entry, f"views: {name}")
    return made if made.id_table is None else replace(made, id_table=local_id_table(made.id_table, made.id_type))


def _open(source: Any, options: Mapping[str, ViewOptions], log: Log) -> tuple[dict[str, RawView], pd.DataFrame | None]:
    """Return the views as they are, and the covariates of a MuData."""
    name = "view"
    if source is None:
        source = {view: entry.path for view, entry in options.items()}
    if isinstance(source, str | Path):
        log.read(source)
        name, source = Path(source).stem, read_container(source)
    if isinstance(source, md.MuData):
        _require_views(options, list(source.mod))
        log.resume(source.uns.get(DECLARED, {}))
        prefixes = tuple(f"{view}:" for view in source.mod)
        own = [column for column in source.obs.columns if not str(column).startswith(prefixes)]
        chosen = {view: options.get(view, ViewOptions()) for view in source.mod}
        raw = {view: RawView(select_part(source.mod[view], entry, view), entry) for view, entry in chosen.items()}
        obs, findings = plain_columns(source.obs[own])
        log.findings += findings
        return raw, obs if own else None
    if isinstance(source, ad.AnnData):
        return _split(name, source, options), None
    if not isinstance(source, Mapping):
        raise InputError(
            f"the source is a {type(source).__name__}; expected a path, a mapping of views, a MuData or an AnnData"
        )
    _require_views(options, list(source))
    raw = {}
    for view, item in source.items():
        entry = options.get(view, ViewOptions())
        try:
            raw[view] = _open_view(view, item, entry, log)
        except InputError as problem:
            log.findings += [replace(finding, view=finding.view or view) for finding in problem.findings] or [
                error("unreadable-view", str(problem), view=view)
            ]
            if not problem.findings and type(problem) is not InputError:
                raise
    if not raw:
        InputError.stop_on(log.findings)
        raise InputError("no view is named; expected at least one")
    return raw, None


def _open_view(view: str, item: object, options: ViewOptions, log: Log) -> RawView:
    if item is None:
        raise InputError(f"view '{view}' has no path. Fix: set path")
    if isinstance(item, str | Path):
        log.read(item, options.features_file, options.samples_file)
        adata, findings, is_table = read_matrix(item, options)
        log.findings += [replace(finding, view=view) for finding in findings]
        return RawView(adata if is_table else select_part(adata, options, view), options, is_table, str(item))
    if isinstance(item, ad.AnnData):
        return RawView(select_part(item, options, view), options)
    parts, findings = parts_of({view: item})
    InputError.stop_on(findings)
    return RawView(named(parts[0].values, parts[0].samples, parts[0].features), options)


def _split(name: str, adata: ad.AnnData, options: Mapping[str, ViewOptions]) -> dict[str, RawView]:
    """Return the views of one AnnData: those the options name, one per feature type, or just one."""
    if options:
        return {view: RawView(select_part(adata, entry, view), entry) for view, entry in options.items()}
    types = list(adata.var["feature_types"].astype(str).unique()) if "feature_types" in adata.var else []
    if len(types) > 1:
        entries = {kind: ViewOptions(feature_type=kind) for kind in types}
        return {kind: RawView(select_part(adata, entry, kind), entry) for kind, entry in entries.items()}
    return {str(adata.uns.get(DECLARED, {}).get("name", name)): RawView(adata, ViewOptions())}


def _require_views(options: Mapping[str, ViewOptions], views: list[str]) -> None:
    if strange := [name for name in options if name not in views]:
        found = f"options are given for view {strange[0]!r}, which the data lack"
        raise InputError.of("unknown-view", found, f"one of {', '.join(map(str, views))}", "name the views alike")


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
            view.adata = named(view.adata.X.T, view.adata.var_names, view.adata.obs_names)


def _repair(name: str, view: RawView, sheet: pd.DataFrame | None, log: Log) -> ad.AnnData:
    """Join samples, translate features, merge duplicates, and recode zeros, as the options say."""
    options, adata = view.options, view.adata
    log.step(name, "read", adata, view.place)
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
    with warnings.catch_warnings(), md.set_options(pull_on_update=False):
        warnings.filterwarnings("ignore", message=".*names are not unique.*")
        return md.MuData(views)
