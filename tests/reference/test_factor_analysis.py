"""Without gene sets and with a weak loading prior the model is factor analysis: agreement with scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import FactorAnalysis

from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.options import ModelSpec

N, G, K = 1000, 16, 3


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    loadings = rng.standard_normal((G, K))
    sd = rng.uniform(0.5, 1.5, G)
    x = rng.standard_normal((N, K)) @ loadings.T + sd * rng.standard_normal((N, G))
    return x - x.mean(axis=0)


@pytest.fixture(scope="module")
def reference(data):
    return FactorAnalysis(n_components=K, tol=1e-8, max_iter=5000, svd_method="lapack").fit(data)


@pytest.fixture(scope="module")
def fitted(data):
    no_gene_sets = np.zeros((G, 1))
    problem = make_problem([(data, no_gene_sets)])
    start = Initialisation(name="pca", scores=initial_scores(problem, "pca", K, 0), omega=1e-2)
    spec = ModelSpec(loading_prior="soft", noise="feature", view_scale="fixed")
    return fit(problem, spec, start, FitSettings(max_iter=300, tol=1e-8))


def covariance(fitted):
    loadings = fitted.state.moments[0].mean
    return (loadings @ loadings.T + torch.diag(1.0 / fitted.state.noise[0].precision)).numpy()


def test_the_covariance_of_the_features_is_the_same(fitted, reference):
    # a prior on 48 loadings against 1,000 samples: differences are of the order of 1 / N
    np.testing.assert_allclose(covariance(fitted), reference.get_covariance(), atol=0.02 * covariance(fitted).max())


def test_the_noise_variances_are_the_same(fitted, reference):
    np.testing.assert_allclose(1.0 / fitted.state.noise[0].precision.numpy(), reference.noise_variance_, rtol=0.03)


def test_the_loadings_span_the_same_space(fitted, reference):
    a, b = np.linalg.qr(fitted.state.moments[0].mean.numpy())[0], np.linalg.qr(reference.components_.T)[0]

    assert np.linalg.svd(a.T @ b)[1].min() > 0.9999


def test_the_scores_are_the_same_up_to_a_rotation(fitted, reference, data):
    ours, theirs = fitted.state.scores.mean.numpy(), reference.transform(data)

    rotation = np.linalg.lstsq(ours, theirs, rcond=None)[0]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(K), atol=0.03)
    assert np.corrcoef((ours @ rotation).ravel(), theirs.ravel())[0, 1] > 0.9999


def test_the_evidence_is_the_likelihood_less_what_loadings_and_noise_cost(fitted, reference, data):
    likelihood = reference.score(data) * N

    # Occam's factor: half log N per free parameter, within some nats for the curvature of each
    n_free = G * K + G - K * (K - 1) / 2
    assert fitted.log_evidence < likelihood
    assert likelihood - fitted.log_evidence == pytest.approx(0.5 * np.log(N) * n_free, rel=0.5)


def test_no_gene_set_has_weight(fitted):
    assert (fitted.state.weights.mean == 0).all()
