"""Are the selected gene sets better than chance: random sets of the same size compete with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.association.tables import COLUMNS
from pathfa.analysis.programmes.selection import contributions, selected, set_sizes
from pathfa.analysis.refits.refit import reference_fit, run_all
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.data import Cohort, GeneSets, as_cohort
from pathfa.estimator import PathFA
from pathfa.result.result import PathFAResult

PREFIX = "DECOY: "


@dataclass(frozen=True, kw_only=True)
class _Job:
    cohort: Cohort
    gene_sets: dict[str, list[str]]
    model: PathFA


def decoy_gene_sets(
    gene_sets: GeneSets | Mapping[str, Sequence[str]],
    features: Mapping[str, pd.Index],
    rng: np.random.Generator,
) -> GeneSets:
    """Return one random set for every gene set, named ``"DECOY: <name>"``.

    Parameters
    ----------
    gene_sets
        The real sets.
    features
        Measured features of each view. A decoy has as many members in each combination of views as the real set has,
        drawn from all measured features, those in real sets too.
    rng
        Source of randomness.
    """
    measured = pd.Index(np.unique(np.concatenate([index.astype(str) for index in features.values()])))
    # the views a feature is measured in, as a binary number
    where = sum(measured.isin(index.astype(str)).astype(int) << bit for bit, index in enumerate(features.values()))
    pools = {int(code): measured[where == code].to_numpy() for code in np.unique(where)}
    place = pd.Series(where, index=measured)
    members: dict[str, list[str]] = {}
    for name, real in gene_sets.items():
        codes, counts = np.unique(place[measured.intersection(list(real))], return_counts=True)
        if len(codes):
            members[f"{PREFIX}{name}"] = [
                str(gene)
                for code, count in zip(codes, counts, strict=True)
                for gene in rng.choice(pools[int(code)], count, replace=False)
            ]
    return GeneSets(members, source="decoys")


def decoys(
    data: object,
    gene_sets: GeneSets | Mapping[str, Sequence[str]],
    *,
    model: object = None,
    repeats: int = 5,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> pd.DataFrame:
    """Add a random set of the same size for every gene set, refit, and estimate how many selected sets are chance.

    The score of a set is its largest contribution to a factor (|weight| times the root of its measured members times
    its probability), averaged over the repeats. The empirical false discovery rate at a score is the expected number of
    decoys that reach it (plus one over the repeats) divided by the number of real sets that do.

    Parameters
    ----------
    data, gene_sets
        As for ``PathFA.fit``.
    model
        Fitted ``PathFA``, ``PathFAResult`` or path, whose number of factors and loading prior are kept. None fits one
        with ``options``.
    repeats
        Number of refits, each with new decoys.
    n_jobs
        Refits side by side, one thread each, see joblib.
    seed
        Seed of the decoys.
    progress
        Whether progress is shown on a terminal.
    **options
        Options of ``PathFA``.

    Returns
    -------
    DataFrame
        One row per gene set of the model, best first: ``covariate`` (the factor it contributes most to), ``feature``,
        ``effect`` and ``statistic`` (its score), ``lower``, ``upper`` (lowest and highest score over the repeats),
        ``p`` (NaN), ``q`` (empirical false discovery rate, 1 where it has no weight), ``n`` (measured members),
        ``test``, ``note``, ``selected`` (by the model without decoys), ``decoy_share`` (of the squared contributions of
        all sets, mean over the repeats; the same in all rows).
    """
    if repeats < 1:
        raise ConfigError.of("too-few-repeats", f"{repeats}", "1 or more", "use repeats=5", place="repeats")
    cohort = as_cohort(data)
    result, unfitted = reference_fit(model, cohort, gene_sets, options)
    real = {name: list(result.gene_sets[name]) for name in result.gene_set_names}
    features = {view: table.index for view, table in result.loadings.items()}
    rng = np.random.default_rng(seed)
    jobs = [
        _Job(
            cohort=cohort,
            gene_sets={**real, **{name: list(genes) for name, genes in decoy_gene_sets(real, features, rng).items()}},
            model=unfitted,
        )
        for _ in range(repeats)
    ]
    scores = pd.concat(run_all(_refit, jobs, n_jobs, progress), axis=1).fillna(0.0)
    return _summary(result, scores)


def empirical_fdr(real: np.ndarray, decoy: np.ndarray) -> np.ndarray:
    """Return the empirical false discovery rate at the score of each real set, P.

    Parameters
    ----------
    real
        Scores of the real sets, P; 0 where not selected.
    decoy
        Scores of the decoys, decoys x repeats.
    """
    repeats = decoy.shape[1]
    q = np.ones(len(real))
    order = np.argsort(-real, kind="stable")
    order = order[real[order] > 0]
    reached = np.array([(1 + (decoy >= real[index]).sum()) / repeats for index in order])
    rate = np.minimum(reached / np.arange(1, len(order) + 1), 1.0)
    q[order] = np.minimum.accumulate(rate[::-1])[::-1]
    return q


def _refit(job: _Job) -> pd.Series:
    result = PathFA(**job.model.get_params()).fit(job.cohort, job.gene_sets).result_
    return contributions(result).max(axis=1)


def _summary(result: PathFAResult, scores: pd.DataFrame) -> pd.DataFrame:
    is_decoy = scores.index.str.startswith(PREFIX)
    real, decoy = scores[~is_decoy].reindex(result.gene_set_names, fill_value=0.0), scores[is_decoy]
    share = (decoy**2).sum() / (scores**2).sum()
    mean = real.mean(axis=1).to_numpy()
    chosen = selected(result).any(axis=1).to_numpy()
    q = empirical_fdr(mean, decoy.to_numpy())
    table = pd.DataFrame(
        {
            "covariate": contributions(result).idxmax(axis=1).to_numpy(),
            "feature": result.gene_set_names,
            "effect": mean,
            "lower": real.min(axis=1).to_numpy(),
            "upper": real.max(axis=1).to_numpy(),
            "statistic": mean,
            "p": np.nan,
            "q": q,
            "n": set_sizes(result),
            "test": f"decoys, {count(scores.shape[1], 'refit')}",
            "note": np.where(chosen & (q > 0.1), "selected, but random sets do as well", ""),
            "selected": chosen,
            "decoy_share": float(share.mean()),
        }
    )
    columns = [*COLUMNS, "selected", "decoy_share"]
    return table.sort_values("effect", ascending=False, kind="stable")[columns].reset_index(drop=True)
