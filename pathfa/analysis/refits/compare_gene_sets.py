"""Which gene-set collection the data favour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.data import GeneSets, as_cohort
from pathfa.estimator import PathFA

if TYPE_CHECKING:
    from pathfa.fit.run import Data


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
    """
    if options.get("features", "all") != "all":
        expected = "'all': evidences are comparable only on the same features"
        raise ConfigError(findings=[bad_option("features", options["features"], expected, "use features='all'")])
    if not collections:
        expected = "at least one collection"
        raise ConfigError(findings=[bad_option("collections", dict(collections), expected, "use {'name': gene_sets}")])
    cohort = as_cohort(data)
    rows = []
    for name, gene_sets in collections.items():
        model = PathFA(**options).fit(cohort, gene_sets)
        rows.append(
            {
                "collection": name,
                "n_sets": len(model.result_.gene_set_names),
                "n_factors": model.result_.settings["n_factors"],
                "loading_prior": model.result_.settings["loading_prior"],
                "log_evidence": model.log_evidence_,
                "annotated_share": float(model.annotated_share_.to_numpy().mean()),
                "converged": model.converged_,
            }
        )
    table = pd.DataFrame(rows).sort_values("log_evidence", ascending=False, ignore_index=True)
    table.insert(5, "behind", table["log_evidence"].max() - table["log_evidence"])
    return table
