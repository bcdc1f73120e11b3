"""Align views on their samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, findings_from_json, warning
from pathfa.core.text import count
from pathfa.data.cohort.covariates import join_covariates
from pathfa.data.cohort.parts import DUPLICATE_SAMPLES, ViewPart, declared_of, duplicates, parts_of
from pathfa.data.cohort.views import FLOW_COLUMNS, Cohort, Matrix, View, stored

_DUPLICATE_FEATURES = (
    "read the table with pathfa.read_cohort and a policy for duplicates: sum (counts), mean, median, most_complete, "
    "first or drop"
)
_HUGE = 1e30  # far beyond any measurement; high powers of such values overflow
_INFINITE_VALUES = (
    "infinite-values",
    "are infinite",
    "finite numbers, NaN where missing",
    "log of zero gives -inf: add a pseudo-count before the logarithm, or write NA",
)
_HUGE_VALUES = (
    "huge-values",
    f"are beyond {_HUGE:.0e}, which no instrument gives",
    f"numbers up to {_HUGE:.0e}",
    "look for the wrong unit, a broken export or an exponential taken twice at these places",
)


def as_cohort(data: object) -> Cohort:
    """Align the views of any supported container on their samples.

    Parameters
    ----------
    data
        MuData, AnnData (one view), a mapping from view names to AnnData or DataFrames (samples x features),
        or a Cohort, which is returned as it is.

    Returns
    -------
    Cohort
        Samples are the union over the views in the order of first appearance.

    Raises
    ------
    InputError
        With all that is wrong: duplicate sample or feature names, values that are not numbers or not finite.
    """
    cohort, findings = collect_cohort(data)
    InputError.stop_on(findings)
    if cohort is None:
        raise InputError("no view could be read")
    return cohort


def collect_cohort(data: object) -> tuple[Cohort | None, list[Finding]]:
    """Align as far as possible, and return every problem instead of stopping at the first.

    Returns
    -------
    cohort, findings
        The cohort contains the first of duplicate samples and features, so that further checks can run;
        it is None if no view could be read.
    """
    if isinstance(data, Cohort):
        return data, list(data.findings)
    parts, findings = parts_of(data)
    declared = declared_of(data)
    if "findings" in declared:
        findings = [*findings_from_json(declared["findings"]), *findings]
    aligned: list[ViewPart] = []
    for part in parts:
        unique, problems = _unique(part)
        findings += problems
        aligned.append(unique)
    if not aligned:
        return None, findings
    samples = union([part.samples for part in aligned])
    obs, problems = join_covariates(data, aligned, samples)
    findings += problems
    views = []
    for part in aligned:
        view, problems = _align(part, samples, obs)
        findings += problems
        views.append(view)
    flow = list(json.loads(declared["flow"])) if "flow" in declared else []
    for view in views:
        size = {"n_samples": view.n_present, "n_features": len(view.features)}
        flow.append({"view": view.name, "step": "aligned", **size, "detail": ""})
    cohort = Cohort(
        samples=samples,
        obs=obs,
        views=tuple(views),
        findings=tuple(findings),
        flow=pd.DataFrame(flow, columns=list(FLOW_COLUMNS)),
        identifiers=tuple(
            row
            for row in json.loads(declared.get("identifiers", "[]"))
            if row["view"] in [part.name for part in aligned]
        ),
        inputs=tuple(json.loads(declared.get("inputs", "[]"))),
    )
    return cohort, findings


def union(indices: Sequence[pd.Index]) -> pd.Index:
    """Return all names in the order of first appearance."""
    names: pd.Index = pd.Index(list(dict.fromkeys(name for index in indices for name in index)), dtype=object)
    return names


def _unique(part: ViewPart) -> tuple[ViewPart, list[Finding]]:
    """Report duplicate names, and keep the first of each."""
    findings = [
        *duplicates(part.samples, "sample", DUPLICATE_SAMPLES, part.name),
        *duplicates(part.features, "feature", _DUPLICATE_FEATURES, part.name),
    ]
    if not findings:
        return part, findings
    rows, columns = ~part.samples.duplicated(), ~part.features.duplicated()
    values = part.values[np.flatnonzero(rows)][:, np.flatnonzero(columns)]
    kept = replace(
        part, values=values, samples=part.samples[rows], features=part.features[columns], obs=part.obs.loc[rows]
    )
    return kept, findings


def _align(part: ViewPart, samples: pd.Index, obs: pd.DataFrame) -> tuple[View, list[Finding]]:
    """Put the rows of a part in the order of ``samples``; a row without a value counts as absent."""
    findings: list[Finding] = []
    rows = part.samples.get_indexer(samples)
    present = rows >= 0
    values: Matrix
    if part.samples.equals(samples):
        values = part.values
    elif sparse.issparse(part.values):
        padded = sparse.vstack([part.values, sparse.csr_matrix((1, part.values.shape[1]))], format="csr")
        values = padded[rows]  # position -1 is the empty row behind the last one
    else:
        values = np.full((len(samples), part.values.shape[1]), np.nan)
        values[present] = part.values[rows[present]]
    findings += _impossible(part, samples, values)
    if not isinstance(values, np.ndarray) and np.isnan(values.data).any():
        values = values.toarray()
        values[~present] = np.nan
    if not sparse.issparse(values) and values.shape[1]:
        empty = present & np.isnan(values).all(axis=1)
        if empty.any():
            found = f"{count(int(empty.sum()), 'sample', 'have')} no value at all: absent from this view"
            findings.append(warning("empty-samples", found, view=part.name, items=samples[empty]))
            present = present & ~empty
    view = View(
        name=part.name,
        values=values,
        present=present,
        samples=samples,
        features=part.features,
        obs=obs,
        kind=part.kind,
        preprocessing=part.preprocessing,
    )
    return view, findings


def _impossible(part: ViewPart, samples: pd.Index, values: Matrix) -> Iterator[Finding]:
    """Return errors for infinite values, and for those whose squares would be infinite."""
    numbers = stored(values)
    if not numbers.size or max(np.fmax.reduce(numbers, axis=None), -np.fmin.reduce(numbers, axis=None)) <= _HUGE:
        return
    infinite = np.isinf(numbers)
    for wrong, code, found, expected, fix in (
        (infinite, *_INFINITE_VALUES),
        ((np.abs(numbers) > _HUGE) & ~infinite, *_HUGE_VALUES),
    ):
        if not wrong.any():
            continue
        if sparse.issparse(values):
            entries = sparse.coo_matrix(values)
            rows, columns = entries.row[wrong], entries.col[wrong]
        else:
            rows, columns = np.nonzero(wrong)
        at = [f"{samples[i]}, {part.features[j]}" for i, j in zip(rows[:3], columns[:3], strict=True)]
        n = int(wrong.sum())
        yield error(code, count(n, "value", found), expected, fix, view=part.name, examples=at, count=n)
