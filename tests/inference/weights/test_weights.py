"""Sparse Bayesian learning of gene-set weights against brute force."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from quadratics import quadratic, solve_block
from scipy import integrate

from pathfa.inference.loadings.quadratic import DenseQuadratic
from pathfa.inference.weights import weights
from pathfa.inference.weights.weights import truncation_evidence

INF = math.inf


def sparsity_quality(h, *rest):
    return weights.sparsity_quality(DenseQuadratic(h), *rest)


def update_block(h, *rest, **options):
    return weights.update_block(DenseQuadratic(h), *rest, **options)


def log_evidence(h, f, alpha):
    """Return the log evidence of a Gaussian block up to what does not depend on alpha."""
    active = torch.isfinite(alpha)
    precision = h[active][:, active] + torch.diag(alpha[active])
    fit = f[active] @ torch.linalg.solve(precision, f[active])
    return float(0.5 * (alpha[active].log().sum() - torch.logdet(precision) + fit))


@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(0, 1000))
def test_weights_of_any_sign_are_the_ridge_solution(n, seed):
    h, f = quadratic(seed, n)
    alpha = torch.linspace(0.5, 3.0, n, dtype=torch.float64)

    posterior = solve_block(h, f, alpha, nonnegative=False)

    precision = h + torch.diag(alpha)
    torch.testing.assert_close(posterior.mean, torch.linalg.solve(precision, f))
    torch.testing.assert_close(posterior.cov, torch.linalg.inv(precision))
    assert posterior.log_det == pytest.approx(float(torch.logdet(precision)))


@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(0, 1000))
def test_weights_that_must_not_be_negative_are_positive_and_stationary_or_pruned(n, seed):
    h, f = quadratic(seed, n)
    f = f - 20.0  # many optima are negative

    posterior = solve_block(h, f, torch.ones(n, dtype=torch.float64), nonnegative=True)

    active = torch.isfinite(posterior.alpha)
    assert posterior.active.tolist() == torch.nonzero(active).squeeze(1).tolist()
    assert (posterior.mean[active] > 0).all()
    assert (posterior.mean[~active] == 0).all()
    slope = (f - h @ posterior.mean - posterior.mean)[active]
    torch.testing.assert_close(slope, torch.zeros_like(slope), atol=1e-8, rtol=0)


def test_a_diagonal_posterior_has_the_same_mean_and_the_diagonal_of_the_precision():
    h, f = quadratic(0, 5)
    alpha = torch.ones(5, dtype=torch.float64)

    posterior, full = (solve_block(h, f, alpha, nonnegative=False, diagonal=kind) for kind in (True, False))

    torch.testing.assert_close(posterior.mean, full.mean)
    torch.testing.assert_close(posterior.cov, torch.diag(1.0 / (h.diagonal() + 1.0)))
    assert posterior.log_det == pytest.approx(float((h.diagonal() + 1.0).log().sum()))
    assert posterior.log_det > full.log_det


def test_nothing_is_active_when_everything_is_pruned():
    h, f = quadratic(0, 3)

    posterior = solve_block(h, f, torch.full((3,), INF, dtype=torch.float64), nonnegative=True)

    assert posterior.mean.tolist() == [0.0, 0.0, 0.0]
    assert posterior.log_det == 0.0
    assert truncation_evidence(posterior) == 0.0
    s, q = sparsity_quality(h, f, posterior)
    torch.testing.assert_close(s, h.diagonal())
    torch.testing.assert_close(q, f)


def test_sparsity_and_quality_are_those_of_the_model_without_the_entry(partly):
    h, f, alpha, posterior = partly

    s, q = sparsity_quality(h, f, posterior)

    for i in range(6):
        rest = torch.isfinite(alpha) & (torch.arange(6) != i)
        inverse = torch.linalg.inv(h[rest][:, rest] + torch.diag(alpha[rest]))
        assert float(s[i]) == pytest.approx(float(h[i, i] - h[i, rest] @ inverse @ h[rest, i]))
        assert float(q[i]) == pytest.approx(float(f[i] - h[i, rest] @ inverse @ f[rest]))


def test_the_gain_of_re_admission_is_the_difference_of_the_evidence_at_the_best_alpha(partly):
    h, f, alpha, posterior = partly
    f = f.clone()
    f[1] += 25.0  # this entry is clearly missing
    posterior = solve_block(h, f, alpha, nonnegative=False)
    s, q = (float(item[1]) for item in sparsity_quality(h, f, posterior))
    assert q**2 > s

    def with_entry(value):
        changed = alpha.clone()
        changed[1] = value
        return log_evidence(h, f, changed)

    best = s**2 / (q**2 - s)
    gain = float(weights.gains(*sparsity_quality(h, f, posterior), nonnegative=False)[1])
    assert with_entry(best) - log_evidence(h, f, alpha) == pytest.approx(gain, rel=1e-8)
    assert max(with_entry(best * 1.01), with_entry(best / 1.01)) < with_entry(best)


@pytest.mark.parametrize("q", [0.5, 1.5, 3.0, 8.0, -3.0])
def test_the_gain_of_a_non_negative_entry_is_its_marginal_likelihood_at_the_best_alpha(q):
    s = 2.0

    def log_marginal(log_alpha):
        alpha = math.exp(log_alpha)
        peak = max(q / (s + alpha), 0.0)

        def integrand(u):
            exponent = -0.5 * (s + alpha) * (u - peak) ** 2 + (q - (s + alpha) * peak) * u
            return 2.0 * math.sqrt(alpha / (2.0 * math.pi)) * math.exp(exponent)

        # exp(-1/2 (s + alpha) u^2 + q u) around its peak, so that it does not overflow
        area = integrate.quad(integrand, 0.0, peak + 40.0 / math.sqrt(s + alpha), points=[peak])[0]
        return math.log(area) + 0.5 * (s + alpha) * peak**2

    found = float(weights.gains(torch.tensor([s]).double(), torch.tensor([q]).double(), nonnegative=True)[0])

    if q**2 <= s or q < 0:
        assert found == 0.0
    else:
        assert found == pytest.approx(log_marginal(math.log(s**2 / (q**2 - s))), abs=1e-6)


def test_entries_that_gain_less_than_they_cost_are_pruned():
    rng = np.random.default_rng(0)
    design = torch.as_tensor(rng.standard_normal((200, 100)))
    truth = torch.zeros(100, dtype=torch.float64)
    truth[:5] = 1.0
    target = design @ truth + torch.as_tensor(rng.standard_normal(200))
    h, f, alpha = design.T @ design, design.T @ target, torch.ones(100, dtype=torch.float64)

    counts = {}
    for cost in (0.0, 3.0):
        posterior = settled(h, f, alpha, nonnegative=True, cost=cost)
        assert (posterior.mean[:5] > 0.5).all()
        counts[cost] = len(posterior.active)
        gain = weights.gains(*sparsity_quality(h, f, posterior), nonnegative=True)
        assert (gain[posterior.active] > cost - 1e-6).all()

    assert counts[0.0] > 15  # by chance
    assert counts[3.0] <= 6


def test_an_entry_without_relevance_is_better_left_out_at_any_alpha(partly):
    h, f, alpha, _ = partly
    f = f.clone()
    f[1] = h[1] @ solve_block(h, f, alpha, nonnegative=False).mean  # explained by the others: q = 0
    s, q = (float(item[1]) for item in sparsity_quality(h, f, solve_block(h, f, alpha, nonnegative=False)))
    assert q**2 < s

    for value in np.logspace(-3, 4, 15):
        changed = alpha.clone()
        changed[1] = value
        assert log_evidence(h, f, changed) < log_evidence(h, f, alpha)


def sparse_regression(seed, nonnegative=True):
    generator = torch.Generator().manual_seed(seed)
    design = torch.randn(80, 12, dtype=torch.float64, generator=generator)
    truth = torch.zeros(12, dtype=torch.float64)
    truth[[2, 5, 9]] = torch.tensor([1.0, 0.7, 1.5 if nonnegative else -1.5], dtype=torch.float64)
    target = design @ truth + 0.5 * torch.randn(80, dtype=torch.float64, generator=generator)
    return 4.0 * design.T @ design, 4.0 * design.T @ target, truth


def settled(h, f, alpha, nonnegative, **options):
    for _ in range(30):
        posterior = update_block(h, f, alpha, nonnegative, **options)
        alpha = posterior.alpha
    return posterior


@pytest.mark.parametrize("diagonal", [False, True])
@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_sparse_truth_is_recovered(seed, nonnegative, diagonal):
    h, f, truth = sparse_regression(seed, nonnegative)

    posterior = settled(h, f, torch.ones(12, dtype=torch.float64), nonnegative, diagonal=diagonal)

    assert set(posterior.active.tolist()) >= {2, 5, 9}
    assert len(posterior.active) <= 7
    torch.testing.assert_close(posterior.mean, truth, atol=0.2, rtol=0)


def test_pruned_entries_come_back_when_the_data_want_them():
    h, f, _ = sparse_regression(0)
    wrong = torch.full((12,), INF, dtype=torch.float64)
    wrong[[0, 1]] = 1.0

    posterior = settled(h, f, wrong, nonnegative=True)

    assert {2, 5, 9} <= set(posterior.active.tolist())
    assert log_evidence(h, f, posterior.alpha) > log_evidence(h, f, wrong) + 10.0


def test_a_negative_effect_does_not_come_back_where_weights_are_non_negative():
    h, f, _ = sparse_regression(0, nonnegative=False)
    pruned = torch.full((12,), INF, dtype=torch.float64)
    pruned[2] = 1.0

    assert 9 not in settled(h, f, pruned, nonnegative=True).active.tolist()
    assert 9 in settled(h, f, pruned, nonnegative=False).active.tolist()


@pytest.mark.parametrize("nonnegative", [True, False])
def test_of_very_many_entries_an_update_begins_with_those_of_the_highest_own_evidence(nonnegative):
    n = 620
    generator = torch.Generator().manual_seed(0)
    h = torch.diag(0.5 + torch.rand(n, dtype=torch.float64, generator=generator))
    f = torch.randn(n, dtype=torch.float64, generator=generator)
    f[:20] += 30.0  # these matter

    posterior = update_block(h, f, torch.ones(n, dtype=torch.float64), nonnegative)

    assert set(range(20)) <= set(posterior.active.tolist())
    others = update_block(h[:300, :300], f[:300], torch.ones(300, dtype=torch.float64), nonnegative)
    torch.testing.assert_close(posterior.mean[:20], others.mean[:20])


@pytest.mark.parametrize("nonnegative", [True, False])
def test_of_many_weights_those_that_promise_most_are_solved_for_together(nonnegative):
    """Alone each would stay, but a matrix of all costs too much. The best of the others come back, a few per sweep."""
    n = weights._MAX_ACTIVE + 20
    f = torch.linspace(2.0, 6.0, n, dtype=torch.float64)[torch.randperm(n, generator=torch.Generator().manual_seed(0))]

    posterior = update_block(torch.eye(n, dtype=torch.float64), f, torch.ones_like(f), nonnegative)

    best = torch.argsort(f, descending=True)[: weights._MAX_ACTIVE + weights._N_SWEEPS * weights._MAX_ADMITTED]
    assert posterior.active.tolist() == sorted(best.tolist())
