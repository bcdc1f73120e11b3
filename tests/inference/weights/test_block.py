"""The posterior of a block of weights: its truncation to positive values, and another scale."""

import math

import pytest
import torch
from quadratics import solve_block
from scipy import integrate, stats

from pathfa.inference.weights.weights import rescaled_block, truncation_evidence


@pytest.mark.parametrize("mean", [0.01, 0.3, 2.0])
def test_truncation_is_the_posterior_mass_over_that_of_the_prior(mean):
    # one entry with precision h, linear term f and prior precision a: integrate both models directly
    h, a = 3.0, 2.0
    f = mean * (h + a)
    posterior = solve_block(
        torch.tensor([[h]]).double(), torch.tensor([f]).double(), torch.tensor([a]).double(), nonnegative=True
    )

    def integrand(u):
        return math.exp(f * u - 0.5 * h * u**2) * stats.norm.pdf(u, scale=a**-0.5)

    half_normal = 2.0 * integrate.quad(integrand, 0, 20)[0]
    normal = integrate.quad(integrand, -20, 20)[0]
    assert truncation_evidence(posterior) == pytest.approx(math.log(half_normal / normal), abs=1e-8)


def test_truncation_vanishes_at_the_boundary():
    posterior = solve_block(
        torch.eye(1, dtype=torch.float64), torch.tensor([1e-9]).double(), torch.ones(1).double(), nonnegative=True
    )

    assert truncation_evidence(posterior) == pytest.approx(0.0, abs=1e-8)


def test_rescaling_keeps_the_evidence_and_moves_the_posterior(partly):
    _, _, _, posterior = partly
    scale = torch.linspace(0.5, 2.0, 6, dtype=torch.float64)

    other = rescaled_block(posterior, scale)

    active = posterior.active
    torch.testing.assert_close(other.mean, posterior.mean * scale)
    torch.testing.assert_close(other.cov.diagonal(), posterior.cov.diagonal() * scale[active] ** 2)
    before, after = (
        float(item.alpha[active].log().sum() - (item.alpha * item.mean**2)[active].sum()) - item.log_det
        for item in (posterior, other)
    )
    assert after == pytest.approx(before)
    assert truncation_evidence(other) == pytest.approx(truncation_evidence(posterior))
