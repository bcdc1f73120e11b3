"""Rotation of the factors to where the priors of loadings and scores are best met."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from pathfa.inference import fit as fitting
from pathfa.inference.ends import Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.problem.problem import make_problem, with_limits
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.inference.updates.state import joint_diagonaliser, rotated
from pathfa.options import LoadingPrior, ModelSpec

SIZE = 5
SOFT = ModelSpec(loading_prior=LoadingPrior.SOFT)


def positive(generator, size=SIZE):
    root = torch.randn(size, 3 * size, dtype=torch.float64, generator=generator)
    return root @ root.T


def slope(matrices, weights, basis):
    """Return the gradient of the criterion with respect to a small change of the basis, off the diagonal."""
    total = torch.zeros_like(basis)
    for matrix, weight in zip(matrices, weights, strict=True):
        present = basis.T @ matrix @ basis
        total += weight / sum(weights) * present / present.diagonal()
    return total.fill_diagonal_(0.0)


def criterion(matrices, weights, basis):
    logs = [(basis.T @ matrix @ basis).diagonal().log().sum() for matrix in matrices]
    weighted = sum(w * value for w, value in zip(weights, logs, strict=True)) / sum(weights)
    return float(0.5 * weighted - torch.linalg.slogdet(basis)[1])


def test_matrices_that_one_basis_diagonalises_become_diagonal():
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(SIZE, SIZE, dtype=torch.float64, generator=generator) + 2.0 * torch.eye(SIZE)
    spread = torch.rand(3, SIZE, dtype=torch.float64, generator=generator) + 0.1
    matrices = [mixing.T @ values.diag() @ mixing for values in spread]
    basis = joint_diagonaliser(matrices, [300.0, 200.0, 20.0])
    for matrix in matrices:
        found = basis.T @ matrix @ basis
        size = found.diagonal().sqrt()
        assert (found / (size[:, None] * size) - torch.eye(SIZE)).abs().max() < 1e-3


def test_other_matrices_end_where_no_small_change_helps():
    generator = torch.Generator().manual_seed(1)
    matrices, weights = [positive(generator) for _ in range(3)], [300.0, 200.0, 20.0]
    basis = joint_diagonaliser(matrices, weights)
    assert criterion(matrices, weights, basis) < criterion(matrices, weights, torch.eye(SIZE, dtype=torch.float64))
    assert slope(matrices, weights, basis).abs().max() < 1e-3


def test_one_factor_has_nothing_to_rotate_into():
    matrices = [torch.tensor([[4.0]], dtype=torch.float64), torch.tensor([[9.0]], dtype=torch.float64)]
    assert joint_diagonaliser(matrices, [1.0, 1.0]).shape == (1, 1)


@pytest.fixture(scope="module")
def problem():
    """Return two views whose factors differ in size, and gene sets that explain nothing."""
    rng = np.random.default_rng(3)
    scores = rng.standard_normal((50, SIZE))
    return make_problem(drawn(rng, scores))


def drawn(rng, scores):
    views = []
    for n_features, sizes in ((150, np.linspace(2.0, 0.2, SIZE)), (80, np.linspace(0.5, 1.5, SIZE))):
        loadings = rng.standard_normal((n_features, SIZE)) * sizes
        mask = sp.csr_matrix(rng.random((n_features, 12)) < 0.1, dtype=np.float64)
        views.append((scores @ loadings.T + rng.standard_normal((50, n_features)), mask))
    return views


def run(problem, max_iter, name="random"):
    start = Initialisation(name=name, scores=initial_scores(problem, name, SIZE, seed=0), omega=1.0)
    return fit(problem, SOFT, start, FitSettings(max_iter=max_iter))


def test_rotated_scores_span_the_same_and_their_moments_follow(problem):
    before = run(problem, 3).state
    after = rotated(before)
    by = torch.linalg.lstsq(before.scores.mean, after.scores.mean).solution
    torch.testing.assert_close(before.scores.mean @ by, after.scores.mean)
    torch.testing.assert_close(by.T @ before.scores.cov @ by, after.scores.cov)
    change = -2.0 * len(before.scores.mean) * float(torch.linalg.slogdet(by)[1])
    assert after.scores.log_det == pytest.approx(before.scores.log_det + change)


def test_precisions_are_those_of_the_rotated_loadings(problem):
    before = run(problem, 3).state
    after = rotated(before)
    by = torch.linalg.lstsq(before.scores.mean, after.scores.mean).solution
    basis = torch.linalg.inv(by).T
    for moment, omega in zip(before.moments, after.omega, strict=True):
        loadings = moment.mean @ basis
        expected = loadings.square().sum(0) + (basis**2 * moment.deviation_cov[:, None]).sum(0)
        torch.testing.assert_close(omega, len(loadings) / expected)


def test_a_rotation_saves_iterations_where_gene_sets_explain_little(problem, monkeypatch):
    with_rotation = run(problem, 8)
    monkeypatch.setattr(fitting, "ROTATION", 0)
    assert with_rotation.log_evidence > run(problem, 8).log_evidence + 5.0


def test_a_rotation_counts_where_values_lie_below_a_detection_limit_too():
    rng = np.random.default_rng(3)
    (x, mask), other = drawn(rng, rng.standard_normal((50, SIZE)))
    views = [(np.where(x < np.quantile(x, 0.25, axis=0), np.nan, x), mask), other]
    censored = with_limits(make_problem(views), [True, False])
    third, fourth = run(censored, 3), run(censored, 4)
    assert fourth.log_evidence > third.log_evidence + 100.0


def test_a_rotation_that_lowers_the_evidence_is_taken_back(problem, monkeypatch):
    before = run(problem, 3)
    monkeypatch.setattr(
        fitting, "rotated", lambda state: fitting.replace(state, omega=tuple(o * 1e4 for o in state.omega))
    )
    after = run(problem, 4)
    assert after.trace[:3] == before.trace
    assert after.log_evidence == before.log_evidence
