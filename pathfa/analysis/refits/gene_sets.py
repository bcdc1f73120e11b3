"""Fits to the same data with other gene sets: random ones beside the real ones, none at all, other collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pathfa.analysis.association.tables import COLUMNS
from pathfa.analysis.programmes.redundancy import contributions, set_sizes
from pathfa.analysis.refits.refit import Refit, fit_all, match_factors, reference_fit
from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.data import GeneSets, as_cohort
from pathfa.data.gene_sets.collection import Members
from pathfa.data.gene_sets.libraries import GeneSetSource, as_gene_sets
from pathfa.estimator import PathFA
from pathfa.fit.assemble import given_members
from pathfa.result.judgement import LIMITS
from pathfa.result.result import PathFAResult
from pathfa.result.shared_features import combinations_of
from pathfa.result.summaries import selected

if TYPE_CHECKING:
    from pathfa.fit.run import Data

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


def uninformed(data: object, *, model: object, **options: Any) -> pd.DataFrame:
    """Fit the same number of factors to the same features without gene sets, and set both fits side by side.

    Loadings are free and centred on zero (the soft prior without gene sets). The evidence of both fits is of the same
    data, so that its difference tells what the gene sets are worth. Random sets are worth a little too where most
    features rise and fall together; ``decoys`` tells real sets from random ones.

    Parameters
    ----------
    data
        The cohort, as for ``PathFA.fit``.
    model
        Fitted ``PathFA``, ``PathFAResult`` or path.
    **options
        Options of ``PathFA`` that the refit changes.

    Returns
    -------
    DataFrame
        ``level`` tells what a row is of. ``"evidence"``: the log evidence (nats) ``with_gene_sets`` and
        ``without_gene_sets``. ``"view"``: R2 of all factors together in the view ``feature``, both ways.
        ``"factor"``: ``similarity`` of the factor ``feature`` to its match in the fit without gene sets, the absolute
        cosine of their loadings over all views (1 is identical), and ``within``, the same to the nearest mixture of all
        factors of that fit. Without gene sets only the space of the factors is determined, not the axes in it: a factor
        with a low similarity that lies within is one whose axis the gene sets chose, not one that they made.

    Examples
    --------
    >>> table = pf.analysis.uninformed(cohort.mdata, model=model)
    >>> table["level"].unique().tolist()
    ['evidence', 'view', 'factor']
    """
    cohort = as_cohort(data)
    result, own = reference_fit(model, cohort, {}, options)
    other = Refit(options=own, cohort=cohort, gene_sets=result.gene_sets, informed=False).fit()
    _, similarity = match_factors(result.loadings, other.loadings)
    within = _within_space(result.loadings, other.loadings)
    views = result.view_names
    ways = {"with_gene_sets": result, "without_gene_sets": other}
    evidence = {name: [fit.log_evidence] for name, fit in ways.items()}
    explained = {name: fit.variance_explained.loc["total", views].to_numpy() for name, fit in ways.items()}
    parts = [
        pd.DataFrame({"level": "evidence", "feature": "log evidence", **evidence}),
        pd.DataFrame({"level": "view", "feature": views, **explained}),
        pd.DataFrame(
            {"level": "factor", "feature": result.factor_names, "similarity": np.abs(similarity), "within": within}
        ),
    ]
    return pd.concat(parts, ignore_index=True)


def _within_space(reference: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return the cosine of each factor's loadings with the nearest mixture of the factors of another fit, K."""
    a = np.vstack([table.to_numpy() for table in reference.values()])
    b = np.vstack([other[view].loc[table.index].to_numpy() for view, table in reference.items()])
    basis = np.linalg.svd(b, full_matrices=False)[0][:, : np.linalg.matrix_rank(b)]
    size = np.linalg.norm(a, axis=0)
    within: np.ndarray = np.divide(np.linalg.norm(basis.T @ a, axis=0), size, out=np.zeros_like(size), where=size > 0)
    return within


def compare_gene_sets(
    data: Data, collections: Mapping[str, GeneSets | Mapping[str, Sequence[str]]], **options: Any
) -> pd.DataFrame:
    """Fit the model with each of several gene-set collections and compare their evidence.

    All fits see the same features, also those outside every set, so that log evidences are comparable: a difference
    of d nats makes one collection exp(d) times as probable as another that was equally probable before.

    Parameters
    ----------
    data
        As for ``PathFA.fit``.
    collections
        Gene sets by the name of their collection.
    **options
        Options of ``PathFA``; ``features`` must be ``"all"``.

    Returns
    -------
    DataFrame
        One row per collection, best first: ``collection``, ``n_sets`` (used), ``n_factors``, ``loading_prior``,
        ``log_evidence`` (nats), ``behind`` (nats behind the best), ``annotated_share`` (mean over factors and views,
        0 to 1), ``converged``.

    Raises
    ------
    ConfigError
        If there is no collection, or ``features`` is not ``"all"``.

    Examples
    --------
    >>> collections = {"all": gene_sets, "half": dict(list(gene_sets.items())[:4])}
    >>> table = pf.compare_gene_sets(cohort.mdata, collections, n_factors=2, n_starts=1, progress=False)
    >>> table.columns[:3].tolist(), len(table)
    (['collection', 'n_sets', 'n_factors'], 2)
    """
    if options.get("features", "all") != "all":
        expected = "'all': evidences are comparable only on the same features"
        raise ConfigError(findings=[bad_option("features", options["features"], expected, "features='all'")])
    if not collections:
        expected = "at least one collection"
        raise ConfigError(findings=[bad_option("collections", dict(collections), expected, "{'name': gene_sets}")])
    cohort = as_cohort(data)
    rows = []
    for name, gene_sets in collections.items():
        result = PathFA(**options).fit(cohort, gene_sets).result_
        row = {"collection": name, "n_sets": len(result.gene_set_names)}
        row |= {setting: result.settings[setting] for setting in ("n_factors", "loading_prior")}
        row |= {"log_evidence": result.log_evidence, "annotated_share": float(result.annotated_share.to_numpy().mean())}
        rows.append(row | {"converged": result.converged})
    table = pd.DataFrame(rows).sort_values("log_evidence", ascending=False, ignore_index=True)
    table.insert(5, "behind", table["log_evidence"].max() - table["log_evidence"])
    return table
