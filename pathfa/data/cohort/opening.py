"""Sources opened: every view as it is in its file or container, with a log of what was found and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import anndata as ad
import mudata as md
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, findings_from_json
from pathfa.data.cohort.covariates import plain_columns
from pathfa.data.cohort.parts import DECLARED, UNNAMED, own_covariates, parts_of
from pathfa.data.identifiers.tables import local_id_table
from pathfa.data.io.containers import as_read, named, read_container, read_matrix, select_part
from pathfa.data.io.numbers import NumericTable
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.text_files import sha256_of

Source: TypeAlias = str | Path | Mapping[str, Any] | pd.DataFrame | ad.AnnData | md.MuData
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


def options_of(name: str, entry: ViewOptions | Mapping[str, Any]) -> ViewOptions:
    """Return the options of a view, with a table of identifiers on disk."""
    made = entry if isinstance(entry, ViewOptions) else ViewOptions.from_mapping(entry, f"views: {name}")
    return made if made.id_table is None else replace(made, id_table=local_id_table(made.id_table, made.id_type))


def open_views(
    source: Any, options: Mapping[str, ViewOptions], log: Log
) -> tuple[dict[str, RawView], pd.DataFrame | None]:
    """Return the views as they are, and the covariates of a MuData."""
    name = UNNAMED
    if source is None:
        source = {view: entry.path for view, entry in options.items()}
    if isinstance(source, str | Path):
        log.read(source)
        name, source = Path(source).stem, read_container(source)
    if isinstance(source, md.MuData):
        _require_views(options, list(source.mod))
        log.resume(source.uns.get(DECLARED, {}))
        chosen = {view: options.get(view, ViewOptions()) for view in source.mod}
        raw = {view: RawView(select_part(source.mod[view], entry, view), entry) for view, entry in chosen.items()}
        obs, findings = plain_columns(own_covariates(source))
        log.findings += findings
        return raw, obs if len(obs.columns) else None
    if isinstance(source, ad.AnnData):
        return _split(name, source, options), None
    if isinstance(source, pd.DataFrame):
        source = {next(iter(options), name): source}
    if not isinstance(source, Mapping):
        expected = "a path, a mapping of views, a MuData, an AnnData or a DataFrame"
        raise InputError(f"the source is a {type(source).__name__}; expected {expected}")
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
    if isinstance(item, NumericTable):  # read already, with options of its own
        read = as_read(item)
        log.findings += [replace(finding, view=view) for finding in read.findings]
        return RawView(read.adata, read.options, is_table=True)
    if isinstance(item, str | Path):
        log.read(item, options.features_file, options.samples_file)
        read = read_matrix(item, options)
        log.findings += [replace(finding, view=view) for finding in read.findings]
        adata = read.adata if read.is_table else select_part(read.adata, options, view)
        return RawView(adata, read.options, read.is_table, str(item))
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
