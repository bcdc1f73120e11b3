"""From containers in memory to parts: one matrix with its names per view, nothing aligned yet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anndata as ad
import mudata as md
import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionDtype
from scipy import sparse

from pathfa.core.columns import is_number
from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error
from pathfa.core.text import count, part_of
from pathfa.data.cohort.matrix import Matrix, in_memory, select, stored_values
from pathfa.data.identifiers.features import features_to_keep
from pathfa.data.identifiers.samples import samples_to_keep
from pathfa.data.io.containers import layer_names

DUPLICATE_SAMPLES = "drop or average the replicates, or give each its own name"
SMALL = 20_000_000
"""Values up to which a matrix that is not in memory is read at once."""
_READ = "read files with pathfa.read_cohort"
UNNAMED = "view"
"""Name of the view of a table, or of an AnnData, that has none."""
DECLARED = "pathfa_input"
"""Key of ``uns`` under which readers leave what they know: kind, preprocessing, findings, flow, identifiers, inputs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ViewPart:
    """One view as it came: its own samples, in their own order."""

    name: str
    values: Matrix
    samples: pd.Index
    features: pd.Index
    obs: pd.DataFrame
    kind: str = "auto"
    preprocessing: Mapping[str, object] = field(default_factory=dict)


def parts_of(data: object) -> tuple[list[ViewPart], list[Finding]]:
    """Split a container into its views.

    Parameters
    ----------
    data
        MuData, AnnData or DataFrame (one view) or a mapping from view names to AnnData or DataFrames (samples x
        features).

    Returns
    -------
    parts, findings
        What could be read, and every reason why something could not.

    Raises
    ------
    InputError
        When ``data`` is none of the containers named above, or contains no view.
    """
    if isinstance(data, md.MuData):
        containers: Mapping[str, object] = dict(data.mod)
    elif isinstance(data, ad.AnnData):
        containers = {_declared(data).get("name", UNNAMED): data}
    elif isinstance(data, pd.DataFrame):
        containers = {UNNAMED: data}
    elif isinstance(data, Mapping):
        containers = data
    else:
        raise InputError(
            f"the data are a {type(data).__name__}; expected a MuData, an AnnData, a DataFrame with samples in rows or "
            f"a mapping from view names to AnnData or DataFrames. Fix: {_READ}"
        )
    if not containers:
        raise InputError("the data contain no view; expected at least one")
    parts: list[ViewPart] = []
    findings: list[Finding] = []
    for name, container in containers.items():
        part, problems = _part(str(name), container)
        findings += problems
        if part is not None:
            parts.append(part)
    return parts, findings


def _part(name: str, container: object) -> tuple[ViewPart | None, list[Finding]]:
    declared: Mapping[str, str] = {}
    if isinstance(container, ad.AnnData):
        values, findings = _matrix(name, container)
        rows, columns, obs, declared = container.obs_names, container.var_names, container.obs, _declared(container)
    elif isinstance(container, pd.DataFrame):
        values, findings = _dense(name, container)
        rows, columns, obs = container.index, container.columns, pd.DataFrame(index=container.index)
    else:
        found, expected = f"it is a {type(container).__name__}", "an AnnData or a DataFrame with samples in rows"
        return None, [error("unknown-container", found, expected, _READ, view=name)]
    samples, sample_problems = names_as_text(rows, "sample", name)
    features, feature_problems = names_as_text(columns, "feature", name)
    findings = [*findings, *sample_problems, *feature_problems]
    if values is None:
        return None, findings
    kept, left_out = features_to_keep(columns, name)
    if left_out:
        findings, values, features = (
            [*findings, *left_out],
            select(values, columns=np.flatnonzero(kept)),
            features[kept],
        )
    if isinstance(container, pd.DataFrame):
        kept, left_out = samples_to_keep(samples, name)
        if left_out:
            findings, values, samples, obs = [*findings, *left_out], values[kept], samples[kept], obs[kept]
    part = ViewPart(
        name=name,
        values=values,
        samples=samples,
        features=features,
        obs=obs.set_axis(samples),
        kind=str(declared.get("kind", "auto")),
        preprocessing=json.loads(str(declared.get("preprocessing", "{}"))),
    )
    return part, findings


def _dense(name: str, frame: pd.DataFrame) -> tuple[Matrix | None, list[Finding]]:
    """Return a table of numbers as an array."""
    numbers, text = _numeric(frame)
    if not text:
        return numbers.to_numpy(dtype=np.float64, na_value=np.nan), []
    found = error(
        "non-numeric",
        f"{part_of(len(text), frame.shape[1], 'column', 'are')} not numbers",
        "numbers, with NaN where missing",
        "move descriptions of the samples to the sample sheet; write missing values as NA or leave them empty",
        view=name,
        items=text,
    )
    return None, [found]


