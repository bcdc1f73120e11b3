import numpy as np
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
