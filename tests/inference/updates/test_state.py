"""Extrapolation between iterations."""

import dataclasses
import itertools

import pytest
import torch

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.inference.updates.state import Acceleration
from pathfa.options import ModelSpec
from pathfa.simulation.cohort import simulate


@pytest.fixture(scope="module")
def problem(cohort_problem):
    return cohort_problem(simulate(50, seed=4, gene_sets=20, set_size=(10, 20), factors=5, loading_prior="soft"))


@pytest.fixture(scope="module")
def start(problem):
    return Initialisation(name="random", scores=initial_scores(problem, "random", 5, 0), omega=1.0)


@pytest.mark.parametrize("prior", ["strict", "soft"])
def test_the_evidence_never_falls_because_of_it(problem, start, prior):
    trace = torch.tensor(fit(problem, ModelSpec(loading_prior=prior), start, FitSettings(max_iter=80, tol=0.0)).trace)

    falls = -torch.diff(trace).clamp(max=0.0)
    # iterations at rest may lose a little where weights are pruned
    assert float(falls.max()) < 1e-4 * abs(float(trace[-1]))


def test_it_needs_fewer_iterations(problem, start, monkeypatch):
    spec = ModelSpec(loading_prior="soft")
    moving = fit(problem, spec, start, FitSettings(max_iter=60, tol=0.0))

    monkeypatch.setattr(Acceleration, "extrapolate", lambda self, state: state)
    resting = fit(problem, spec, start, FitSettings(max_iter=60, tol=0.0))

    assert moving.log_evidence > resting.log_evidence
    reached = next(i for i, value in enumerate(moving.trace) if value >= resting.log_evidence)
    assert reached < 40


def test_it_goes_on_in_the_direction_of_the_last_step(problem, start):
    fitted = fit(problem, ModelSpec(loading_prior="soft"), start, FitSettings(max_iter=3, tol=0.0))
    state = fitted.state
    moved = dataclasses.replace(state, scores=dataclasses.replace(state.scores, mean=state.scores.mean + 1.0))

    ahead = Acceleration(last=state, steps=2).extrapolate(moved)

    torch.testing.assert_close(ahead.scores.mean, moved.scores.mean + 0.5)
    assert torch.equal(ahead.omega[0], state.omega[0])
    assert Acceleration().extrapolate(state) is state


def test_after_a_step_too_far_the_precisions_stay_where_they_are(problem, start):
    fitted = fit(problem, ModelSpec(loading_prior="soft"), start, FitSettings(max_iter=6, tol=0.0))
    state, before = fitted.state, fitted.acceleration.last
    moving = dataclasses.replace(fitted.acceleration, last=before, steps=2)

    first, resting = moving.extrapolate(state), moving.rejected()
    second = resting.after(before).extrapolate(state)
    third = resting.after(before).rejected().after(before).extrapolate(state)

    assert resting.extrapolate(state) is state
    for point in (first, second, third):
        assert not torch.equal(point.scores.mean, state.scores.mean)
    for moved, kept, again, now in zip(first.omega, second.omega, third.omega, state.omega, strict=True):
        assert torch.equal(kept, now)
        assert not torch.equal(moved, now)
        assert not torch.equal(again, now)


def test_few_iterations_are_rejected_in_a_small_cohort(cohort_problem):
    small = cohort_problem(simulate(10, seed=0))
    start = Initialisation(name="pca", scores=initial_scores(small, "pca", 8, 0), omega=1.0)

    trace = fit(small, ModelSpec(loading_prior="soft"), start, FitSettings(max_iter=60)).trace

    assert sum(a == b for a, b in itertools.pairwise(trace)) < 0.2 * len(trace)


def test_the_share_that_gene_sets_explain_is_beyond_the_intercepts(problem, start):
    state = fit(problem, ModelSpec(loading_prior="soft"), start, FitSettings(max_iter=3, tol=0.0)).state
    moments = [dataclasses.replace(m, mean=m.mean + 3.0, prior_mean=m.prior_mean + 3.0) for m in state.moments]
    higher = dataclasses.replace(state, moments=tuple(moments), intercept=tuple(b + 3.0 for b in state.intercept))

    assert 0.0 < state.annotated_share < 1.0
    assert higher.annotated_share == pytest.approx(state.annotated_share)
