"""How many factors: what each adds to the evidence, what more predict, and how many come back in other samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.refits.predictions import predictions, scores_of
from pathfa.analysis.refits.refit import Refit, fit_all, take_samples
from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.data import Cohort, as_cohort
from pathfa.data.gene_sets.libraries import GeneSetSource
from pathfa.fit.run import parameters_of
from pathfa.options import FitOptions
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import ran_to_end

REPLICATED = 0.8
"""Canonical correlation of the scores from two halves of the samples from which a dimension counts as found in both."""
_KNOWN = 0.1  # least variance of posterior means in a direction; it is 1 where the scores are known exactly
_SIZES = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40)


@dataclass(frozen=True, kw_only=True)
class _Half:
    """What a fit to one half of the samples says."""

    scores: np.ndarray  # of all samples, N x K
    log_density: float  # sum over the values of the other half, nats
    n_values: int


def number_of_factors(
    data: object,
    gene_sets: GeneSetSource,
    *,
    model: object = None,
    sizes: Sequence[int] | None = None,
    splits: int = 3,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> pd.DataFrame:
    """Fit the model with other numbers of factors, to all samples and to halves of them.

    Data that follow the model have an evidence that ends in a plateau, which decides. In real data it rises with every
    factor; then the number is a choice for reading, and this table shows what it costs. Each split cuts the samples in
    two halves at random. The model is fitted to both; each predicts the samples of the other, in every view a half of
    its features from the rest, and both score all samples.

    Parameters
    ----------
    data, gene_sets
        As for ``PathFA.fit``.
    model
        Fitted ``PathFA``, ``PathFAResult`` or path whose options and loading prior are kept; None takes ``options``.
    sizes
        Numbers of factors; None for some from 0 to a quarter of the samples, at most 40.
    splits
        Number of splits, two fits each.
    n_jobs
        Fits side by side, one thread each, see joblib.
    seed
        Seed of the splits.
    progress
        Whether progress is shown on a terminal.
    **options
        Options of ``PathFA``, changes to those of the model.

    Returns
    -------
    DataFrame
        One row per number of factors: ``n_factors``; ``log_evidence`` of all samples, nats; ``one_more``, what one
        factor added since the row before as a share of what all before had added over the first row; ``starts_agree``,
        mean correlation of the factors of other starts with the matched ones, NaN with one start; ``log_density``,
        mean log density of a value that was predicted, nats, by factors fitted to half of the samples, and
        ``log_density_sd`` over the halves; ``replicated``, how many canonical correlations between the scores of both
        halves are above ``REPLICATED``, mean over the splits; ``by_chance``, the same when the samples of one half are
        shuffled; ``splits``. Log densities compare between rows alone.

    Raises
    ------
    ConfigError
        If a number of factors is more than half of the samples can have, or there is no split.

    Examples
    --------
    >>> table = pf.analysis.number_of_factors(cohort.mdata, gene_sets, model=model, sizes=[2], splits=1, progress=False)
    >>> table["n_factors"].tolist()
    [2]
    """
    cohort = as_cohort(data)
    size = len(cohort.samples)
    most = size // 2 - 2
    asked = sorted(set([item for item in _SIZES if item <= size // 4] if sizes is None else sizes))
    if splits < 1:
        raise ConfigError(findings=[bad_option("splits", splits, "1 or more")])
    if not asked or asked[-1] > most or asked[0] < 0:
        raise ConfigError(findings=[bad_option("sizes", asked, f"numbers from 0 to {most}, for halves of the samples")])
    given: dict[str, Any] = {}
    if model is not None:
        result = as_result(model)
        given = parameters_of(result) | {"loading_prior": result.settings["loading_prior"]}
    given |= {**options, "n_jobs": 1, "progress": False, "keep_data": False}
    rng = np.random.default_rng(seed)
    halves = [np.array_split(rng.permutation(size), 2) for _ in range(splits)]
    whole, refits, summaries = [], [], []
    for n_factors in asked:
        refit = Refit(options=FitOptions(**{**given, "n_factors": n_factors}), cohort=cohort, gene_sets=gene_sets)
        whole.append(refit)
        for index, pair in enumerate(halves):
            for train, test in (pair, pair[::-1]):
                refits.append(replace(refit, samples=np.sort(train)))
                summaries.append(partial(_half, cohort, np.sort(test), seed + index))
    evidence = fit_all("numbers of factors", whole, [_evidence] * len(whole), n_jobs, progress)
    found = fit_all("parts of the samples", refits, summaries, n_jobs, progress)
    each = [found[start : start + 2 * splits] for start in range(0, len(found), 2 * splits)]
    rows = [_row(*parts, rng) for parts in zip(asked, evidence, each, strict=True)]
    table = pd.DataFrame(rows)
    added = table["log_evidence"] - table["log_evidence"].iloc[0]
    one_more = added.diff() / table["n_factors"].diff() / added.shift().where(added.shift() > 0)
    table.insert(2, "one_more", one_more)
    return table.assign(splits=splits)


def _evidence(result: PathFAResult) -> tuple[float, float]:
    """Return the log evidence, and how well the factors of other starts agree with the chosen ones."""
    others = result.selection[ran_to_end(result.selection) & ~result.selection["chosen"]]
    return result.log_evidence, float(others["agreement"].mean())


def _half(cohort: Cohort, test: np.ndarray, seed: int, result: PathFAResult) -> _Half:
    rng = np.random.default_rng(seed)
    density = np.concatenate([item.log_density for item in predictions(result, take_samples(cohort, test), rng)])
    return _Half(scores=scores_of(result, cohort), log_density=float(density.sum()), n_values=len(density))


def _row(
    n_factors: int, whole: tuple[float, float], halves: Sequence[_Half], rng: np.random.Generator
) -> dict[str, float]:
    """Return the row of one number of factors."""
    each = np.array([half.log_density / half.n_values for half in halves])
    pairs = [(first.scores, second.scores) for first, second in zip(halves[::2], halves[1::2], strict=True)]
    shuffled = [(first, rng.permutation(second)) for first, second in pairs]
    return {
        "n_factors": n_factors,
        "log_evidence": whole[0],
        "starts_agree": whole[1],
        "log_density": float(each.mean()),
        "log_density_sd": float(each.std(ddof=1)),
        "replicated": float(np.mean([in_common(*pair) for pair in pairs])),
        "by_chance": float(np.mean([in_common(*pair) for pair in shuffled])),
    }


def in_common(first: np.ndarray, second: np.ndarray, least: float = REPLICATED) -> int:
    """Return how many canonical correlations of two tables of scores, N x K and N x L, are above ``least``.

    Directions in which hardly anything is known of the scores do not count.
    """
    bases = [np.linalg.svd(table - table.mean(axis=0), full_matrices=False) for table in (first, second)]
    spans = [u[:, values**2 > _KNOWN * len(first)] for u, values, _ in bases]
    return int((np.linalg.svd(spans[0].T @ spans[1], compute_uv=False) > least).sum())
