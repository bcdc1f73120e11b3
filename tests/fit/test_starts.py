"""How well starts agree that are as good as the chosen one."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pathfa.fit.starts import factor_activity_agreement


def candidate(scores, weights, start, *, finished=True):
    state = SimpleNamespace(
        scores=SimpleNamespace(mean=torch.as_tensor(scores), n_samples=float(len(scores))),
        weights=SimpleNamespace(mean=torch.as_tensor(weights)),
    )
    fit = SimpleNamespace(state=state, initialisation=start)
    return SimpleNamespace(fit=fit, n_factors=scores.shape[1], loading_prior="soft", finished=finished)


def selection(best, *others, close):
    return SimpleNamespace(best=best, candidates=(best, *others), close=close)


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    return rng.standard_normal((30, 3)), rng.standard_normal((6, 3))


@given(seed=st.integers(0, 1000))
def test_other_axes_of_the_same_activities_are_no_spread(model, seed):
    scores, weights = model
    turn = np.random.default_rng(seed).standard_normal((3, 3)) + 3.0 * np.eye(3)
    other = candidate(scores @ turn, weights @ np.linalg.inv(turn).T, "pca")
    found = selection(candidate(scores, weights, "activities"), other, close=("pca",))
    agreement, spread = factor_activity_agreement(found)
    np.testing.assert_allclose(spread, 0.0, atol=1e-8)
    np.testing.assert_allclose(agreement, 1.0)
    assert len(agreement) == 1


def test_spread_is_the_root_mean_square_of_the_differences(model):
    scores, weights = model
    changed = weights.copy()
    changed[2] = 0.0
    best = candidate(scores, weights, "activities")
    others = candidate(scores, changed, "pca"), candidate(scores, weights, "random")
    centred = (scores - scores.mean(axis=0)) @ weights[2]
    expected = np.zeros(6)
    expected[2] = np.sqrt((centred**2).mean() / 2.0)
    np.testing.assert_allclose(
        factor_activity_agreement(selection(best, *others, close=("pca", "random")))[1], expected
    )
    for none_apart in ((), ("random",)):
        assert not factor_activity_agreement(selection(best, *others, close=none_apart))[1].any()
