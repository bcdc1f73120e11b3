"""What is left of an association beside another covariate."""

import numpy as np
import pandas as pd
import pytest

from pathfa.analysis import associate
from pathfa.analysis.association.adjusted import ADJUSTED, beside_others

SET = "set0"


@pytest.fixture
def table(result):
    """Return sex, which an activity follows, what follows sex, and what the activity follows by itself."""
    rng = np.random.default_rng(0)
    own = result.activity[SET].to_numpy()
    male = own + 0.5 * own.std() * rng.normal(size=80) > np.median(own)
    sex = pd.Series(np.where(male, "male", "female"), index=result.sample_names)
    return pd.DataFrame({
        "sex": sex,
        "fat": male + 0.5 * rng.normal(size=80),
        "grade": np.where(male, np.where(np.arange(80) % 2, "a", "b"), "c"),
        "dose": own + own.std() * rng.normal(size=80),
    }, index=sex.index)  # fmt: skip


def beside(result, table, among):
    tests = associate(result, table, draws=0)
    found = beside_others(result, tests, table, result.activity, among)
    pd.testing.assert_frame_equal(found[tests.columns], tests)
    return found[found["feature"] == SET].set_index("covariate")


def test_a_covariate_that_follows_another_is_not_told_apart_from_it(result, table):
    found = beside(result, table, {"sex", "fat", "dose"})
    assert found.loc["fat", "q"] <= 0.05
    assert found.loc["fat", "adjusted_for"] == "sex"
    assert found.loc["fat", "adjusted_p"] > 0.05
    assert found.loc["fat", "adjusted_lower"] < 0 < found.loc["fat", "adjusted_upper"]
    assert found.loc["fat", "adjusted_q"] >= found.loc["fat", "adjusted_p"]
    assert found.loc["sex", "adjusted_q"] < 0.001
    assert found.loc["dose", "adjusted_q"] < 0.05


def test_what_is_left_is_what_associate_finds_with_the_other_one_adjusted_for(result, table):
    found = beside(result, table, {"sex", "fat", "dose"})
    for name, row in found[found["adjusted_for"].notna()].iterrows():
        left = associate(result, table[[name]], adjust=table[[row["adjusted_for"]]], draws=0).set_index("feature")
        for column in ADJUSTED[1:-1]:
            assert row[column] == pytest.approx(left.loc[SET, column.removeprefix("adjusted_")])


def test_nothing_is_left_of_a_covariate_that_another_determines(result, table):
    row = beside(result, table, {"sex", "grade"}).loc["sex"]
    assert (row["adjusted_for"], row["adjusted_p"]) == ("grade", 1.0)
    assert np.isnan(row["adjusted_effect"])


def test_a_covariate_is_looked_at_beside_those_asked_for_that_are_known_of_most_samples(result, table):
    assert beside(result, table, {"fat"})["adjusted_for"].isna().all()
    table.loc[table.index[:30], "sex"] = None
    assert beside(result, table, {"sex", "fat"}).loc["fat"].loc[list(ADJUSTED)].isna().all()
