"""What a page carries of the samples: scores, activities, where they come from, and what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from pathfa.analysis.association.covariates import MIN_PER_LEVEL, MIN_SAMPLES
from pathfa.analysis.projections import principal_components, umap, umap_is_worth_it
from pathfa.analysis.summaries import by_strength
from pathfa.pl.figures.strips import MOST_LEVELS
from pathfa.pl.quantities import component_words, umap_words
from pathfa.reporting.page.packing import packed
from pathfa.reporting.study.study import Study
from pathfa.result.result import PathFAResult

MOST_ACTIVITIES = 400_000
"""Up to this many activities the page carries their intervals, and enough digits that tests of groups come out as in
Python; beyond, ``model.interval`` gives the intervals."""
_LEVEL = 0.95


def of_samples(study: Study) -> dict[str, Any]:
    """Return the numbers of the samples, by name."""
    result = study.result
    few = result.activity.size <= MOST_ACTIVITIES
    return {
        "scores": packed(result.scores.to_numpy(), bits=32),
        "activity": packed(result.activity.to_numpy(), bits=32 if few else 16),
        "intervals": _intervals(result) if few else None,
        "member_loadings": packed(result.member_loadings.to_numpy()),
        "axes": _axes(result),
        "first_colour": _first_colour(study),
        "measured": {view: _measured(result, view) for view in result.view_names},
        "least": {"samples": MIN_SAMPLES, "group": MIN_PER_LEVEL},
    }


def _intervals(result: PathFAResult) -> dict[str, Any]:
    lower, upper = (packed(table.to_numpy()) for table in result.interval("activity", _LEVEL))
    return {"lower": lower, "upper": upper}


def _axes(result: PathFAResult) -> list[dict[str, Any]]:
    """Return the axes that are made of all factors: principal components, and a UMAP where it is worth it."""
    if not result.factor_names:
        return []
    table, shares = principal_components(result)
    words = {name: component_words(name, share) for name, share in zip(map(str, table), shares, strict=True)}
    if umap_is_worth_it(result):
        table = table.join(umap(result))
        words |= {name: umap_words(name) for name in map(str, table) if name not in words}
    return [{"id": name, "label": label, "values": _short(table[name].to_numpy())} for name, label in words.items()]


def _first_colour(study: Study) -> str:
    """Return the covariate with few levels most strongly associated with the factors; empty where there is none."""
    tests = study.factor_tests
    ranked = [] if tests is None else by_strength(tests, study.derived)
    return next((name for name in ranked if 1 < study.covariates[name].nunique() <= MOST_LEVELS), "")


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _measured(result: PathFAResult, view: str) -> dict[str, list[float | None]]:
    """Return per sample the share of the features of a view that were measured, and its noise relative to the cohort.

    Shares are None where values were not kept, both where a sample lacks the view.
    """
    present = result.presence[view].to_numpy(dtype=bool)
    noise = 1.0 / np.sqrt(result.sample_quality[view].to_numpy(dtype=float))
    share = result.data[view].notna().mean(axis=1).to_numpy() if result.data else np.full(len(present), np.nan)
    return {
        name: [_rounded(value) if seen else None for value, seen in zip(values, present, strict=True)]
        for name, values in (("share", share), ("noise", noise))
    }


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
