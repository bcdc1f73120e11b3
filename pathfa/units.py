"""Whether values of new samples are in the units of the training cohort."""

from __future__ import annotations

import warnings

import numpy as np

from pathfa.data.preprocess import FittedPreprocessor
from pathfa.errors import UnitsWarning
from pathfa.intervals import array
from pathfa.result import PathFAResult

_FAR = 4.0  # median distance, sd; of a sample like those of the cohort it is 0.7, of normal tissue beside tumours 1.5


def warn_of_other_units(result: PathFAResult, view: str, fitted: FittedPreprocessor, values: np.ndarray) -> None:
    """Warn when samples lie further from the mean of the cohort than samples of any tissue in the same units.

    Parameters
    ----------
    result
        The fitted model.
    view
        Name of the view.
    fitted
        Its preprocessing.
    values
        Values of the new samples after preprocessing, N x G; NaN where missing.
    """
    sd = np.sqrt(array(result.noise[view]) ** 2 + (array(result.loadings[view]) ** 2).sum(axis=1))
    mean = (fitted.level - fitted.centre) / fitted.spread
    distance = np.abs((values - mean) / sd)
    known = distance[np.isfinite(distance)]
    if known.size and (typical := float(np.median(known))) > _FAR:
        text = (
            f"view '{view}': half of the values lie {typical:.1f} sd or more from the mean of the training cohort; "
            "expected the same units and normalisation. Results are not to be trusted if, for example, one of the "
            "two is on a log scale and the other is not"
        )
        warnings.warn(text, UnitsWarning, stacklevel=2)
