import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test
from scipy import stats

from pathfa.analysis import km_groups, survival
from pathfa.analysis.association.tables import COLUMNS
from pathfa.core.errors import ConfigError

FIRST = "F1 f0"


def outcome(result, log_hazard, seed=0, censoring=3.0):
    """Return times and events whose log hazard rises by ``log_hazard`` per sd of the first score."""
    rng = np.random.default_rng(seed)
    z = result.scores[FIRST] / result.scores[FIRST].std()
    times = rng.exponential(1.0 / np.exp(log_hazard * z))
    censored = rng.exponential(censoring, len(times))
    index = result.scores.index
    return (
        pd.Series(np.minimum(times, censored), index=index, name="os"),
        pd.Series((times <= censored).astype(int), index=index, name="died"),
    )


def test_recovers_the_planted_hazard(make_result):
    inside = []
    for seed in range(40):
        result = make_result(seed=seed, n=100, factors=1, sets=1, features=2)
        found = survival(result, *outcome(result, 0.7, seed), level="scores").set_index("feature").loc[FIRST]
        inside.append(found["lower"] < np.exp(0.7) < found["upper"])
    assert 0.85 <= np.mean(inside) <= 1.0
    assert list(survival(result, *outcome(result, 0.7), level="scores").columns[: len(COLUMNS)]) == list(COLUMNS)


def test_null_p_values_are_uniform(make_result):
    p = []
    for seed in range(10):
        result = make_result(seed=seed, n=60, factors=10, sets=10, features=10)
        p += survival(result, *outcome(result, 0.0, seed), level="scores")["p"].tolist()
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_adjustment_removes_a_confounder(make_result):
    result = make_result(n=150, factors=2, sets=2, features=4)
    time, event = outcome(result, 1.0)
    rng = np.random.default_rng(0)
    grade = (result.scores[FIRST] + 0.3 * rng.normal(size=150)).rename("grade")
    plain = survival(result, time, event, level="scores").set_index("feature")
    adjusted = survival(result, time, event, grade, level="scores").set_index("feature")
    assert adjusted.loc[FIRST, "effect"] < plain.loc[FIRST, "effect"]
    assert (
        adjusted.loc[FIRST, "upper"] / adjusted.loc[FIRST, "lower"]
        > plain.loc[FIRST, "upper"] / plain.loc[FIRST, "lower"]
    )
    assert set(adjusted["test"]) == {"Cox, adjusted"}


def test_uncertain_scores_widen_the_interval(make_result):
    result = make_result(n=80, factors=2, sets=2, features=4, score_sd=0.7)
    time, event = outcome(result, 0.8)
    plain, corrected = (
        survival(result, time, event, level="scores", **options).set_index("feature").loc[FIRST]
        for options in ({"draws": 0}, {})
    )
    observed = ["effect", "lower", "upper", "p"]
    assert corrected[observed].tolist() == plain[observed].tolist()
    assert corrected["corrected_upper"] / corrected["corrected_lower"] > 1.1 * plain["upper"] / plain["lower"]
    assert corrected["corrected_effect"] > corrected["effect"] == plain["corrected_effect"]


def test_hazards_that_change_are_noted(make_result):
    result = make_result(n=200, factors=2, sets=2, features=4)
    rng = np.random.default_rng(0)
    z = result.scores[FIRST].to_numpy()
    # high early, low late: the hazard ratio turns round at time 1
    early = rng.exponential(1.0 / np.exp(1.5 * z))
    times = np.where(early < 1.0, early, 1.0 + rng.exponential(1.0 / np.exp(-1.5 * z)))
    index = result.scores.index
    found = survival(
        result, pd.Series(times, index=index, name="t"), pd.Series(1, index=index, name="e"), level="scores"
    )
    assert "changes over time" in found.set_index("feature").loc[FIRST, "note"]


def test_few_events(result):
    time, event = outcome(result, 0.5)
    rare = event.copy()
    rare[:] = 0
    rare.iloc[:3] = 1
    found = survival(result, time, rare)
    assert found["p"].isna().all()
    assert "3 events in 80 samples, at least 5" in found["note"].iloc[0]
    rare.iloc[:7] = 1
    assert "7 events for 1 covariate: the interval is rough" in survival(result, time, rare)["note"].iloc[0]


def test_bad_outcomes_are_refused(result):
    time, event = outcome(result, 0.5)
    with pytest.raises(ConfigError, match=r"s0: -1\.0"):
        survival(result, time.where(time.index != "s0", -1.0), event)
    with pytest.raises(ConfigError, match="1 and 2, as R"):
        survival(result, time, event + 1)
    with pytest.raises(ConfigError, match="not numbers"):
        survival(result, time.astype(str), event)


def test_a_time_of_zero_is_left_out_and_said(result):
    time, event = outcome(result, 0.5)
    zero = time.copy()
    zero.iloc[[3, 7]] = 0.0
    missing = zero.where(zero > 0)

    found, expected = survival(result, zero, event), survival(result, missing, event)

    pd.testing.assert_frame_equal(found.drop(columns="note"), expected.drop(columns="note"))
    assert found["note"].str.contains("2 samples have a time of 0: left out").all()
    curves = [km_groups(result, FIRST, values, event, level="scores") for values in (zero, missing)]
    pd.testing.assert_frame_equal(*curves)


def test_exchanged_arguments_are_named(result):
    time, event = outcome(result, 0.5)
    with pytest.raises(ConfigError, match=r"feature: a Series; expected a name such as 'set0'.* order of the"):
        km_groups(result, time, event, "set0")


def test_events_may_be_words(result):
    time, event = outcome(result, 0.5)
    said = survival(result, time, event.map({0: "FALSE", 1: "true"}))
    coded = survival(result, time, event.map({0: "0:LIVING", 1: "1:DECEASED"}))
    pd.testing.assert_frame_equal(said, coded)
    pd.testing.assert_frame_equal(said, survival(result, time, event))


def test_kaplan_meier_groups(result):
    time, event = outcome(result, 1.0)
    curves = km_groups(result, FIRST, time, event, level="scores", groups=2)
    high = result.scores[FIRST] > result.scores[FIRST].median()
    expected = logrank_test(time[high], time[~high], event[high], event[~high])
    assert curves["p"].iloc[0] == pytest.approx(expected.p_value)
    assert curves.groupby("group")["n"].first().tolist() == [40, 40]
    middle = curves[curves["time"] < 0.5].groupby("group")["survival"].last()
    assert middle["high"] < middle["low"]
    assert (curves.groupby("group")["survival"].diff().dropna() <= 1e-12).all()
    assert list(km_groups(result, FIRST, time, event, level="scores")["group"].unique()) == ["low", "middle", "high"]
    with pytest.raises(ConfigError, match="'set99'"):
        km_groups(result, "set99", time, event)
