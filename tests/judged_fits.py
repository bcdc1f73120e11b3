"""Fits in which nothing but what is changed is wrong, and their verdicts."""

import numpy as np
import pandas as pd
from random_result import random_result

from pathfa.analysis import Checks
from pathfa.analysis.refits.checks import fingerprint
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.verdict.prose import judge

LOADINGS = random_result(n_samples=60).prior_loadings


def sound(n_samples=60, **changes):
    """Return a fit in which nothing but what is changed is wrong."""
    return random_result(**{"n_samples": n_samples, "loadings": LOADINGS, **changes})


def verdict_of(result, tables=None, not_done=None, covariates=None):
    checks = Checks(model=fingerprint(result), tables=tables or {}, not_done=not_done or {})
    request = Request(
        title="t", covariates=covariates, technical=(), time="", event="", checks=checks, command="", salt=""
    )
    return judge(gather(result, request))


def batch(result, noise):
    rng = np.random.default_rng(0)
    values = result.scores.iloc[:, 0] + noise * rng.normal(size=len(result.scores))
    return pd.DataFrame({"batch_number": values}, index=result.scores.index)


def states(verdict):
    return {use.scope: use.state for use in verdict.uses}


def use(verdict, scope):
    (found,) = (item for item in verdict.uses if item.scope is scope)
    return found
