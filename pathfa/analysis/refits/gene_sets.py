"""Fits to the same data with other gene sets: none at all, or other collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pathfa.analysis.refits.refit import Refit, match_factors, reference_fit
from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.data import GeneSets, as_cohort
from pathfa.estimator import PathFA

if TYPE_CHECKING:
    from pathfa.fit.run import Data


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
