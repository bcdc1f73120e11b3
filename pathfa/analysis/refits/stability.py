"""Would other patients have given the same factors: refits on resamples."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.association.tables import COLUMNS, check_confidence
from pathfa.analysis.refits.number_of_factors import in_common
from pathfa.analysis.refits.predictions import scores_of
from pathfa.analysis.refits.refit import Refit, fit_all, match_factors, reference_fit
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.data import Cohort, as_cohort
from pathfa.data.gene_sets.libraries import GeneSetSource, as_gene_sets
from pathfa.result.judgement import LIMITS
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import selected


class Resampling(StrEnum):
    """How resamples are drawn."""

    SUBSAMPLE = "subsample"  # a fraction of the samples, without replacement
    BOOTSTRAP = "bootstrap"  # as many samples, with replacement


def stability(
    data: object,
    gene_sets: GeneSetSource,
    *,
    model: object = None,
    n_resamples: int = 20,
    resampling: str = "subsample",
    fraction: float = 0.8,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = True,
    confidence: float = 0.95,
    **options: Any,
) -> pd.DataFrame:
    """Refit the model on resamples of the cohort and report which factors and gene sets come back.

    Number of factors and loading prior stay those of the reference; preprocessing and everything else is done anew on
    each resample. Factors are matched to the reference by optimal assignment on the absolute cosine of their loadings
    over all views, and take its sign.

    Parameters
    ----------
    data, gene_sets
        As for ``PathFA.fit``.
    model
        The reference: a fitted ``PathFA``, ``PathFAResult`` or path. None fits one with ``options``.
    n_resamples
        Number of refits.
    resampling
        ``"subsample"`` or ``"bootstrap"``.
    fraction
        Part of the samples in a subsample, above 0 and below 1.
    n_jobs
        Refits side by side, one thread each, see joblib.
    seed
        Seed of the resamples and of the refits.
    progress
        Whether progress is shown on a terminal.
    confidence
        Level of the intervals.
    **options
        Options of ``PathFA``.

    Returns
    -------
    DataFrame
        ``level="factor"``: one row per factor; ``effect`` is the median similarity (cosine, 0 to 1) over the refits,
        ``lower`` and ``upper`` its central quantiles, ``covariate`` empty. ``level="activity"``: the same for the
        activity of every gene set, of its correlation with that of the reference over the samples of each refit; it
        does not depend on which factors came back. ``level="gene_set"``: one row per factor
        (``covariate``) and gene set (``feature``) that is selected in the reference or in a refit; ``effect`` is how
        often it is selected in the matched factor, with a Wilson interval; ``reference`` whether the reference selects
        it. ``dimensions`` is how many dimensions of the scores of all samples come back, whatever the axes: canonical
        correlations with the reference above ``REPLICATED``, mean over the refits, the same in all rows. ``n`` is the
        number of refits; ``statistic``, ``p`` and ``q`` are NaN, nothing is tested. A gene set counts
        as selected when it belongs to the factor with a probability of one half or more.

    Raises
    ------
    ConfigError
        For unknown options.

    Examples
    --------
    >>> table = pf.stability(cohort.mdata, gene_sets, model=model, n_resamples=2, progress=False)
    >>> table["level"].unique().tolist()
    ['factor', 'activity', 'gene_set']
    """
    how = choose(Resampling, resampling, "resampling")
    check_confidence(confidence)
    if n_resamples < 2:
        raise ConfigError.of(
            "too-few-resamples", f"{n_resamples}", "2 or more", "use n_resamples=20", place="n_resamples"
        )
    if not 0.0 < fraction < 1.0:
        raise ConfigError.of("bad-fraction", f"{fraction}", "above 0 and below 1", "use fraction=0.8", place="fraction")
    cohort = as_cohort(data)
    sets = as_gene_sets(gene_sets)
    result, own = reference_fit(model, cohort, sets, options)
    rng = np.random.default_rng(seed)
    drawn = [_draw(how, len(cohort.samples), fraction, rng) for _ in range(n_resamples)]
    refits = [
        Refit(options=own, cohort=cohort, gene_sets=sets, samples=samples, seed=seed + 1 + index)
        for index, samples in enumerate(drawn)
    ]
    names = [cohort.samples[samples].astype(str) for samples in drawn]
    tasks = [partial(_compared, result, cohort, taken) for taken in names]
    found = fit_all("resamples", refits, tasks, n_jobs, progress)
    similarity, used = np.array([item[0] for item in found]), np.sum([item[1] for item in found], axis=0)
    activities, dimensions = np.array([item[2] for item in found]), float(np.mean([item[3] for item in found]))
    name = f"{fraction:.0%} subsamples" if how is Resampling.SUBSAMPLE else "bootstrap"
    factors = _factor_rows(result, similarity, confidence)
    parts = [factors, _activity_rows(result, activities, confidence), _set_rows(result, used, n_resamples, confidence)]
    table = pd.concat(parts).assign(n=n_resamples, test=name, dimensions=dimensions)
    return table.reindex(columns=[*COLUMNS, "level", "reference", "dimensions"]).reset_index(drop=True)


def _draw(how: Resampling, size: int, fraction: float, rng: np.random.Generator) -> np.ndarray:
    if how is Resampling.BOOTSTRAP:
        return np.sort(rng.integers(0, size, size))
    return np.sort(rng.permutation(size)[: max(2, round(fraction * size))])


def _compared(
    reference: PathFAResult, cohort: Cohort, samples: pd.Index, refit: PathFAResult
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return how similar a refit is to the reference.

    Returns
    -------
    ndarray, ndarray, ndarray, int
        Similarity of its factors to those of the reference, K; which gene sets they use, P x K; correlation of the
        activities over its samples, P, NaN for gene sets that it lacks; dimensions of the scores in common.
    """
    order, similarity = match_factors(reference.loadings, refit.loadings)
    used = selected(refit).reindex(reference.gene_set_names, fill_value=False).to_numpy(dtype=bool)
    activity = reference.activity.loc[samples].set_axis(refit.activity.index, axis=0)
    alike = activity.corrwith(refit.activity.reindex(columns=activity.columns)).to_numpy(dtype=float)
    shared = in_common(scores_of(reference, cohort), scores_of(refit, cohort))
    return np.abs(similarity), np.where(order[None, :] >= 0, used[:, order], False), alike, shared


