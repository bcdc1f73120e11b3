from dataclasses import replace

import numpy as np
import pytest

import pathfa as pf
from pathfa.analysis import explained_intervals
from pathfa.analysis.programmes.views import squares_explained


@pytest.fixture(scope="module")
def result():
    cohort = pf.simulate(n_samples=40, seed=2, factors=3, gene_sets=10, other_features=10)
    options = {"n_factors": 3, "loading_prior": "soft", "n_starts": 1, "progress": False}
    return pf.PathFA(**options).fit(cohort.mdata, cohort.gene_sets).result_


def test_the_intervals_are_around_the_r2_of_the_fit(result):
    table = explained_intervals(result)
    assert len(table) == 4 * len(result.view_names)
    for row in table.itertuples():
        assert row.r2 == result.variance_explained.loc[row.factor, row.view]
        assert row.lower < row.r2 < row.upper
        assert row.upper - row.lower < 0.3


def test_the_sums_behind_them_are_those_of_the_fit(result):
    for view in result.view_names:
        gained, total = squares_explained(result, view)
        np.testing.assert_allclose(gained.sum(axis=0) / total.sum(), result.variance_explained[view], rtol=1e-6)


def test_without_the_fitted_values_there_are_no_limits(result):
    table = explained_intervals(replace(result, data={}))
    assert table["lower"].isna().all()
    assert table["r2"].notna().all()
