"""Whether values of new samples are in the units of the training cohort."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import sparse
from scipy.stats import norm

from pathfa.core.errors import UnitsWarning
from pathfa.data.cohort.views import View
from pathfa.data.preprocess.fitted import FittedPreprocessor
from pathfa.data.preprocess.transforms import Normalise, Transform
from pathfa.result.intervals import array
from pathfa.result.result import PathFAResult

_FAR = 4.0  # median distance, sd; of a sample like those of the cohort it is 0.7, of normal tissue beside tumours 1.5
_ENOUGH = 100  # values from which a sign or a range that is never seen means something
_OFTEN = 0.2  # share of negative values in the training cohort from which none at all is odd
_LARGEST_LOG = 40.0  # 2 to this power is more than any instrument counts
_DEEP = 10.0  # times that the highest count is expected above it


def warn_of_other_units(result: PathFAResult, fitted: FittedPreprocessor, view: View, values: np.ndarray) -> None:
    """Warn when values of new samples cannot be in the units of the training cohort, whatever the tissue.

    ``view`` has the samples as they were given, ``values`` after preprocessing, N x G with NaN where missing.
    """
    sd = np.sqrt(array(result.noise[view.name]) ** 2 + (array(result.loadings[view.name]) ** 2).sum(axis=1))
    mean = (fitted.level - fitted.centre) / fitted.spread
    distance = np.abs((values - mean) / sd)
    known = distance[np.isfinite(distance)]
    if not known.size:
        return
    found = _never_negative(fitted, values, sd) or _logs_for_counts(fitted, view)
    if not found and (typical := float(np.median(known))) > _FAR:
        found = f"half of the values lie {typical:.1f} sd or more from the mean of the training cohort"
    if found:
        text = (
            f"view '{view.name}': {found}; expected the same units and normalisation. Results are not to be trusted "
            "if, for example, one of the two is on a log scale and the other is not"
        )
        warnings.warn(text, UnitsWarning, stacklevel=2)


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
    known = np.asarray(given.data) if sparse.issparse(given) else given[np.isfinite(given) & (given != 0)]
    highest = fitted.target * float(fitted.share[at[at >= 0]].max())
    fractions = known.size >= _ENOUGH and np.mean(known != np.round(known)) > 0.5
    if not fractions or known.max() > _LARGEST_LOG or highest < _DEEP * _LARGEST_LOG:
        return ""
    return f"most values are fractions, none above {known.max():.3g}, where counts went up to about {highest:,.0f}"
