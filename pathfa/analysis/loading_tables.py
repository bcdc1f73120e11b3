"""Loadings of single features with their intervals: of a gene set, of a factor, of a gene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathfa.result.result import PathFAResult

_Z = 1.96  # half width of a 95 % interval in sd


def member_loadings(result: PathFAResult, gene_set: str, factor: str) -> pd.DataFrame:
    """Return the loadings of the members of a gene set on one factor in every view, with 95 % intervals.

    Returns
    -------
    DataFrame
        ``gene``, ``view``, ``factor``, ``loading``, ``lower``, ``upper``, ``excludes_zero``.
    """
    column = result.gene_set_names.index(gene_set)

    def members(view: str) -> pd.Index:
        inside: pd.Index = result.loadings[view].index[result.masks[view][:, [column]].toarray().ravel() != 0]
        return inside

    return _loadings(result, members, [factor])


def factor_loadings(result: PathFAResult, factor: str, most: int) -> pd.DataFrame:
    """Return the features of every view that load most on a factor, as :func:`member_loadings` does.

    Parameters
    ----------
    result
        The fit.
    factor
        Its full name.
    most
        Features per view, by falling absolute loading.
    """
    return _loadings(result, lambda view: result.loadings[view][factor].abs().nlargest(most).index, [factor])


def gene_loadings(result: PathFAResult, gene: str) -> pd.DataFrame:
    """Return the loadings of a gene on every factor in the views that measure it, as :func:`member_loadings` does."""

    def same(view: str) -> pd.Index:
        return result.loadings[view].index.intersection([gene])

    return _loadings(result, same, result.factor_names)


def _loadings(result: PathFAResult, chosen: Callable[[str], pd.Index], factors: Sequence[str]) -> pd.DataFrame:
    parts = []
    for view, loadings in result.loadings.items():
        names = chosen(view)
        for factor in factors:
            mean, half = loadings.loc[names, factor], _Z * result.loadings_sd[view].loc[names, factor]
            limits = {"loading": mean, "lower": mean - half, "upper": mean + half}
            parts.append(pd.DataFrame({"gene": names, "view": view, "factor": factor, **limits}))
    table = pd.concat(parts, ignore_index=True)
    table["excludes_zero"] = (table["lower"] > 0) | (table["upper"] < 0)
    return table