def _factor_rows(result: PathFAResult, similarity: np.ndarray, confidence: float) -> pd.DataFrame:
    tail = 0.5 * (1.0 - confidence)
    lower, middle, upper = np.quantile(similarity, [tail, 0.5, 1.0 - tail], axis=0)
    note = np.where(middle < LIMITS["stability"].caution, "does not come back in most refits: do not interpret it", "")
    found = pd.DataFrame(
        {"feature": result.factor_names, "effect": middle, "lower": lower, "upper": upper, "note": note}
    )
    return found.assign(covariate="", level="factor", reference=True)


def _activity_rows(result: PathFAResult, alike: np.ndarray, confidence: float) -> pd.DataFrame:
    """Return how well each activity agrees with that of the reference, from correlations, refits x P."""
    tail = 0.5 * (1.0 - confidence)
    quantiles = pd.DataFrame(alike, columns=result.gene_set_names).quantile([tail, 0.5, 1.0 - tail])
    lower, middle, upper = quantiles.to_numpy()
    found = pd.DataFrame({"feature": result.gene_set_names, "effect": middle, "lower": lower, "upper": upper})
    return found.assign(covariate="", note="", level="activity", reference=True)


def _set_rows(result: PathFAResult, count: np.ndarray, n_refits: int, confidence: float) -> pd.DataFrame:
    """Return how often each gene set is selected in each factor, from the counts, P x K."""
    from statsmodels.stats.proportion import proportion_confint

    names, chosen = pd.Index(result.gene_set_names), selected(result).to_numpy()
    parts = []
    for k, factor in enumerate(result.factor_names):
        rows = np.flatnonzero(chosen[:, k] | (count[:, k] > 0))
        rows = rows[np.argsort(-count[rows, k], kind="stable")]
        lower, upper = proportion_confint(count[rows, k], n_refits, alpha=1.0 - confidence, method="wilson")
        columns = {
            "covariate": factor,
            "feature": names[rows],
            "effect": count[rows, k] / n_refits,
            "lower": lower,
            "upper": upper,
            "note": "",
            "level": "gene_set",
            "reference": chosen[rows, k],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts)
