"""What a fitted model says of samples: scores, activities, predictions, imputed values."""

import numpy as np
import pytest

import pathfa as pf


def test_training_samples_are_projected_to_their_scores(model, simulated):
    scores, sd = model.transform(simulated.mdata, return_std=True)

    np.testing.assert_allclose(scores.loc[model.scores_.index], model.scores_, atol=1e-8)
    assert (sd > 0).to_numpy().all()


@pytest.mark.parametrize("view", [None, "rna"])
def test_training_samples_have_the_activities_of_the_fit(model, simulated, view):
    activity, sd = model.activity(simulated.mdata, view=view, return_std=True)
    expected = model.activity_ if view is None else model.view_activity_[view]

    np.testing.assert_allclose(activity.loc[expected.index], expected, atol=1e-8)
    assert (sd > 0).to_numpy().all()
    assert activity.columns.equals(model.activity_.columns)


def test_activities_of_samples_with_less_are_less_certain(model, simulated):
    whole = model.activity(simulated.mdata, return_std=True)[1].mean().mean()
    alone = model.activity({"rna": simulated.mdata["rna"]}, return_std=True)[1].mean().mean()
    assert alone > whole


def test_a_view_less_is_less_certain(model, simulated):
    both = model.transform(simulated.mdata, return_std=True)[1].mean().mean()
    alone = model.transform({"rna": simulated.mdata.mod["rna"]}, return_std=True)[1].mean().mean()

    assert alone > both


def test_predictions_are_in_the_units_given(model, simulated):
    mean, sd = model.predict({"rna": simulated.mdata.mod["rna"]}, "protein", return_std=True)
    truth = simulated.truth.complete["protein"].loc[mean.index, mean.columns]
    inside = ((truth - mean).abs() <= 1.96 * sd).to_numpy().mean()

    assert 0.9 <= inside <= 0.99
    assert ((truth - mean) ** 2).to_numpy().sum() < ((truth - truth.mean()) ** 2).to_numpy().sum()


def test_predicting_an_unknown_view_says_which_exist(model, simulated):
    with pytest.raises(pf.errors.AlignmentError, match="rna, protein"):
        model.predict(simulated.mdata, "metabolites")


def test_imputation_fills_and_keeps(model, simulated):
    filled = model.impute(simulated.mdata).mod["protein"]
    before = simulated.mdata.mod["protein"].X
    missing = np.isnan(before)

    assert np.isfinite(filled.X).all()
    np.testing.assert_array_equal(filled.X[~missing], before[~missing])
    assert (filled.layers["imputed_sd"][missing] > 0).all()
    assert (filled.layers["imputed_sd"][~missing] == 0).all()
