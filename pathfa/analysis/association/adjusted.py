"""What is left of an association beside each other covariate: whether two of them can be told apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from itertools import permutations

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import MIN_SAMPLES, covariate_table, read_covariate
from pathfa.analysis.association.design import adjustment_design, design, in_span
from pathfa.analysis.association.hypothesis_tests import linear
from pathfa.analysis.association.one_covariate import linear_measure
from pathfa.analysis.association.significance import false_discovery_rate
from pathfa.analysis.association.tables import in_sd
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import SIGNIFICANT

_TAKEN = ("effect", "lower", "upper", "p", "measure", "contrast")
ADJUSTED = ("adjusted_for", *(f"adjusted_{name}" for name in _TAKEN), "adjusted_q")
"""Columns of what is left of an association."""
_LEVEL = 0.95
_MOST_LOST = 0.2  # share of the samples that may lack the other covariate


def beside_others(
    result: PathFAResult, tests: pd.DataFrame, covariates: pd.DataFrame, values: pd.DataFrame, among: Collection[str]
) -> pd.DataFrame:
    """Return associations with what is left of each beside that other covariate which leaves the least of it.

    The others are covariates that the same feature is associated with, taken one at a time in a linear model. They are
    known of at least four fifths of the samples.

    Parameters
    ----------
    result
        The fitted model.
    tests
        What ``associate`` returned.
    covariates
        Covariates that were tested.
    values
        The features that were tested, N x P.
    among
        Names of the covariates that are looked at beside each other.

    Returns
    -------
    DataFrame
        ``tests`` with the columns ``ADJUSTED``: the other covariate (missing where none is associated), and what
        ``associate`` finds with ``adjust`` set to it. Where the other one determines the covariate, p is 1 and there
        is no effect. q is over the features of a covariate: of many features something is left of a few by chance.
    """
    keys = ["covariate", "feature"]
    table = covariate_table(result, covariates[[name for name in covariates.columns if str(name) in among]])
    hits = tests[(tests["q"] <= SIGNIFICANT) & tests["covariate"].isin(list(among))]
    of = {str(name): list(part["feature"].map(str)) for name, part in hits.groupby("covariate", sort=False)}
    parts = [
        part
        for name, other in permutations(of, 2)
        if (both := [feature for feature in of[name] if feature in set(of[other])])
        for part in _left(table[name], table[other], values[both])
    ]
    if not parts:
        return tests.assign(**dict.fromkeys(ADJUSTED, np.nan))
    left = pd.concat(parts, ignore_index=True).reindex(columns=[*keys, *ADJUSTED])
    left = left.sort_values("adjusted_p", ascending=False, kind="stable")
    found = tests.merge(left.drop_duplicates(keys).drop(columns="adjusted_q"), how="left", on=keys)
    return found.assign(adjusted_q=false_discovery_rate(found["adjusted_p"], found["covariate"]))


def _left(covariate: pd.Series, other: pd.Series, values: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield what is left of the associations of one covariate beside another; nothing where that cannot be tested."""
    name = str(covariate.name)
    read = read_covariate(name, covariate, rows=other.notna().to_numpy())
    if read.problem or read.rows.sum() < (1.0 - _MOST_LOST) * read_covariate(name, covariate).rows.sum():
        return
    found = pd.DataFrame({"covariate": name, "feature": values.columns, "adjusted_for": str(other.name)})
    own, adjust = design(read), adjustment_design(other[read.rows].to_frame())[0]
    if in_span(own, adjust)[0]:
        yield found.assign(adjusted_p=1.0)
    elif len(own) - adjust.shape[1] - own.shape[1] > MIN_SAMPLES:
        test = partial(linear, x=own.to_numpy(), adjust=adjust.to_numpy(), level=_LEVEL)
        tested = in_sd(test, values.to_numpy()[read.rows])[0]
        taken = {**tested.columns(), "measure": linear_measure(read.kind), "contrast": read.contrast}
        yield found.assign(**{f"adjusted_{name}": taken[name] for name in _TAKEN})
