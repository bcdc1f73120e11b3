"""What a report states about a fit and its analyses, as numbers."""

from __future__ import annotations

from collections.abc import Container, Sequence

import pandas as pd

from pathfa.analysis.association.copies import copies_among
from pathfa.analysis.programmes.redundancy import contributions, similar_sets
from pathfa.core.names import factor_id, readable
from pathfa.result.judgement import LIMITS, Level
from pathfa.result.labels import label_of
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import mean_member_share, seen_in, selected

_TRIED = 10  # gene sets that are looked at for each that is returned


def by_strength(tests: pd.DataFrame, last: Container[str] = ()) -> list[str]:
    """Return the names of the covariates by their smallest q, some of them last, from the table of ``associate``."""
    names = [str(name) for name in tests.sort_values("q", kind="stable")["covariate"].drop_duplicates()]
    return sorted(names, key=lambda name: name in last)


def sets_of_factor(result: PathFAResult, factor: str) -> tuple[list[str], int, int]:
    """Return the gene sets that are likely part of a factor, by falling contribution, and their members.

    Returns
    -------
    list of str, int, int
        Gene sets; how many distinct members they have; how many of these are measured.
    """
    added = contributions(result).loc[selected(result)[factor], factor].sort_values(ascending=False, kind="stable")
    names = [str(name) for name in added.index]
    members = {gene for name in names for gene in result.gene_sets[name]}
    measured = {str(feature) for table in result.loadings.values() for feature in table.index}
    return names, len(members), len(members & measured)


def named_after_sets(result: PathFAResult) -> list[str]:
    """Return the factors that are named after gene sets, not after their strongest genes."""
    sets = set(map(readable, result.gene_set_names))
    return [name for name in result.factor_names if sets.intersection(label_of(name, result.view_names)[0])]


def low_names(result: PathFAResult) -> list[str]:
    """Return the ids of the factors that are named after gene sets which say little of what is in them."""
    limit, named = LIMITS["name-share"], named_after_sets(result)
    return [factor_id(name) for name in named if limit.level(mean_member_share(result, name)) is not Level.PASS]


def factor_table(result: PathFAResult, grades: pd.DataFrame) -> pd.DataFrame:
    """Return per factor where it is seen, and whether it comes back in other fits.

    Parameters
    ----------
    result
        The fit.
    grades
        What ``factor_grades`` returned.
    """
    where = [_where(seen) for _, seen in seen_in(result).iterrows()]
    index = pd.Index(result.factor_names, name="factor")
    return pd.DataFrame({"where": where}, index=index).join(grades[["grade", "starts", "resamples"]]).reset_index()


def _where(seen: pd.Series) -> str:
    """Return in which views a factor is seen, in words."""
    views = [str(view) for view in seen.index[seen]]
    if len(seen) > 1 and len(views) == len(seen):
        return "shared"
    return " + ".join(views) + (" only" if len(seen) > 1 else "") if views else "nothing"


def prior_gain(result: PathFAResult) -> tuple[str, int, float] | None:
    """Return how much more evidence the chosen loading prior has than the other one, with as many factors each.

    Returns
    -------
    tuple or None
        The other prior, the largest number of factors that both were tried with (0 where there is none), and the gain
        in nats; None where no other prior was tried.
    """
    chosen = str(result.settings["loading_prior"])
    best = result.selection.pivot_table(
        index="n_factors", columns="loading_prior", values="log_evidence", aggfunc="max"
    )
    others = [str(name) for name in best.columns if name != chosen]
    if not others:
        return None
    both = best[[chosen, others[0]]].dropna()
    if both.empty:
        return others[0], 0, 0.0
    return others[0], int(both.index[-1]), float(both[chosen].iloc[-1] - both[others[0]].iloc[-1])


def best_heldout(table: pd.DataFrame | None) -> dict[str, float]:
    """Return R2 of left-out samples per view, from the source that predicts it best; empty without such a table."""
    return {} if table is None or table.empty else dict(table.groupby("view", sort=False)["r2"].max())


def activity_spread(result: PathFAResult) -> pd.Series[float]:
    """Return the sd over the samples of the activity of each gene set, largest first; none that is 0."""
    spread = result.activity.std(axis=0, ddof=0).sort_values(ascending=False)
    return spread[spread > 0]


def leading_sets(result: PathFAResult, first: Sequence[str], most: int, overlap: float) -> list[str]:
    """Return the gene sets that matter most, without those that share members with an earlier one.

    Parameters
    ----------
    result
        The fit.
    first
        Gene sets that come first, the most important one first.
    most
        Most gene sets returned, those counted once whose activities are nearly copies of each other. After the first
        ones come those that contribute most to each factor, then those whose activity varies most.
    overlap
        Jaccard overlap of measured members from which the later of two sets is left out.
    """
    added = contributions(result).where(selected(result))
    leading = [str(added[factor].idxmax()) for factor in result.factor_names if added[factor].notna().any()]
    spread = activity_spread(result)
    names = [name for name in dict.fromkeys([*first, *leading, *map(str, spread.index)]) if name in spread.index]
    distinct = list(similar_sets(result, names[: _TRIED * most], overlap))
    groups = list(copies_among(result.activity[distinct]).values())[:most]
    return [name for group in groups for name in group]


def interval_of(table: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return R2 and its limits by factor and view, from the table of ``explained_intervals``."""
    return {
        (str(row["factor"]), str(row["view"])): (float(row["r2"]), float(row["lower"]), float(row["upper"]))
        for row in table.to_dict("records")
    }
