"""The simulation of Immer et al. 2024 (doi:10.1093/bioinformatics/btae216) and the measures of recovery on it.

Hallmark gene sets over 4,230 RNA and 1,806 protein features; 8 factors, each with the gene sets of one process
category. Shapes: N samples, G features of a view, P gene sets, K factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

VIEWS = ("rna", "protein")
N_TOTAL, N_TEST = 6000, 5000
_FILES = {"rna": "msigdb-hallmark_rna.csv", "protein": "msigdb-hallmark_prot.csv"}
_NOISE = {"rna": (0.11, 0.95), "protein": (0.06, 0.98)}  # sd of the log, mean
_N_MODES, _SCORE_SD = 3, 0.5
_RENAMED = {  # names of the masks -> names of the factor table
    "IL2_STAT5_SIGNALING": "IL2_JAK_STAT5_SIGNALING",
    "KRAS_SIGNALING_DN": "KRAS_SIGNALING_DOWN",
    "PANCREAS_BETA_CELLS": "PANCREAS_BETA_CELL",
    "UV_RESPONSE_DN": "UV_RESPONSE_DOWN",
}
LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, kw_only=True)
class Masks:
    """Gene-set masks per view, features x gene sets, and the gene sets of each factor, gene sets x factors."""

    views: dict[str, pd.DataFrame]
    membership: pd.DataFrame

    @cached_property
    def gene_sets(self) -> dict[str, list[str]]:
        """Members of each gene set over the features of all views."""
        tables = self.views.values()
        return {
            name: [feature for table in tables for feature in table.index[table[name]]]
            for name in self.membership.index
        }


def read_masks(folder: Path) -> Masks:
    """Return the masks of the folder, with the gene sets in the order of the factor table."""
    membership = pd.read_csv(folder / "msigdb-hallmark_U_indices.csv", index_col=0).astype(bool)
    views = {}
    for name, file in _FILES.items():
        table = pd.read_csv(folder / file, index_col=0).astype(bool)
        table.columns = [_RENAMED.get(bare, bare) for bare in table.columns.str.removeprefix("HALLMARK_")]
        views[name] = table[membership.index]
    return Masks(views=views, membership=membership)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One simulated data set; the first rows are for training, the last ``N_TEST`` for testing.

    Attributes
    ----------
    masks
        The masks it was drawn from.
    weights, scores
        True U, P x K, and Z, N x K.
    noise_sd
        Per view, G.
    seed
        Its seed.
    """

    masks: Masks
    weights: np.ndarray
    scores: np.ndarray
    noise_sd: dict[str, np.ndarray]
    values: dict[str, np.ndarray]
    seed: int

    def mean(self, view: str, rows: slice) -> np.ndarray:
        """Return the values without noise, N x G."""
        return self.scores[rows] @ (self.masks.views[view].to_numpy(float) @ self.weights).T

    def tables(self, rows: slice) -> dict[str, pd.DataFrame]:
        """Return samples x features of every view."""
        names = [f"S{index}" for index in range(N_TOTAL)[rows]]
        return {
            view: pd.DataFrame(values[rows], index=names, columns=self.masks.views[view].index)
            for view, values in self.values.items()
        }

    @property
    def test(self) -> slice:
        """Rows of the test samples."""
        return slice(N_TOTAL - N_TEST, N_TOTAL)


def simulate(masks: Masks, seed: int) -> Draw:
    """Return one data set: weights |N(0,1)| on each factor's sets, scores around three modes, noise per feature."""
    rng = np.random.default_rng(seed)
    membership = masks.membership.to_numpy(float)
    weights = membership * np.abs(rng.standard_normal(membership.shape))
    modes = rng.standard_normal((_N_MODES, membership.shape[1]))
    scores = modes[rng.integers(_N_MODES, size=N_TOTAL)]
    scores = scores + _SCORE_SD * rng.standard_normal(scores.shape)
    noise_sd, values = {}, {}
    for view, mask in masks.views.items():
        log_sd, level = _NOISE[view]
        sd = np.exp(log_sd * rng.standard_normal(len(mask)))
        noise_sd[view] = sd / sd.mean() * level
        loadings = mask.to_numpy(float) @ weights
        values[view] = scores @ loadings.T + noise_sd[view] * rng.standard_normal((N_TOTAL, len(mask)))
    return Draw(masks=masks, weights=weights, scores=scores, noise_sd=noise_sd, values=values, seed=seed)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a method says: all that it has; None where it does not know such a thing.

    Attributes
    ----------
    reconstruction
        Fitted values without noise of the test samples per view, N x G.
    noise_sd
        Per view, G.
    activity
        Of the test samples, N x P.
    weights
        U, P x K, up to the order of factors.
    """

    reconstruction: dict[str, np.ndarray]
    noise_sd: dict[str, np.ndarray]
    activity: np.ndarray | None = None
    weights: np.ndarray | None = None


def measure(draw: Draw, estimate: Estimate) -> dict[str, float]:
    """Return the measures of benchmarks/README.md for the test samples.

    ``pathway_l2``: squared error of the activities per sample, summed over gene sets. ``sigma_l1``: mean absolute
    error of the noise sd. ``recon``: log density per entry of the fitted values under the true mean and noise.
    ``activity_r``: mean correlation over the gene sets of any factor. Precision, recall, F1, weights kept and kept
    wrongly: of the gene sets of the factors.
    """
    result: dict[str, float] = {}
    if estimate.activity is not None:
        truth = draw.scores[draw.test] @ draw.weights.T
        result["pathway_l2"] = float(((truth - estimate.activity) ** 2).sum() / len(truth))
        result["activity_r"] = _mean_correlation(truth, estimate.activity)
    for view, fitted in estimate.reconstruction.items():
        sd = draw.noise_sd[view]
        deviation = (fitted - draw.mean(view, draw.test)) / sd
        density = -0.5 * (deviation**2).mean() - np.log(sd).mean() - 0.5 * LOG_2PI
        result[f"recon_{view}"] = float(density)
        result[f"sigma_l1_{view}"] = float(np.abs(estimate.noise_sd[view] - sd).mean())
    if estimate.weights is not None:
        result.update(_support(draw.weights > 0, estimate.weights))
    return result


def _mean_correlation(truth: np.ndarray, estimate: np.ndarray) -> float:
    used = truth.std(0) > 0
    a, b = truth[:, used] - truth[:, used].mean(0), estimate[:, used] - estimate[:, used].mean(0)
    scale = np.sqrt((a**2).sum(0) * (b**2).sum(0))  # 0 for a set that was not selected: correlation 0
    return float(np.divide((a * b).sum(0), scale, out=np.zeros_like(scale), where=scale > 0).mean())


def _support(truth: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """Return how well the weights that are not 0 are found, factors matched to the true ones.

    Precision, recall and F1 of those above 5 % of the largest; the number that is not 0 at all, and how many of these
    are 0 in truth.
    """
    large = np.abs(weights) > 0.05 * np.abs(weights).max()
    hits = _hits(truth, large)
    precision, recall = hits / max(large.sum(), 1), hits / truth.sum()
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-12),
        "kept": float((weights != 0).sum()),
        "kept_wrongly": float((weights != 0).sum() - _hits(truth, weights != 0)),
    }


def _hits(truth: np.ndarray, found: np.ndarray) -> float:
    from scipy.optimize import linear_sum_assignment

    overlap = truth.T.astype(int) @ found.astype(int)  # true K x estimated K
    return float(overlap[linear_sum_assignment(-overlap)].sum())
