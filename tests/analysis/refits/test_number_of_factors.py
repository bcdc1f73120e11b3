"""The number of factors: evidence, prediction and replication side by side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pathfa as pf
from pathfa.analysis import number_of_factors
from pathfa.analysis.refits.number_of_factors import in_common
from pathfa.core.errors import ConfigError

OPTIONS = {"loading_prior": "soft", "n_starts": 1, "splits": 1, "progress": False}


def simulated(factors):
    return pf.simulate(40, 1, factors=factors, gene_sets=12, other_features=10, covariates=())


@pytest.mark.slow
def test_all_columns_point_at_the_true_number():
    cohort = simulated(2)

    table = number_of_factors(cohort.mdata, cohort.gene_sets, sizes=[4, 2, 0, 1], **OPTIONS).set_index("n_factors")

    assert list(table.index) == [0, 1, 2, 4]
    assert table["log_evidence"].idxmax() == 2
    assert table.loc[4, "one_more"] < 0.001
    assert table.loc[2, "log_density"] > table.loc[1, "log_density"] + 0.01 > table.loc[0, "log_density"] + 0.02
    assert table.loc[4, "log_density"] == pytest.approx(table.loc[2, "log_density"], abs=0.01)
    assert table["replicated"].tolist() == [0, 1, 2, 2]
    assert (table["by_chance"] == 0).all()


def test_on_noise_nothing_is_gained_and_nothing_replicates():
    cohort = simulated(0)

    table = number_of_factors(cohort.mdata, cohort.gene_sets, sizes=[0, 2], **OPTIONS)

    assert table["log_evidence"].idxmax() == 0
    assert np.ptp(table["log_density"]) < 0.005
    assert (table["replicated"] == 0).all()


def test_options_of_a_model_are_kept():
    cohort = simulated(1)
    model = pf.PathFA(n_factors=1, loading_prior="strict", n_starts=1, progress=False)
    model.fit(cohort.mdata, cohort.gene_sets)

    table = number_of_factors(cohort.mdata, cohort.gene_sets, model=model, sizes=[1], splits=1, progress=False)

    assert table["log_evidence"].item() == pytest.approx(model.log_evidence_)


@pytest.mark.parametrize("wrong", [{"sizes": [19]}, {"sizes": [-1]}, {"sizes": []}, {"splits": 0}])
def test_what_halves_cannot_have_is_refused(wrong):
    cohort = simulated(1)

    with pytest.raises(ConfigError):
        number_of_factors(cohort.mdata, cohort.gene_sets, **(OPTIONS | wrong))


@given(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2**16))
def test_dimensions_in_common_do_not_depend_on_the_axes(shared, own, other, seed):
    rng = np.random.default_rng(seed)
    together = rng.standard_normal((300, shared))
    tables = [np.hstack([together, rng.standard_normal((300, size))]) for size in (own, other)]
    turned = [table @ np.linalg.qr(rng.standard_normal((table.shape[1],) * 2))[0] for table in tables]

    assert in_common(*tables) == in_common(*turned) == shared
