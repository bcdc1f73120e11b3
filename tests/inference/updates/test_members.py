"""Members that do not take part: exact where one member is unknown, found where they are planted."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from scipy.special import expit
from scipy.stats import multivariate_normal
from sklearn.metrics import roc_auc_score

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.loadings.posterior import loading_posterior
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.inference.updates.members import update_members, with_members
from pathfa.inference.weights.curvature import Weights
from pathfa.inference.weights.weights import WeightPosterior
from pathfa.options import ModelSpec

F64 = torch.float64


def known_weights(u):
    """Return weights that are certain."""
    flat = torch.as_tensor(u.T.ravel())
    active = torch.nonzero(flat != 0).squeeze(1)
    nothing = torch.zeros(len(active), len(active), dtype=F64)
    alpha = torch.where(flat != 0, 1.0, torch.inf)
    block = WeightPosterior(mean=flat, alpha=alpha, active=active, cov=nothing, log_det=0.0, diagonal=False)
    shape = u.shape[::-1]
    return Weights(mean=flat.reshape(shape).T, alpha=alpha.reshape(shape).T, blocks=(block,))


NOISE, SCALE = (0.7, 1.1), (np.array([1.0, 0.5]), np.array([0.7, 1.3]))
U = np.array([[0.8, 0.3], [0.0, 0.6]])  # sets x factors


def taking_part(values, z, mask, omega=2.0):
    """Return which members take part by two views that share their features, scores and weights known."""
    problem = make_problem([(x, sp.csr_matrix(mask)) for x in values])
    problem = replace(problem, known_names=(torch.arange(len(mask)),) * 2)
    views = []
    for view, sd, c in zip(problem.views, NOISE, SCALE, strict=True):
        seen, outer = view.seen.expand_as(view.x), torch.as_tensor(z[:, :, None] * z[:, None, :])
        second = [
            torch.einsum("nkl->kl", outer)
            if group.observed is None
            else torch.einsum("ng,nkl->gkl", seen[:, group.index], outer)
            for group in view.groups
        ]
        precision = torch.full((len(mask),), sd**-2, dtype=F64)
        cross = view.x.T @ torch.as_tensor(z)
        posterior = loading_posterior(view, precision, second, cross, torch.full((2,), omega, dtype=F64))
        views.append(posterior.marginal(torch.zeros(2, dtype=F64), torch.as_tensor(c)))
    return update_members(problem, views, known_weights(U), [torch.as_tensor(c) for c in SCALE], None)


def log_odds(values, z, feature, others, own, omega):
    """Return by how much ``own``, sets x factors, makes values of a feature likelier beside ``others``, exactly."""
    total = 0.0
    for x, sd, c in zip(values, NOISE, SCALE, strict=True):
        row = np.isfinite(x[:, feature])
        cov = sd**2 * np.eye(row.sum()) + z[row] @ z[row].T / omega
        with_it, without = (multivariate_normal(z[row] @ (c * mean), cov) for mean in (others + own, others))
        total += with_it.logpdf(x[row, feature]) - without.logpdf(x[row, feature])
    return total


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("omega", [2.0, np.inf])
def test_with_known_scores_and_weights_the_odds_are_those_of_the_exact_marginals(missing, omega):
    """Two views that share their features; every feature is in one set, so that members do not depend on each other."""
    rng = np.random.default_rng(0)
    z, mask = rng.standard_normal((6, 2)), np.kron(np.eye(2), np.ones((6, 1)))
    values = [rng.standard_normal((6, 12)) for _ in range(2)]
    for x in values:
        x[rng.random(x.shape) < missing] = np.nan

    found = taking_part(values, z, mask, omega)

    prior = np.log(found.share / (1.0 - found.share))
    for feature in range(12):
        expected = expit(prior + log_odds(values, z, feature, np.zeros(2), mask[feature] @ U, omega))
        for view in found.probability:
            assert float(view[feature]) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_a_feature_of_two_sets_takes_part_in_the_second_as_the_first_one_leaves_it(seed):
    """The share of members that take part is the one that the probabilities were found with."""
    rng = np.random.default_rng(seed)
    z, mask = rng.standard_normal((20, 2)), np.ones((60, 2))
    part = rng.random(mask.shape) < 0.5
    values = [z @ (c * (part @ U)).T + sd * rng.standard_normal((20, 60)) for sd, c in zip(NOISE, SCALE, strict=True)]

    found = taking_part(values, z, mask, 8.0)

    assert 0.2 < found.share < 0.8
    prior = np.log(found.share / (1.0 - found.share))
    for feature in range(60):
        first, second = (float(r) for r in found.probability[0][2 * feature : 2 * feature + 2])
        beside = log_odds(values, z, feature, U[0], U[1], 8.0)
        alone = log_odds(values, z, feature, np.zeros(2), U[1], 8.0)
        assert second == pytest.approx(expit(prior + first * beside + (1.0 - first) * alone), rel=1e-8)


@pytest.mark.parametrize(("direction", "share"), [(1.0, 1.0 - 0.5 / 12), (-1.0, 0.5 / 12)])
def test_half_of_a_member_is_never_certain(direction, share):
    z, mask = np.random.default_rng(0).standard_normal((200, 2)), np.kron(np.eye(2), np.ones((6, 1)))

    found = taking_part([direction * z @ (c * (mask @ U)).T for c in SCALE], z, mask)

    assert found.share == pytest.approx(share)
    assert np.isfinite(found.divergence)


def planted(seed, n=30, wrong=0.2, sets=6, size=20, apart=0.2):
    """Return a problem of one view with members that do not take part, and which those are, G x P."""
    rng = np.random.default_rng(seed)
    g = sets * size
    mask = np.kron(np.eye(sets), np.ones((size, 1)))
    out = (mask > 0) & (rng.random(mask.shape) < wrong)
    u = np.kron(np.eye(3), np.ones((2, 1)))  # sets x factors
    loadings = (mask * ~out) @ u + apart * rng.standard_normal((g, 3))
    x = rng.standard_normal((n, 3)) @ loadings.T + 0.7 * rng.standard_normal((n, g))
    return make_problem([(x - x.mean(0), sp.csr_matrix(mask))]), out, mask


def fitted(problem, prior, curvature="full"):
    """Return a fit in which all members take part, and the one that goes on from there."""
    start = Initialisation(name="pca", scores=initial_scores(problem, "pca", 3, 0, lambda: None), omega=1.0)
    spec = ModelSpec(n_factors=3, loading_prior=prior, curvature=curvature, sample_quality="equal")
    before = fit(problem, spec, start, FitSettings(max_iter=300, tol=1e-7))
    return before, fit(problem, spec, before, FitSettings(max_iter=600, tol=1e-7), refine=True)


@pytest.mark.parametrize("curvature", ["full", "factor"])
@pytest.mark.parametrize("prior", ["soft", "strict"])
def test_members_that_do_not_take_part_are_found(prior, curvature):
    problem, out, mask = planted(0)

    before, after = fitted(problem, prior, curvature)

    assert after.converged
    assert after.log_evidence > before.log_evidence + 20.0
    probability = after.state.members.probability[0].numpy()
    rows, columns = problem.views[0].sets.csr.nonzero()
    assert roc_auc_score(out[rows, columns], -probability) > 0.97
    assert after.state.members.share == pytest.approx(1.0 - out.sum() / mask.sum(), abs=0.05)
    # weights are those of the members that take part
    size = after.state.scores.mean_square().sqrt() @ torch.ones(3, dtype=F64) / 3.0
    strongest = (after.state.weights.mean * after.state.scale[0]).amax(1) * size
    assert float(strongest.mean()) == pytest.approx(1.0, abs=0.15)
    assert float((before.state.weights.mean * before.state.scale[0]).amax(1).mean()) < 0.9


@pytest.mark.parametrize("curvature", ["full", "factor"])
@pytest.mark.parametrize("prior", ["soft", "strict"])
def test_the_evidence_rises_with_every_iteration(prior, curvature):
    before, after = fitted(planted(1)[0], prior, curvature)

    # the first iterations learn which members take part
    steps = np.diff(after.trace[len(before.trace) + 2 :])
    assert (steps > -1e-3 * abs(after.trace[-1] - before.log_evidence)).all()


@pytest.mark.parametrize("prior", ["soft", "strict"])
def test_where_all_take_part_nothing_is_gained(prior):
    problem, _, mask = planted(2, wrong=0.0, apart=0.0 if prior == "strict" else 0.2)
    before, after = fitted(problem, prior)

    assert after.log_evidence < before.log_evidence + 5.0
    assert 0.95 < after.state.members.share <= 1.0 - 0.5 / mask.sum()  # as if half of a member did not


def test_members_of_a_set_without_weight_take_part():
    problem, _, mask = planted(3)
    u = np.zeros((mask.shape[1], 1))
    view = problem.views[0]
    nothing = torch.zeros(view.n_features, 1, dtype=F64)
    posterior = loading_posterior(
        view, torch.ones(view.n_features, dtype=F64), [torch.ones(1, 1, dtype=F64)], nothing, torch.ones(1, dtype=F64)
    )
    one = torch.ones(1, dtype=F64)

    found = update_members(problem, [posterior.marginal(0.0 * one, one)], known_weights(u), [one], None)

    assert (found.probability[0] == 1.0).all()
    assert found.divergence == 0.0
    changed = with_members(problem, found).views[0].sets
    np.testing.assert_array_equal(changed.mask.to_dense(), mask)
