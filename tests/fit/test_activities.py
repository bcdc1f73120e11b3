"""Activities of the samples of a fit, and of the same samples as if they were new."""

import numpy as np

import pathfa as pf


def test_values_below_a_detection_limit_count_alike_in_a_fit_and_after_it():
    simulated = pf.simulate(n_samples=40, seed=3)
    views = {name: data.to_df() for name, data in simulated.mdata.mod.items()}
    low = views["protein"] < views["protein"].quantile(0.25)
    views["protein"] = views["protein"].mask(low)
    model = pf.PathFA(n_factors=3, n_starts=1, loading_prior="soft", left_censored=["protein"], progress=False)
    model.fit(views, simulated.gene_sets)
    again = model.activity(views)
    np.testing.assert_allclose(again.loc[model.activity_.index], model.activity_, atol=5e-3)
