"""Posterior of the scores against automatic differentiation and naive sums."""

import math

import pytest
import torch

from pathfa.inference.updates.scores import ScorePosterior, onto_loadings, update_scores

CASES = {"complete": {}, "absent": {"absent": True}, "missing": {"missing": 0.2, "absent": True}}


@pytest.fixture(params=CASES.values(), ids=CASES)
def known(make_known, request):
    return make_known(6, n=12, omega=2.0, **request.param)


@pytest.fixture
def posterior(known):
    return known.scores_given_loadings()


def test_mean_and_covariance_are_those_of_the_log_joint(known, posterior):
    def value(z):
        return known.log_joint(scores=z)

    slope = torch.autograd.functional.jacobian(value, posterior.mean)
    torch.testing.assert_close(slope, torch.zeros_like(slope), atol=1e-8, rtol=0)
    hessian = torch.autograd.functional.hessian(value, posterior.mean).reshape(24, 24)
    expected = torch.block_diag(*torch.linalg.inv(posterior.cov[posterior.pattern]))
    torch.testing.assert_close(-hessian, expected, rtol=1e-8, atol=1e-8)
    assert posterior.log_det == pytest.approx(float(torch.logdet(-hessian)))


def test_what_is_not_known_of_the_loadings_makes_scores_less_sharp(known, posterior):
    moments = [item.moments(known.prior_mean(m), None) for m, item in enumerate(known.loading_posteriors())]

    uncertain = update_scores(
        known.problem,
        onto_loadings(known.problem, [m.mean for m in moments], known.noise_precision),
        [m.precision for m in moments],
    )

    for row in range(12):
        precision = torch.eye(2, dtype=torch.float64)
        linear = torch.zeros(2, dtype=torch.float64)
        for position, (item, view) in enumerate(zip(known.loading_posteriors(), known.problem.views, strict=True)):
            seen = torch.isfinite(torch.as_tensor(known.values[position][row]))
            w, lam, cov = moments[position].mean[seen], known.noise_precision[position][seen], item.covariance(None)
            precision += w.T @ (lam[:, None] * w) + (lam[:, None, None] * cov[seen]).sum(0)
            linear += w.T @ (lam * view.x[row][seen])
        cov = torch.linalg.inv(precision)
        torch.testing.assert_close(uncertain.cov[uncertain.pattern[row]], cov, rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(uncertain.mean[row], cov @ linear, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("alike", [True, False])
def test_second_and_cross_moments_are_sums_over_the_observed_samples(known, posterior, alike):
    weight = None if alike else torch.linspace(0.2, 3.0, 12, dtype=torch.float64)
    times = torch.ones(12, dtype=torch.float64) if weight is None else weight
    for position, view in enumerate(known.problem.weighted([weight] * len(known.problem.views)).views):
        seen = torch.isfinite(torch.as_tensor(known.values[position])).to(torch.float64)
        each = posterior.mean[:, :, None] * posterior.mean[:, None, :] + posterior.cov[posterior.pattern]
        expected = torch.einsum("n,ng,nkl->gkl", times, seen, each)
        each = [item.expand(view.n_features, -1, -1) if item.ndim == 2 else item for item in posterior.second(view)]
        torch.testing.assert_close(view.gather(each), expected)
        torch.testing.assert_close(posterior.cross(view), view.x.T @ (times[:, None] * posterior.mean))


def test_a_sample_without_any_view_has_the_prior(make_known):
    known = make_known(6, n=12, features=(5,), omega=2.0, absent=True)

    posterior = known.scores_given_loadings()

    assert (posterior.mean[-3:] == 0).all()
    torch.testing.assert_close(posterior.variance[-3:], torch.ones(3, 2, dtype=torch.float64))


def test_samples_share_a_pattern_with_the_same_views_unless_entries_are_missing(make_known):
    rows, pattern = make_known(0, n=12, absent=True).problem.patterns
    assert len(rows) == 2
    assert pattern[:9].unique().numel() == pattern[9:].unique().numel() == 1

    rows, pattern = make_known(0, n=12, missing=0.2).problem.patterns
    assert rows.tolist() == pattern.tolist() == list(range(12))


def test_rescaled_scores_have_the_moments_and_the_determinant_of_the_quotient(posterior):
    scale = torch.tensor([0.5, 3.0], dtype=torch.float64)

    other = posterior.rescaled(scale)

    torch.testing.assert_close(other.mean, posterior.mean / scale)
    torch.testing.assert_close(other.variance, posterior.variance / scale**2)
    expected = -float(torch.logdet(other.cov)[other.pattern].sum())
    assert other.log_det == pytest.approx(expected)
    torch.testing.assert_close(other.mean_square(), posterior.mean_square() / scale**2)
    torch.testing.assert_close(other.rescaled(other.mean_square().sqrt()).mean_square(), torch.ones(2).double())


def test_mean_square_counts_the_samples_that_rows_stand_for():
    mean = torch.tensor([[2.0], [4.0]], dtype=torch.float64)
    cov = torch.full((1, 1, 1), 0.5, dtype=torch.float64)
    # two rows that hold the cross products of ten samples
    posterior = ScorePosterior(
        mean=mean, cov=cov, pattern=torch.zeros(2).long(), log_det=0.0, multiplicity=torch.full((2,), 5.0).double()
    )

    assert float(posterior.mean_square()) == pytest.approx(20.0 / 10.0 + 0.5)
    assert math.isfinite(posterior.log_det)
