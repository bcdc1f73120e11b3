"""Which samples are alike in two views: samples that were mixed up are like others, and not like themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pathfa.data import as_cohort
from pathfa.data.validation.matching import Matching, matchings

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
    tables = [_table(*each) for each in matchings(as_cohort(data))]
    if not tables:
        return pd.DataFrame(columns=_COLUMNS)
    return pd.concat(tables, ignore_index=True).sort_values(
        ["mixed_up", "own"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _table(one: str, two: str, found: Matching) -> pd.DataFrame:
    names, partners = found.samples.to_numpy(), found.partners
    columns = {
        "view": one, "other_view": two, "sample": names, "own": found.own, "most_alike": names[found.z.argmax(axis=1)],
        "likeness": found.z.max(axis=1), "log_odds": found.log_odds, "mixed_up": found.mixed_up,
        "exchanged_with": [names[partners[place]] if place in partners else "" for place in range(len(names))],
    }  # fmt: skip
    return pd.DataFrame(columns, columns=_COLUMNS)
