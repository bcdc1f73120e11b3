"""Scores of new samples, and of those that the fit has seen when they come again."""

import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView

N = 60
VIEWS = {"rna": SimulatedView(), "protein": SimulatedView(n_features=200)}


@pytest.fixture(scope="module", params=[0, 1])
def cohort(request):
    simulated = pf.simulate(n_samples=2 * N, seed=request.param, views=VIEWS, factors=4, loading_prior="soft")
    tables = {name: data.to_df() for name, data in simulated.mdata.mod.items()}
    options = {"n_factors": 4, "loading_prior": "soft", "scale": "none", "n_starts": 2}
    model = pf.PathFA(**options, progress=False)
    model.fit({name: table.iloc[:N] for name, table in tables.items()}, simulated.gene_sets)
    return simulated.truth, tables, model


def matched(truth: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the true factors in the order, with the signs and in the unit of the fitted ones."""
    known = truth.loc[scores.index] / np.sqrt((truth.loc[scores.index] ** 2).mean())
    together = np.corrcoef(known.T, scores.T)[: known.shape[1], known.shape[1] :]
    order = np.abs(together).argmax(axis=0)
    signs = np.sign(together[order, range(len(order))])
    return truth.iloc[:, order] / np.sqrt((truth.loc[scores.index].iloc[:, order] ** 2).mean()) * signs


def test_scores_of_new_samples_are_as_large_as_they_should_be_and_as_sure_as_they_say(cohort):
    truth, tables, model = cohort
    scores, sd = model.transform({name: table.iloc[N:] for name, table in tables.items()}, return_std=True)
    true = matched(truth.scores, model.scores_).loc[scores.index].to_numpy()

    slope = np.diag(np.linalg.lstsq(true, scores.to_numpy(), rcond=None)[0])
    assert np.abs(slope - 1.0).max() < 0.06
    assert 0.90 < (np.abs(scores - true) < 1.96 * sd).to_numpy().mean() < 0.98


def test_samples_of_the_cohort_keep_their_scores_among_new_ones(cohort):
    _, tables, model = cohort
    mixed = {name: table.iloc[N - 5 : N + 5] for name, table in tables.items()}
    found, sd = model.transform(mixed, return_std=True)
    new, new_sd = model.transform({name: table.iloc[N : N + 5] for name, table in tables.items()}, return_std=True)
    lower, upper = model.interval("scores")
    own = ((upper - lower) / 2 / 1.959964).iloc[-5:]

    pd.testing.assert_frame_equal(found.iloc[:5], model.scores_.iloc[-5:], check_names=False)
    pd.testing.assert_frame_equal(sd.iloc[:5], own, check_names=False, rtol=1e-4)
    pd.testing.assert_frame_equal(found.iloc[5:], new)
    pd.testing.assert_frame_equal(sd.iloc[5:], new_sd)


def test_a_sample_with_the_name_of_another_is_a_new_one(cohort):
    _, tables, model = cohort
    new = {name: table.iloc[N : N + 3] for name, table in tables.items()}
    renamed = {name: table.set_axis(model.scores_.index[:3]) for name, table in new.items()}

    np.testing.assert_array_equal(model.transform(renamed), model.transform(new))
