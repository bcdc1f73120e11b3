"""Fits of the same model to other samples or other gene sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from pathfa.core.progress import counted
from pathfa.data import Cohort
from pathfa.data.gene_sets.libraries import GeneSetSource
from pathfa.estimator import PathFA
from pathfa.fit.run import parameters_of, run
from pathfa.options import FitOptions, LoadingPrior
from pathfa.result.judgement import require_factors
from pathfa.result.result import PathFAResult, as_result

_Summary = TypeVar("_Summary")


def reference_fit(
    model: object, data: object, gene_sets: GeneSetSource, changes: Mapping[str, Any]
) -> tuple[PathFAResult, FitOptions]:
    """Return a fitted model, and the options of its fit as they were resolved.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, path, or None to fit one with ``changes``.
    data, gene_sets
        What to fit when there is no model.
    changes
        Options of ``PathFA``; with a model, changes to its own.

    Raises
    ------
    ConfigError
        If the model has no factors: there is nothing to compare refits with.
    """
    if model is None:
        model = PathFA(**changes).fit(data, gene_sets)
    result = as_result(model)
    require_factors(result)
    given = model.get_params() if isinstance(model, PathFA) else parameters_of(result)
    given |= {
        **changes,
        "n_factors": len(result.factor_names),
        "loading_prior": result.settings["loading_prior"],
        "n_jobs": 1,
        "progress": False,
        "keep_data": False,
    }
    return result, FitOptions(**given)


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Refit:
    """A fit of the same model to some of the samples, with other gene sets, or without any.

    Attributes
    ----------
    options
        The options of the model.
    cohort, gene_sets
        What it is fitted to.
    samples
        Positions of the samples that are taken; all when None.
    seed
        Seed of the fit; that of the model when None.
    informed
        Whether the fit sees the gene sets. Without them loadings are free and centred on zero; the gene sets then only
        choose the features, where the model takes annotated ones alone.
    """

    options: FitOptions
    cohort: Cohort
    gene_sets: GeneSetSource
    samples: np.ndarray | None = None
    seed: int | None = None
    informed: bool = True

    def fit(self) -> PathFAResult:
        """Return the result of the fit."""
        cohort = self.cohort if self.samples is None else take_samples(self.cohort, self.samples)
        options = self.options if self.seed is None else replace(self.options, seed=self.seed)
        if not self.informed:
            options = replace(options, loading_prior=LoadingPrior.SOFT)
        return run(options, cohort, self.gene_sets, informed=self.informed)


def fit_all(
    what: str,
    refits: Sequence[Refit],
    summaries: Sequence[Callable[[PathFAResult], _Summary]],
    n_jobs: int,
    progress: bool,
) -> list[_Summary]:
    """Fit side by side through joblib, show how many are done, and return a summary of each.

    Parameters
    ----------
    what
        What they are, in the plural.
    refits
        What is fitted.
    summaries
        What is kept of each result, a function per refit. They run where the fit runs.
    n_jobs, progress
        Number of jobs; whether progress is shown.
    """
    from joblib import Parallel, delayed

    jobs = (delayed(_fit)(refit, summary) for refit, summary in zip(refits, summaries, strict=True))
    found: Iterable[_Summary] = Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    return list(counted(found, what, len(refits), progress))


def _fit(refit: Refit, summary: Callable[[PathFAResult], _Summary]) -> _Summary:
    return summary(refit.fit())


def match_factors(
    reference: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]
) -> tuple[np.ndarray, np.ndarray]:
    """Match factors by their loadings over all views.

    Parameters
    ----------
    reference, other
        Per view the loadings, G x K; features that one lacks count as 0.

    Returns
    -------
    order, similarity
        For each factor of the reference the position of its match and their cosine, K; a negative cosine means that the
        match has the other sign. Where the other has fewer factors, -1 and 0.

    Examples
    --------
    >>> matched, similarity = pf.analysis.match_factors(model.loadings_, model.loadings_)
    >>> matched, similarity.round(6)
    (array([0, 1]), array([1., 1.]))
    """
    first, second = [], []
    for view, table in reference.items():
        first.append(table.to_numpy())
        second.append(other[view].reindex(table.index).fillna(0.0).to_numpy())
    a, b = np.vstack(first), np.vstack(second)
    sizes = np.linalg.norm(a, axis=0)[:, None] * np.linalg.norm(b, axis=0)
    cosine = np.divide(a.T @ b, sizes, out=np.zeros((a.shape[1], b.shape[1])), where=sizes > 0)
    rows, columns = linear_sum_assignment(-np.abs(cosine))
    order = np.full(a.shape[1], -1)
    similarity = np.zeros(a.shape[1])
    order[rows], similarity[rows] = columns, cosine[rows, columns]
    return order, similarity
