"""What a reader should know about a fit before believing it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_result import random_result

from pathfa.result.judgement import LIMITS, Level, fit_findings, judge_fit

RESULT = random_result(n_samples=60, n_factors=3)


def codes(result):
    return [finding.code for finding in fit_findings(result)]


def raised(result, by, view="protein"):
    """Return the result with the loadings of its first factor raised in one view."""
    intercepts, loadings = result.loading_intercepts.copy(), result.loadings[view].copy()
    intercepts.loc[result.factor_names[0], view] = by
    loadings[result.factor_names[0]] += by
    return replace(result, loading_intercepts=intercepts, loadings={**result.loadings, view: loadings})


def test_a_factor_that_moves_all_features_alike_is_named():
    (found,) = [item for item in fit_findings(raised(RESULT, 5.0)) if item.code == "common-level"]

    assert found.view == "protein"
    assert found.examples == (RESULT.factor_names[0],)
    assert "1 factor moves most features of protein alike" in found.found


@pytest.mark.parametrize("by", [0.0, 0.5])
def test_a_low_level_is_no_finding(by):
    assert "common-level" not in codes(raised(RESULT, by))


def test_nor_is_one_of_a_factor_that_a_view_does_not_show():
    explained = RESULT.variance_explained.copy()
    explained.loc[RESULT.factor_names[0], "protein"] = 0.001

    assert "common-level" not in codes(replace(raised(RESULT, 5.0), variance_explained=explained))


def test_factors_that_go_together_are_named():
    scores = RESULT.scores.copy()
    scores.iloc[:, 1] = scores.iloc[:, 0] + 0.01 * np.arange(len(scores))

    assert "collinear-factors" in codes(replace(RESULT, scores=scores))
    assert "collinear-factors" not in codes(RESULT)


def test_few_samples_for_the_factors_and_a_search_that_ended_at_its_limit():
    assert "many-factors" in codes(random_result(n_samples=8, n_factors=3))
    assert "factor-limit" in codes(replace(RESULT, settings={**RESULT.settings, "stopped": "limit"}))
    assert not {"many-factors", "factor-limit"} & set(codes(RESULT))


def test_a_fall_of_the_evidence_is_said():
    trace = pd.DataFrame({"iteration": [1, 2, 3], "log_evidence": [-5000.0, -4000.0, -4500.0]})

    assert len(codes(replace(RESULT, trace=trace))) == len(codes(RESULT)) + 1


@pytest.mark.parametrize(
    ("name", "value", "level"),
    [
        ("samples", 14, Level.STOP), ("samples", 15, Level.CAUTION), ("samples", 30, Level.PASS),
        ("samples-per-factor", 3.0, Level.PASS), ("starts", 0.8, Level.PASS), ("starts", np.nan, Level.PASS),
        ("explained-all", 0.98, Level.PASS), ("batch", 0.25, Level.CAUTION), ("heldout", 0.0, Level.STOP),
        ("uninformed", 0.0, Level.PASS), ("decoys", 0.5, Level.CAUTION), ("stability", 0.5, Level.PASS),
    ],
)  # fmt: skip
def test_at_its_limit(name, value, level):
    assert LIMITS[name].level(value) is level


def with_starts(agreement, close):
    """Return the result with this agreement of its three starts, of which some have as good an evidence."""
    selection = RESULT.selection.assign(agreement=[np.nan, np.nan, 1.0, *agreement])
    return replace(RESULT, selection=selection, settings={**RESULT.settings, "close_starts": close})


@pytest.mark.parametrize(
    ("agreement", "close", "found"),
    [
        ([0.9, 0.9], ["sets", "random"], ""),
        ([0.6, 0.6], ["sets", "random"], "agree by 0.60"),
        ([0.9, 0.1], ["sets"], ""),  # the other one is a worse fit
        ([0.9, 0.9], [], "none of 2 other starts reached an evidence as good"),
    ],
)
def test_starts_are_judged_by_those_that_are_as_good_and_so_is_the_warning(agreement, close, found):
    result = with_starts(agreement, close)
    (judgement,) = [item for item in judge_fit(result) if item.code == "starts"]
    told = [item.found for item in fit_findings(result) if item.code == "starts-disagree"]

    assert judgement.level is (Level.CAUTION if found else Level.PASS)
    assert len(told) == bool(found)
    assert all(found in text for text in told)


def test_factor_activities_that_depend_on_the_start_are_told_though_factors_agree():
    settled, unsettled = (
        replace(agreeing, settings={**agreeing.settings, "activity_agreement": [value, value]})
        for agreeing in [with_starts([0.9, 0.9], ["sets", "random"])]
        for value in (0.95, 0.6)
    )
    (told,) = [item.found for item in fit_findings(unsettled) if item.code == "starts-disagree"]
    assert "factor activities of gene sets, which depend on the axes, by 0.60" in told
    assert "starts-disagree" not in codes(settled)


def test_factors_that_are_the_same_in_all_samples_are_named():
    scores = RESULT.scores.copy()
    scores.iloc[:, 1] = 0.3
    (found,) = [item for item in fit_findings(replace(RESULT, scores=scores)) if item.code == "silent-factors"]
    assert found.examples == (RESULT.factor_names[1],)
    assert "1 factor has the same score in all samples" in found.found
    assert "silent-factors" not in codes(RESULT)


def test_factors_of_one_sample_are_named():
    scores = RESULT.scores.copy()
    scores.iloc[:, 2] = 0.01 * scores.iloc[:, 2] + 7.0 * (np.arange(60) == 5)
    (found,) = [item for item in fit_findings(replace(RESULT, scores=scores)) if item.code == "one-sample-factors"]
    assert found.examples == (f"{RESULT.factor_names[2]}: patient5",)
    assert "one-sample-factors" not in codes(RESULT)
