"""Would other patients have given the same factors: refits on resamples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from pathfa.analysis.association.tables import COLUMNS, check_confidence
from pathfa.analysis.programmes.selection import selected
from pathfa.analysis.refits.refit import reference_fit, run_all, take_samples
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.data import Cohort, GeneSets, as_cohort
from pathfa.estimator import PathFA
from pathfa.result.result import PathFAResult


class Resampling(StrEnum):
    """How resamples are drawn."""

    SUBSAMPLE = "subsample"  # a fraction of the samples, without replacement
    BOOTSTRAP = "bootstrap"  # as many samples, with replacement


@dataclass(frozen=True, kw_only=True)
class _Refit:
    """A refit, its factors in the order of the reference."""

    similarity: np.ndarray  # K
    selected: pd.DataFrame  # P x K


@dataclass(frozen=True, kw_only=True)
class _Job:
    cohort: Cohort
    gene_sets: dict[str, list[str]]
    model: PathFA
    reference: dict[str, pd.DataFrame]
    positions: np.ndarray
    seed: int


def stability(
    data: object,
    gene_sets: GeneSets | Mapping[str, Sequence[str]],
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
    """Refit the model on resamples of the cohort and tell what comes back.

    Number of factors and loading prior stay those of the reference; preprocessing and everything else is done anew on
    each resample. Factors are matched to the reference by optimal assignment on the absolute cosine of their loadings
    over all views, and turned to its sign.

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
        ``lower`` and ``upper`` its central quantiles, ``covariate`` empty. ``level="gene_set"``: one row per factor
        (``covariate``) and gene set (``feature``) that is selected in the reference or in a refit; ``effect`` is how
        often it is selected in the matched factor, with a Wilson interval; ``reference`` whether the reference selects
        it. ``n`` is the number of refits; ``statistic``, ``p`` and ``q`` are NaN, nothing is tested. A gene set counts
        as selected when it belongs to the factor with a probability above one half.

    Raises
    ------
    ConfigError
        For unknown options.
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
    sets = {name: list(members) for name, members in gene_sets.items()}
    result, unfitted = reference_fit(model, cohort, sets, options)
    rng = np.random.default_rng(seed)
    size = len(cohort.samples)
    jobs = [
        _Job(
            cohort=cohort,
            gene_sets=sets,
            model=unfitted,
            reference=result.loadings,
            positions=_draw(how, size, fraction, rng),
            seed=seed + 1 + index,
        )
        for index in range(n_resamples)
    ]
    refits = run_all(_refit, jobs, n_jobs, progress)
    name = f"{fraction:.0%} subsamples" if how is Resampling.SUBSAMPLE else "bootstrap"
    table = pd.concat([_factor_rows(result, refits, confidence), _set_rows(result, refits, confidence)])
    table = table.assign(n=n_resamples, test=name, statistic=np.nan, p=np.nan, q=np.nan)
    return table[[*COLUMNS, "level", "reference"]].reset_index(drop=True)


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


def _draw(how: Resampling, size: int, fraction: float, rng: np.random.Generator) -> np.ndarray:
    if how is Resampling.BOOTSTRAP:
        return np.sort(rng.integers(0, size, size))
    return np.sort(rng.permutation(size)[: max(2, round(fraction * size))])


def _refit(job: _Job) -> _Refit:
    model = PathFA(**{**job.model.get_params(), "seed": job.seed})
    result = model.fit(take_samples(job.cohort, job.positions), job.gene_sets).result_
    order, similarity = match_factors(job.reference, result.loadings)
    used = selected(result).to_numpy()
    columns = np.where(order[None, :] >= 0, used[:, order], False)
    return _Refit(similarity=np.abs(similarity), selected=pd.DataFrame(columns, index=result.gene_set_names))


def _factor_rows(result: PathFAResult, refits: Sequence[_Refit], confidence: float) -> pd.DataFrame:
    similarity = np.array([refit.similarity for refit in refits])
    tail = 0.5 * (1.0 - confidence)
    lower, middle, upper = np.quantile(similarity, [tail, 0.5, 1.0 - tail], axis=0)
    return pd.DataFrame(
        {
            "covariate": "",
            "feature": result.factor_names,
            "effect": middle,
            "lower": lower,
            "upper": upper,
            "note": np.where(middle < 0.7, "does not come back in most refits: do not interpret it", ""),
            "level": "factor",
            "reference": True,
        }
    )


def _set_rows(result: PathFAResult, refits: Sequence[_Refit], confidence: float) -> pd.DataFrame:
    from statsmodels.stats.proportion import proportion_confint

    names = pd.Index(result.gene_set_names)
    count = np.sum([refit.selected.reindex(names, fill_value=False).to_numpy(dtype=int) for refit in refits], axis=0)
    chosen = selected(result).to_numpy()
    parts = []
    for k, factor in enumerate(result.factor_names):
        rows = np.flatnonzero(chosen[:, k] | (count[:, k] > 0))
        rows = rows[np.argsort(-count[rows, k], kind="stable")]
        limits = proportion_confint(count[rows, k], len(refits), alpha=1.0 - confidence, method="wilson")
        parts.append(
            pd.DataFrame(
                {
                    "covariate": factor,
                    "feature": names[rows],
                    "effect": count[rows, k] / len(refits),
                    "lower": limits[0],
                    "upper": limits[1],
                    "note": "",
                    "level": "gene_set",
                    "reference": chosen[rows, k],
                }
            )
        )
    return pd.concat(parts)
