"""What is found without gene sets: the same model with a prior that does not know which features belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.refits.refit import reference_fit
from pathfa.analysis.refits.stability import match_factors
from pathfa.data import as_cohort
from pathfa.estimator import PathFA
from pathfa.fit.run import run
from pathfa.options import LoadingPrior
from pathfa.result.result import PathFAResult


def fit_uninformed(unfitted: PathFA, data: object, gene_sets: Mapping[str, Sequence[str]]) -> PathFAResult:
    """Return a fit without gene sets: free loadings around zero, the same features and everything else the same.

    Parameters
    ----------
    unfitted
        The model with its settings.
    data
        The cohort, as for ``PathFA.fit``.
    gene_sets
        The gene sets of the model; they choose the features where it takes annotated ones alone.
    """
    model = PathFA(**{**unfitted.get_params(), "loading_prior": str(LoadingPrior.SOFT)})
    return run(model, as_cohort(data), dict(gene_sets), informed=False)


def within_space(reference: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return the cosine of each factor's loadings with the nearest mixture of the factors of another fit, K.

    Parameters
    ----------
    reference, other
        Per view the loadings, G x K, with the same features.
    """
    a = np.vstack([table.to_numpy() for table in reference.values()])
    b = np.vstack([other[view].loc[table.index].to_numpy() for view, table in reference.items()])
    basis = np.linalg.svd(b, full_matrices=False)[0][:, : np.linalg.matrix_rank(b)]
    size = np.linalg.norm(a, axis=0)
    within: np.ndarray = np.divide(np.linalg.norm(basis.T @ a, axis=0), size, out=np.zeros_like(size), where=size > 0)
    return within


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
        with a low similarity that lies within is one that the gene sets turned, not one that they made.
    """
    cohort = as_cohort(data)
    result, unfitted = reference_fit(model, cohort, {}, options)
    other = fit_uninformed(unfitted, cohort, result.gene_sets)
    _, similarity = match_factors(result.loadings, other.loadings)
    within = within_space(result.loadings, other.loadings)
    views = result.view_names
    evidence = pd.DataFrame(
        {
            "level": "evidence",
            "feature": "log evidence",
            "with_gene_sets": [result.log_evidence],
            "without_gene_sets": [other.log_evidence],
        }
    )
    explained = pd.DataFrame(
        {
            "level": "view",
            "feature": views,
            "with_gene_sets": result.variance_explained.loc["total", views].to_numpy(),
            "without_gene_sets": other.variance_explained.loc["total", views].to_numpy(),
        }
    )
    factors = pd.DataFrame({"level": "factor", "feature": result.factor_names, "similarity": np.abs(similarity)})
    factors["within"] = within
    return pd.concat([evidence, explained, factors], ignore_index=True)


def evidence_gain(table: pd.DataFrame) -> float:
    """Return what gene sets add to the log evidence, nats, from the table of ``uninformed``."""
    row = table[table["level"] == "evidence"].iloc[0]
    return float(row["with_gene_sets"] - row["without_gene_sets"])
