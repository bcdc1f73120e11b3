from dataclasses import replace

import numpy as np
import pandas as pd
from random_result import random_result

from pathfa.analysis import Checks
from pathfa.reporting.sections.summary import summary_section
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.verdict.prose import judge

RESULT = random_result(n_samples=60)


def told(covariates, result=RESULT, **changes):
    asked = {
        "title": "t", "covariates": covariates.set_index(RESULT.scores.index), "technical": (), "time": "",
        "event": "", "checks": Checks(model={}, tables={}), "command": "", "salt": "",
    }  # fmt: skip
    study = gather(result, Request(**{**asked, **changes}))
    return str(summary_section(study, judge(study).uses))


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


def test_a_factor_of_next_to_nothing_is_called_so():
    explained = RESULT.variance_explained.copy()
    explained.iloc[1] = [0.004, 0.001]
    said = told(pd.DataFrame({"x": range(60)}), result=replace(RESULT, variance_explained=explained))
    assert said.count("which is next to nothing") == 1


def test_a_covariate_that_follows_an_activity_almost_exactly_is_questioned():
    leading = RESULT.activity.iloc[:, 0]
    spread = leading.std() * np.random.default_rng(0).normal(size=60)
    near, far = leading + 0.2 * spread, leading + 2.0 * spread
    assert "score follows an activity almost exactly" in told(pd.DataFrame({"score": near, "age": far}))
    assert "almost exactly" not in told(pd.DataFrame({"age": far}))


def test_a_factor_is_told_by_distinct_members_and_its_largest_contributions():
    text = told(pd.DataFrame({"age": np.arange(60.0)}))
    likely = (RESULT.gene_set_probability >= 0.5) & (RESULT.gene_set_weights != 0)
    name = RESULT.factor_names[0]
    sets = [RESULT.gene_set_names[i] for i in np.flatnonzero(likely[name])]
    members = set().union(*(RESULT.gene_sets[item] for item in sets))
    assert f"({len(members) - 1} of {len(members)} members measured)" in text  # one is measured in no view
    assert "driven by" not in text


def test_nothing_is_said_of_the_names_of_factors_that_must_not_be_used():
    few = random_result(n_samples=8)
    study = gather(few, Request(
        title="t", covariates=None, technical=(), time="", event="", checks=Checks(model={}, tables={}), command="",
        salt="",
    ))  # fmt: skip
    assert summary_section(study, judge(study).uses).lead.startswith("3 factors were fitted; do not interpret them.")
