"""Covariates that depend on known activities."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pathfa.core.errors import ConfigError
from pathfa.simulation.layout import CovariateKind, SimulatedCovariate, draw_covariates


@pytest.fixture
def activity():
    values = np.random.default_rng(0).standard_normal((2000, 2))
    return pd.DataFrame(values, index=[f"s{i}" for i in range(2000)], columns=["A", "B"])


def drawn(activity, **options):
    return draw_covariates(activity, [SimulatedCovariate(name="it", **options)], np.random.default_rng(1))


def test_a_continuous_covariate_has_the_asked_correlation_and_units(activity):
    it = drawn(activity, gene_set="A", strength=2.0, centre=60.0, spread=9.0)["it"]

    assert np.corrcoef(it, activity["A"])[0, 1] == pytest.approx(2.0 / np.sqrt(5.0), abs=0.03)
    assert it.mean() == pytest.approx(60.0)
    assert it.std(ddof=0) == pytest.approx(9.0)


def test_a_binary_covariate_halves_the_cohort_and_its_second_level_is_high(activity):
    it = drawn(activity, gene_set="B", kind="binary", levels=("cold", "hot"))["it"]

    assert it.value_counts().to_dict() == {"cold": 1000, "hot": 1000}
    assert activity["B"][it == "hot"].mean() > activity["B"][it == "cold"].mean() + 1.0


def test_a_covariate_on_nothing_depends_on_nothing(activity):
    it = drawn(activity, gene_set=None)["it"]

    assert abs(np.corrcoef(it, activity["A"])[0, 1]) < 0.06


def test_survival_is_shorter_where_the_activity_is_high_and_partly_censored(activity):
    table = drawn(activity, gene_set="A", kind=CovariateKind.SURVIVAL, strength=1.0)

    assert list(table) == ["it_time", "it_event"]
    assert (table["it_time"] > 0).all()
    assert table["it_time"].max() <= 60.0
    assert 0.3 < table["it_event"].mean() < 0.9
    assert stats.spearmanr(table["it_time"], activity["A"]).statistic < -0.4


def test_an_activity_that_does_not_vary_drives_nothing(activity):
    it = drawn(activity.assign(A=3.0), gene_set="A")["it"]

    assert np.isfinite(it).all()


def test_a_gene_set_that_is_not_simulated_is_named(activity):
    with pytest.raises(ConfigError, match="'C'"):
        drawn(activity, gene_set="C")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ConfigError, match="kind='binaryy'"):
        SimulatedCovariate(name="it", gene_set=None, kind="binaryy")
