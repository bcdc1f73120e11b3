"""How many factors: PathFA beside parallel analysis, Gavish and Donoho and bi-cross-validation.

Each argument is a configuration, of which the first collection of gene sets is used, or ``simulation`` (6 factors) or
``noise``. Prints the numbers that the methods choose, and the table of ``pathfa.analysis.number_of_factors``: what a
factor adds, the log density of held-out values, how many dimensions come back in the other half of the samples. The
other methods see all views side by side, z-scored, with missing values at 0. Writes the tables as CSV.

    python benchmarks/number_of_factors.py noise simulation tests/data/cohorts/coad.yaml
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from configured import cohorts_of
from joblib import cpu_count
from numpy.linalg import pinv, svd

import pathfa as pf
from pathfa.analysis import number_of_factors

MOST = 25  # most factors of the other methods
QUANTILE = 0.95


def cohort_of(name: str) -> tuple[Any, Any]:
    """Return a cohort and its gene sets."""
    if name in ("simulation", "noise"):
        made = pf.simulate(80, 0, factors=6 if name == "simulation" else 0, covariates=())
        return made.mdata, made.gene_sets
    cohort = next(cohorts_of(Path(name)))
    return cohort.data, cohort.gene_sets


def parallel_analysis(x: np.ndarray, rng: np.random.Generator, rounds: int = 20) -> int:
    """Return how many leading singular values exceed those of data with every feature shuffled (Horn 1965)."""
    shuffled = np.array([svd(rng.permuted(x, axis=0), compute_uv=False) for _ in range(rounds)])
    above = svd(x, compute_uv=False) > np.quantile(shuffled, QUANTILE, axis=0)
    return int(np.argmin(np.append(above, False)))


def gavish_donoho(x: np.ndarray) -> int:
    """Return how many singular values exceed the optimal hard threshold for noise of unknown size (2014)."""
    ratio = min(x.shape) / max(x.shape)
    values = svd(x, compute_uv=False)
    values = values[values > 1e-9 * values[0]]
    return int((values > (0.56 * ratio**3 - 0.95 * ratio**2 + 1.82 * ratio + 1.43) * np.median(values)).sum())


def bi_cross_validation(x: np.ndarray, rng: np.random.Generator, rounds: int = 5) -> int:
    """Return the rank that predicts a block from the rows and the columns beside it best (Owen and Perry 2009)."""
    errors = np.zeros(MOST + 1)
    for _ in range(rounds):
        rows, columns = (np.array_split(rng.permutation(size), 2) for size in x.shape)
        for own_rows, other_rows in (rows, rows[::-1]):
            for own, other in (columns, columns[::-1]):
                left, values, right = svd(x[np.ix_(other_rows, other)], full_matrices=False)
                beside, below = x[np.ix_(own_rows, other)], x[np.ix_(other_rows, own)]
                target = x[np.ix_(own_rows, own)]
                for rank in range(min(MOST, len(values) - 1) + 1):
                    fitted = beside @ pinv(left[:, :rank] * values[:rank] @ right[:rank]) @ below if rank else 0.0
                    errors[rank] += ((target - fitted) ** 2).sum()
    return int(np.argmin(np.where(errors > 0, errors, np.inf)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohorts", nargs="+", help="configurations, 'simulation' or 'noise'")
    parser.add_argument("--factors", type=int, nargs="+", help="numbers of factors")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--starts", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/number_of_factors.csv"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    tables = []
    for name in arguments.cohorts:
        cohort, sets = cohort_of(name)
        model = pf.PathFA(n_starts=arguments.starts, progress=False).fit(cohort, sets)
        settings = model.settings_
        x = np.hstack([np.nan_to_num(table.to_numpy()) for table in model.result_.data.values()])
        chosen = {
            f"PathFA ({settings['stopped']})": settings["n_factors"],
            "parallel analysis": parallel_analysis(x, np.random.default_rng(0)),
            "Gavish-Donoho": gavish_donoho(x),
            f"bi-cross-validation (at most {MOST})": bi_cross_validation(x, np.random.default_rng(0)),
        }
        print(f"\n{name}: {', '.join(f'{method} {size}' for method, size in chosen.items())}", flush=True)
        table = number_of_factors(
            cohort, sets, model=model, sizes=arguments.factors, splits=arguments.splits, n_jobs=cpu_count(),
            progress=False,
        )  # fmt: skip
        print(table.round(4).to_string(index=False), flush=True)
        tables.append(table.assign(cohort=name, **chosen))
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        pd.concat(tables).to_csv(arguments.out, index=False)


if __name__ == "__main__":
    main()
