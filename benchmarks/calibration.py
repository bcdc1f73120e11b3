"""Simulation-based calibration: where the truth lies in the posterior, for cohorts drawn from the Pyro program.

A posterior is calibrated where the rank of the truth among its draws is uniform (Talts et al. 2018). Prints for every
quantity how often central intervals hold the truth, and the largest departure of the distribution of the ranks from the
uniform one, with the limit that 95 % of such departures stay below by chance (bootstrap of cohorts, because ranks
within a cohort depend on each other); ``*`` marks departures beyond it. Writes the rank histograms as CSV.

Ranks are uniform over everything that the prior may draw. Among weights that truly are not 0 they are not: a weight
that is too small to be told from 0 lies where its posterior has little mass, and those that are 0 make up for it.
``as expected`` are the ranks that the posterior itself gives to its own draws that are not 0.

``scores`` and ``weights`` are those of matched factors, in units in which the scores of a factor have a mean square of
1. ``factor activity`` is Z U': of all sets, of those with a true weight, and of those whose true weights were all
found. ``activity`` is the mean over the measured members of a set of the values without noise; its interval also allows
for members that were not measured. ``held-out values`` are those that were hidden as missing.

A second table sets the probability that a gene set belongs to a factor beside how often it does.

    python benchmarks/calibration.py --seeds 40
    python benchmarks/calibration.py --seeds 40 --hyper drawn --priors soft --n 40
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.optimize import linear_sum_assignment
from scipy.special import ndtr

import pathfa as pf
from pathfa.simulation.cohort import DEFAULT_VIEWS, Simulated

LEVELS = (0.5, 0.8, 0.95)
N_FACTORS = 4
N_SETS = 20
N_DRAWS = 400
N_BINS = 20
N_OTHER = 20
Ranks = Iterator[tuple[str, np.ndarray]]


def cohort(prior: str, n: int, seed: int, *, drawn: bool) -> tuple[Simulated, int]:
    """Return a cohort of a loading prior and its number of factors; with ``drawn``, hyper-parameters are drawn too."""
    if not drawn:
        return pf.simulate(n, seed, factors=N_FACTORS, loading_prior=prior, covariates=()), N_FACTORS
    rng = np.random.default_rng([seed, 1])
    size = int(rng.integers(2, 7))
    share, loading_sd, weight_sd, noise_sd = (
        float(np.exp(rng.uniform(np.log(low), np.log(high))))
        for low, high in ((0.05, 0.4), (0.15, 0.6), (0.5, 2.0), (0.5, 2.0))
    )
    names = [f"S{index:02d}" for index in range(N_SETS)]
    sets = {name: [f"G{gene}" for gene in rng.choice(400, rng.integers(15, 41), replace=False)] for name in names}
    taken = rng.random((size, N_SETS)) < share
    taken[np.arange(size), rng.permutation(N_SETS)[:size]] = True
    factors = {f"f{k}": [name for name, own in zip(names, taken[k], strict=True) if own] for k in range(size)}
    views = {name: replace(view, noise_sd=noise_sd) for name, view in DEFAULT_VIEWS.items()}
    made = pf.simulate(
        n, seed, views=views, gene_sets=sets, factors=factors, loading_prior=prior, loading_sd=loading_sd,
        weight_sd=weight_sd, covariates=(),
    )  # fmt: skip
    return made, size


def fitted(simulated: Simulated, prior: str, size: int) -> pf.PathFA:
    """Return the fit with the true number of factors and loading prior, or with both chosen."""
    auto = prior == "auto"
    model = pf.PathFA(
        n_factors="auto" if auto else size, loading_prior=prior, scale="none", n_starts=2, n_jobs=1, progress=False
    )
    return model.fit(simulated.mdata, simulated.gene_sets)


def rank(truth: np.ndarray, draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the rank of each truth among its draws, 0 to 1; ties are broken at random."""
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return np.asarray((below + rng.random(truth.shape) * (equal + 1)) / (len(draws) + 1))


