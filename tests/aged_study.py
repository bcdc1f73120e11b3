"""A study of samples of which the age is known, with any associations."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from random_result import random_result

from pathfa.analysis import Checks
from pathfa.analysis.association.adjusted import ADJUSTED
from pathfa.core.names import readable
from pathfa.reporting.study.gather import Request, gather

RESULT = random_result(n_samples=60)


def study_with(**columns):
    """Return a study whose three activities, or others, have these associations with the age."""
    names = RESULT.gene_set_names[:3]
    size = len(columns.get("feature", names))
    row: dict[str, object] = {
        "covariate": "age",
        "lower": 0.2,
        "upper": 0.6,
        "corrected_effect": 0.9,
        "measure": "correlation",
        "contrast": "",
    }
    row |= {"n": 60, "note": "", "effect": 0.4, "q": 0.01, "competitive_q": 0.01, "near_copies": "", "kind": "numeric"}
    row |= dict.fromkeys(ADJUSTED, np.nan)
    table = pd.DataFrame({**{name: [value] * size for name, value in row.items()}, "feature": names, **columns})
    table["p"] = table["q"]
    return replace(aged(), activity_tests=table), [readable(name) for name in names]


@cache
def aged():
    """Return a study of samples of which the age is known."""
    return gather(RESULT, Request(
        title="t", covariates=pd.DataFrame({"age": np.arange(60.0)}, index=RESULT.scores.index), technical=(), time="",
        event="", checks=Checks(model={}, tables={}), command="", salt="",
    ))  # fmt: skip
