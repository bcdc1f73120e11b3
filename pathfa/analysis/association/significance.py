"""False discovery rates, and which associations sentences may name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.result.summaries import SIGNIFICANT


def named(table: pd.DataFrame) -> pd.Series[bool]:
    """Return which associations are findings that a sentence may name, from the table of ``associate`` or ``survival``.

    These are significant, and those of gene sets stand out from random sets too.
    """
    found = table["q"] <= SIGNIFICANT
    return found & (table["competitive_q"] <= SIGNIFICANT) if "competitive_q" in table else found


def false_discovery_rate(p: pd.Series[float], family: pd.Series[str] | None = None) -> pd.Series[float]:
    """Return Benjamini-Hochberg q values, through statsmodels.

    Parameters
    ----------
    p
        P values; NaN stands for a test that was not done and counts nowhere.
    family
        Tests with the same value are corrected together; all of them when None.
    """
    from statsmodels.stats.multitest import multipletests

    q = pd.Series(np.nan, index=p.index, dtype=float)
    done = p.notna()
    families = pd.Series("", index=p.index) if family is None else family
    for rows in p[done].groupby(families[done]).groups.values():
        q[rows] = multipletests(p[rows].to_numpy(), method="fdr_bh")[1]
    return q