def _numeric(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with columns of numbers as such, and ``column: value`` for each column that has others."""
    numbers = {dtype: _holds_numbers(dtype) for dtype in frame.dtypes.unique()}
    strange = [position for position, dtype in enumerate(frame.dtypes) if not numbers[dtype]]
    columns, text = {}, []
    for position in strange:
        column = frame.iloc[:, position]
        others = column[column.notna() & ~column.map(is_number)]
        if len(others):
            text.append(f"{frame.columns[position]}: {others.iloc[0]}")
        else:
            columns[position] = column.astype(np.float64)
    if text or not columns:
        return frame, text
    made = [columns.get(position, frame.iloc[:, position]) for position in range(frame.shape[1])]
    return pd.concat(made, axis=1), text


def _holds_numbers(dtype: np.dtype[Any] | ExtensionDtype) -> bool:
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)


def _matrix(name: str, adata: ad.AnnData) -> tuple[Matrix | None, list[Finding]]:
    """Return X dense or as CSR, in double or single precision; one not in memory stays so, unless it is small."""
    x = adata.X
    if x is None:
        fix = f"name the layer to read; its layers are {', '.join(map(repr, layer_names(adata))) or 'none'}"
        return None, [error("empty-matrix", "its X is empty", "values in X", fix, view=name)]
    if x.dtype.kind not in "biuf":
        found, expected = f"its matrix has the type {x.dtype}", "real numbers, with NaN where missing"
        return None, [error("non-numeric", found, expected, "store numbers in X", view=name, examples=adata.var_names)]
    if not sparse.issparse(x) and not isinstance(x, np.ndarray):
        kept = stored_values(adata)
        return (kept if adata.n_obs * adata.n_vars > SMALL else kept[:]), []
    return in_memory(x), []


def names_as_text(names: pd.Index, what: str, view: str) -> tuple[pd.Index, list[Finding]]:
    """Return names as text; names that are missing or dates are errors.

    Parameters
    ----------
    names
        Names of samples or features in any type.
    what
        ``"sample"`` or ``"feature"``, for the message.
    view
        Name of the view, for the message.
    """
    if isinstance(names, pd.MultiIndex):
        found, fix = f"the names of a {what} have {count(names.nlevels, 'level')}", "join the levels to one text first"
        problem = error("names-with-levels", found, "one name each", fix, view=view, examples=names)
        return pd.Index([str(name) for name in names], dtype=object), [problem]
    findings: list[Finding] = []
    missing = names.isna() | np.array([isinstance(name, str) and not name.strip() for name in names], dtype=bool)
    if missing.any():
        findings.append(
            error(
                "missing-names",
                f"{part_of(int(missing.sum()), len(names), what, 'have')} no name",
                "a name for each",
                "name them or drop them; 'NA' and '001' are read as text, an empty name is none (first at position "
                f"{int(np.flatnonzero(missing)[0]) + 1})",
                view=view,
                count=int(missing.sum()),
            )
        )
    dates = [name for name in names if isinstance(name, dt.date)]
    if dates:
        found, fix = (
            f"{count(len(dates), what, 'have')} a date for a name",
            "read names as text, as pathfa.read_cohort does",
        )
        findings.append(error("dates-as-names", found, "text", fix, view=view, items=dates))
    return pd.Index([str(name) for name in names], dtype=object), findings


def _declared(data: ad.AnnData | md.MuData) -> Mapping[str, str]:
    declared = data.uns.get(DECLARED, {})
    return declared if isinstance(declared, Mapping) else {}


def declared_of(data: object) -> Mapping[str, str]:
    """Return what a reader left in ``uns`` of a container, empty for plain tables."""
    return _declared(data) if isinstance(data, ad.AnnData | md.MuData) else {}


def own_covariates(data: md.MuData) -> pd.DataFrame:
    """Return the covariates of a MuData itself: not those of its views, nor which of these a sample is in."""
    copied = tuple(f"{name}:" for name in data.mod)
    own: pd.DataFrame = data.obs[
        [name for name in data.obs if not str(name).startswith(copied) and name not in data.mod]
    ]
    return own


def duplicates(names: pd.Index, what: str, fix: str, view: str) -> list[Finding]:
    """Return the finding that names of samples or features occur more than once, if they do."""
    repeated = names[names.duplicated()].unique()
    found = f"{count(len(repeated), f'{what} name', 'occur')} more than once"
    return [error(f"duplicate-{what}s", found, f"one per {what}", fix, view=view, items=repeated)][: len(repeated)]
