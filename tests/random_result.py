"""A result made of random numbers, for tests that need a page and not a fit."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.analysis import Checks
from pathfa.analysis.refits.checks import fingerprint
from pathfa.analysis.refits.heldout import RANKS
from pathfa.core.findings import repaired
from pathfa.result.defaults import alike, all_members
from pathfa.result.labels import factor_names
from pathfa.result.result import PathFAResult
from pathfa.result.tensors import without_effects


def random_result(
    *,
    n_samples: int = 24,
    n_factors: int = 3,
    n_sets: int = 6,
    n_features: int = 30,
    set_share: float = 0.4,
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

    samples, sets, genes = (
        pd.Index(called("patient", n_samples)),
        called("HALLMARK_SET_", n_sets),
        called("GENE", n_features),
    )
    features = {"rna": pd.Index(genes), "protein": pd.Index(genes[: n_features // 2])}
    views = list(features)
    belongs = rng.random((n_sets, n_factors)) < 0.5
    belongs[0, 0] = True
    slab = np.where(belongs, rng.gamma(2.0, 1.0, (n_sets, n_factors)) + 0.2, 0.0)
    probability = np.where(belongs, rng.uniform(0.3, 1.0, (n_sets, n_factors)), 0.0)
    probability[0, 0] = 1.0
    weights = slab * probability
    names = pd.Index(factor_names(pd.DataFrame(weights, index=sets)))
    scores = rng.normal(size=(n_samples, n_factors))
    r2 = np.sort(rng.uniform(0.02, 0.2, (n_factors, 2)), axis=0)[::-1]
    presence = pd.DataFrame({"rna": np.ones(n_samples, bool), "protein": rng.random(n_samples) < 0.8}, index=samples)
    presence.iloc[0] = True
    inside = rng.random((n_features, n_sets)) < set_share
    members = {name: [genes[i] for i in np.flatnonzero(inside[:, p])] + ["UNSEEN"] for p, name in enumerate(sets)}
    active = np.flatnonzero(belongs.T.ravel())

    def over_sets(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=sets, columns=names)

    def over_features(make: Callable[[int], np.ndarray]) -> dict[str, pd.DataFrame]:
        return {view: pd.DataFrame(make(len(index)), index=index, columns=names) for view, index in features.items()}

    def mask(index: pd.Index) -> sp.csr_matrix:
        return sp.csr_matrix(inside[: len(index)].astype(float))

    triangle = 0.05 * np.eye(n_factors)[np.tril_indices(n_factors)]
    finding = repaired(
        "constant-features", "3 constant features", fix="left out", view="rna", examples=("GENE90",), count=3
    )
    fields = {
        "scores": pd.DataFrame(scores, index=samples, columns=names),
        "score_cov": 0.04 * np.eye(n_factors)[None],
        "score_pattern": np.zeros(n_samples, dtype=int),
        "gene_set_weights": over_sets(weights),
        "alpha": over_sets(np.where(belongs, 1.0, np.inf)),
        "gene_set_probability": over_sets(probability),
        "slab_mean": over_sets(slab),
        "slab_sd": over_sets(np.where(belongs, 0.3, 0.0)),
        "weight_blocks": ((active, 0.09 * np.eye(len(active))),),
        "loadings": over_features(lambda size: rng.normal(size=(size, n_factors))),
        "loadings_cov": {view: np.tile(triangle, (len(index), 1)) for view, index in features.items()},
        "noise": {
            view: pd.Series(rng.uniform(0.4, 1.2, len(index)), index=index, name="sd")
            for view, index in features.items()
        },
        "residual_correlation": pd.DataFrame(
            {"rna & protein": rng.uniform(0, 0.6, n_features // 2)}, index=features["protein"]
        ),
        "omega": pd.DataFrame(1.0, index=names, columns=views),
        "view_scale": pd.DataFrame(1.0, index=names, columns=views),
        "loading_intercepts": pd.DataFrame(0.0, index=names, columns=views),
        "variance_explained": pd.DataFrame(np.vstack([r2, r2.sum(axis=0)]), index=[*names, "total"], columns=views),
        "evidence_terms": {"likelihood": -5200.0, "weights": 200.0},
        "trace": pd.DataFrame(
            {"iteration": np.arange(1, 31), "log_evidence": -5000 - 1000 * np.exp(-np.arange(30) / 4)}
        ),
        "selection": _selection(n_factors),
        "converged": True,
        "gene_sets": members,
        "masks": {view: mask(index) for view, index in features.items()},
        "presence": presence,
        "obs": pd.DataFrame(index=samples) if obs is None else obs.set_axis(samples, axis=0),
        "data": _values(samples, features, rng) if keep_data else {},
        "view_scores": {
            view: pd.DataFrame(scores + 0.3 * rng.normal(size=scores.shape), index=samples, columns=names).where(
                presence[view], axis=0
            )
            for view in views
        },
        "preprocessing": {view: {} for view in views},
        "calibration": {},
        "flow": pd.DataFrame(
            {
                "view": ["rna", "rna", "protein", "protein"],
                "step": ["read", "identifiers"] * 2,
                "n_samples": n_samples,
                "n_features": [2 * n_features, n_features, n_features, n_features // 2],
                "detail": ["folder/rna.tsv", "ensembl to symbol: 86 mapped, 4 ambiguous, 7 lost, 1 merged"] * 2,
            }
        ),
        "findings": (finding,),
        "settings": {
            "sign": "nonnegative",
            "n_factors": n_factors,
            "loading_prior": "soft",
            "curvature": "full",
            "views": views,
            "stopped": "evidence",
            "close_starts": ["sets", "random"],
            "n_starts": 3,
            "scale": "zscore",
            "min_set_size": 5,
            "parameters": {"n_factors": "auto", "loading_prior": "auto"},
            "gene_sets": {"source": "own.gmt", "sha256": "0" * 64},
        },
        "provenance": {
            "version": "0.0",
            "seed": 0,
            "seconds": 1.0,
            "started": "2026-01-01T00:00:00",
            "packages": {"numpy": "2.0"},
            "identifiers": [
                {
                    "view": view,
                    "from": "ensembl",
                    "to": "symbol",
                    "features": 97,
                    "unchanged": 0,
                    "mapped": 86,
                    "ambiguous": 4,
                    "lost": 7,
                    "merged": 1,
                }
                for view in features
            ],
        },
    }
    fields |= changes
    nothing = {**alike(fields["presence"]), "member_probability": all_members(fields["masks"])}
    return PathFAResult(**{**without_effects(SimpleNamespace(**fields)), **nothing, **fields})  # type: ignore[arg-type]


def random_checks(result: PathFAResult) -> Checks:
    """Return checks of a result, made of numbers that look like those of a fair fit."""
    views, size = result.view_names, len(result.factor_names)
    heldout = pd.DataFrame(
        {
            "view": views, "source": "the other views", "r2": 0.2, "lower": 0.1, "upper": 0.3, "r2_without": 0.15,
            "gain": 0.05, "gain_lower": 0.02, "gain_upper": 0.08, "fitted_r2": 0.4, "n": len(result.scores), "folds": 5,
            "log_density": -1.3, **dict.fromkeys(RANKS, 0.1),
        }
    )  # fmt: skip
    factors = pd.DataFrame({"level": "factor", "feature": result.factor_names})
    factors["similarity"] = np.linspace(0.95, 0.2, size)
    factors["within"] = np.sqrt(np.linspace(0.99, 0.3, size))
    fits = pd.DataFrame(
        {
            "level": ["evidence", *["view"] * len(views)],
            "feature": ["log evidence", *views],
            "with_gene_sets": [result.log_evidence, *[0.4] * len(views)],
            "without_gene_sets": [result.log_evidence - 100.0, *[0.45] * len(views)],
        }
    )
    decoys = pd.DataFrame(
        {
            "covariate": result.factor_names[0], "feature": result.gene_set_names, "effect": 1.0, "q": 0.05,
            "selected": True, "note": "", "decoy_share": 0.03,
        }
    )  # fmt: skip
    stability = pd.DataFrame(
        {"covariate": "", "feature": result.factor_names, "effect": 0.9, "n": 4, "level": "factor", "reference": True}
    )
    tables = {
        "heldout": heldout,
        "uninformed": pd.concat([fits, factors], ignore_index=True),
        "decoys": decoys,
        "stability": stability,
    }
    return Checks(model=fingerprint(result), tables=tables)


def _values(samples: pd.Index, features: dict[str, pd.Index], rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    return {
        view: pd.DataFrame(rng.normal(size=(len(samples), len(index))), index=samples, columns=index)
        for view, index in features.items()
    }


def _selection(n_factors: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n_factors": [2, 2, n_factors, n_factors, n_factors],
            "loading_prior": "soft",
            "start": ["pca", "sets", "pca", "sets", "random"],
            "seed": range(5),
            "log_evidence": [-5300.0, -5290.0, -5000.0, -5001.0, -5002.0],
            "n_iter": 30,
            "converged": True,
            "finished": [False, True, True, True, True],
            "seconds": 0.1,
            "agreement": [np.nan, np.nan, 1.0, 0.95, 0.9],
            "chosen": [False, False, True, False, False],
        }
    )
