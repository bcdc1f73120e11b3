"""Numbers that sum up a fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from pathfa.result.labels import factor_id
from pathfa.result.result import PathFAResult

LIKELY = 0.5
"""Probability from which a gene set counts as a part of a factor."""
SURE = 0.95
"""Probability from which that is called sure."""
LOW_SHARE = 0.1
"""Member share below which the name of a factor says little."""
SHARED_RATIO = 0.2
"""A factor is seen in a view that has at least this part of what it explains of the view that it explains best."""


def member_share(result: PathFAResult) -> pd.DataFrame:
    """Return the annotated share over the features that are in some gene set, K x views, 0 to 1.

    Over all features, as in ``annotated_share``, it also counts features that no gene set could account for.
    """
    shares = {view: result.explained_share(view, np.diff(mask.indptr) > 0) for view, mask in result.masks.items()}
    return pd.DataFrame(shares, index=result.scores.columns)


def mean_member_share(result: PathFAResult) -> float:
    """Return the mean of ``member_share``, weighted by the variance that each factor explains in each view."""
    return _weighted_share(result, result.factor_names)


def factor_share(result: PathFAResult, factor: str) -> float:
    """Return the same for one factor."""
    return _weighted_share(result, [factor])


def _weighted_share(result: PathFAResult, factors: list[str]) -> float:
    shares = member_share(result).loc[factors].to_numpy(dtype=float)
    weights = result.variance_explained.loc[factors].to_numpy(dtype=float).clip(min=0.0)
    return float((shares * weights).sum() / weights.sum()) if weights.sum() > 0 else float(shares.mean())


def low_names(result: PathFAResult) -> list[str]:
    """Return the ids of the factors whose names say little of what is in them."""
    return [factor_id(name) for name in result.factor_names if factor_share(result, name) < LOW_SHARE]


def seen_in(result: PathFAResult) -> pd.DataFrame:
    """Return in which views each factor is seen: K x views, booleans."""
    table = result.variance_explained.drop(index="total").clip(lower=0.0)
    most = table.max(axis=1)
    return table.ge(SHARED_RATIO * most, axis=0) & (most > 0).to_numpy()[:, None]


def likely_sets(result: PathFAResult) -> pd.Index:
    """Return the gene sets that are likely to be part of some factor, in their order."""
    likely = (result.gene_set_probability >= LIKELY) & (result.gene_set_weights != 0)
    return result.gene_set_weights.index[likely.any(axis=1)]


def coverage_table(result: PathFAResult) -> pd.DataFrame:
    """Return per gene set and view how many members are measured."""
    parts = []
    for view, mask in result.masks.items():
        measured = np.asarray((mask != 0).sum(axis=0)).ravel()
        size = np.array([len(result.gene_sets[name]) for name in result.gene_set_names])
        parts.append(
            pd.DataFrame(
                {
                    "gene_set": result.gene_set_names,
                    "view": view,
                    "members": size,
                    "measured": measured,
                    "share": measured / size,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def start_agreement(result: PathFAResult) -> tuple[int, int]:
    """Return how many other starts of the chosen model came close to its evidence, and how many ran."""
    table = result.selection
    chosen = table[table["chosen"]].iloc[0]
    same = table[(table["n_factors"] == chosen["n_factors"]) & (table["loading_prior"] == chosen["loading_prior"])]
    ran = same["finished"] if "finished" in same else same["converged"]
    return len(result.settings.get("close_starts", ())), int((ran & ~same["chosen"]).sum())


def start_likeness(result: PathFAResult) -> float | None:
    """Return how much the factors of the starts that are as good agree with the chosen ones; None without such."""
    table = result.selection
    if "agreement" not in table:
        return None
    close = table["start"].isin(result.settings.get("close_starts", ())) & ~table["chosen"]
    found = table.loc[close, "agreement"].dropna()
    return float(found.mean()) if len(found) else None


def outliers(result: PathFAResult, level: float = 0.001) -> pd.DataFrame:
    """Return per sample the squared robust distance over all factors and whether it is an outlier.

    Distances are sums of squared robust z-scores (median, MAD), compared with a chi-squared distribution.

    Returns
    -------
    DataFrame
        ``distance``, ``outlier``; rows by falling distance.
    """
    scores = result.scores
    centre = scores.median()
    width = 1.4826 * (scores - centre).abs().median()
    standard = ((scores - centre) / width.where(width > 0)).fillna(0.0)
    distance = (standard**2).sum(axis=1)
    limit = chi2.isf(level / len(scores), df=scores.shape[1])
    table = pd.DataFrame({"distance": distance, "outlier": distance > limit})
    return table.sort_values("distance", ascending=False, kind="stable")
