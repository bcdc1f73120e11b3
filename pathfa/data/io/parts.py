"""From containers in memory to parts: one matrix with its names per view, nothing aligned yet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anndata as ad
import mudata as md
import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionDtype
from scipy import sparse

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error
from pathfa.core.grammar import count, part_of
from pathfa.core.numeric import is_number
from pathfa.data.cohort.views import Matrix

DECLARED = "pathfa_input"
"""Key of ``uns`` under which readers leave what they know: kind, preprocessing, findings, flow, identifiers, inputs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """One view as it came: its own samples, in their own order."""

    name: str
    values: Matrix
    samples: pd.Index
    features: pd.Index
    obs: pd.DataFrame
    kind: str = "auto"
    preprocessing: Mapping[str, object] = field(default_factory=dict)


def parts_of(data: object) -> tuple[list[Part], list[Finding]]:
    """Split a container into its views.

    Parameters
    ----------
    data
        MuData, AnnData (one view) or a mapping from view names to AnnData or DataFrames (samples x features).

    Returns
    -------
    parts, findings
        What could be read, and every reason why something could not.

    Raises
    ------
    InputError
        When ``data`` is none of the containers named above, or holds no view.
    """
    if isinstance(data, md.MuData):
        containers: Mapping[str, object] = dict(data.mod)
    elif isinstance(data, ad.AnnData):
        containers = {_declared(data).get("name", "view"): data}
    elif isinstance(data, Mapping):
        containers = data
    else:
        raise InputError(
            f"the data are a {type(data).__name__}; expected a MuData, an AnnData or a mapping from view names to "
            "AnnData or DataFrames with samples in rows. Files are read with pathfa.read_cohort(path)"
        )
    if not containers:
        raise InputError("the data hold no view; expected at least one")
    parts: list[Part] = []
    findings: list[Finding] = []
    for name, container in containers.items():
        part, problems = _part(str(name), container)
        findings += problems
        if part is not None:
            parts.append(part)
    return parts, findings


def _part(name: str, container: object) -> tuple[Part | None, list[Finding]]:
    if isinstance(container, ad.AnnData):
        return _from_anndata(name, container)
    if isinstance(container, pd.DataFrame):
        return _from_frame(name, container)
    found = error(
        "unknown-container",
        f"it is a {type(container).__name__}",
        "an AnnData or a DataFrame with samples in rows",
        "read files with pathfa.read_cohort first",
        view=name,
    )
    return None, [found]


def _from_anndata(name: str, adata: ad.AnnData) -> tuple[Part | None, list[Finding]]:
    if adata.X is None:
        layers = ", ".join(map(repr, adata.layers)) or "none"
        found = error(
            "empty-matrix",
            "its X is empty",
            "values in X",
            f"name the layer to read; its layers are {layers}",
            view=name,
        )
        return None, [found]
    values, problems = _numbers(name, adata.X, adata.var_names)
    declared = _declared(adata)
    samples, sample_problems = names_as_text(adata.obs_names, "sample", name)
    features, feature_problems = names_as_text(adata.var_names, "feature", name)
    problems = [*problems, *sample_problems, *feature_problems]
    if values is None:
        return None, problems
    part = Part(
        name=name,
        values=values,
        samples=samples,
        features=features,
        obs=adata.obs.set_axis(samples),
        kind=str(declared.get("kind", "auto")),
        preprocessing=json.loads(str(declared.get("preprocessing", "{}"))),
    )
    return part, problems


def _from_frame(name: str, frame: pd.DataFrame) -> tuple[Part | None, list[Finding]]:
    frame, text = _numeric(frame)
    if text:
        found = error(
            "non-numeric",
            f"{part_of(len(text), frame.shape[1], 'column', 'are')} not numbers",
            "numbers, with NaN where missing",
            "move descriptions of the samples to the sample sheet; write missing values as NA or leave them empty",
            view=name,
            items=text,
        )
        return None, [found]
    samples, sample_problems = names_as_text(frame.index, "sample", name)
    features, feature_problems = names_as_text(frame.columns, "feature", name)
    part = Part(
        name=name,
        values=frame.to_numpy(dtype=np.float64, na_value=np.nan),
        samples=samples,
        features=features,
        obs=pd.DataFrame(index=samples),
    )
    return part, [*sample_problems, *feature_problems]


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


def _numbers(name: str, x: object, features: pd.Index) -> tuple[Matrix | None, list[Finding]]:
    """Return X as dense float64 or as CSR float64; backed matrices are read."""
    if hasattr(x, "to_memory"):
        x = x.to_memory()
    if sparse.issparse(x):
        matrix = sparse.csr_matrix(x)
        if matrix.dtype.kind in "biuf":
            return matrix if matrix.dtype == np.float64 else matrix.astype(np.float64), []
        dtype = matrix.dtype
    else:
        dense = np.asarray(x)
        if dense.dtype.kind in "biuf":
            return dense.astype(np.float64, copy=False), []
        dtype = dense.dtype
    found = error(
        "non-numeric",
        f"its matrix has the type {dtype}",
        "real numbers, with NaN where missing",
        "store numbers in X",
        view=name,
        examples=features,
    )
    return None, [found]


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
        found = error(
            "names-with-levels",
            f"the names of a {what} have {count(names.nlevels, 'level')}",
            "one name each",
            "join the levels to one text first",
            view=view,
            examples=names,
        )
        return pd.Index([str(name) for name in names], dtype=object), [found]
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
        findings.append(
            error(
                "dates-as-names",
                f"{count(len(dates), what, 'have')} a date for a name",
                "text",
                "read names as text, for example with pathfa.read_cohort",
                view=view,
                items=dates,
            )
        )
    return pd.Index([str(name) for name in names], dtype=object), findings


def _declared(data: ad.AnnData | md.MuData) -> Mapping[str, str]:
    declared = data.uns.get(DECLARED, {})
    return declared if isinstance(declared, Mapping) else {}


def declared_of(data: object) -> Mapping[str, str]:
    """Return what a reader left in ``uns`` of a container, empty for plain tables."""
    return _declared(data) if isinstance(data, ad.AnnData | md.MuData) else {}


def duplicates_of(names: pd.Index) -> Sequence[str]:
    """Return the names that occur more than once, each once."""
    return list(names[names.duplicated()].unique())
