"""How well the model predicts samples that it has not seen, with gene sets and without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.refits.predictions import predictions
from pathfa.analysis.refits.refit import Refit, fit_all, reference_fit, take_samples
from pathfa.core.errors import ConfigError
from pathfa.data import Cohort, as_cohort
from pathfa.result.result import PathFAResult

_DRAWS = 2000  # bootstrap resamples of the samples

_TENTHS = np.linspace(0.0, 1.0, 11)
RANKS = tuple(f"rank to {100 * end:.0f} %" for end in _TENTHS[1:])
"""Columns with the share of the held-out values whose rank among their predictions is in each tenth."""


@dataclass(frozen=True, kw_only=True)
class _Fold:
    """How well a view of the samples of one fold is predicted from one source."""

    errors: np.ndarray  # sum of squared errors of each sample
    total: np.ndarray  # sum of its squared values
    log_density: float  # sum over the values, nats
    ranks: np.ndarray  # how many values have a rank in each tenth


_Folds = dict[tuple[str, str], _Fold]  # by view and source of the prediction


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
        (samples), ``log_density`` (mean log density of a held-out value, nats), the columns ``RANKS`` (share of the
        held-out values whose rank among what was predicted is in each tenth: a tenth each where predictive intervals
        are right, more in the outer ones where they are too narrow), ``folds``. Intervals are of a bootstrap over the
        samples; the fits are not repeated for it.

    Raises
    ------
    ConfigError
        If there are fewer than two folds, more than samples, or too few samples for the number of factors.

    Examples
    --------
    >>> table = pf.analysis.heldout(cohort.mdata, model=model, folds=2, progress=False)
    >>> table[["view", "source"]]
          view                                        source
    0      rna  half of its own features and the other views
    1      rna                               the other views
    2  protein  half of its own features and the other views
    3  protein                               the other views
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
            summaries.append(partial(_fold, test, seed + 1 + index))
    found = fit_all("left-out samples", refits, summaries, n_jobs, progress)
    table = _table(result, found[:folds], found[folds:], rng, confidence)
    return table.assign(folds=folds)


def _fold(test: Cohort, seed: int, result: PathFAResult) -> _Folds:
    """Return how well left-out samples are predicted, in fitted units of the others."""
    return {
        (item.view, item.source): _Fold(
            errors=item.squares[0],
            total=item.squares[1],
            log_density=float(item.log_density.sum()),
            ranks=np.histogram(item.ranks, bins=_TENTHS)[0],
        )
        for item in predictions(result, test, np.random.default_rng(seed))
    }


def _table(
    result: PathFAResult, informed: list[_Folds], uninformed: list[_Folds], rng: np.random.Generator, confidence: float
) -> pd.DataFrame:
    """Return R2 of both fits with their intervals."""
    ends, rows = (0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence), []
    for view, source in informed[0]:
        own, without = ([item[view, source] for item in way] for way in (informed, uninformed))
        parts = [part for way in (own, without) for part in ([x.errors for x in way], [x.total for x in way])]
        sums = np.stack([np.concatenate(part) for part in parts])
        sums = sums[:, (sums[1] > 0) & (sums[3] > 0)]
        if not (n := sums.shape[1]):
            continue
        draws = rng.multinomial(n, np.full(n, 1.0 / n), size=_DRAWS)
        (r2, plain), drawn = _r2(sums, np.ones((1, n)))[:, 0], _r2(sums, draws)
        limits = *np.quantile(drawn[0], ends), *np.quantile(drawn[0] - drawn[1], ends)
        fitted = float(result.variance_explained[view].loc["total"])
        ranks = np.sum([item.ranks for item in own], axis=0)
        density = sum(item.log_density for item in own) / max(ranks.sum(), 1)
        found = r2, *limits[:2], plain, r2 - plain, *limits[2:], fitted, n, density, *(ranks / max(ranks.sum(), 1))
        rows.append((view, source, *found))
    columns = ["view", "source", "r2", "lower", "upper", "r2_without", "gain", "gain_lower", "gain_upper"]
    return pd.DataFrame(rows, columns=[*columns, "fitted_r2", "n", "log_density", *RANKS])


def _r2(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return R2 with and without gene sets, 2 x draws, where each sample counts as often as it was drawn."""
    errors, total, without, scale = (counts @ row for row in sums)
    return np.stack([1.0 - errors / total, 1.0 - without / scale])
