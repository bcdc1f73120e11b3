"""What the factors explain of the members of a gene set."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import norm

import pathfa as pf
from pathfa.analysis import compare_scores, fitted_scores, set_scores
from pathfa.core.errors import ConfigError
from pathfa.simulation.cohort import SimulatedView


def noisy(result):
    """Return the result with a noise of its own for every feature."""
    rng = np.random.default_rng(2)
    noise = {view: pd.Series(rng.uniform(0.3, 2.0, len(sd)), index=sd.index) for view, sd in result.noise.items()}
    return replace(result, noise=noise)


@pytest.mark.parametrize("view", ["rna", None])
def test_a_score_is_the_mean_of_the_fitted_values_of_the_members(result, view):
    result = noisy(result)
    views = result.view_names if view is None else [view]
    found = fitted_scores(result, view)
    for p, name in enumerate(result.gene_set_names):
        values = []
        for one in views:
            member = result.masks[one][:, [p]].toarray().ravel() > 0
            values.append((result.scores.to_numpy() @ result.loadings[one].to_numpy().T)[:, member])
        np.testing.assert_allclose(found[name], np.hstack(values).mean(axis=1))


def test_turned_factors_give_the_same_scores_and_other_activities(result):
    turn = np.random.default_rng(0).normal(size=(len(result.factor_names),) * 2)
    back = np.linalg.inv(turn).T
    turned = replace(
        result,
        scores=pd.DataFrame(result.scores.to_numpy() @ turn, result.scores.index, result.scores.columns),
        loadings={
            view: pd.DataFrame(table.to_numpy() @ back, table.index, table.columns)
            for view, table in result.loadings.items()
        },
    )
    pd.testing.assert_frame_equal(fitted_scores(turned), fitted_scores(result))
    assert not np.allclose(turned.factor_activity, result.factor_activity)


def test_a_set_without_a_member_in_the_view_has_no_score(result):
    masks = {**result.masks, "protein": result.masks["protein"].tolil()}
    masks["protein"][:, 2] = 0.0
    masks["protein"] = sp.csr_matrix(masks["protein"])
    masks["protein"].eliminate_zeros()
    mean, sd = fitted_scores(replace(result, masks=masks), "protein", return_std=True)
    for table in (mean, sd):
        assert list(table.columns[table.isna().all()]) == [result.gene_set_names[2]]
        assert table.drop(columns=result.gene_set_names[2]).notna().all().all()
    assert fitted_scores(replace(result, masks=masks)).notna().all().all()


def test_the_sd_is_that_of_draws(result):
    result = noisy(result)
    rng = np.random.default_rng(1)
    p, n_draws = 3, 4000
    member = np.flatnonzero(result.masks["rna"][:, [p]].toarray().ravel())
    mean = result.loadings["rna"].to_numpy()[member]
    loadings = mean + result.loadings_sd["rna"].to_numpy()[member] * rng.normal(size=(n_draws, *mean.shape))
    scores = result.scores.iloc[0].to_numpy() + rng.multivariate_normal(
        np.zeros(mean.shape[1]), result.score_cov[0], size=n_draws
    )
    drawn = np.einsum("dk,dgk->d", scores, loadings) / len(member)
    assert fitted_scores(result, "rna", return_std=True)[1].iloc[0, p] == pytest.approx(drawn.std(), rel=0.05)


def test_intervals_cover_what_the_true_factors_explain():
    views = {"rna": SimulatedView(), "protein": SimulatedView(n_features=200, absent=0.1, missing=0.05)}
    simulated = pf.simulate(n_samples=40, seed=5, views=views, factors=4)
    options = {"n_factors": 4, "loading_prior": "soft", "scale": "none", "n_starts": 2, "progress": False}
    result = pf.PathFA(**options).fit(simulated.mdata, simulated.gene_sets).result_
    truth = simulated.truth
    scores = truth.scores.loc[result.sample_names].to_numpy()
    for view in result.view_names:
        mean, sd = fitted_scores(result, view, return_std=True)
        loadings = {view: truth.loadings[view].loc[result.loadings[view].index] for view in result.view_names}
        names = result.scores.columns
        known = replace(
            result,
            scores=pd.DataFrame(scores, result.scores.index, names),
            loadings={name: table.set_axis(names, axis=1) for name, table in loadings.items()},
        )
        error = ((fitted_scores(known, view) - mean) / sd).to_numpy()
        inside = np.abs(error) < norm.ppf(0.975)
        assert 0.88 < inside.mean() < 0.99


def test_they_stand_beside_other_scores_and_need_no_data(result):
    bare = replace(result, data={})
    pd.testing.assert_frame_equal(set_scores(bare, "fitted", "rna"), fitted_scores(result, "rna"))
    case = pd.Series(result.activity["set0"] > 0, name="case")
    table = compare_scores(bare, case, methods=["fitted"], views=["rna"], draws=5)
    assert set(table["source"]) == {"PathFA activity", "PathFA factor", "fitted rna"}
    best = table[table["source"] == "fitted rna"].sort_values("p")["feature"].head(3)
    assert set(best) == {"set0", "set4", "set8"}


def test_a_view_that_the_model_lacks_is_refused(result):
    with pytest.raises(ConfigError, match="'mirna'"):
        fitted_scores(result, "mirna")