def expected(draws: np.ndarray, some: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the ranks of those draws for which something holds, among other draws: what a right posterior shows."""
    holds = np.broadcast_to(some, draws.shape)
    return np.concatenate([rank(draws[k], draws[N_OTHER:], rng)[holds[k]] for k in range(N_OTHER)])


def ranks(simulated: Simulated, model: pf.PathFA, seed: int) -> Ranks:
    """Yield the ranks of every quantity in one cohort."""
    rng, truth = np.random.default_rng(seed), simulated.truth
    samples, sets = model.scores_.index, model.gene_set_weights_.index
    z, u = truth.scores.loc[samples].to_numpy(), truth.gene_set_weights.loc[sets].to_numpy()
    unit = np.sqrt((z**2).mean(axis=0))
    true, found, sign = matched(z, model.scores_.to_numpy())
    scores = sign * model.sample_posterior(N_DRAWS, seed, "scores")[:, :, found]
    yield "scores", rank((z / unit)[:, true], scores, rng)
    weights = model.sample_posterior(N_DRAWS, seed, "gene_set_weights")[:, :, found]
    of_weights = rank((u * unit)[:, true], weights, rng)
    yield "weights", of_weights
    yield "weights not 0", of_weights[u[:, true] > 0]
    yield "weights not 0, as expected", expected(weights, weights != 0, rng)
    used = (u > 0).any(axis=1)
    pruned = ((u[:, true] > 0) & (model.gene_set_weights_.to_numpy()[:, found] == 0)).any(axis=1)
    kept = used & ~pruned & (u[:, [k for k in range(u.shape[1]) if k not in true]] == 0).all(axis=1)
    drawn = model.sample_posterior(N_DRAWS, seed, "factor_activity")
    belongs = (model.sample_posterior(N_DRAWS, seed, "gene_set_weights") != 0).any(axis=2)  # the weights behind them
    of_activity = rank(z @ u.T, drawn, rng)
    yield "factor activity", of_activity
    yield "factor activity, in a factor", of_activity[:, used]
    yield "factor activity, in a factor, as expected", expected(drawn, belongs[:, None], rng)
    yield "factor activity, found", of_activity[:, kept]
    mean, sd = model.activity_.to_numpy(), model.result_.activity_sd.to_numpy()
    of_members = ndtr((members(truth.loadings, model, z) - mean) / sd)
    yield "activity", of_members
    yield "activity, in a factor", of_members[:, used]
    yield "held-out values", np.concatenate(list(hidden(simulated, model)))


def matched(true: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which factors match by their scores, and the sign of each match."""
    with np.errstate(invalid="ignore"):  # a factor that is the same in all samples matches none
        together = np.nan_to_num(np.corrcoef(true.T, fitted.T)[: true.shape[1], true.shape[1] :])
    first, second = linear_sum_assignment(-np.abs(together))
    return first, second, np.sign(together[first, second])


def members(loadings: dict[str, pd.DataFrame], model: pf.PathFA, scores: np.ndarray) -> np.ndarray:
    """Return the mean over the measured members of each set of the values without noise, all views together, N x P."""
    masks = {view: mask.toarray() for view, mask in model.result_.masks.items()}
    total = sum(
        mask.T @ loadings[view].loc[model.loadings_[view].index].to_numpy() for view, mask in masks.items()
    ) / sum(mask.sum(axis=0) for mask in masks.values()).reshape(-1, 1)
    return np.asarray(scores @ np.asarray(total).T)


def hidden(simulated: Simulated, model: pf.PathFA) -> Iterator[np.ndarray]:
    """Yield per view the rank of the values that were hidden in samples that have the view."""
    for view, data in simulated.mdata.mod.items():
        mean, sd = model.predict(simulated.mdata, view, return_std=True)
        rows, columns = data.obs_names, data.var_names
        lacking = np.isnan(data.X)
        error = simulated.truth.complete[view].loc[rows, columns] - mean.loc[rows, columns]
        yield ndtr((error / sd.loc[rows, columns]).to_numpy()[lacking])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return coverage and departure from uniform ranks by scenario and quantity."""
    bins = [name for name in table.columns if isinstance(name, int)]
    rows = []
    for key, part in table.groupby(["prior", "n", "quantity"], sort=False):
        counts = part[bins].to_numpy(dtype=float)
        total = counts.sum(axis=1)
        off = counts.cumsum(axis=1) / total.sum() - np.outer(total / total.sum(), np.arange(1, N_BINS + 1) / N_BINS)
        draws = np.random.default_rng(0).multinomial(len(part), np.full(len(part), 1 / len(part)), 1000)
        chance = np.abs((draws - 1) @ off).max(axis=1)
        most, limit = float(np.abs(off.sum(axis=0)).max()), float(np.quantile(chance, 0.95))
        held = {f"{level:.0%}": float((part[f"{level:.0%}"] * total).sum() / total.sum()) for level in LEVELS}
        mark = "*" if most > limit else ""
        rows.append((*key, len(part), *held.values(), most, limit, mark))
    names = ["prior", "n", "quantity", "cohorts", *held, "departure", "limit", ""]
    return pd.DataFrame(rows, columns=names)


def belonging(table: pd.DataFrame) -> pd.DataFrame:
    """Return how often gene sets belong to a factor, by the probability that the fit gives them."""
    bins = pd.cut(table["told"], [0.0, 0.01, 0.05, 0.25, 0.75, 0.99, 1.0], include_lowest=True)
    parts = table.groupby(bins, observed=True)
    return pd.DataFrame({"sets": parts.size(), "told": parts["told"].mean(), "true": parts["true"].mean()})


def probabilities(simulated: Simulated, model: pf.PathFA) -> pd.DataFrame:
    """Return for every set and factor of a cohort the probability that it belongs, and whether it does."""
    result, truth = model.result_, simulated.truth
    z, u = truth.scores.loc[model.scores_.index].to_numpy(), truth.gene_set_weights.to_numpy()
    true, found, _ = matched(z, model.scores_.to_numpy())
    told = result.gene_set_probability.loc[truth.gene_set_weights.index].to_numpy()[:, found]
    return pd.DataFrame({"told": told.ravel(), "true": (u[:, true] > 0).ravel()})


def rows(prior: str, n: int, seed: int, simulated: Simulated, model: pf.PathFA) -> Iterator[dict[Any, Any]]:
    """Yield one row per quantity of one cohort: coverage and the rank histogram."""
    for quantity, found in ranks(simulated, model, seed):
        flat = found.ravel()
        if flat.size:
            covered = {f"{level:.0%}": float((np.abs(flat - 0.5) <= 0.5 * level).mean()) for level in LEVELS}
            counts = np.histogram(flat, bins=N_BINS, range=(0.0, 1.0))[0]
            yield {"prior": prior, "n": n, "seed": seed, "quantity": quantity, **covered, **dict(enumerate(counts))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--priors", nargs="+", default=["strict", "soft", "auto"], help="auto chooses K as well")
    parser.add_argument("--n", type=int, nargs="+", default=[20, 40, 80], help="numbers of samples")
    parser.add_argument("--seeds", type=int, default=40, help="how many cohorts")
    parser.add_argument("--hyper", choices=["fixed", "drawn"], default="fixed", help="hyper-parameters of the cohorts")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/calibration.csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    found: list[dict[Any, Any]] = []
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for prior in args.priors:
        for n in args.n:
            told = []
            for seed in range(args.seeds):
                simulated, size = cohort("soft" if prior == "auto" else prior, n, seed, drawn=args.hyper == "drawn")
                model = fitted(simulated, prior, size)
                found += rows(prior, n, seed, simulated, model)
                told.append(probabilities(simulated, model))
            table = pd.DataFrame(found)
            table.to_csv(args.out, index=False)
            print(summary(table[(table["prior"] == prior) & (table["n"] == n)]).round(3).to_string(index=False))
            print("probability that a gene set belongs to a factor", belonging(pd.concat(told)).round(3), sep="\n")


if __name__ == "__main__":
    main()
