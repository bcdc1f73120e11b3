"""Noise precisions and their shared prior."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch.distributions import Gamma, kl_divergence

from pathfa.inference.evidence import gaussian_log_density
from pathfa.inference.updates.noise import Counts, fit_noise_prior, known_noise, noise_trend, update_noise
from pathfa.options import Noise

F64 = torch.float64


def drawn_rss(seed, n_features, n, d0, s0_squared, trend=None):
    """Return residual sums of squares and the variances that they were drawn with."""
    rng = np.random.default_rng(seed)
    scale = 1.0 if trend is None else trend
    variance = d0 * s0_squared * scale / rng.chisquare(d0, n_features)
    return torch.as_tensor(variance * rng.chisquare(n, n_features)), torch.as_tensor(variance)


def counts(n_features, n):
    return Counts.of(torch.full((n_features,), float(n), dtype=F64))


@pytest.mark.parametrize("start", [0.0, 1e4])
@pytest.mark.parametrize(("d0", "s0_squared"), [(4.0, 0.5), (20.0, 2.0), (60.0, 1.0)])
def test_the_prior_is_recovered_from_any_start(d0, s0_squared, start):
    rss, _ = drawn_rss(0, 20000, 30, d0, s0_squared)
    found = start
    for _ in range(3):
        found, found_variance = fit_noise_prior(rss, counts(20000, 30), found)

    assert found == pytest.approx(d0, rel=0.12)
    assert found_variance == pytest.approx(s0_squared, rel=0.03)


def test_the_prior_maximises_the_marginal_likelihood():
    rss, _ = drawn_rss(1, 500, 12, 6.0, 0.8)
    n = 12

    def log_marginal(d0, s0_squared):
        # RSS / (n s0^2) follows an F distribution with n and d0 degrees of freedom
        scaled = rss.numpy() / (n * s0_squared)
        return float((stats.f.logpdf(scaled, n, d0) - math.log(n * s0_squared)).sum())

    d0, s0_squared = fit_noise_prior(rss, counts(500, n))
    best = log_marginal(d0, s0_squared)
    for a, b in [(1.05, 1.0), (0.95, 1.0), (1.0, 1.03), (1.0, 0.97), (1.05, 1.01), (0.95, 0.99)]:
        assert log_marginal(d0 * a, s0_squared * b) < best


def test_equal_variances_are_shared_almost_fully():
    rng = np.random.default_rng(0)
    rss = torch.as_tensor(rng.chisquare(10, 3000))

    posterior = None
    for _ in range(5):  # a fit starts each search where the one before ended
        posterior = update_noise(Noise.MODERATED, rss, counts(3000, 10), posterior)

    assert posterior.d0 > 100
    assert float(posterior.sd.std()) < 0.05
    assert float(posterior.sd.mean()) == pytest.approx(1.0, abs=0.02)


def test_moderated_noise_is_closer_to_the_truth_than_each_feature_on_its_own():
    rss, variance = drawn_rss(2, 1000, 8, 10.0, 1.0)

    shared, own = (update_noise(kind, rss, counts(1000, 8)) for kind in (Noise.MODERATED, Noise.FEATURE))

    errors = [float((item.sd - variance.sqrt()).abs().mean()) for item in (shared, own)]
    assert errors[0] < 0.8 * errors[1]


def test_precisions_are_posterior_means_and_the_divergence_that_of_gamma_distributions():
    rss, _ = drawn_rss(3, 40, 9, 5.0, 0.7)

    posterior = update_noise(Noise.MODERATED, rss, counts(40, 9))

    d0, s0_squared = posterior.d0, posterior.s0_squared
    given = Gamma(torch.full((40,), (d0 + 9.0) / 2.0, dtype=F64), (d0 * s0_squared + rss) / 2.0)
    prior = Gamma(torch.full((40,), d0 / 2.0, dtype=F64), torch.full((40,), d0 * s0_squared / 2.0, dtype=F64))
    torch.testing.assert_close(posterior.precision, given.mean)
    assert posterior.divergence == pytest.approx(float(kl_divergence(given, prior).sum()), rel=1e-9)


def test_data_term_and_divergence_together_are_the_exact_marginal_likelihood():
    rss, n = torch.tensor([3.0, 8.0], dtype=F64), 6.0
    posterior = update_noise(Noise.MODERATED, rss, counts(2, n))

    bound = gaussian_log_density(counts(2, n).each, posterior.log_precision, posterior.precision, rss)

    shape, rate = posterior.d0 / 2.0, posterior.d0 * posterior.s0_squared / 2.0
    exact = 0.0
    for value in rss.tolist():

        def integrand(lam, value=value):
            log_density = 0.5 * n * math.log(lam / (2.0 * math.pi)) - 0.5 * lam * value
            return math.exp(log_density) * stats.gamma.pdf(lam, shape, scale=1.0 / rate)

        upper = 20.0 * float(posterior.precision.max())
        exact += math.log(integrate.quad(integrand, 0.0, upper, points=posterior.precision.tolist(), limit=200)[0])
    assert float(bound) - posterior.divergence == pytest.approx(exact, abs=1e-6)


def test_one_variance_per_view_is_the_pooled_one():
    rss, observed = torch.tensor([2.0, 6.0, 4.0], dtype=F64), Counts.of(torch.tensor([10.0, 5.0, 9.0], dtype=F64))

    posterior = update_noise(Noise.VIEW, rss, observed)

    torch.testing.assert_close(posterior.precision, torch.full((3,), 2.0, dtype=F64))
    assert posterior.d0 == math.inf
    assert posterior.s0_squared == pytest.approx(0.5)
    assert posterior.divergence == 0.0


def test_one_variance_per_feature_is_its_mean_square():
    rss, observed = torch.tensor([2.0, 6.0], dtype=F64), Counts.of(torch.tensor([10.0, 5.0], dtype=F64))

    posterior = update_noise(Noise.FEATURE, rss, observed)

    torch.testing.assert_close(posterior.sd**2, torch.tensor([0.2, 1.2], dtype=F64))
    assert posterior.d0 == 0.0


def test_known_noise_has_no_uncertainty():
    posterior = known_noise(torch.tensor([4.0], dtype=F64))

    assert float(posterior.sd) == 0.5
    assert float(posterior.log_precision) == pytest.approx(math.log(4.0))
    assert posterior.divergence == 0.0


def test_a_trend_follows_the_level():
    level = torch.linspace(2.0, 12.0, 4000, dtype=F64)
    truth = np.exp(-0.3 * (level.numpy() - 7.0))
    rss, variance = drawn_rss(4, 4000, 10, 30.0, 1.0, trend=truth)

    found = noise_trend(rss / 10.0, level)

    expected = torch.as_tensor(truth)
    torch.testing.assert_close(found.log() - expected.log(), torch.zeros_like(level), atol=0.1, rtol=0)
    assert float(found.log().mean()) == pytest.approx(0.0, abs=1e-10)
    with_trend = update_noise(Noise.MODERATED, rss, counts(4000, 10), level=level)
    without = update_noise(Noise.MODERATED, rss, counts(4000, 10))
    assert with_trend.d0 == pytest.approx(30.0, rel=0.3)
    errors = [float((item.sd.log() - variance.sqrt().log()).abs().mean()) for item in (with_trend, without)]
    assert errors[0] < 0.7 * errors[1]


def test_a_trend_that_is_a_parabola_of_the_level_is_found_exactly():
    level = torch.linspace(-3.0, 9.0, 40, dtype=F64) ** 2  # not centred, not evenly spaced
    log_variance = 0.7 - 0.03 * level + 0.0004 * level**2

    found = noise_trend(log_variance.exp(), level)

    torch.testing.assert_close(found.log(), log_variance - log_variance.mean(), rtol=1e-5, atol=1e-6)


def test_a_level_without_spread_has_no_trend():
    rss, _ = drawn_rss(5, 50, 10, 5.0, 1.0)

    torch.testing.assert_close(noise_trend(rss, torch.full((50,), 3.0, dtype=F64)), torch.ones(50, dtype=F64))


@pytest.mark.parametrize("kind", [Noise.MODERATED, Noise.FEATURE, Noise.VIEW])
def test_in_another_unit_it_is_that_of_residuals_in_this_unit(kind):
    rss, _ = drawn_rss(4, 200, 9, 5.0, 0.7)

    here, there = (update_noise(kind, rss * unit, counts(200, 9)) for unit in (1.0, 7.3))

    turned = here.times(7.3)
    torch.testing.assert_close(turned.precision, there.precision, rtol=1e-6, atol=0)
    torch.testing.assert_close(turned.log_precision, there.log_precision, rtol=0, atol=1e-6)
    assert turned.s0_squared == pytest.approx(there.s0_squared, rel=1e-6, nan_ok=True)
    assert (turned.d0, turned.divergence) == pytest.approx((there.d0, there.divergence), rel=1e-4)
