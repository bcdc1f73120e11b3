"""The methods that are compared on the paper's simulation: each takes a draw and the number of training samples.

Seconds are processor time: all methods run on one thread, and a busy machine must not change the comparison.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from paper_simulation import VIEWS, Draw, Estimate, measure

import pathfa as pf

Method = Callable[[Draw, int], dict[str, float]]


def ours(draw: Draw, n: int, *, n_factors: int | str, n_starts: int, max_factors: int) -> dict[str, float]:
    """PathFA, strict prior, all its starts; test scores by ``transform``; coverage of intervals on the training set.

    ``seconds`` and ``one_start`` are everything that ``fit`` does, checks of the input and labels of the result
    included; ``fits`` and ``fit_of_one_start`` are what a function on arrays would do.
    """
    train, test = draw.tables(slice(0, n)), draw.tables(draw.test)
    sets = draw.masks.gene_sets
    settings = {"n_factors": n_factors, "max_factors": max_factors, "loading_prior": "strict", "scale": "none"}
    seconds, fits = {}, {}
    pf.PathFA(n_factors=2, loading_prior="strict", n_starts=1, progress=False).fit(train, sets)  # imports
    for starts in sorted({1, n_starts}):
        began = time.process_time()
        model = pf.PathFA(**settings, n_starts=starts, n_jobs=1, progress=False, keep_data=False).fit(train, sets)
        seconds[starts] = time.process_time() - began
        fits[starts] = float(model.selection_["seconds"].sum())
    result = model.result_
    scores = model.transform(test).to_numpy()
    weights = result.gene_set_weights.reindex(draw.masks.membership.index, fill_value=0.0).to_numpy()
    estimate = Estimate(
        reconstruction={view: scores @ result.loadings[view].to_numpy().T for view in VIEWS},
        noise_sd={view: result.noise[view].to_numpy() for view in VIEWS},
        activity=scores @ weights.T,
        weights=weights,
    )
    truth = pd.DataFrame(draw.scores[:n] @ draw.weights.T, train["rna"].index, draw.masks.membership.index)
    truth = truth[result.activity.columns]
    lower, upper = model.interval("factor_activity", 0.95)
    inside = ((truth >= lower) & (truth <= upper)).to_numpy()
    chosen = result.selection[result.selection["chosen"]].iloc[0]
    return {
        **measure(draw, estimate),
        "coverage_95": float(inside[:, truth.std() > 0].mean()),
        "K": float(weights.shape[1]),
        "log_evidence": result.log_evidence,
        "seconds": seconds[n_starts],
        "one_start": seconds[1],
        "fits": fits[n_starts],
        "fit_of_one_start": fits[1],
        "iterations": float(chosen["n_iter"]),
    }


def reference(folder: Path) -> Method:
    """Return the published implementation, run from a folder that holds its ``pathfa/path_fa.py``."""
    spec = importlib.util.spec_from_file_location("published_path_fa", folder / "pathfa" / "path_fa.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder} does not hold pathfa/path_fa.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(draw: Draw, n: int) -> dict[str, float]:
        torch.manual_seed(draw.seed)
        x = {view: np.ascontiguousarray(draw.values[view][:n].T) for view in VIEWS}
        masks = {view: draw.masks.views[view].to_numpy(float) for view in VIEWS}
        began = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            fitted, _, _ = module.multi_path_fa(
                x["rna"], masks["rna"], x["protein"], masks["protein"], n_latents=draw.weights.shape[1],
                n_epochs=200, lr=1e-1, positive_U=True, diag_hess_U=False, diag_hess_B=False, factor="none",
                empirical_bayes=True, svd_init=True,
            )  # fmt: skip
        seconds = time.process_time() - began
        scale = {"rna": float(fitted["cr"]), "protein": float(fitted["cp"])}
        sd = {"rna": np.ravel(fitted["sigma_noise_r"]), "protein": np.ravel(fitted["sigma_noise_p"])}
        loadings = {view: scale[view] * masks[view] @ fitted["U"] for view in VIEWS}
        scores = posterior_scores(draw, loadings, sd, np.ravel(fitted["delta_B"]))
        estimate = Estimate(
            reconstruction={view: scores @ loadings[view].T for view in VIEWS},
            noise_sd=sd,
            activity=scores @ fitted["U"].T,
            weights=fitted["U"],
        )
        return {**measure(draw, estimate), "K": float(fitted["U"].shape[1]), "seconds": seconds}

    return run


def mofa(draw: Draw, n: int) -> dict[str, float]:
    """mofapy2, its defaults but without centring, since the scores of the simulation have a mean."""
    from mofapy2.run.entry_point import entry_point

    began = time.process_time()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        model = entry_point()
        model.set_data_options(scale_views=False, center_groups=False)
        model.set_data_matrix([[draw.values[view][:n].copy()] for view in VIEWS])
        model.set_model_options(factors=draw.weights.shape[1])
        model.set_train_options(seed=1, quiet=True, verbose=False)
        model.build()
        model.run()
    seconds = time.process_time() - began
    nodes: dict[str, Any] = model.model.nodes
    loadings = dict(zip(VIEWS, nodes["W"].getExpectation(), strict=True))
    sd = {view: np.asarray(tau)[0] ** -0.5 for view, tau in zip(VIEWS, nodes["Tau"].getExpectation(), strict=True)}
    scores = posterior_scores(draw, loadings, sd, np.ones(loadings["rna"].shape[1]))
    estimate = Estimate(reconstruction={view: scores @ loadings[view].T for view in VIEWS}, noise_sd=sd)
    return {**measure(draw, estimate), "K": float(scores.shape[1]), "seconds": seconds}


def least_squares(draw: Draw, n: int) -> dict[str, float]:  # noqa: ARG001 (nothing is learned from the training set)
    """Ordinary least squares of every test sample on the masks."""
    mask = np.vstack([draw.masks.views[view].to_numpy(float) for view in VIEWS])
    x = np.hstack([draw.values[view][draw.test] for view in VIEWS])
    activity = np.linalg.lstsq(mask, x.T, rcond=None)[0].T
    return measure(draw, Estimate(reconstruction={}, noise_sd={}, activity=activity))


def known_weights(draw: Draw, n: int) -> dict[str, float]:  # noqa: ARG001 (nothing is learned from the training set)
    """Infer only the scores of the test samples, with the true weights and noise: the bound."""
    loadings = {view: draw.masks.views[view].to_numpy(float) @ draw.weights for view in VIEWS}
    scores = posterior_scores(draw, loadings, draw.noise_sd, np.ones(draw.weights.shape[1]))
    fitted = {view: scores @ loadings[view].T for view in VIEWS}
    return measure(draw, Estimate(reconstruction=fitted, noise_sd=draw.noise_sd, activity=scores @ draw.weights.T))


def posterior_scores(
    draw: Draw, loadings: dict[str, np.ndarray], noise_sd: dict[str, np.ndarray], precision: np.ndarray
) -> np.ndarray:
    """Return posterior mean scores of the test samples, N x K, for point loadings and a prior ``precision``, K."""
    hessian, linear = np.diag(precision).astype(float), np.zeros((len(draw.scores[draw.test]), len(precision)))
    for view in VIEWS:
        weighted = loadings[view] / noise_sd[view][:, None] ** 2
        hessian = hessian + weighted.T @ loadings[view]
        linear += draw.values[view][draw.test] @ weighted
    return np.linalg.solve(hessian, linear.T).T
