from dataclasses import replace

import numpy as np
import pandas as pd
from random_result import random_result


def test_limits_are_quantiles_of_draws_and_0_for_a_set_that_is_hardly_ever_there():
    result = random_result(n_samples=5)
    result.gene_set_probability.iloc[2] = np.where(result.slab_sd.iloc[2] > 0, 1e-3, 0.0)
    lower, upper = result.interval("factor_activity")
    draws = result.sample_posterior(4000, what="factor_activity")
    expected = np.quantile(draws, [0.025, 0.975], axis=0)
    spread = draws.std(axis=0)
    others = [0, 1, 3, 4, 5]
    assert (np.abs(lower - expected[0]) / spread < 0.5).iloc[:, others].all(axis=None)
    assert (np.abs(upper - expected[1]) / spread < 0.5).iloc[:, others].all(axis=None)
    assert (lower.iloc[:, 2] == 0).all()
    assert (upper.iloc[:, 2] == 0).all()


def test_factor_activities_are_as_uncertain_as_starts_that_are_as_good_differ():
    plain = random_result()
    spread = np.linspace(0.0, 3.0, len(plain.gene_set_names))
    spread[1] = 0.0
    apart = replace(plain, settings=plain.settings | {"factor_activity_spread": spread.tolist()})
    widths = [upper - lower for lower, upper in (item.interval("factor_activity") for item in (plain, apart))]
    same = spread == 0.0
    pd.testing.assert_frame_equal(widths[0].loc[:, same], widths[1].loc[:, same])
    assert (widths[1].loc[:, ~same] > widths[0].loc[:, ~same]).all(axis=None)
    assert (widths[1].loc[:, ~same] > 0.9 * 2 * 1.96 * spread[~same]).all(axis=None)
    draws = apart.sample_posterior(2000, what="factor_activity").var(axis=0) - plain.sample_posterior(
        2000, what="factor_activity"
    ).var(axis=0)
    np.testing.assert_allclose(draws.mean(axis=0), spread**2, rtol=0.2, atol=0.05)
    pd.testing.assert_frame_equal(plain.activity, apart.activity)
