"""The generative model as a Pyro program."""

import dataclasses
import math

import pytest
import torch
from pyro_log_joint import log_joint
from torch.distributions import HalfNormal, Normal

from pathfa.simulation.pyro_model import Parameters, ViewParameters, draw

F64 = torch.float64


@pytest.fixture
def parameters():
    generator = torch.Generator().manual_seed(0)
    mask = (torch.rand(6, 3, generator=generator) < 0.5).to(F64)
    alpha = torch.tensor([[1.0, 4.0], [math.inf, 1.0], [2.0, math.inf]], dtype=F64)
    view = ViewParameters(
        mask=mask,
        noise_precision=torch.linspace(1.0, 2.0, 6, dtype=F64),
        omega=torch.tensor([4.0, math.inf], dtype=F64),
        scale=torch.tensor([1.0, 0.5], dtype=F64),
        intercept=torch.tensor([0.3, 0.0], dtype=F64),
    )
    return Parameters(views={"rna": view}, alpha=alpha, n_samples=5)


def joint_by_hand(parameters, data, drawn, sites=HalfNormal):
    """Return the log joint as the sum of the densities of its sites."""
    view = parameters.views["rna"]
    z, u, w = drawn["scores"], drawn["gene_set_weights"], drawn["loadings/rna"]
    active = torch.isfinite(parameters.alpha)
    mean = view.mask @ u * view.scale + view.intercept
    soft = torch.isfinite(view.omega)
    noise = Normal(z @ w.T, view.noise_precision.rsqrt()).log_prob(data)
    if view.observed is not None:
        noise = noise[view.observed]
    return (
        sites(parameters.alpha[active].rsqrt()).log_prob(u[active]).sum()
        + Normal(0.0, 1.0).log_prob(z).sum()
        + Normal(mean[:, soft], view.omega[soft].rsqrt()).log_prob(w[:, soft]).sum()
        + noise.sum()
    )


def evaluate(parameters, data, drawn):
    return log_joint(
        parameters,
        {"rna": data},
        scores=drawn["scores"],
        gene_set_weights=drawn["gene_set_weights"],
        loadings={"rna": drawn["loadings/rna"]},
    )


def test_log_joint_is_the_sum_over_its_sites(parameters):
    drawn = draw(parameters, seed=1)

    expected = joint_by_hand(parameters, drawn["data/rna"], drawn)
    torch.testing.assert_close(evaluate(parameters, drawn["data/rna"], drawn), expected, rtol=1e-12, atol=0)


def test_weights_of_any_sign_have_a_normal_prior(parameters):
    either = dataclasses.replace(parameters, nonnegative=False)
    drawn = draw(either, seed=1)

    expected = joint_by_hand(either, drawn["data/rna"], drawn, sites=lambda sd: Normal(0.0, sd))
    torch.testing.assert_close(evaluate(either, drawn["data/rna"], drawn), expected, rtol=1e-12, atol=0)


def test_what_is_not_observed_may_hold_anything(parameters):
    observed = torch.ones(5, 6, dtype=torch.bool)
    observed[0], observed[3, 2] = False, False
    view = dataclasses.replace(parameters.views["rna"], observed=observed)
    partly = dataclasses.replace(parameters, views={"rna": view})
    drawn = draw(partly, seed=2)
    data = drawn["data/rna"].clone()

    expected = joint_by_hand(partly, data, drawn)
    data[~observed] = math.nan
    torch.testing.assert_close(evaluate(partly, data, drawn), expected, rtol=1e-12, atol=0)


def test_pruned_weights_are_zero_and_strict_columns_are_the_prior_mean(parameters):
    drawn = draw(parameters, seed=3)

    weights, view = drawn["gene_set_weights"], parameters.views["rna"]
    assert (weights[~torch.isfinite(parameters.alpha)] == 0).all()
    assert (weights[torch.isfinite(parameters.alpha)] > 0).all()
    mean = view.mask @ weights * view.scale
    torch.testing.assert_close(drawn["loadings/rna"][:, 1], mean[:, 1])
    assert not torch.allclose(drawn["loadings/rna"][:, 0], mean[:, 0])


def test_a_draw_repeats_and_leaves_the_global_state_alone(parameters):
    before = torch.random.get_rng_state()

    first, second, other = (draw(parameters, seed=seed) for seed in (7, 7, 8))

    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["scores"], other["scores"])


def test_draws_have_the_variance_of_the_prior():
    alpha = torch.full((1, 1), 0.25, dtype=F64)
    one = ViewParameters(
        mask=torch.ones(4000, 1, dtype=F64),
        noise_precision=torch.full((4000,), 25.0, dtype=F64),
        omega=torch.full((1,), 4.0, dtype=F64),
        scale=torch.ones(1, dtype=F64),
        intercept=torch.zeros(1, dtype=F64),
    )
    drawn = draw(Parameters(views={"rna": one}, alpha=alpha, n_samples=2000), seed=0)

    assert float(drawn["scores"].std()) == pytest.approx(1.0, abs=0.05)
    assert float((drawn["loadings/rna"] - drawn["gene_set_weights"]).std()) == pytest.approx(0.5, abs=0.02)
    residual = drawn["data/rna"] - drawn["scores"] @ drawn["loadings/rna"].T
    assert float(residual.std()) == pytest.approx(0.2, abs=0.001)
