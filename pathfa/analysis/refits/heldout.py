"""How well the model predicts samples that it has not seen, with gene sets and without."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.analysis.refits.refit import Refit, fit_all, reference_fit, take_samples
from pathfa.core.errors import ConfigError
from pathfa.data import Cohort, as_cohort
from pathfa.data.preprocess.preprocessor import FittedPreprocessor
from pathfa.fit.new_data import calibration_of
from pathfa.inference.posterior.project import project
from pathfa.inference.problem.problem import make_problem
from pathfa.result.result import PathFAResult
from pathfa.result.tensors import loadings_of

HALF = "half of its own features and the other views"
HALF_ALONE = "half of its own features"
OTHERS = "the other views"
_DRAWS = 2000  # bootstrap resamples of the samples

Errors = dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]
"""Per view and source of the prediction: sum of squared errors and of squared values of each held-out sample."""


def heldout(
    data: object,
    *,
    model: object,
    folds: int = 5,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = True,
    confidence: float = 0.95,
    **options: Any,
) -> pd.DataFrame:
    """Predict samples that were left out, with the gene sets of the model and without any.

    The samples are cut into folds. Each fold is left out once, everything else is done anew on the others: the
    preprocessing, the fit with the number of factors and the loading prior of the model, and the same without gene
    sets (see ``uninformed``). A left-out sample is scored from a part of its values, and values that its score has not
    seen are predicted. R2 is 1 - sum of squared errors / sum of squared values, in fitted units of the other samples:
    0 is as good as the mean of these, and below 0 is worse. Missing values do not count, nor do those below a detection
    limit. Predictions are by the factors alone: what the same feature in another view adds in ``PathFA.predict`` would
    say nothing about the factors.

    Parameters
    ----------
    data
        The cohort, as for ``PathFA.fit``.
    model
        Fitted ``PathFA``, ``PathFAResult`` or path.
    folds
        Number of folds, 2 or more.
    n_jobs
        Refits side by side, one thread each, see joblib.
    seed
        Seed of the folds, of the halves and of the bootstrap.
    progress
        Whether progress is shown on a terminal.
    confidence
        Level of the intervals.
    **options
        Options of ``PathFA`` that the refits change.

    Returns
    -------
    DataFrame
        One row per view and source of the prediction: ``view``, ``source`` (from what the values were predicted:
        half of the features of the view with the other views, or the other views alone), ``r2`` with ``lower`` and
        ``upper``, ``r2_without`` (the same without gene sets), ``gain`` (``r2`` less ``r2_without``) with
        ``gain_lower`` and ``gain_upper``, ``fitted_r2`` (of the model on the samples that it was fitted to), ``n``
        (samples), ``folds``. Intervals are of a bootstrap over the samples; the fits are not repeated for it.

    Raises
    ------
    ConfigError
        If there are fewer than two folds, more than samples, or too few samples for the number of factors.
    """
    cohort = as_cohort(data)
    result, own = reference_fit(model, cohort, {}, options)
    size = len(cohort.samples)
    if not 2 <= folds <= size:
        raise ConfigError.of(
            "bad-folds", f"{folds}", f"2 to {size}, the number of samples", "use folds=5", place="folds"
        )
    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(size) % folds)
    refits, summaries = [], []
    for informed in (True, False):
        for index in range(folds):
            train, test = np.flatnonzero(fold != index), take_samples(cohort, np.flatnonzero(fold == index))
            refits.append(
                Refit(options=own, cohort=cohort, gene_sets=result.gene_sets, samples=train, informed=informed)
            )
            summaries.append(partial(_errors, test, seed + 1 + index))
    found = fit_all(refits, summaries, n_jobs, progress)
    table = _table(result, found[:folds], found[folds:], rng, confidence)
    return table.assign(folds=folds)


def _errors(test: Cohort, seed: int, result: PathFAResult) -> Errors:
    """Return how far predictions of left-out samples are from their values, in fitted units of the others."""
    rng = np.random.default_rng(seed)
    found: Errors = {}
    values = {
        view: FittedPreprocessor.from_arrays(result.preprocessing[view]).transform(test.view(view))
        for view in result.view_names
    }
    n_sets, calibration = len(result.gene_set_names), calibration_of(result)
    loadings = [loadings_of(result, view) for view in values]

    def predict(view: str, seen: np.ndarray) -> np.ndarray:
        """Return the expected values of a view, N x G, given some of its own and all of the others."""
        given = {**values, view: seen}
        problem = make_problem([(x, sp.csr_matrix((x.shape[1], n_sets))) for x in given.values()])
        scores = project(problem, loadings, calibration).mean.numpy()
        return np.asarray(scores @ result.loadings[view].to_numpy().T)

    several = len(values) > 1
    for view, x in values.items():
        total = np.nansum(x**2, axis=1)
        first = rng.permutation(x.shape[1]) < x.shape[1] // 2
        errors = np.zeros(len(x))
        for hidden in (first, ~first):
            fitted = predict(view, np.where(hidden, np.nan, x))
            errors += np.nansum((x - fitted)[:, hidden] ** 2, axis=1)
        found[view, HALF if several else HALF_ALONE] = errors, total
        if several:
            others = np.any([np.isfinite(item).any(axis=1) for name, item in values.items() if name != view], axis=0)
            fitted = predict(view, np.full_like(x, np.nan))
            errors = np.nansum((x - fitted) ** 2, axis=1)
            found[view, OTHERS] = np.where(others, errors, 0.0), np.where(others, total, 0.0)
    return found


def _table(
    result: PathFAResult, informed: list[Errors], uninformed: list[Errors], rng: np.random.Generator, confidence: float
) -> pd.DataFrame:
    """Return R2 of both fits with their intervals."""
    ends, rows = (0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence), []
    for view, source in informed[0]:
        parts = [[item[view, source][i] for item in way] for way in (informed, uninformed) for i in (0, 1)]
        sums = np.stack([np.concatenate(part) for part in parts])
        sums = sums[:, (sums[1] > 0) & (sums[3] > 0)]
        if not (n := sums.shape[1]):
            continue
        draws = rng.multinomial(n, np.full(n, 1.0 / n), size=_DRAWS)
        (r2, without), drawn = _r2(sums, np.ones((1, n)))[:, 0], _r2(sums, draws)
        limits = *np.quantile(drawn[0], ends), *np.quantile(drawn[0] - drawn[1], ends)
        fitted = float(result.variance_explained[view].loc["total"])
        rows.append((view, source, r2, *limits[:2], without, r2 - without, *limits[2:], fitted, n))
    columns = ["view", "source", "r2", "lower", "upper", "r2_without", "gain", "gain_lower", "gain_upper"]
    return pd.DataFrame(rows, columns=[*columns, "fitted_r2", "n"])


def _r2(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return R2 with and without gene sets, 2 x draws, where each sample counts as often as it was drawn."""
    errors, total, without, scale = (counts @ row for row in sums)
    return np.stack([1.0 - errors / total, 1.0 - without / scale])
