"""Covariates, follow-up and options that nobody should pass: an answer with a reason, or an error that says the fix."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pathfa.analysis import associate, concordance, km_groups, outcome_model, survival
from pathfa.core.errors import ConfigError

FIRST = "F1 f0"
RNG = np.random.default_rng(0)


def column(result, values, name="x"):
    return pd.Series(values, index=result.sample_names, name=name)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full(80, 3.0), "all 80 samples have the value 3.0"),
        (np.full(80, np.nan), "0 samples have a value"),
        ([None] * 80, "0 samples have a value"),
        (["a"] + ["b"] * 79, "fewer than two levels have 3 samples"),
        (pd.date_range("2020-01-01", periods=80), "80 levels in 80 samples look like identifiers"),
    ],
)
def test_withheld_with_the_reason(result, values, reason):
    found = associate(result, column(result, values))
    assert found["p"].isna().all()
    assert found["note"].str.startswith("withheld: ").all()
    assert reason in found["note"].iloc[0]


def test_a_group_of_one_is_left_out(result):
    found = associate(result, column(result, ["a"] + ["b"] * 40 + ["c"] * 39))
    assert set(found["n"]) == {79}
    assert found["contrast"].iloc[0] == "c vs b"
    assert "levels with fewer than 3 samples left out: a" in found["note"].iloc[0]


@pytest.mark.parametrize("scale", [1e300, 1e-300])
def test_the_unit_of_a_covariate_does_not_matter(result, scale):
    x = np.random.default_rng(0).normal(size=80)
    small, large = (
        associate(result, column(result, values), method=method).set_index("feature").loc[result.gene_set_names]
        for values, method in ((x, "linear"), (x * scale, "linear"))
    )
    np.testing.assert_allclose(large["p"], small["p"])
    np.testing.assert_allclose(large["effect"], small["effect"])


def test_a_large_offset_does_not_matter(result):
    x = np.random.default_rng(0).normal(size=80)
    found = associate(result, column(result, 1e9 + x), level="scores", draws=0).set_index("feature")
    assert found.loc[FIRST, "p"] == pytest.approx(stats.pearsonr(result.scores[FIRST], x).pvalue, rel=1e-4)


def test_names_and_levels_are_text(result):
    levels = np.where(np.arange(80) % 2, "<script>alert(1)</script>", "β-blocker 😀")
    found = associate(result, column(result, levels, "<b>drug</b>"))
    assert set(found["covariate"]) == {"<b>drug</b>"}
    assert found["contrast"].iloc[0] == "β-blocker 😀 vs <script>alert(1)</script>"


def test_column_names_may_be_numbers(result):
    found = associate(result, pd.DataFrame(RNG.normal(size=(80, 2)), index=result.sample_names))
    assert list(found["covariate"].unique()) == ["0", "1"]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda index: pd.Series([np.inf] + [1.0, 2.0] * 39 + [3.0], index=index, name="x"), "'x': 1 infinite value"),
        (lambda index: pd.Series([[1, 2]] * 80, index=index, name="x"), "80 values other than numbers or text"),
        (lambda index: pd.Series(1j, index=index, name="x"), "80 values other than numbers or text"),
        (lambda index: pd.DataFrame(np.eye(80, 2), index=index, columns=["x", "x"]), "1 column with the name of"),
        (lambda index: pd.DataFrame(index=index), "no column; expected one or more"),
        (lambda index: [], "no column; expected one or more"),
        (lambda index: None, "NoneType; expected a table"),
        (lambda index: np.arange(80.0), "ndarray; expected a table"),
        (lambda index: "age", "expected a column, but obs has none"),
    ],
)
def test_refused_with_the_fix(result, make, match):
    with pytest.raises(ConfigError, match=match):
        associate(result, make(result.sample_names))


@pytest.mark.parametrize("confidence", [0, 1, 2, -0.5, np.nan])
def test_levels_of_intervals_lie_between_0_and_1(result, confidence):
    x = column(result, RNG.normal(size=80))
    time, event = column(result, RNG.exponential(size=80)), column(result, 1)
    for ask in (
        lambda: associate(result, x, confidence=confidence),
        lambda: survival(result, time, event, confidence=confidence),
        lambda: km_groups(result, FIRST, time, event, level="scores", confidence=confidence),
        lambda: concordance(result, confidence=confidence),
        lambda: outcome_model(result, x).table(confidence),
        lambda: outcome_model(result, x).shapes(confidence),
    ):
        with pytest.raises(ConfigError, match="between 0 and 1"):
            ask()


@pytest.mark.parametrize(
    ("subjects", "method", "reason"),
    [
        (["one"] * 80, "auto", "1 subject, at least 5 are needed"),
        ([f"p{i // 20}" for i in range(80)], "auto", "4 subjects, at least 5 are needed"),
        ([f"p{i}" for i in range(80)], "mixed", "no subject has two samples"),
    ],
)
def test_too_few_repeats(result, subjects, method, reason):
    x = column(result, np.random.default_rng(0).normal(size=80))
    found = associate(result, x, groups=column(result, subjects, "patient"), method=method, draws=0)
    assert reason in found["note"].iloc[0]


def test_batches_nested_in_repeated_samples(result):
    """A condition that changes within the patients of a batch can be told from it; one per batch cannot."""
    patient = column(result, [f"p{i // 4}" for i in range(80)], "patient")
    table = pd.DataFrame(
        {
            "batch": [f"b{i // 16}" for i in range(80)],
            "within": np.arange(80) % 2,
            "between": np.arange(80) // 16 > 2,
        },
        index=result.sample_names,
    )
    found = associate(result, table, groups=patient, level="scores", draws=0).groupby("covariate")
    assert found.get_group("within")["p"].notna().all()
    assert found.get_group("between")["note"].str.contains("confounded with batch 'batch'").all()


def test_subjects_that_do_not_differ_need_no_intercept(result):
    """The random intercept has no variance: what is left is the linear model, and nothing is printed."""
    rng = np.random.default_rng(0)
    x, patient = column(result, rng.normal(size=80)), column(result, np.arange(80) // 2, "patient")
    mixed, linear = (
        associate(result, x, level="scores", draws=0, **options).set_index("feature").loc[result.factor_names]
        for options in ({"groups": patient, "method": "mixed"}, {"method": "linear"})
    )
    np.testing.assert_allclose(mixed["effect"], linear["effect"], atol=0.05)


def test_survival_at_its_limits(result):
    rng = np.random.default_rng(0)
    z = result.scores[FIRST]
    one = column(result, 1, "died")
    ties = survival(result, column(result, np.repeat([1.0, 2.0, 3.0, 4.0], 20), "t"), one, level="scores")
    assert ties["p"].between(0, 1).all()
    same = survival(result, column(result, np.ones(80), "t"), one, level="scores")
    assert (same["note"] == "withheld: no sample was followed for longer than another's event").all()
    order = survival(result, np.exp(-20 * z).rename("t"), one, level="scores").set_index("feature").loc[FIRST]
    assert order["effect"] > 10
    assert order["p"] < 1e-6
    assert "separates" in order["note"] or np.isfinite(order["upper"])
    none = survival(result, column(result, rng.exponential(size=80), "t"), column(result, 0, "died"))
    assert none["note"].str.startswith("withheld: 0 events").all()
    with pytest.raises(ConfigError, match="2 infinite values"):
        survival(result, column(result, np.r_[np.inf, np.inf, np.ones(78)], "t"), one)
