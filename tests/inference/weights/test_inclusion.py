"""Probability that a gene set belongs to a factor."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from pathfa.inference.problem.problem import make_problem
from pathfa.inference.weights.curvature import initial_weights, update_weights
from pathfa.inference.weights.inclusion import inclusion, slab_moments
from pathfa.options import Curvature, Sign


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize(("s", "q"), [(4.0, 6.0), (4.0, -3.0), (0.5, 0.1)])
def test_the_bayes_factor_and_the_second_moment_are_ratios_of_integrals(s, q, nonnegative):
    slab = 1.7

    def integral(power):
        def integrand(u):
            return u**power * math.exp(q * u - 0.5 * s * u**2) * stats.norm.pdf(u, scale=slab**-0.5)

        return integrate.quad(integrand, 0.0 if nonnegative else -30.0, 30.0, points=[0.0, q / (s + slab)])[0]

    factor, second = slab_moments(torch.tensor(s).double(), torch.tensor(q).double(), slab, nonnegative)

    assert float(factor) == pytest.approx(math.log((2.0 if nonnegative else 1.0) * integral(0)), abs=1e-8)
    assert float(second) == pytest.approx(integral(2) / integral(0), rel=1e-7)


def fitted(make_known, seed, curvature, nonnegative=True):
    known = make_known(
        seed, n=50, features=(60, 40), sets=12, factors=2, omega=4.0, nonnegative=nonnegative, noise_sd=1.5
    )
    weights = initial_weights(known.problem, 2)
    sign = Sign.NONNEGATIVE if nonnegative else Sign.ANY
    for _ in range(30):
        weights = update_weights(known.problem, known.marginal(), weights, sign=sign, curvature=curvature)
    return weights, inclusion(known.marginal(), weights, nonnegative=nonnegative)


@pytest.mark.parametrize("curvature", [Curvature.FULL, Curvature.FACTOR])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_large_weights_are_included_and_pruned_ones_have_a_probability_too(make_known, curvature, nonnegative):
    weights, found = fitted(make_known, 0, curvature, nonnegative)

    assert ((found.probability > 0) & (found.probability <= 1)).all()
    strong = weights.mean.abs() > 5.0 * weights.variance().sqrt().clamp(min=1e-6)
    assert strong.any()
    assert (found.probability[strong] > 0.95).all()
    pruned = ~torch.isfinite(weights.alpha)
    assert pruned.any()
    assert float(found.probability[pruned].max()) < float(found.probability[strong].min())
    assert (found.sd > 0).all()


def test_active_weights_keep_their_own_posterior(make_known):
    weights, found = fitted(make_known, 1, Curvature.FULL)

    active = torch.isfinite(weights.alpha)
    torch.testing.assert_close(found.mean[active], weights.mean[active])
    torch.testing.assert_close(found.sd[active], weights.variance().sqrt()[active])


def test_a_gene_set_without_measured_features_is_no_surer_than_the_prior(make_known):
    known = make_known(2, n=30, features=(40,), sets=4, factors=1, omega=4.0)
    values, mask = known.values[0], known.masks[0].copy()
    mask[:, 2] = 0.0
    problem = make_problem([(values, mask)])
    view = dataclasses.replace(known, problem=problem, masks=[mask]).marginal()
    weights = initial_weights(problem, 1)
    for _ in range(10):
        weights = update_weights(problem, view, weights, sign=Sign.NONNEGATIVE, curvature=Curvature.FULL)

    found = inclusion(view, weights, nonnegative=True)

    others = np.delete(np.arange(4), 2)
    assert float(found.probability[2]) <= float(found.probability[others].max())
    assert math.isfinite(float(found.sd[2]))
