"""What a fitted model holds: tables with labels, intervals, draws."""

import numpy as np
import pytest

import pathfa as pf


def test_tables_have_the_labels_of_the_data(model, simulated):
    samples, factors = list(simulated.mdata.obs_names), model.factor_names_

    assert model.view_names_ == ["rna", "protein"]
    assert len(factors) == 3
    assert all(name.startswith(f"F{k + 1} ") for k, name in enumerate(factors))
    assert sorted(model.scores_.index) == sorted(samples)
    assert list(model.scores_.columns) == factors
    assert list(model.gene_set_weights_.columns) == factors
    assert set(model.gene_set_weights_.index) <= set(simulated.gene_sets)
    assert list(model.activity_.columns) == list(model.gene_set_weights_.index)
    for view in model.view_names_:
        assert set(model.loadings_[view].index) <= set(simulated.mdata.mod[view].var_names)
        assert list(model.loadings_[view].columns) == factors
        assert list(model.noise_[view].index) == list(model.loadings_[view].index)
        assert (model.noise_[view] > 0).all()
    assert list(model.annotated_share_.index) == factors
    assert model.annotated_share_.to_numpy().min() >= 0.0
    assert model.annotated_share_.to_numpy().max() <= 1.0
    assert list(model.variance_explained_.index) == [*factors, "total"]


def test_activity_is_scores_times_weights(model):
    expected = model.scores_.to_numpy() @ model.gene_set_weights_.to_numpy().T

    np.testing.assert_allclose(model.factor_activity_.to_numpy(), expected, rtol=1e-12, atol=1e-12)


def test_activities_come_from_factors_and_from_the_sets(model):
    source = model.activity_source_
    assert list(source.columns) == [*model.factor_names_, "factors", "own"]
    np.testing.assert_allclose(source[["factors", "own"]].sum(axis=1), 1.0)
    np.testing.assert_allclose(source[model.factor_names_].sum(axis=1), source["factors"])
    sources = model.result_.activity_sources
    assert ((sources.lower <= source) & (source <= sources.upper)).to_numpy().all()


def test_evidence_is_the_sum_of_its_terms_and_the_end_of_its_trace(model):
    assert model.log_evidence_ == pytest.approx(sum(model.evidence_terms_.values()))
    assert model.trace_["log_evidence"].iloc[-1] == pytest.approx(model.log_evidence_)
    assert len(model.trace_) == model.n_iter_
    assert isinstance(model.converged_, bool)


def test_selection_lists_every_candidate_and_marks_one(model):
    table = model.selection_

    assert {"n_factors", "loading_prior", "start", "log_evidence", "seconds", "converged", "chosen"} <= set(table)
    assert table["chosen"].sum() == 1
    assert set(table["loading_prior"]) == {"strict", "soft"}
    assert table.loc[table["chosen"], "log_evidence"].iloc[0] == pytest.approx(model.log_evidence_)


@pytest.mark.parametrize("what", ["activity", "factor_activity", "scores", "gene_set_weights"])
def test_intervals_are_ordered_and_nested(model, what):
    lower, upper = model.interval(what, 0.95)
    inner_lower, inner_upper = model.interval(what, 0.5)
    table = getattr(model, f"{what}_")

    assert lower.index.equals(table.index)
    assert lower.columns.equals(table.columns)
    assert (lower <= inner_lower).to_numpy().all()
    assert (inner_lower <= inner_upper).to_numpy().all()
    assert (inner_upper <= upper).to_numpy().all()


@pytest.mark.parametrize(("what", "level"), [("weights", 0.95), ("activity", 95), ("activity", 0.0)])
def test_impossible_intervals_say_why(model, what, level):
    with pytest.raises(pf.errors.ConfigError, match="expected"):
        model.interval(what, level)


def test_draws_have_the_shape_of_the_quantity_and_repeat(model):
    draws = model.sample_posterior(7, seed=1)

    assert draws.shape == (7, *model.activity_.shape)
    np.testing.assert_array_equal(draws, model.sample_posterior(7, seed=1))
    assert not np.array_equal(draws, model.sample_posterior(7, seed=2))


@pytest.mark.parametrize("what", ["activity", "factor_activity", "scores", "gene_set_weights"])
def test_intervals_are_those_of_the_draws(model, what):
    draws = model.sample_posterior(4000, seed=3, what=what)
    for level in (0.8, 0.95):
        lower, upper = (limits.to_numpy() for limits in model.interval(what, level))
        below, above = (draws < lower).mean(axis=0), (draws > upper).mean(axis=0)
        assert max(below.max(), above.max()) < 0.5 * (1.0 - level) + 0.05
        moves = (lower != 0) & (upper != 0)  # else many draws may be the limit itself
        assert abs((below + above)[moves].mean() - (1.0 - level)) < 0.01
