"""Judgements that need covariates or further fits."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_result import random_checks, random_result

from pathfa.analysis.judgement import Grade, explained_by_covariate, factor_grades, judge_batch, judge_checks
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


def test_one_factor_that_does_not_come_back_is_a_caution_and_named():
    table = CHECKS.tables["stability"].assign(effect=[0.9, 0.49, 0.5])
    (judgement,) = judge_checks(replace(CHECKS, tables={"stability": table}))
    assert (judgement.level, judgement.value, judgement.seen["lost"]) == (Level.CAUTION, 0.5, ["F2"])


@pytest.mark.parametrize(
    ("starts", "resamples", "grades"),
    [
        ([], None, [Grade.UNKNOWN] * 3),
        ([[0.9, 0.79, 0.8]], None, [Grade.STABLE, Grade.UNSTABLE, Grade.STABLE]),
        ([[0.9, 0.7, 0.9], [0.9, 0.9, 0.5]], None, [Grade.STABLE, Grade.STABLE, Grade.UNSTABLE]),
        ([], [0.5, 0.49, 0.9], [Grade.STABLE, Grade.UNSTABLE, Grade.STABLE]),
        ([[0.1, 0.9, 0.9]], [0.9, 0.1, 0.9], [Grade.UNSTABLE, Grade.UNSTABLE, Grade.STABLE]),
    ],
)
def test_every_factor_is_graded_by_starts_and_resamples(starts, resamples, grades):
    result = replace(RESULT, settings={**RESULT.settings, "factor_agreement": starts})
    table = None if resamples is None else CHECKS.tables["stability"].assign(effect=resamples)
    found = factor_grades(result, table)
    assert list(found.index) == RESULT.factor_names
    assert list(found["grade"]) == grades


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


@given(st.lists(st.tuples(st.floats(-0.5, 0.9), st.floats(0.01, 0.6)), min_size=4, max_size=4))
@settings(max_examples=30, deadline=None)
def test_the_headline_gives_shares_of_what_is_clearly_predicted_from_one_source(sizes):
    """A view from another source, or with an interval that reaches 0, is not told as predicted."""
    pairs = [
        (view, source) for source in ("half of its own features", "the other views") for view in ("rna", "protein")
    ]
    rows = [
        {"view": view, "source": source, "r2": r2, "lower": r2 - half, "upper": r2 + half, "n": 20}
        for (view, source), (r2, half) in zip(pairs, sizes, strict=True)
    ]
    (found,) = judge_checks(replace(CHECKS, tables={"heldout": pd.DataFrame(rows)}))
    same = [row for row in rows if row["source"] == found.seen["source"]]
    assert found.seen["views"] == {row["view"]: row["r2"] for row in same if row["lower"] > 0}
    assert found.seen["unclear"] == [row["view"] for row in same if row["lower"] <= 0]
