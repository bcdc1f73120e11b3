"""Random gene sets beside the real ones: how many of the selected sets are chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.association.tables import COLUMNS
from pathfa.analysis.programmes.redundancy import contributions, set_sizes
from pathfa.analysis.refits.refit import Refit, fit_all, reference_fit
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.data import GeneSets, as_cohort
from pathfa.data.gene_sets.collection import Members
from pathfa.data.gene_sets.libraries import GeneSetSource, as_gene_sets
from pathfa.fit.assemble import given_members
from pathfa.result.judgement import LIMITS
from pathfa.result.result import PathFAResult
from pathfa.result.shared_features import combinations_of
from pathfa.result.summaries import selected

PREFIX = "DECOY: "


def decoy_gene_sets(gene_sets: GeneSetSource, features: Mapping[str, pd.Index], rng: np.random.Generator) -> GeneSets:
    """Return one random set for every gene set, named ``"DECOY: <name>"``, with the same weights if the sets have any.

    Parameters
    ----------
    gene_sets
        The real sets.
    features
        Measured features of each view. A decoy has as many members in each combination of views as the real set has,
        drawn from all measured features, those in real sets too, and in each the weights of these members.
    rng
        Source of randomness.

    Examples
    --------
    >>> import numpy
    >>> features = {"rna": cohort.mdata["rna"].var_names}
    >>> random_sets = pf.analysis.decoy_gene_sets(gene_sets, features, numpy.random.default_rng(0))
    >>> len(random_sets)
    8
    """
    combination = combinations_of(features)
    pools = {code: group.index.to_numpy() for code, group in combination.groupby(combination)}
    sets = as_gene_sets(gene_sets)
    members: dict[str, list[str] | dict[str, float]] = {}
    for name in sets:
        weights = sets.weights(name)
        weights = weights[weights.index.isin(combination.index)]
        drawn: dict[str, float] = {}
        codes = combination[weights.index].to_numpy()
        for code in np.unique(codes):
            own = weights[codes == code]
            genes = rng.choice(pools[code], len(own), replace=False)
            drawn |= {str(gene): float(weight) for gene, weight in zip(genes, own, strict=True)}
        if drawn:
            members[f"{PREFIX}{name}"] = drawn if sets.weighted else list(drawn)
    return GeneSets(members, source="decoys")


def decoys(
    data: object,
    gene_sets: GeneSetSource,
    *,
    model: object = None,
    repeats: int = 5,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = True,
    **options: Any,
) -> pd.DataFrame:
    """Add a random set of the same size for every gene set, refit, and estimate how many selected sets are chance.

    The score of a set is its largest contribution to a factor (the size of its weight times the root of its measured
    members times its probability), averaged over the repeats. The empirical false discovery rate at a score is the
    expected number of decoys that reach it (plus one over the repeats) divided by the number of real sets that do.

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

    Examples
    --------
    >>> table = pf.decoys(cohort.mdata, gene_sets, model=model, repeats=1, progress=False)
    >>> table[["feature", "q", "selected"]].shape
    (8, 3)
    """
    if repeats < 1:
        raise ConfigError.of("too-few-repeats", f"{repeats}", "1 or more", "use repeats=5", place="repeats")
    cohort = as_cohort(data)
    result, own = reference_fit(model, cohort, gene_sets, options)
    real: dict[str, Members] = {name: result.gene_sets[name] for name in result.gene_set_names}
    features = {view: table.index for view, table in result.loadings.items()}
    rng = np.random.default_rng(seed)
    refits = []
    for _ in range(repeats):
        both = {**real, **given_members(decoy_gene_sets(real, features, rng))}
        refits.append(Refit(options=own, cohort=cohort, gene_sets=both))
    scores = pd.concat(fit_all("decoys", refits, [_set_scores] * repeats, n_jobs, progress), axis=1).fillna(0.0)
    return _summary(result, scores)


def _set_scores(result: PathFAResult) -> pd.Series[float]:
    """Return the largest contribution of each gene set to a factor, P."""
    return contributions(result).max(axis=1)


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
            "q": q,
            "n": set_sizes(result),
            "test": f"decoys, {count(scores.shape[1], 'refit')}",
            "note": np.where(chosen & (q > LIMITS["decoy-q"].caution), "selected, but random sets do as well", ""),
            "selected": chosen,
            "decoy_share": float(share.mean()),
        }
    )
    columns = [*COLUMNS, "selected", "decoy_share"]
    return table.sort_values("effect", ascending=False, kind="stable").reindex(columns=columns).reset_index(drop=True)
