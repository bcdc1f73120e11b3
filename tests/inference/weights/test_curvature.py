"""Hessian of the gene-set weights against automatic differentiation, and the ladder of its approximations."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from pathfa.inference.ends import Initialisation
from pathfa.inference.evidence import evidence
from pathfa.inference.fit import fit
from pathfa.inference.problem.membership import Membership
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.weights.curvature import (
    FULL_BUDGET,
    Weights,
    hessian_block,
    hessian_full,
    initial_weights,
    linear_term,
    resolve_curvature,
    update_weights,
    weight_blocks,
)
from pathfa.options import Curvature, ModelSpec, Sign

LADDER = (Curvature.FULL, Curvature.FACTOR, Curvature.DIAGONAL)
ALL = torch.arange(15)  # 3 factors of 5 gene sets
CASES = {
    "strict": {"omega": math.inf},
    "soft": {"omega": 3.0},
    "mixed": {"omega": (3.0, math.inf, 0.5)},
    "missing": {"omega": (3.0, math.inf, 0.5), "missing": 0.2, "absent": True},
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def known(make_known, request):
    return make_known(2, n=15, sets=5, factors=3, nonnegative=False, **request.param)


def profile(known):
    """Return the log joint as a function of U, with the loadings at their best for it."""

    def value(flat):
        u = flat.reshape(3, 5).T
        loadings = [
            posterior.mean(torch.as_tensor(mask) @ u * scale)
            for posterior, mask, scale in zip(known.loading_posteriors(), known.masks, known.scale, strict=True)
        ]
        # without the prior of the weights
        free = torch.full_like(known.alpha, math.inf)
        return known.log_joint(weights=u, loadings=loadings, alpha=free)

    return value


def test_the_full_hessian_is_that_of_automatic_differentiation(known):
    expected = -torch.autograd.functional.hessian(profile(known), torch.zeros(15, dtype=torch.float64))

    torch.testing.assert_close(hessian_full(known.marginal()).rows(ALL), expected, rtol=1e-8, atol=1e-8)


def test_the_linear_term_is_the_gradient_at_zero(known):
    expected = torch.autograd.functional.jacobian(profile(known), torch.zeros(15, dtype=torch.float64))

    torch.testing.assert_close(linear_term(known.marginal()).T.reshape(-1), expected, rtol=1e-8, atol=1e-8)


def test_the_block_of_a_factor_is_a_part_of_the_full_hessian(known):
    full = hessian_full(known.marginal()).rows(ALL)

    for factor in range(3):
        part = slice(5 * factor, 5 * factor + 5)
        torch.testing.assert_close(hessian_block(known.marginal(), factor).rows(torch.arange(5)), full[part, part])


def solved(known, curvature, sign=Sign.ANY, n_sweeps=60):
    """Return the weights at fixed alpha, iterated to their joint optimum."""
    weights, views = Weights(mean=torch.zeros_like(known.weights), alpha=known.alpha, blocks=()), known.marginal()
    for _ in range(1 if curvature is Curvature.FULL else n_sweeps):
        before = weights
        weights = update_weights(known.problem, views, before, sign=sign, curvature=curvature, learn_alpha=False)
        if torch.allclose(weights.mean, before.mean, rtol=0.0, atol=1e-12):
            break
    return weights


@pytest.mark.parametrize("curvature", LADDER)
def test_the_means_are_the_joint_optimum_whatever_the_curvature(known, curvature):
    weights = solved(known, curvature)

    active = torch.isfinite(known.alpha)
    flat = weights.mean.T.reshape(-1)
    slope = torch.autograd.functional.jacobian(profile(known), flat).reshape(3, 5).T
    total = (slope - torch.where(active, known.alpha, 0.0) * weights.mean)[active]
    torch.testing.assert_close(total, torch.zeros_like(total), atol=1e-6, rtol=0)
    assert (weights.mean[~active] == 0).all()


def test_each_step_of_the_ladder_is_a_lower_bound_of_the_one_before(known):
    totals = []
    for curvature in LADDER:
        weights = solved(known, curvature)
        moments = [
            posterior.moments(torch.as_tensor(mask) @ weights.mean * scale, weights.prior_cov(view).scaled(scale))
            for posterior, view, mask, scale in zip(
                known.loading_posteriors(), known.problem.views, known.masks, known.scale, strict=True
            )
        ]
        terms = evidence(
            known.problem,
            scores=known.known_scores(),
            moments=moments,
            weights=weights,
            noise=known.known_noise(),
            omega=known.omega,
            nonnegative=False,
        )
        totals.append((terms.total, weights.log_det))

    (full, full_det), (factor, factor_det), (diagonal, diagonal_det) = totals
    assert full > factor > diagonal
    # what is lost is Fischer's inequality and nothing else
    assert full - factor == pytest.approx(0.5 * (factor_det - full_det), rel=1e-4)
    assert factor - diagonal == pytest.approx(0.5 * (diagonal_det - factor_det), rel=1e-4)


@pytest.mark.parametrize("curvature", LADDER)
def test_the_covariance_of_the_prior_mean_is_that_of_the_masks(known, curvature):
    weights = solved(known, curvature, n_sweeps=2)
    view, mask, scale = known.problem.views[1], torch.as_tensor(known.masks[1]), known.scale[1]
    # the covariance of all weights, factor by factor
    cov = torch.zeros(15, 15, dtype=torch.float64)
    start = 0
    for block in weights.blocks:
        where = block.active + start
        cov[where[:, None], where] = block.cov
        start += len(block.mean)
    projection = torch.zeros(len(view.annotated), 3, 15, dtype=torch.float64)
    for factor in range(3):
        projection[:, factor, 5 * factor : 5 * factor + 5] = mask[view.annotated] * scale[factor]
    expected = projection @ cov @ projection.mT

    found = weights.prior_cov(view).scaled(scale)

    torch.testing.assert_close(found.to_dense(), expected, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(weights.variance().T.reshape(-1), cov.diagonal())


@pytest.mark.parametrize("curvature", LADDER)
def test_blocks_see_the_others_at_their_means(known, curvature):
    weights = solved(known, curvature)
    full, linear = hessian_full(known.marginal()).rows(ALL), linear_term(known.marginal())
    flat = weights.mean.T.reshape(-1)

    for factors, h, f, posterior in weight_blocks(known.marginal(), weights, linear):
        own = torch.zeros(15, dtype=torch.bool)
        own[5 * factors.start : 5 * factors.stop] = True
        torch.testing.assert_close(h.rows(torch.arange(int(own.sum()))), full[own][:, own])
        torch.testing.assert_close(f, linear.T.reshape(-1)[own] - full[own][:, ~own] @ flat[~own])
        torch.testing.assert_close(posterior.mean, flat[own])


def test_learning_alpha_prunes_and_stays_non_negative(make_known):
    known = make_known(2, n=40, features=(30, 20), sets=6, factors=2, omega=math.inf)
    weights = initial_weights(known.problem, 2)

    for _ in range(30):
        weights = update_weights(
            known.problem, known.marginal(), weights, sign=Sign.NONNEGATIVE, curvature=Curvature.FULL
        )

    assert (weights.mean >= 0).all()
    assert torch.equal(torch.isfinite(weights.alpha), weights.mean > 0)
    assert weights.n_active == int((weights.mean > 0).sum())
    torch.testing.assert_close(weights.mean, known.weights, atol=0.3, rtol=0)


def test_rescaled_weights_keep_their_evidence(known):
    weights = solved(known, Curvature.FACTOR)
    scale = torch.tensor([0.5, 2.0, 1.5], dtype=torch.float64)

    other = weights.rescaled(scale)

    torch.testing.assert_close(other.mean, weights.mean * scale)
    torch.testing.assert_close(other.variance(), weights.variance() * scale**2)
    active = torch.isfinite(weights.alpha)
    before, after = (float(item.alpha[active].log().sum()) - item.log_det for item in (weights, other))
    assert after == pytest.approx(before)


def test_auto_is_full_while_it_fits_the_budget():
    assert resolve_curvature(Curvature.AUTO, FULL_BUDGET // 5, 5) is Curvature.FULL
    assert resolve_curvature(Curvature.AUTO, FULL_BUDGET // 5 + 1, 5) is Curvature.FACTOR
    assert resolve_curvature(Curvature.DIAGONAL, 2, 2) is Curvature.DIAGONAL


@pytest.mark.parametrize("missing", [0.0, 0.2], ids=["complete", "missing"])
def test_without_factors_no_pairs_of_gene_sets_are_made(monkeypatch, missing):
    def made(_):
        raise AssertionError("of 9,000 gene sets they take gigabytes")

    rng = np.random.default_rng(0)
    x = rng.standard_normal((12, 30))
    problem = make_problem(
        [(np.where(rng.random(x.shape) < missing, np.nan, x), sp.random(30, 8, 0.3, random_state=0))]
    )
    nothing = Initialisation(name="none", scores=torch.zeros(12, 0, dtype=torch.float64), omega=1.0)
    monkeypatch.setattr(Membership, "pairs", property(made))
    monkeypatch.setattr(Membership, "pairs_t", property(made))

    found = fit(problem, ModelSpec(loading_prior="soft"), nothing, FitSettings())

    assert found.converged
    assert found.state.weights.n_active == 0
