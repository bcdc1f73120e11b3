"""The level that all loadings of a view share."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch.distributions import MultivariateNormal

from pathfa.inference.ends import Initialisation
from pathfa.inference.evidence import evidence
from pathfa.inference.fit import fit
from pathfa.inference.loadings.intercept import intercept_evidence, update_intercept
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores
from pathfa.options import ModelSpec

F64 = torch.float64


@pytest.fixture
def known(make_known):
    return make_known(2, n=12, features=(30, 20), omega=3.0, missing=0.1)


def alternate(known, steps=300):
    """Return levels and moments of the loadings after alternating their updates, all else known."""
    levels = [torch.zeros_like(level) for level in known.intercept]
    expected = [known.prior_mean(m) - known.intercept[m] for m in range(2)]
    for _ in range(steps):
        moments = [
            posterior.moments(mean + level, None)
            for posterior, view, mean, level in zip(
                known.loading_posteriors(), known.problem.views, expected, levels, strict=True
            )
        ]
        loadings = [item.mean for item in moments]
        levels = [update_intercept(*item) for item in zip(loadings, expected, known.omega, strict=True)]
    return levels, moments, expected


def exact(known, position, expected):
    """Return log p(x | z, u) of a view with loadings and level integrated out, and the posterior mean of the level."""
    z, size = known.scores, known.scores.shape[1]
    spread = torch.diag(1.0 / known.omega[position])
    blocks, designs, values = [], [], []
    for g, x in enumerate(torch.as_tensor(known.values[position]).T):
        seen = torch.isfinite(x)
        designs.append(z[seen])
        own = z[seen] @ spread @ z[seen].T + torch.eye(int(seen.sum()), dtype=F64) / known.noise_precision[position][g]
        blocks.append(own)
        values.append(x[seen] - z[seen] @ expected[g])
    design, own, x = torch.cat(designs), torch.block_diag(*blocks), torch.cat(values)
    cov = own + design @ spread @ design.T
    mean = spread @ design.T @ torch.linalg.solve(cov, x)
    assert mean.shape == (size,)
    return float(MultivariateNormal(torch.zeros(len(x), dtype=F64), cov).log_prob(x)), mean


def test_the_intercept_is_its_exact_posterior_mean(known):
    levels, _, expected = alternate(known)

    for position, level in enumerate(levels):
        torch.testing.assert_close(level, exact(known, position, expected[position])[1], rtol=1e-6, atol=1e-8)


def test_with_its_cost_the_evidence_is_a_close_lower_bound(known):
    levels, moments, expected = alternate(known)
    sizes = [view.n_features for view in known.problem.views]

    terms = evidence(
        known.problem,
        scores=known.known_scores(),
        moments=moments,
        weights=known.known_weights(),
        noise=known.known_noise(),
        omega=known.omega,
        nonnegative=False,
        intercepts=intercept_evidence(levels, known.omega, sizes),
    )

    n, size = known.scores.shape
    found = terms.total - terms.choice + 0.5 * float((known.scores**2).sum()) - 0.5 * n * size
    target = sum(exact(known, position, expected[position])[0] for position in range(2))
    assert found < target
    assert found > target - 0.5 * size * len(sizes)


def test_strict_columns_have_no_intercept():
    omega = torch.tensor([2.0, math.inf], dtype=F64)
    loadings = torch.ones(9, 2, dtype=F64)

    level = update_intercept(loadings, torch.zeros_like(loadings), omega)

    assert level.tolist() == pytest.approx([0.9, 0.0])
    assert intercept_evidence([level], [omega], [9]) == pytest.approx(-0.5 * (math.log(10.0) + 2.0 * 0.81))


@pytest.fixture
def shifted():
    """Return values whose factor raises all features alike, and more so those of the first of 30 gene sets."""
    rng = np.random.default_rng(5)
    mask = np.zeros((600, 30))
    for column in mask.T:
        column[rng.choice(600, 40, replace=False)] = 1.0
    loadings = 0.6 + 0.3 * rng.standard_normal(600) + 0.8 * mask[:, 0]
    scores = rng.standard_normal(40)
    return scores[:, None] * loadings + rng.standard_normal((40, 600)), mask


def test_random_gene_sets_do_not_describe_a_common_level(shifted):
    values, mask = shifted
    problem = make_problem([(values, sp.csr_matrix(mask))])
    start = Initialisation(name="activities", scores=initial_scores(problem, "activities", 1, 0), omega=1.0)

    state = fit(problem, ModelSpec(loading_prior="soft"), start, FitSettings()).state

    chosen = torch.nonzero(state.weights.mean[:, 0]).squeeze(1).tolist()
    assert 0 in chosen
    assert len(chosen) <= 2
    assert abs(float(state.intercept[0][0])) == pytest.approx(0.6, abs=0.1)
