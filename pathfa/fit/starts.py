"""What all starts and models of a search were like, and how well those that are as good agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy.optimize import linear_sum_assignment

from pathfa.inference.ends import Fit
from pathfa.inference.selection.rule import Candidate, same_model
from pathfa.inference.selection.search import Selection


def selection_table(selection: Selection) -> pd.DataFrame:
    """Return one row per candidate, see ``PathFAResult.selection``."""
    chosen = selection.best.fit

    def row(item: Candidate) -> dict[str, object]:
        fit = item.fit
        same = fit.n_factors == chosen.n_factors and item.finished
        return {
            "n_factors": fit.n_factors,
            "loading_prior": str(fit.spec.loading_prior),
            "start": fit.initialisation,
            "seed": item.seed,
            "log_evidence": fit.comparable_evidence,
            "n_iter": len(fit.trace),
            "converged": fit.converged,
            "finished": item.finished,
            "annotated_share": item.annotated_share,
            "n_weights": item.n_weights,
            "seconds": fit.seconds,
            "agreement": _mean_agreement(item, selection.best) if same else np.nan,
            "chosen": item is selection.best,
        }

    return pd.DataFrame([row(item) for item in selection.candidates])


def factor_agreement(selection: Selection) -> list[np.ndarray]:
    """Return per start that is as good as the chosen one how well it agrees with each factor of that, K each."""
    scores = selection.best.fit.state.scores.mean
    return [_agreement(fit.state.scores.mean, scores) for fit in _close(selection)]


def factor_activity_agreement(selection: Selection) -> tuple[list[float], np.ndarray]:
    """Return how factor activities of gene sets agree between the starts that are as good as the chosen one and that.

    Returns
    -------
    tuple
        Per start the mean correlation over the samples, over the sets that have a weight in one of the two fits; a set
        that has none in the other counts as 0. Then, per set, P, the root mean square of their differences over samples
        and starts, in units of the values; 0 where there is no other start as good.
    """
    chosen, found = _factor_activities(selection.best.fit), []
    squares = np.zeros(chosen.shape[1])
    for fit in _close(selection):
        other = _factor_activities(fit)
        squares += ((other - chosen) ** 2).sum(axis=0)
        size = np.linalg.norm(chosen, axis=0) * np.linalg.norm(other, axis=0)
        products = (chosen * other).sum(axis=0)
        used = (chosen != 0).any(axis=0) | (other != 0).any(axis=0)
        each = np.divide(products, size, out=np.zeros_like(size), where=size > 0)
        found.append(float(each[used].mean()) if used.any() else 1.0)
    return found, np.sqrt(squares / (max(1, len(found)) * selection.best.fit.state.scores.n_samples))


def _factor_activities(fit: Fit) -> np.ndarray:
    """Return the factor activities of a fit, centred, N x P."""
    values = fit.state.scores.mean @ fit.state.weights.mean.T
    return np.asarray((values - values.mean(dim=0)).cpu().numpy())


def _close(selection: Selection) -> list[Fit]:
    """Return the other fits of the chosen model that are as good."""
    best = selection.best
    return [
        item.fit
        for item in selection.candidates
        if item is not best and item.finished and same_model(item, best) and item.fit.initialisation in selection.close
    ]


def _mean_agreement(item: Candidate, best: Candidate) -> float:
    """Return the mean agreement of two fits; factors count by the mean square of their scores in the best."""
    scores = best.fit.state.scores.mean
    weight = scores.cpu().numpy().var(axis=0)
    return float(weight @ _agreement(item.fit.state.scores.mean, scores) / max(weight.sum(), 1e-300))


def _agreement(a: torch.Tensor, b: torch.Tensor) -> np.ndarray:
    """Return the absolute correlation of each factor of ``b`` with its match in ``a``, N x K each, one to one: K."""
    size = a.shape[1]
    both = torch.cat([a, b], dim=1).cpu().numpy()
    centred = both - both.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=0), 1e-12)
    correlation = np.abs(centred[:, :size].T @ centred[:, size:])
    rows, columns = linear_sum_assignment(-correlation)
    found = np.empty(size)
    found[columns] = correlation[rows, columns]
    return found
