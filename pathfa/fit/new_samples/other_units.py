"""Values of new samples that cannot be in the units of the training cohort."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.stats import norm

from pathfa.core.findings import Finding, warning
from pathfa.data import View
from pathfa.data.preprocess.fitted import FittedPreprocessor
from pathfa.data.preprocess.transforms import Normalise, Transform
from pathfa.result.intervals import array
from pathfa.result.result import PathFAResult

OTHER_UNITS = "other-units"
"""Code of the finding."""

_FAR = 4.0  # median distance, sd; of a sample like those of the cohort it is 0.7, of normal tissue beside tumours 1.5
_ENOUGH = 100  # values from which a sign or a range that is never seen means something
_OFTEN = 0.2  # share of negative values in the training cohort from which none at all is odd
_LARGEST_LOG = 40.0  # 2 to this power is more than any instrument counts
_DEEP = 10.0  # times that the highest count is expected above it


def other_units(result: PathFAResult, fitted: FittedPreprocessor, view: View, values: np.ndarray) -> list[Finding]:
    """Return a finding where values of new samples cannot be in the units of the training cohort, whatever the tissue.

    Parameters
    ----------
    result, fitted
        The model, and its preprocessing of the view.
    view
        The samples as they were given.
    values
        The same after preprocessing, N x G with NaN where missing.
    """
    sd = np.sqrt(array(result.noise[view.name]) ** 2 + (array(result.loadings[view.name]) ** 2).sum(axis=1))
    mean = (fitted.level - fitted.centre) / fitted.spread
    distance = np.abs((values - mean) / sd)
    known = distance[np.isfinite(distance)]
    if not known.size:
        return []
    found = _never_negative(fitted, values, sd) or _logs_for_counts(fitted, view)
    if not found and (typical := float(np.median(known))) > _FAR:
        found = f"half of the values lie {typical:.1f} sd or more from the mean of the training cohort"
    if not found:
        return []
    expected = "the units and the normalisation of the training cohort"
    fix = (
        "bring the values into them; results are not to be trusted if, for example, only one of the two is a logarithm"
    )
    return [warning(OTHER_UNITS, found, expected, fix, view=view.name)]


def _never_negative(fitted: FittedPreprocessor, values: np.ndarray, sd: np.ndarray) -> str:
    """Say that no value is negative although many were: logarithms, such as log-ratios, that were taken back."""
    if fitted.transformation is not Transform.NONE or fitted.mode is not Normalise.NONE:
        return ""
    given = values * fitted.spread + fitted.centre
    known = np.isfinite(given)
    expected = float((known * norm.cdf(0.0, fitted.level, sd * fitted.spread)).sum() / known.sum())
    if known.sum() < _ENOUGH or expected < _OFTEN or (given[known] < 0).any():
        return ""
    return f"none of {known.sum():,} values is negative, where {expected:.0%} were in the training cohort"


def _logs_for_counts(fitted: FittedPreprocessor, view: View) -> str:
    """Say that values are fractions as small as logarithms, although counts were trained on."""
    if not fitted.target:
        return ""
    at = fitted.library.get_indexer(view.features)
    given = view.values[:, at >= 0]
    known = np.asarray(given.data) if sp.issparse(given) else given[np.isfinite(given) & (given != 0)]
    highest = fitted.target * float(fitted.share[at[at >= 0]].max())
    fractions = known.size >= _ENOUGH and np.mean(known != np.round(known)) > 0.5
    if not fractions or known.max() > _LARGEST_LOG or highest < _DEEP * _LARGEST_LOG:
        return ""
    return f"most values are fractions, none above {known.max():.3g}, where counts went up to about {highest:,.0f}"
