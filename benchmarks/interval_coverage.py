"""Coverage of the posterior intervals of activities on cohorts drawn from the model, strict and soft.

Prints, per loading prior and number of samples, the share of true activities inside the intervals of three nominal
levels: over all gene sets, over those that belong to a factor, and over those of them whose every true weight was
found. A gene set whose small weight was pruned has an interval at 0, which no calibration of the rest can mend. Writes
every cohort as CSV.

    python benchmarks/interval_coverage.py --n 20 80 --seeds 5
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.optimize import linear_sum_assignment

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView, Truth

LEVELS = (0.5, 0.8, 0.95)
N_FACTORS = 4
VIEWS = {"rna": SimulatedView(), "protein": SimulatedView(n_features=200, absent=0.1, missing=0.05)}


def missed(truth: Truth, model: pf.PathFA) -> np.ndarray:
    """Return which gene sets have a true weight that was pruned, factors matched by their scores."""
    scores = truth.scores.loc[model.scores_.index].to_numpy()
    together = np.abs(np.corrcoef(scores.T, model.scores_.to_numpy().T)[: scores.shape[1], scores.shape[1] :])
    true, fitted = linear_sum_assignment(-together)
    weights = truth.gene_set_weights.loc[model.factor_activity_.columns].to_numpy()[:, true]
    pruned: np.ndarray = (weights > 0) & (model.gene_set_weights_.to_numpy()[:, fitted] == 0)
    return pruned.any(axis=1)


def covered(prior: str, n: int, seed: int) -> dict[str, float]:
    """Return the coverage in one cohort, fitted with the true number of factors and loading prior."""
    simulated = pf.simulate(n_samples=n, seed=seed, views=VIEWS, factors=N_FACTORS, loading_prior=prior)
    model = pf.PathFA(n_factors=N_FACTORS, loading_prior=prior, scale="none", n_starts=2, progress=False)
    model.fit(simulated.mdata, simulated.gene_sets)
    truth = simulated.truth.activity.loc[model.factor_activity_.index, model.factor_activity_.columns]
    used = (simulated.truth.gene_set_weights.loc[truth.columns] > 0).any(axis=1).to_numpy()
    found = used & ~missed(simulated.truth, model)
    row: dict[str, float] = {}
    for level in LEVELS:
        lower, upper = model.interval("factor_activity", level)
        inside = ((truth >= lower) & (truth <= upper)).to_numpy()
        row[f"all {level:.0%}"] = float(inside.mean())
        row[f"in a factor {level:.0%}"] = float(inside[:, used].mean())
        row[f"found {level:.0%}"] = float(inside[:, found].mean())
    error = (truth - model.factor_activity_).to_numpy()
    row["rmse"] = float(np.sqrt((error**2).mean()))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, nargs="+", default=[20, 80], help="numbers of samples")
    parser.add_argument("--seeds", type=int, default=5, help="how many cohorts")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/coverage.csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for prior in ("strict", "soft"):
        for n in args.n:
            for seed in range(args.seeds):
                rows.append({"prior": prior, "n": n, "seed": seed, **covered(prior, n, seed)})
                print(
                    "  ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in rows[-1].items()),
                    flush=True,
                )
    table = pd.DataFrame(rows)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(args.out, index=False)
    print()
    print(table.drop(columns="seed").groupby(["prior", "n"], sort=False).mean().round(3).to_string())


if __name__ == "__main__":
    main()
