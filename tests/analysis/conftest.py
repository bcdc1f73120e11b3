"""A model made of random numbers with a known structure, so that analyses are tested without a fit, and one fit."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import pathfa as pf
from pathfa.result.defaults import alike, all_members
from pathfa.result.result import PathFAResult
from pathfa.result.tensors import without_effects
from pathfa.simulation.cohort import Simulated

Maker = Callable[..., PathFAResult]


def make_result(
    seed: int = 0,
    n: int = 80,
    factors: int = 4,
    sets: int = 12,
    features: int = 60,
    score_sd: float = 0.1,
    scores: np.ndarray | None = None,
    obs: pd.DataFrame | None = None,
    discordant: int | None = None,
    omega: float = 100.0,
) -> PathFAResult:
    """Return a result whose gene set p loads on factor p modulo K; ``discordant`` is a factor the views disagree on.

    With an infinite ``omega`` scores and loadings cannot move together: scores are as sure as ``score_sd`` says.
    """
    rng = np.random.default_rng(seed)
    samples = pd.Index([f"s{i}" for i in range(n)])
    names = [f"F{k + 1} f{k}" for k in range(factors)]
    set_names = [f"set{p}" for p in range(sets)]
    z = rng.normal(size=(n, factors)) if scores is None else scores
    u = np.zeros((sets, factors))
    u[np.arange(sets), np.arange(sets) % factors] = rng.uniform(0.5, 1.5, sets)
    flat = np.flatnonzero(u.T.reshape(-1) > 0)
    genes = pd.Index([f"g{i}" for i in range(features)])
    members = np.zeros((features, sets))
    members[np.arange(features), np.arange(features) % sets] = 1.0
    loadings, noise, data, alone, masks = {}, {}, {}, {}, {}
    for position, view in enumerate(("rna", "protein")):
        w = members @ u + 0.05 * rng.normal(size=(features, factors))
        zv = z.copy()
        if discordant is not None and position == 1:
            zv[:, discordant] = rng.normal(size=n)
        loadings[view] = pd.DataFrame(w, index=genes, columns=names)
        noise[view] = pd.Series(np.full(features, 0.5), index=genes, name="sd")
        data[view] = pd.DataFrame(zv @ w.T + 0.5 * rng.normal(size=(n, features)), index=samples, columns=genes)
        alone[view] = pd.DataFrame(zv + 2 * score_sd * rng.normal(size=z.shape), index=samples, columns=names)
        masks[view] = sp.csr_matrix(members)
    packed = np.zeros((features, factors * (factors + 1) // 2))
    packed[:, np.cumsum(np.arange(1, factors + 1)) - 1] = 0.05**2
    fields = {
        "scores": pd.DataFrame(z, index=samples, columns=names),
        "score_cov": (score_sd**2 * np.eye(factors))[None],
        "score_pattern": np.zeros(n, dtype=np.int64),
        "gene_set_weights": pd.DataFrame(u, index=set_names, columns=names),
        "alpha": pd.DataFrame(np.where(u > 0, 1.0, np.inf), index=set_names, columns=names),
        "gene_set_probability": pd.DataFrame((u > 0).astype(float), index=set_names, columns=names),
        "slab_mean": pd.DataFrame(u, index=set_names, columns=names),
        "slab_sd": pd.DataFrame(0.05, index=set_names, columns=names),
        "weight_blocks": ((flat, 0.05**2 * np.eye(len(flat))),),
        "loadings": loadings,
        "loadings_cov": dict.fromkeys(loadings, packed),
        "noise": noise,
        "residual_correlation": pd.DataFrame(),
        "omega": pd.DataFrame(omega, index=names, columns=list(loadings)),
        "view_scale": pd.DataFrame(1.0, index=names, columns=list(loadings)),
        "loading_intercepts": pd.DataFrame(0.0, index=names, columns=list(loadings)),
        "variance_explained": pd.DataFrame(0.2, index=[*names, "total"], columns=list(loadings)),
        "evidence_terms": {"likelihood": -1000.0},
        "trace": pd.DataFrame({"iteration": [1], "log_evidence": [-1000.0]}),
        "selection": pd.DataFrame({"n_factors": [factors], "chosen": [True]}),
        "converged": True,
        "gene_sets": {name: list(genes[members[:, p] > 0]) for p, name in enumerate(set_names)},
        "masks": masks,
        "presence": pd.DataFrame(True, index=samples, columns=list(loadings)),
        "obs": pd.DataFrame(index=samples) if obs is None else obs.set_axis(samples, axis=0),
        "data": data,
        "view_scores": alone,
        "preprocessing": {view: {} for view in loadings},
        "calibration": {},
        "flow": pd.DataFrame({"view": ["rna"], "step": ["read"], "n_samples": [n], "n_features": [features]}),
        "findings": (),
        "settings": {"sign": "nonnegative", "views": list(loadings)},
        "provenance": {},
    }
    nothing = {**alike(fields["presence"]), "member_probability": all_members(fields["masks"])}
    return PathFAResult(**fields, **nothing, **without_effects(SimpleNamespace(**fields)))


@pytest.fixture(name="make_result", scope="session")
def make_result_fixture() -> Maker:
    return make_result


@pytest.fixture
def result() -> PathFAResult:
    return make_result()


@pytest.fixture(scope="session")
def cohort() -> Simulated:
    """Return a simulated cohort for checks that refit."""
    return pf.simulate(n_samples=50, seed=1, factors=3, gene_sets=12, other_features=20)


@pytest.fixture(scope="session")
def model(cohort: Simulated) -> pf.PathFA:
    """Return its model."""
    return pf.PathFA(n_factors=3, loading_prior="soft", n_starts=1, progress=False).fit(cohort.mdata, cohort.gene_sets)
