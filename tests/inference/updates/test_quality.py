"""Qualities of samples: found where samples differ, absent where they do not, with the evidence of the Gamma model."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import gammaln
from scipy.stats import gamma

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.inference.updates.quality import quality_evidence, quality_of, squared_errors, update_quality
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.options import ModelSpec, SampleQuality
from pathfa.simulation.cohort import SimulatedView, simulate

F64 = torch.float64


def view_of(x):
    return make_problem([(x, csr_matrix(np.ones((x.shape[1], 1))))]).views[0]


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), n_features=st.integers(30, 300))
def test_samples_of_one_noise_have_no_quality(seed, n_features):
    errors = torch.as_tensor(np.random.default_rng(seed).chisquare(n_features, 40))

    assert update_quality(view_of(np.zeros((40, n_features))), errors, None) is None


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), n_features=st.integers(30, 300), unit=st.floats(0.1, 10.0))
def test_noisy_samples_are_found_in_any_unit(seed, n_features, unit):
    sd = np.ones(40)
    sd[:4] = 2.0
    errors = unit * sd**2 * np.random.default_rng(seed).chisquare(n_features, 40)

    quality = update_quality(view_of(np.zeros((40, n_features))), torch.as_tensor(errors), None)

    assert quality is not None
    relative = (quality.mean[4:].mean() / quality.mean[:4]).numpy()
    assert relative.mean() > 1.5
    if n_features >= 100:  # a single one of few features may look as good as the others by chance
        assert (relative > 1.5).all()
    assert float((1.0 / quality.mean).log().mean().exp()) == pytest.approx(1.0, abs=0.5)


def test_qualities_that_are_there_stay_while_they_gain_anything():
    view, errors = view_of(np.zeros((40, 200))), torch.as_tensor(np.random.default_rng(0).chisquare(200, 40))
    noisy = [errors * torch.where(torch.arange(40) < 4, 1.0 + 0.02 * step, 1.0) for step in range(40)]
    found = [update_quality(view, each, None) for each in noisy]
    first = next(step for step, quality in enumerate(found) if quality is not None)

    stay = [update_quality(view, each, found[first]) is not None for each in noisy]

    assert all(stay[first:])
    assert 0 < sum(stay[:first]) < first


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), n_features=st.integers(30, 2000), spread=st.floats(0.5, 2.0))
def test_the_prior_of_the_qualities_is_the_most_probable_one(seed, n_features, spread):
    rng = np.random.default_rng(seed)
    errors = np.exp(rng.normal(0.0, spread, 41)) * rng.chisquare(n_features, 41)
    errors = np.minimum(errors, 100.0 * np.median(errors))

    def surprise(point):
        a, s = np.exp(point)
        each = gammaln((a + n_features) / 2) - gammaln(a / 2) + a / 2 * np.log(a / 2)
        each = each - (a + n_features) / 2 * np.log((a + errors / s) / 2) - n_features / 2 * np.log(s)
        return -each.sum()

    found = update_quality(view_of(np.zeros((41, n_features))), torch.as_tensor(errors), None)

    middle = np.log(errors.mean() / n_features)
    bounds = [(0.0, np.log(1e6)), (middle - 10.0, middle + 10.0)]
    best = min((minimize(surprise, [a, middle], bounds=bounds) for a in (0.1, 2.0, 5.0)), key=lambda item: item.fun)
    a, s = np.exp(best.x)
    assert found.freedom == pytest.approx(a, rel=2e-3)
    np.testing.assert_allclose(
        found.mean, (a + n_features) / (a + np.minimum(errors / s, 100.0 * n_features)), rtol=2e-3
    )


def test_the_evidence_is_that_of_the_gamma_model():
    counts, errors, freedom = np.array([3.0, 8.0, 0.0]), np.array([9.0, 4.0, 0.0]), 5.0
    view = view_of(np.where(np.arange(8) < counts[:, None], 0.0, np.nan))
    quality = quality_of(torch.as_tensor(counts), torch.as_tensor(errors), freedom)

    def marginal(n, e):  # of values with lambda = 1, without the constant of the Gaussian
        prior = gamma(0.5 * freedom, scale=2.0 / freedom)
        return np.log(quad(lambda q: q ** (n / 2) * np.exp(-q * e / 2) * prior.pdf(q), 0, np.inf)[0])

    bound = quality_evidence(view, quality) - 0.5 * float(quality.mean @ torch.as_tensor(errors))

    assert bound == pytest.approx(sum(map(marginal, counts, errors)), abs=1e-6)
    posterior = gamma(0.5 * (freedom + counts), scale=2.0 / (freedom + errors))
    np.testing.assert_allclose(quality.mean, posterior.mean())
    np.testing.assert_allclose(quality.sd, posterior.std())


def test_squared_errors_are_those_of_draws():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 6))
    x[1, 2:4] = np.nan
    view = view_of(x)
    mean, cov = torch.as_tensor(rng.standard_normal((6, 2))), 0.1 * torch.eye(2, dtype=F64).expand(6, -1, -1)
    lam = torch.as_tensor(rng.uniform(0.5, 2.0, 6))
    scores = ScorePosterior(
        mean=torch.as_tensor(rng.standard_normal((3, 2))),
        cov=torch.tensor([[[0.3, 0.1], [0.1, 0.2]]], dtype=F64),
        pattern=torch.zeros(3, dtype=torch.int64),
        log_det=0.0,
        multiplicity=torch.ones(3, dtype=F64),
    )
    each = lam[:, None, None] * (mean[:, :, None] * mean[:, None, :] + cov)
    precisions = [each[g.index].sum(0) if g.observed is None else each[g.index] for g in view.groups]

    found = squared_errors(view, scores, view.x @ (lam[:, None] * mean), mean, precisions, lam)

    n = 50000
    generator = torch.Generator().manual_seed(0)
    z = scores.mean + torch.randn(n, 3, 2, dtype=F64, generator=generator) @ torch.linalg.cholesky(scores.cov[0]).T
    w = mean + torch.randn(n, 6, 2, dtype=F64, generator=generator) * 0.1**0.5
    drawn = (lam * (torch.nan_to_num(torch.as_tensor(x)) - z @ w.mT).square() * view.seen).sum(-1).mean(0)
    torch.testing.assert_close(found, drawn, rtol=0.03, atol=0)


def test_values_that_a_model_fits_exactly_are_not_without_error():
    w, z = torch.ones(5, 1, dtype=F64), torch.arange(1.0, 4.0, dtype=F64)[:, None]
    view, lam = view_of((z @ w.T).numpy()), torch.full((5,), 1e4, dtype=F64)
    scores = ScorePosterior(
        mean=z,
        cov=torch.zeros(1, 1, 1, dtype=F64),
        pattern=torch.zeros(3, dtype=torch.int64),
        log_det=0.0,
        multiplicity=torch.ones(3, dtype=F64),
    )

    precisions = [(lam[:, None, None] * w[:, :, None] * w[:, None, :]).sum(0)]

    found = squared_errors(view, scores, view.x @ (lam[:, None] * w), w, precisions, lam)

    assert (found > 4.9).all()  # the noise of an sd of 0.01 is there in each of five values


@pytest.fixture(scope="module")
def planted(cohort_problem):
    """Forty samples of which five are noisier in one view, as a problem."""
    cohort = simulate(
        40, seed=1, views={"rna": SimulatedView(n_features=120), "protein": SimulatedView(n_features=60)}, factors=2
    )
    rng = np.random.default_rng(0)
    problem = cohort_problem(cohort)
    view = problem.views[0]
    x = view.x.clone()
    x[:5] += 2.0 * torch.as_tensor(rng.standard_normal(x[:5].shape))
    noisy = replace(view, x=x, sum_squares=(x**2).sum(0))
    return replace(problem, views=(noisy, problem.views[1]))


@pytest.mark.parametrize("prior", ["soft", "strict"])
def test_a_fit_finds_noisy_samples_and_its_evidence_rises(planted, prior):
    start = Initialisation(name="a", scores=initial_scores(planted, "pca", 2, 0), omega=1.0)
    fits = [
        fit(planted, ModelSpec(loading_prior=prior, sample_quality=kind), start, FitSettings(tol=1e-7))
        for kind in (SampleQuality.AUTO, SampleQuality.EQUAL)
    ]

    rna, protein = fits[0].state.quality
    assert protein is None
    assert float(rna.mean[:5].max()) < 0.5 * float(rna.mean[5:].min())
    assert fits[0].log_evidence > fits[1].log_evidence + 50
    assert fits[1].state.quality == (None, None)
    rises = np.diff(fits[0].trace)
    assert (rises[6:] > -1e-6 * abs(fits[0].log_evidence)).all()
