"""Covariates that were computed from the data that were fitted: their associations confirm nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.analysis.association.tables import standardised
from pathfa.core.columns import holds_numbers, is_derived
from pathfa.core.names import readable
from pathfa.result.judgement import LIMITS
from pathfa.result.result import PathFAResult

_FEWEST = 10  # samples from which a correlation says something


def derived_covariates(result: PathFAResult, table: pd.DataFrame) -> dict[str, str]:
    """Return the covariates that look computed from the same data, with the reason of each.

    These are scores of programs, by their names (stroma, immune, purity, ESTIMATE, CIBERSORT, ...), and numbers that
    follow an activity, of all views or of one, more closely than biology does.

    Parameters
    ----------
    result
        The fit.
    table
        Covariates of its samples.

    Examples
    --------
    ``derived_covariates(result, table)`` is ``{"ImmuneScore": "by the name"}``.
    """
    found: dict[str, str] = {}
    for name in map(str, table.columns):
        if is_derived(name):
            found[name] = "by the name"
        elif close := _closest(result, table[name]):
            found[name] = close
    return found


def _closest(result: PathFAResult, values: pd.Series) -> str:
    """Return which activity a covariate follows too closely; empty where there is none."""
    rows = values.notna().to_numpy()
    limit = LIMITS["too-close"]
    if not holds_numbers(values) or values.nunique() < 3 or rows.sum() < _FEWEST:
        return ""
    given = values[rows].to_numpy(dtype=float)
    x, _ = standardised((given / max(float(np.abs(given).max()), 1e-300))[:, None])
    for where, activity in (("", result.activity), *((f" in {v}", t) for v, t in result.view_activity.items())):
        known = activity.to_numpy(dtype=float)[rows]
        seen = np.isfinite(known).any(axis=1)
        if seen.sum() < _FEWEST:
            continue
        z, own = standardised(known[seen])[0], standardised(x[seen])[0]
        r = np.nan_to_num(np.abs(own.T @ z)[0] / (seen.sum() - 1))
        if r.max(initial=0.0) >= limit.caution:
            leader = readable(str(activity.columns[int(r.argmax())]))
            return f"it follows {leader}{where} with a correlation of {r.max():.2f}"
    return ""
