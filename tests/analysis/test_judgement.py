"""Judgements that need covariates or further fits."""

from dataclasses import replace

import pandas as pd
import pytest
from random_result import random_checks, random_result

from pathfa.analysis.judgement import explained_by_covariate, judge_batch, judge_checks, lost_factors
from pathfa.result.judgement import Level

RESULT = random_result(n_samples=60)
CHECKS = random_checks(RESULT)


def levels(checks):
    return {item.code: item.level for item in judge_checks(checks)}


def test_every_check_that_was_run_is_judged():
    assert levels(CHECKS) == dict.fromkeys(("heldout", "uninformed", "decoys", "stability"), Level.PASS)
    assert levels(replace(CHECKS, tables={})) == {}


def test_a_check_that_could_not_be_done_has_the_reason():
    (judgement,) = judge_checks(replace(CHECKS, tables={}, not_done={"decoys": "too few gene sets"}))
    assert (judgement.level, judgement.seen["why"]) == (Level.CAUTION, "too few gene sets")


def test_factors_that_do_not_come_back_are_lost():
    table = CHECKS.tables["stability"].assign(effect=[0.9, 0.49, 0.5])
    assert lost_factors(table) == [RESULT.factor_names[1]]


@pytest.mark.parametrize(
    ("kind", "effect", "share"),
    [("categorical", 0.3, 0.3), ("numeric", -0.5, 0.25), ("binary", 2.0, 0.5), ("numeric", 1.2, 1.0)],
)
def test_every_effect_is_a_share_of_the_variance(kind, effect, share):
    assert explained_by_covariate({"kind": kind, "effect": effect}) == pytest.approx(share)


@pytest.mark.parametrize(
    ("factor", "q", "level"), [(0, 0.01, Level.STOP), (1, 0.01, Level.CAUTION), (0, 0.2, Level.PASS)]
)
def test_the_batch_stops_the_reader_in_the_leading_factor_alone(factor, q, level):
    row = {"feature": RESULT.factor_names[factor], "covariate": "batch", "q": q, "effect": 0.7, "kind": "categorical"}
    (judgement,) = judge_batch(RESULT, pd.DataFrame([row]), ("batch",))
    assert judgement.level is level
