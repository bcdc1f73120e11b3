"""Activities against the dense Gaussian, and with planted effects of gene sets against the truth."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from scipy.linalg import block_diag

from pathfa.inference.posterior.activity import activities
from pathfa.inference.posterior.set_effects import SetEffects, learn_set_effects
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import make_problem, with_limits
from pathfa.inference.updates.scores import ScorePosterior

FACTORS, SETS, MEMBERS = 2, 12, 15


def known(z):
    """Scores without uncertainty."""
    cov = torch.zeros(1, FACTORS, FACTORS, dtype=torch.float64)
    pattern = torch.zeros(len(z), dtype=torch.int64)
    return ScorePosterior(
        mean=torch.as_tensor(z), cov=cov, pattern=pattern, log_det=0.0, multiplicity=torch.ones_like(pattern).double()
    )


class Planted:
    """Two views of sets that overlap; effects of a set correlate between the views."""

    def __init__(self, n=60, tau=0.4, correlation=0.6, missing=0.0, seed=0):
        rng = np.random.default_rng(seed)
        self.features = SETS * MEMBERS
        self.mask = np.zeros((self.features, SETS))
        for s in range(SETS):
            self.mask[rng.choice(self.features, MEMBERS, replace=False), s] = 1.0
        self.z = rng.normal(size=(n, FACTORS))
        root = np.linalg.cholesky([[1.0, correlation], [correlation, 1.0]])
        self.effects = tau * np.einsum("ab,bns->ans", root, rng.normal(size=(2, n, SETS)))
        self.loadings = rng.normal(size=(2, self.features, FACTORS)) * 0.5
        self.clean = np.stack(
            [self.z @ w.T + b @ self.mask.T for w, b in zip(self.loadings, self.effects, strict=True)]
        )
        x = self.clean + rng.normal(size=self.clean.shape)
        x[rng.random(x.shape) < missing] = np.nan
        if missing:
            x[1, :5] = np.nan  # samples without the second view
        self.x = x
        self.problem = make_problem([(values, sp.csr_matrix(self.mask)) for values in x])
        self.posterior = [
            ViewLoadings(
                mean=torch.as_tensor(w),
                cov=torch.zeros(self.features, FACTORS, FACTORS, dtype=torch.float64),
                noise_precision=torch.ones(self.features, dtype=torch.float64),
            )
            for w in self.loadings
        ]

    def truth(self):
        """Mean of the values without noise over the members, per view, N x P."""
        return self.clean @ (self.mask / self.mask.sum(0))


def test_effects_are_those_of_the_dense_gaussian():
    planted = Planted(n=12, missing=0.3)
    variance = torch.rand(SETS + 1, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
    variance[3, 1] = variance[5] = variance[-1, 0] = 0.0
    correlation = torch.tensor([[1.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
    found = activities(
        planted.problem, known(planted.z), planted.posterior, SetEffects(variance=variance, correlation=correlation)
    )

    ones = np.ones((planted.features, 1))
    design = block_diag(*[np.hstack([planted.mask, ones])] * 2)
    sd = variance.T.reshape(-1).sqrt().numpy()
    prior = np.kron(correlation.numpy(), np.eye(SETS + 1)) * np.outer(sd, sd)
    factors = np.stack([planted.z @ w.T for w in planted.loadings])
    share = planted.mask / planted.mask.sum(0)
    for n in range(12):
        values = planted.x[:, n].reshape(-1)
        seen = np.isfinite(values)
        rows = design[seen]
        gain = prior @ rows.T @ np.linalg.inv(rows @ prior @ rows.T + np.eye(seen.sum()))
        mean = gain @ (values - factors[:, n].reshape(-1))[seen]
        cov = prior - gain @ rows @ prior
        for view in range(2):
            part = design[view * planted.features : (view + 1) * planted.features]
            expected = share.T @ (factors[view, n] + part @ mean)
            np.testing.assert_allclose(found[view].mean[n], expected, rtol=1e-8, atol=1e-10)
            own = np.einsum("gp,gh,hp->p", share, part @ cov @ part.T, share)
            assert (found[view].sd[n].square().numpy() >= own - 1e-10).all()
        both = 0.5 * np.tile(share, (2, 1))
        np.testing.assert_allclose(
            found[-1].mean[n], both.T @ (factors[:, n].reshape(-1) + design @ mean), rtol=1e-8, atol=1e-10
        )


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_planted_effects_are_found_and_covered(missing):
    planted = Planted(missing=missing)
    scores = known(planted.z)
    effects = learn_set_effects(planted.problem, scores, planted.posterior)
    assert (effects.variance[:-1] > 0).all()
    assert effects.variance[:-1].sqrt().mean() == pytest.approx(0.4, abs=0.08)
    assert effects.correlation[0, 1] == pytest.approx(0.6, abs=0.2)
    found = activities(planted.problem, scores, planted.posterior, effects)
    for view, truth in enumerate(planted.truth()):
        error = (found[view].mean.numpy() - truth) / found[view].sd.numpy()
        assert np.mean(np.abs(error) < 1.96) > 0.93
        seen = np.isfinite(planted.x[view])
        with np.errstate(invalid="ignore"):
            means = (np.where(seen, planted.x[view], 0.0) @ planted.mask) / (seen @ planted.mask)
        here = np.isfinite(means)
        ours = np.corrcoef(found[view].mean.numpy()[here], truth[here])[0, 1]
        assert ours > np.corrcoef(means[here], truth[here])[0, 1]
    absent = found[1].sd[:5].square().mean() / found[1].sd[5:].square().mean()
    assert absent > 1.5 or not missing


def test_values_below_their_detection_limits_tell_of_effects():
    planted = Planted(n=80, tau=0.5)
    low = planted.x < np.quantile(planted.x, 0.4, axis=1, keepdims=True)
    problem = make_problem([(x, sp.csr_matrix(planted.mask)) for x in np.where(low, np.nan, planted.x)])
    scores = known(planted.z)

    def judged(problem):
        effects = learn_set_effects(problem, scores, planted.posterior)
        found, truth = activities(problem, scores, planted.posterior, effects), planted.truth()
        errors = [(item.mean.numpy() - own) / item.sd.numpy() for item, own in zip(found, truth, strict=False)]
        return np.corrcoef(found[0].mean.ravel(), truth[0].ravel())[0, 1], np.mean(np.abs(errors) < 1.96), effects

    r, covered, effects = judged(with_limits(problem, [True, True]))
    ignored, _, _ = judged(problem)
    assert r > ignored + 0.03
    assert 0.93 < covered < 0.99
    assert effects.variance[:-1].sqrt().mean() == pytest.approx(0.5, abs=0.1)


def test_a_view_that_was_not_measured_is_predicted_from_the_other():
    planted = Planted(correlation=0.9, missing=1e-9)
    scores = known(planted.z)
    effects = learn_set_effects(planted.problem, scores, planted.posterior)
    found, truth = activities(planted.problem, scores, planted.posterior, effects)[1], planted.truth()[1, :5]
    own = truth - planted.z[:5] @ (planted.loadings[1].T @ (planted.mask / planted.mask.sum(0)))
    told = found.mean[:5].numpy() - (truth - own)
    assert np.corrcoef(told.ravel(), own.ravel())[0, 1] > 0.6


@pytest.mark.parametrize("n", [20, 60, 200])
def test_without_effects_there_are_none(n):
    planted = Planted(n=n, tau=0.0, seed=n)
    effects = learn_set_effects(planted.problem, known(planted.z), planted.posterior)
    assert (effects.variance == 0).double().mean() >= 0.95


def test_what_all_features_share_is_an_effect_of_its_own():
    planted = Planted()
    planted.x += np.random.default_rng(1).normal(size=(60, 1))
    problem = make_problem([(values, sp.csr_matrix(planted.mask)) for values in planted.x])
    effects = learn_set_effects(problem, known(planted.z), planted.posterior)
    assert effects.variance[-1].sqrt().numpy() == pytest.approx(1.0, abs=0.3)
    assert effects.variance[:-1].sqrt().mean() == pytest.approx(0.4, abs=0.1)


def test_signed_members_and_sets_of_one_member():
    mask = np.zeros((6, 3))
    mask[:4, 0] = [1.0, 1.0, -1.0, -2.0]
    mask[4, 1] = 1.0
    x = np.random.default_rng(0).normal(size=(10, 6))
    problem = make_problem([(x, sp.csr_matrix(mask))])
    w = torch.as_tensor(np.random.default_rng(1).normal(size=(6, FACTORS)))
    loadings = ViewLoadings(
        mean=w,
        cov=torch.zeros(6, FACTORS, FACTORS, dtype=torch.float64),
        noise_precision=torch.ones(6, dtype=torch.float64),
    )
    z = np.random.default_rng(2).normal(size=(10, FACTORS))
    none = SetEffects(variance=torch.zeros(4, 1, dtype=torch.float64), correlation=torch.eye(1, dtype=torch.float64))
    found = activities(problem, known(z), [loadings], none)[0]
    fitted = z @ w.numpy().T
    np.testing.assert_allclose(found.mean[:, 0], fitted[:, :4] @ [0.2, 0.2, -0.2, -0.4])
    np.testing.assert_allclose(found.mean[:, 1], fitted[:, 4])
    assert found.mean[:, 2].isnan().all()
    assert (found.sd[:, :2] > 0).all()
