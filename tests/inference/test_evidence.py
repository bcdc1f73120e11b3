"""Log evidence against exact marginal likelihoods, and the log joint against the Pyro program."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from pyro_log_joint import log_joint as pyro_log_joint
from scipy import special, stats
from torch.distributions import MultivariateNormal

from pathfa.inference.evidence import evidence
from pathfa.inference.numerics import LOG_2PI
from pathfa.inference.updates.noise import Counts, update_noise
from pathfa.inference.updates.scores import onto_loadings, update_scores
from pathfa.inference.weights.curvature import Weights, update_weights
from pathfa.options import Curvature, Noise, Sign

F64 = torch.float64
OMEGAS = {"strict": math.inf, "soft": 3.0, "mixed": (3.0, math.inf)}
OBSERVED = {"complete": {}, "absent": {"absent": True}, "missing": {"missing": 0.2, "absent": True}}


def evidence_of(known, scores, weights, nonnegative=False):
    """Return the evidence with the loadings at their posterior given scores and weights."""
    moments = [
        posterior.moments(view.mask @ weights.mean * scale + level, weights.prior_cov(view).scaled(scale))
        for posterior, view, scale, level in zip(
            known.loading_posteriors(scores), known.problem.views, known.scale, known.intercept, strict=True
        )
    ]
    terms = evidence(
        known.problem,
        scores=scores,
        moments=moments,
        weights=weights,
        noise=known.known_noise(),
        omega=known.omega,
        nonnegative=nonnegative,
    )
    return terms, moments


@pytest.mark.parametrize("options", OBSERVED.values(), ids=OBSERVED)
def test_with_known_loadings_it_is_the_exact_marginal_likelihood(make_known, options):
    known = make_known(1, omega=math.inf, **options)
    precisions = known.noise_precision

    terms, _ = evidence_of(known, known.scores_given_loadings(), known.known_weights())

    exact = 0.0
    w, lam = torch.cat(known.loadings), torch.cat(precisions)
    for row in torch.as_tensor(np.concatenate(known.values, axis=1)):
        seen = torch.isfinite(row)
        cov = w[seen] @ w[seen].T + torch.diag(1.0 / lam[seen])
        exact += float(MultivariateNormal(torch.zeros(len(cov), dtype=F64), cov).log_prob(row[seen]))
    assert terms.total - terms.choice == pytest.approx(exact, rel=1e-10)


def given_scores(known, covariance_of_weights):
    """Return the exact log p(X | Z) with loadings and normal weights integrated out, all views together."""
    blocks, values = [], []
    for position, x in enumerate(torch.as_tensor(v) for v in known.values):
        mask, scale, omega = torch.as_tensor(known.masks[position]), known.scale[position], known.omega[position]
        spread = torch.diag(torch.where(torch.isfinite(omega), 1.0 / omega, 0.0))
        for g in range(x.shape[1]):
            seen = torch.isfinite(x[:, g])
            z = known.scores[seen]
            # x_g = Z b + Z (c * C_g U) + Z e + noise: rows of the design of the flattened weights, factor by factor
            design = torch.cat([z[:, [k]] * scale[k] * mask[g] for k in range(z.shape[1])], dim=1)
            own = z @ spread @ z.T + torch.eye(len(z), dtype=F64) / known.noise_precision[position][g]
            blocks.append((design, own))
            values.append(x[seen, g] - z @ known.intercept[position])
    design = torch.cat([item[0] for item in blocks])
    cov = torch.block_diag(*[item[1] for item in blocks]) + design @ covariance_of_weights @ design.T
    return float(MultivariateNormal(torch.zeros(len(cov), dtype=F64), cov).log_prob(torch.cat(values)))


def scores_are_known(terms, known):
    """Return the evidence without what belongs to the scores."""
    n, size = known.scores.shape
    return terms.total - terms.choice + 0.5 * float((known.scores**2).sum()) - 0.5 * n * size


@pytest.mark.parametrize("options", OBSERVED.values(), ids=OBSERVED)
@pytest.mark.parametrize("omega", OMEGAS.values(), ids=OMEGAS)
def test_with_known_scores_it_is_the_exact_marginal_likelihood_of_loadings_and_weights(make_known, omega, options):
    known = make_known(2, n=8, omega=omega, nonnegative=False, **options)
    start = Weights(mean=known.weights, alpha=known.alpha, blocks=())

    weights = update_weights(
        known.problem, known.marginal(), start, sign=Sign.ANY, curvature=Curvature.FULL, learn_alpha=False
    )
    terms, _ = evidence_of(known, known.known_scores(), weights)

    exact = given_scores(known, torch.diag(1.0 / known.alpha.T.reshape(-1)))
    assert scores_are_known(terms, known) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("omega", [math.inf, 3.0])
def test_with_known_scores_and_one_non_negative_weight_it_is_exact_too(make_known, omega):
    known = make_known(3, n=8, sets=1, factors=1, omega=omega)
    start = Weights(mean=known.weights, alpha=known.alpha, blocks=())

    weights = update_weights(
        known.problem, known.marginal(), start, sign=Sign.NONNEGATIVE, curvature=Curvature.FULL, learn_alpha=False
    )
    terms, _ = evidence_of(known, known.known_scores(), weights, nonnegative=True)

    mean, sd = float(weights.mean), float(weights.variance().sqrt())
    exact = given_scores(known, 1.0 / known.alpha) + math.log(2.0) + stats.norm.logcdf(mean / sd)
    assert scores_are_known(terms, known) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("options", OBSERVED.values(), ids=OBSERVED)
def test_with_known_residuals_it_is_the_exact_marginal_likelihood_of_the_noise(make_known, options):
    known = make_known(5, omega=math.inf, **options)
    scores, weights = known.known_scores(), known.known_weights()
    _, moments = evidence_of(known, scores, weights)
    each = list(zip(moments, known.problem.views, strict=True))
    noise = [update_noise(Noise.MODERATED, m.expected_rss, Counts.of(view.n_observed)) for m, view in each]

    given = {"scores": scores, "moments": moments, "weights": weights, "omega": known.omega, "nonnegative": False}
    terms = evidence(known.problem, noise=noise, **given)

    exact = 0.0
    for (m, view), item in zip(each, noise, strict=True):
        n, shape, rate = view.n_observed.numpy(), 0.5 * item.d0, 0.5 * item.d0 * item.s0_squared
        of_shapes = special.gammaln(shape + 0.5 * n) - special.gammaln(shape) + shape * math.log(rate)
        of_rates = (shape + 0.5 * n) * np.log(rate + 0.5 * m.expected_rss.numpy())
        exact += float((of_shapes - of_rates - 0.5 * n * LOG_2PI).sum())
    assert terms.data + terms.noise == pytest.approx(exact, rel=1e-10)


def test_values_that_were_taken_for_missing_count_with_their_log_density(make_known):
    known = make_known(1)
    without = dataclasses.replace(known, problem=dataclasses.replace(known.problem, left_out=-12.5))
    one, other = (evidence_of(each, each.known_scores(), each.known_weights())[0] for each in (known, without))
    assert other.total == pytest.approx(one.total - 12.5)


def test_with_neither_known_it_is_a_lower_bound_that_is_close(make_known):
    # two samples and one factor, so that the integral over the scores can be done on a grid
    known = make_known(4, n=2, features=(6,), sets=2, factors=1, omega=8.0)
    weights, scores, totals = known.known_weights(), known.known_scores(), []
    for _ in range(40):
        terms, moments = evidence_of(known, scores, weights)
        scores = update_scores(
            known.problem,
            onto_loadings(known.problem, [m.mean for m in moments], known.noise_precision),
            [m.precision for m in moments],
        )
    for _ in range(5):
        terms, moments = evidence_of(known, scores, weights)
        totals.append(terms.total - terms.choice)
        scores = update_scores(
            known.problem,
            onto_loadings(known.problem, [m.mean for m in moments], known.noise_precision),
            [m.precision for m in moments],
        )

    grid = torch.linspace(-6, 6, 241, dtype=F64)
    z = torch.cartesian_prod(grid, grid)
    log_p = -0.5 * (z**2).sum(1) - LOG_2PI
    for g in range(6):
        x, m, lam = torch.as_tensor(known.values[0][:, g]), known.prior_mean(0)[g], known.noise_precision[0][g]
        cov = z[:, :, None] * z[:, None, :] / 8.0 + torch.eye(2, dtype=F64) / lam
        log_p += MultivariateNormal(z * m, cov).log_prob(x)
    exact = float(torch.logsumexp(log_p, 0) + 2.0 * (grid[1] - grid[0]).log())
    assert totals[-1] < exact
    assert totals[-1] > exact - 0.5
    assert max(totals) - min(totals) < 1e-4


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("options", OBSERVED.values(), ids=OBSERVED)
@pytest.mark.parametrize("omega", OMEGAS.values(), ids=OMEGAS)
def test_the_log_joint_is_that_of_the_pyro_program(make_known, omega, options, nonnegative):
    known = make_known(5, omega=omega, nonnegative=nonnegative, **options)
    # away from where the data were drawn, too
    other = dataclasses.replace(
        known,
        scores=known.scores * 1.3 - 0.2,
        weights=known.weights * 0.7,
        loadings=[w + 0.1 for w in known.loadings],
    )

    for item in (known, other):
        parameters, data = item.pyro()
        expected = pyro_log_joint(
            parameters,
            data,
            scores=item.scores,
            gene_set_weights=item.weights,
            loadings={str(position): w for position, w in enumerate(item.loadings)},
        )
        found = item.log_joint()
        assert float(found) == pytest.approx(float(expected), abs=1e-8)


@pytest.mark.parametrize("options", OBSERVED.values(), ids=OBSERVED)
def test_strict_is_the_limit_of_soft(make_known, options):
    strict = make_known(7, omega=math.inf, nonnegative=False, **options)
    totals = {}
    for omega in (1e3, 1e5, 1e7, math.inf):
        known = dataclasses.replace(strict, omega=[torch.full((2,), omega, dtype=F64) for _ in strict.omega])
        start = Weights(mean=known.weights, alpha=known.alpha, blocks=())
        weights = update_weights(
            known.problem, known.marginal(), start, sign=Sign.ANY, curvature=Curvature.FULL, learn_alpha=False
        )
        terms, moments = evidence_of(known, known.known_scores(), weights)
        totals[omega] = terms.total, moments[0].mean

    limit, loadings = totals.pop(math.inf)
    distances = [abs(total - limit) for total, _ in totals.values()]
    assert distances[0] > 50 * distances[1] > 2500 * distances[2]
    assert distances[2] < 1e-4
    torch.testing.assert_close(totals[1e7][1], loadings, atol=1e-5, rtol=0)


def test_the_total_is_the_sum_of_its_terms(make_known):
    known = make_known(6)

    terms, _ = evidence_of(known, known.known_scores(), known.known_weights())

    assert set(terms.to_dict()) == {
        "data",
        "loadings",
        "weights",
        "truncation",
        "choice",
        "scores",
        "noise",
        "censoring",
        "scales",
        "intercepts",
        "qualities",
        "members",
        "outlying",
    }
    assert terms.total == math.fsum(terms.to_dict().values())
    assert terms.weights == terms.truncation == terms.noise == 0.0
