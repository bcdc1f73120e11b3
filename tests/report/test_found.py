import numpy as np
import pandas as pd
from random_result import random_result

from pathfa.analysis import Checks
from pathfa.report.gather import Asked, gather
from pathfa.report.sections.found import build
from pathfa.report.verdict import judge

RESULT = random_result(n_samples=60)


def told(covariates, **changes):
    asked = {
        "title": "t", "covariates": covariates.set_index(RESULT.scores.index), "technical": (), "time": "",
        "event": "", "checks": Checks(model={}, tables={}), "command": "", "salt": "",
    }  # fmt: skip
    study = gather(RESULT, Asked(**{**asked, **changes}))
    return str(build(study, judge(study).uses))


def test_what_was_not_tested_is_not_called_unrelated():
    rng = np.random.default_rng(0)
    batch = np.repeat(["b1", "b2", "b3"], 20)
    table = pd.DataFrame(
        {"treated": batch == "b2", "age": rng.normal(60, 9, 60), "batch": batch, "months": rng.exponential(9.0, 60)}
    )
    table["died"] = (np.arange(60) < 3).astype(int)
    text = told(table, time="months", event="died")
    assert "treated: withheld: confounded with batch" in text
    assert "with age. This does not prove" in text
    assert "Survival: withheld: 3 events in 60 samples" in text
