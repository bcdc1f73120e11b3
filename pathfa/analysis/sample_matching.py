"""Which samples are alike in two views: samples that were mixed up are like others, and not like themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from pathfa.data import as_cohort
from pathfa.data.validation.matching import Matching, match

if TYPE_CHECKING:
    from pathfa.fit.run import Data

_COLUMNS = ["view", "other_view", "sample", "own", "most_alike", "likeness", "log_odds", "mixed_up", "exchanged_with"]


def sample_matching(data: Data) -> pd.DataFrame:
    """Return how alike the values of each sample are in two views of the same features, most suspicious samples first.

    Parameters
    ----------
    data
        As for ``PathFA.fit``. Views with fewer than 15 samples or 100 features in common are not compared; of more than
        500 samples, 500 from all over them are.

    Returns
    -------
    DataFrame
        A row per pair of views and sample. ``own``: how alike the sample is in both views, in sd of how alike different
        samples are. ``most_alike``, ``likeness``: the sample of the other view that is most like it, and how alike that
        is. ``log_odds``: how much likelier ``own`` is of two different samples than of one, before anything else is
        known. ``mixed_up``: whether ``validate`` tells the sample. ``exchanged_with``: the sample that it seems to be
        exchanged with; empty where there is none.

    Examples
    --------
    >>> table = pf.analysis.sample_matching(pf.simulate(24, 1).mdata)
    >>> len(table), int(table["mixed_up"].sum())
    (22, 0)
    """
    pairs = combinations(as_cohort(data).views, 2)
    tables = [
        pd.DataFrame(_rows(one.name, two.name, found), columns=_COLUMNS)
        for one, two in pairs
        if (found := match(one, two)) is not None
    ]
    if not tables:
        return pd.DataFrame(columns=_COLUMNS)
    return pd.concat(tables, ignore_index=True).sort_values(
        ["mixed_up", "own"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _rows(one: str, two: str, found: Matching) -> Iterator[tuple[object, ...]]:
    names, mixed_up = found.samples.to_numpy(), found.mixed_up
    nearest = found.z.argmax(axis=1)
    for place, name in enumerate(names):
        at, likeness = names[nearest[place]], float(found.z[place, nearest[place]])
        other = names[found.partners[place]] if place in found.partners else ""
        odds = float(found.log_odds[place])
        yield one, two, name, float(found.own[place]), at, likeness, odds, bool(mixed_up[place]), other
