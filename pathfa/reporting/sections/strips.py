"""The covariates that stand as strips above a map of the samples."""

from __future__ import annotations

import pandas as pd

from pathfa.analysis.summaries import by_strength
from pathfa.pl.figures.strips import MOST_LEVELS
from pathfa.reporting.study.study import Study

_MOST_TECHNICAL = 2


def strips_of(study: Study, most: int) -> pd.DataFrame | None:
    """Return the covariates most strongly associated with the factors: clinical, then derived, then technical ones.

    Parameters
    ----------
    study
        The study.
    most
        Most covariates returned.
    """
    if study.factor_tests is None:
        return None
    ranked = by_strength(study.factor_tests, study.derived)
    numeric = study.covariates.select_dtypes("number").columns
    shown = [name for name in ranked if name in numeric or study.covariates[name].nunique() <= MOST_LEVELS]
    technical = [name for name in shown if name in study.technical][:_MOST_TECHNICAL]
    biological = [name for name in shown if name not in study.technical][: most - len(technical)]
    return study.covariates[[*biological, *technical]] if biological or technical else None
