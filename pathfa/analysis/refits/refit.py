"""Fits of the same model to other samples or other gene sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from pathfa.core.progress import counted
from pathfa.data import Cohort, GeneSets
from pathfa.estimator import PathFA
from pathfa.fit.run import parameters_of
from pathfa.result.result import PathFAResult, as_result

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def reference_fit(
    model: object, data: object, gene_sets: GeneSets | Mapping[str, Sequence[str]], options: Mapping[str, Any]
) -> tuple[PathFAResult, PathFA]:
    """Return a fitted model, and an unfitted one with its settings as they were resolved.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, path, or None to fit one with ``options``.
    data, gene_sets
        What to fit when there is no model.
    options
        Options of ``PathFA``; with a model, changes to its own.
    """
    if model is None:
        fitted = PathFA(**options).fit(data, {name: list(members) for name, members in gene_sets.items()})
        result, parameters = fitted.result_, fitted.get_params()
    else:
        result = as_result(model)
        parameters = model.get_params() if isinstance(model, PathFA) else parameters_of(result)
        parameters |= dict(options)
    parameters |= {
        "n_factors": len(result.factor_names),
        "loading_prior": result.settings["loading_prior"],
        "n_jobs": 1,
        "progress": False,
        "keep_data": False,
    }
    return result, PathFA(**parameters)


def take_samples(cohort: Cohort, positions: np.ndarray) -> Cohort:
    """Return a cohort of some samples, in this order; a sample taken twice gets a second name.

    Parameters
    ----------
    cohort
        N samples.
    positions
        Positions of the samples that are taken.
    """
    counts = pd.Series(positions).groupby(positions).cumcount()
    taken = cohort.samples[positions].astype(str)
    samples = pd.Index([f"{name}~{count}" if count else name for name, count in zip(taken, counts, strict=True)])
    obs = cohort.obs.iloc[positions].set_axis(samples, axis=0)
    views = tuple(
        replace(view, values=view.values[positions], present=view.present[positions], samples=samples, obs=obs)
        for view in cohort.views
    )
    return replace(cohort, samples=samples, obs=obs, views=views)


def run_all(run: Callable[[_Item], _Made], items: Sequence[_Item], n_jobs: int, progress: bool) -> list[_Made]:
    """Run a function on every item through joblib, and show how many are done."""
    from joblib import Parallel, delayed

    found: Iterable[_Made] = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(run)(item) for item in items)
    return list(counted(found, "refits", len(items), progress))
