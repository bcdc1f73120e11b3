"""Numbers that sum up a fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.result.result import PathFAResult


def member_share(result: PathFAResult) -> pd.DataFrame:
    """Return the annotated share over the features that are in some gene set, K x views, 0 to 1.

    Over all features, as in ``annotated_share``, it also counts features that no gene set could account for.
    """
    shares = {view: result.explained_share(view, np.diff(mask.indptr) > 0) for view, mask in result.masks.items()}
    return pd.DataFrame(shares, index=result.scores.columns)


def mean_member_share(result: PathFAResult) -> float:
    """Return the mean of ``member_share``, weighted by the variance that each factor explains in each view."""
    weights = result.variance_explained.drop(index="total").to_numpy().clip(min=0.0)
    values = member_share(result).to_numpy()
    return float((values * weights).sum() / weights.sum()) if weights.sum() > 0 else float(values.mean())


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
