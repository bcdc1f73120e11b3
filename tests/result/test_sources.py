"""Where activities come from."""

import numpy as np
import pandas as pd
import pytest

import pathfa as pf


def cohort(n, tau, seed):
    """Return data of two factors on ten sets each, where sets move on their own by ``tau``; the sets; true shares."""
    rng = np.random.default_rng(seed)
    genes = [f"G{i}" for i in range(400)]
    sets = {f"SET{s}": genes[20 * s : 20 * s + 20] for s in range(20)}
    factors = rng.normal(size=(n, 2))
    carried = np.repeat(factors[:, [s % 2 for s in range(20)]], 20, axis=1)
    own = np.repeat(tau * rng.normal(size=(n, 20)), 20, axis=1)
    data = pd.DataFrame(carried + own + rng.normal(size=(n, 400)), [f"S{i}" for i in range(n)], genes)
    parts = (carried - carried.mean(0))[:, ::20], (carried + own - (carried + own).mean(0))[:, ::20]
    return data, sets, pd.Series((parts[0] * parts[1]).sum(0) / (parts[1] ** 2).sum(0), list(sets))


@pytest.mark.parametrize("tau", [0.0, 0.7])
def test_shares_are_those_that_were_planted(tau):
    data, sets, truth = cohort(80, tau, seed=1)
    options = {"n_factors": 2, "loading_prior": "soft", "scale": "center", "n_starts": 1, "progress": False}
    found = pf.PathFA(**options).fit({"rna": data}, sets).result_.activity_sources

    share, lower, upper = found.share["factors"], found.lower["factors"], found.upper["factors"]
    assert (share - truth).abs().mean() < 0.08
    assert ((lower - 1e-9 <= truth) & (truth <= upper + 1e-9)).mean() >= 0.8
    if tau:
        assert (upper - lower).between(0.1, 0.5).all()


def test_the_interval_narrows_as_samples_are_added():
    widths = []
    for n in (30, 200):
        data, sets, _ = cohort(n, 0.7, seed=2)
        options = {"n_factors": 2, "loading_prior": "soft", "scale": "center", "n_starts": 1, "progress": False}
        found = pf.PathFA(**options).fit({"rna": data}, sets).result_.activity_sources
        widths.append(float((found.upper["own"] - found.lower["own"]).mean()))
    assert widths[1] < 0.6 * widths[0]


def test_a_model_keeps_where_activities_come_from(tmp_path):
    data, sets, _ = cohort(30, 0.7, seed=3)
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit({"rna": data}, sets)
    model.save(tmp_path / "model.h5")
    again = pf.PathFA.load(tmp_path / "model.h5").result_.activity_sources
    for name in ("share", "lower", "upper"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(model.result_.activity_sources, name))
