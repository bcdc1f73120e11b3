"""Align views on their samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, findings_from_json, warning
from pathfa.core.text import count
from pathfa.data.cohort.covariates import join_covariates
from pathfa.data.cohort.matrix import Stored, as_dense, padded, select
from pathfa.data.cohort.parts import DUPLICATE_SAMPLES, ViewPart, declared_of, duplicates, parts_of
from pathfa.data.cohort.views import FLOW_COLUMNS, Cohort, View

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
    values = select(part.values, np.flatnonzero(rows), np.flatnonzero(columns))
    kept = replace(
        part, values=values, samples=part.samples[rows], features=part.features[columns], obs=part.obs.loc[rows]
    )
    return kept, findings


def _align(part: ViewPart, samples: pd.Index, obs: pd.DataFrame) -> tuple[View, list[Finding]]:
    """Put the rows of a part in the order of ``samples``; a row without a value counts as absent."""
    rows = part.samples.get_indexer(samples)
    present = rows >= 0
    values = part.values if part.samples.equals(samples) else padded(part.values, rows)
    if not isinstance(values, np.ndarray | Stored) and np.isnan(values.data).any():
        values = values.toarray()
        values[~present] = np.nan
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
    findings = list(_impossible(view))
    empty = np.zeros(len(samples), dtype=bool)
    empty[present] = view.profile.n_of_samples == 0
    if empty.any():
        if len(part.features):  # of a view without any, it is said that it has none
            found = f"{count(int(empty.sum()), 'sample', 'have')} no value at all: absent from this view"
            findings.append(warning("empty-samples", found, view=part.name, items=samples[empty]))
        view = replace(view, present=present & ~empty)
    return view, findings


def _impossible(view: View) -> Iterator[Finding]:
    """Return errors for infinite values, and for those whose squares would be infinite."""
    if not max(view.profile.largest, -view.profile.smallest) > _HUGE:
        return
    found: dict[str, tuple[int, list[str]]] = {}
    for block in view.blocks():
        numbers = np.abs(as_dense(block.values))
        for what, wrong in (("infinite", np.isinf(numbers)), ("huge", (numbers > _HUGE) & np.isfinite(numbers))):
            rows, columns = np.nonzero(wrong)
            examples = [f"{block.samples[i]}, {view.features[j]}" for i, j in zip(rows[:3], columns[:3], strict=True)]
            n, before = found.get(what, (0, []))
            found[what] = n + len(rows), [*before, *examples][:3]
    for what, (code, words, expected, fix) in (("infinite", _INFINITE_VALUES), ("huge", _HUGE_VALUES)):
        n, examples = found[what]
        if n:
            yield error(code, count(n, "value", words), expected, fix, view=view.name, examples=examples, count=n)
