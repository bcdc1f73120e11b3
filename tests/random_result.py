"""A result made of random numbers, for tests that need a page and not a fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.errors import Finding, Severity
from pathfa.naming import factor_names
from pathfa.result import PathFAResult


def random_result(
    *,
    n_samples: int = 24,
    n_factors: int = 3,
    n_sets: int = 6,
    n_features: int = 30,
    seed: int = 0,
    rename: dict[str, str] | None = None,
    obs: pd.DataFrame | None = None,
    keep_data: bool = True,
    **changes: object,
) -> PathFAResult:
    """Return a result of two views; ``rename`` replaces names of samples, gene sets and features."""
    rng = np.random.default_rng(seed)
    rename = rename or {}

    def called(stem: str, number: int) -> list[str]:
        return [rename.get(f"{stem}{i}", f"{stem}{i}") for i in range(number)]

    samples, sets = pd.Index(called("patient", n_samples)), called("HALLMARK_SET_", n_sets)
    features = {"rna": pd.Index(called("GENE", n_features)), "protein": pd.Index(called("GENE", n_features)[: n_features // 2])}
    weights = np.where(rng.random((n_sets, n_factors)) < 0.5, rng.gamma(2.0, 1.0, (n_sets, n_factors)), 0.0)
    weights[0, 0] = 3.0
    names = pd.Index(factor_names(pd.DataFrame(weights, index=sets)))
    scores = rng.normal(size=(n_samples, n_factors))
    members = {name: [f for f in features["rna"] if rng.random() < 0.4] + ["UNSEEN"] for name in sets}
    triangle = n_factors * (n_factors + 1) // 2
    r2 = np.sort(rng.uniform(0.02, 0.2, (n_factors, 2)), axis=0)[::-1]
    presence = pd.DataFrame({"rna": np.ones(n_samples, bool), "protein": rng.random(n_samples) < 0.8}, index=samples)
    presence.iloc[0] = True
    trace = pd.DataFrame({"iteration": np.arange(1, 31), "log_evidence": -5000.0 - 1000.0 * np.exp(-np.arange(30) / 4)})
    loadings = {view: pd.DataFrame(rng.normal(size=(len(index), n_factors)), index=index, columns=names) for view, index in features.items()}
    active = np.flatnonzero(weights.T.ravel())
    cov = np.zeros((n_factors, n_factors))
    np.fill_diagonal(cov, 0.04)
    result = {
        "scores": pd.DataFrame(scores, index=samples, columns=names),
        "score_cov": cov[None],
        "score_pattern": np.zeros(n_samples, dtype=int),
        "gene_set_weights": pd.DataFrame(weights, index=sets, columns=names),
        "alpha": pd.DataFrame(np.where(weights > 0, 1.0, np.inf), index=sets, columns=names),
        "weight_blocks": ((active, np.diag(rng.uniform(0.01, 1.5, len(active)))),),
        "loadings": loadings,
        "loadings_cov": {view: np.tile(np.eye(n_factors)[np.tril_indices(n_factors)] * 0.05, (len(index), 1)).reshape(len(index), triangle) for view, index in features.items()},
        "noise": {view: pd.Series(rng.uniform(0.4, 1.2, len(index)), index=index, name="sd") for view, index in features.items()},
        "omega": pd.DataFrame(1.0, index=names, columns=list(features)),
        "view_scale": pd.DataFrame(1.0, index=names, columns=list(features)),
        "variance_explained": pd.DataFrame(np.vstack([r2, r2.sum(axis=0)]), index=[*names, "total"], columns=list(features)),
        "evidence_terms": {"likelihood": -5200.0, "weights": 200.0},
        "trace": trace,
        "selection": pd.DataFrame({
            "n_factors": [2, 2, n_factors, n_factors, n_factors],
            "loading_prior": "soft",
            "start": ["pca", "sets", "pca", "sets", "random"],
            "seed": range(5),
            "log_evidence": [-5300.0, -5290.0, -5000.0, -5001.0, -5002.0],
            "n_iter": 30,
            "converged": True,
            "finished": [False, True, True, True, True],
            "seconds": 0.1,
            "chosen": [False, False, True, False, False],
        }),
        "converged": True,
        "gene_sets": members,
        "masks": {view: sp.csr_matrix([[float(f in members[name]) for name in sets] for f in index]) for view, index in features.items()},
        "presence": presence,
        "obs": pd.DataFrame(index=samples) if obs is None else obs.set_axis(samples, axis=0),
        "data": {view: pd.DataFrame(rng.normal(size=(n_samples, len(index))), index=samples, columns=index) for view, index in features.items()} if keep_data else {},
        "view_scores": {view: pd.DataFrame(scores + rng.normal(size=scores.shape) * 0.3, index=samples, columns=names) for view in features},
        "preprocessing": {view: {} for view in features},
        "calibration": {},
        "flow": pd.DataFrame({
            "view": ["rna", "rna", "protein", "protein"],
            "step": ["given", "kept"] * 2,
            "n_samples": n_samples,
            "n_features": [2 * n_features, n_features, n_features, n_features // 2],
            "detail": "",
        }),
        "findings": (Finding(code="constant-features", severity=Severity.REPAIRED, found="3 constant features", fix="left out", view="rna", examples=("GENE90",), count=3),),
        "settings": {
            "sign": "nonnegative", "n_factors": n_factors, "loading_prior": "soft", "curvature": "full", "views": list(features),
            "stopped": "evidence", "close_starts": ["sets", "random"], "n_starts": 3, "scale": "zscore", "min_set_size": 5,
            "parameters": {"n_factors": "auto", "loading_prior": "auto"}, "gene_sets": {"source": "own.gmt", "sha256": "0" * 64},
        },
        "provenance": {"version": "0.0", "seed": 0, "seconds": 1.0, "started": "2026-01-01T00:00:00", "packages": {"numpy": "2.0"}},
    }  # fmt: skip
    return PathFAResult(**{**result, **changes})  # type: ignore[arg-type]
