"""Tests of uncertain activities: power, type-I error and coverage with and without correction for it.

Cohorts are drawn from the model and fitted. Covariates are drawn from the true activity of a gene set with a known
effect, and from nothing. Each is tested on the posterior mean taken as known (plug-in) and on the posterior mean with
the effect corrected for reliability (corrected, as ``pathfa.associate`` does). Prints a table and writes it as CSV.

    python benchmarks/association.py --seeds 20
"""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView

N_SAMPLES = 40
NOISE = {"clear": 1.0, "noisy": 8.0, "very noisy": 14.0}
STRENGTHS = {"none": 0.0, "weak": 0.5, "strong": 2.0}
REPEATS = 5  # covariates per cohort and effect


@cache
def truth(kind: str, strength: float) -> float:
    """Return the effect on the true activity: a correlation, a difference in sd, or a share of variance."""
    r = strength / np.sqrt(1.0 + strength**2)
    rng = np.random.default_rng(0)
    activity = rng.normal(size=1_000_000)
    liability = r * activity + np.sqrt(1.0 - r**2) * rng.normal(size=activity.size)
    if kind == "numeric":
        return float(r)
    codes = cut(liability, 2 if kind == "binary" else 3)
    means = [activity[codes == code].mean() for code in np.unique(codes)]
    return float(means[1] - means[0]) if kind == "binary" else float(np.var(means))


def cut(values: np.ndarray, groups: int) -> np.ndarray:
    """Return groups of equal size, low to high."""
    return np.asarray(np.searchsorted(np.quantile(values, np.arange(1, groups) / groups), values))


def covariates(activity: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return covariates of every kind and strength on an activity, with names such as ``numeric/weak/0``."""
    standard = (activity - activity.mean()) / activity.std()
    columns: dict[str, np.ndarray] = {}
    for name, strength in STRENGTHS.items():
        for repeat in range(REPEATS):
            liability = strength * standard + rng.normal(size=len(standard))
            columns[f"numeric/{name}/{repeat}"] = liability
            columns[f"binary/{name}/{repeat}"] = cut(liability, 2)
            columns[f"three groups/{name}/{repeat}"] = np.array(["a", "b", "c"])[cut(liability, 3)]
    return pd.DataFrame(columns)


def cohort(noise: str, seed: int) -> pd.DataFrame:
    """Return the tests of one cohort: a row per covariate and way."""
    views = {
        "rna": SimulatedView(noise_sd=NOISE[noise]),
        "protein": SimulatedView(n_features=100, noise_sd=NOISE[noise]),
    }
    simulated = pf.simulate(n_samples=N_SAMPLES, seed=seed, views=views, factors=3, gene_sets=12, covariates=())
    model = pf.PathFA(n_factors=3, loading_prior="soft", scale="none", n_starts=1, seed=seed, progress=False)
    model.fit(simulated.mdata, simulated.gene_sets)
    driver = simulated.truth.gene_set_weights.max(axis=1).idxmax()
    activity = simulated.truth.activity.loc[model.activity_.index, driver].to_numpy()
    table = covariates(activity, np.random.default_rng(seed)).set_index(model.activity_.index)
    observed = pf.associate(model, table)
    observed = observed[observed["feature"] == driver]
    corrected = observed.assign(**{name: observed[f"corrected_{name}"] for name in ("effect", "lower", "upper")})
    found = pd.concat([corrected.assign(way="corrected"), observed.assign(way="observed")], ignore_index=True)
    found[["covariate", "strength", "repeat"]] = found["covariate"].str.split("/", expand=True)
    return found.assign(noise=noise, seed=seed)


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Return, per noise, covariate and way, what the tests do."""
    rows = []
    for (noise, covariate, way), table in found.groupby(["noise", "covariate", "way"], sort=False):
        row: dict[str, object] = {"activity": noise, "covariate": covariate, "way": way}
        row["reliability"] = table["reliability"].mean()
        for name, strength in STRENGTHS.items():
            part, true = table[table["strength"] == name], truth(str(covariate), strength)
            row["type I" if name == "none" else f"power, {name}"] = (part["p"] < 0.05).mean()
            if strength:
                row[f"effect / truth, {name}"] = part["effect"].mean() / true
                inside = (part["lower"] <= true) & (true <= part["upper"])
                row[f"coverage, {name}"] = inside.mean() if part["lower"].notna().all() else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many cohorts per level of noise")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/association.csv"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = pd.concat([cohort(noise, seed) for noise in NOISE for seed in range(arguments.seeds)], ignore_index=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    found.to_csv(arguments.out, index=False)
    print(summary(found).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
