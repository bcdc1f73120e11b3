"""Features that one sample alone shows are fitted exactly by one factor, and must not drown the others."""

import numpy as np
import pandas as pd
import pytest

import pathfa as pf

SETS = {f"SET{k}": [f"G{i}" for i in range(20 * k, 20 * k + 20)] for k in range(5)}
GENES = [f"G{i}" for i in range(140)]


def cohort(seed: int) -> tuple[dict[str, pd.DataFrame], np.ndarray]:
    """Return three factors over the first three gene sets in two views, and their scores.

    Half of the features of the first view, all of the members among them, are 0 in every sample but one.
    """
    rng = np.random.default_rng(seed)
    z, w = rng.normal(size=(40, 3)), np.zeros((140, 3))
    for k in range(3):
        w[20 * k : 20 * k + 20, k] = np.abs(rng.normal(1.0, 0.3, 20))
    samples = [f"S{i}" for i in range(40)]
    views = {
        view: pd.DataFrame(z @ w.T + 0.7 * rng.normal(size=(40, 140)), samples, GENES) for view in ("rna", "protein")
    }
    views["rna"].iloc[:, :70] = (np.arange(40) == 4)[:, None].astype(float)
    return views, z


def test_no_feature_is_without_noise():
    views, _ = cohort(0)
    model = pf.PathFA(n_factors=2, n_starts=1, loading_prior="soft", max_iter=80, progress=False).fit(views, SETS)
    assert model.noise_["rna"].min() > 0.0099
    assert model.noise_["rna"].iloc[70:].median() == pytest.approx(1.0, abs=0.1)
    found = {item.code: item for item in model.findings_}
    assert {"features-of-one-sample", "one-sample-factors"} <= set(found)
    assert found["one-sample-factors"].examples[0].endswith(": S4")
    assert "evidence-fell" not in found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_other_factors_are_found(seed):
    views, z = cohort(seed)
    model = pf.PathFA(progress=False).fit(views, SETS)
    correlation = np.abs(np.corrcoef(z.T, model.scores_.to_numpy().T)[:3, 3:]).max(axis=1)
    assert (correlation > 0.95).all()
    assert len(model.factor_names_) == 4
