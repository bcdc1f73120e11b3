"""Hidden entries of CPTAC colon cancer: PathFA with missing entries integrated out, beside PathFA on zeros and others.

Hides a tenth of the measured values of both views, fits on the rest and prints the root mean square error on what was
hidden, in units of the z-scores; 1 is what the mean of each feature reaches. ``filled with 0`` is PathFA on the same
table with the mean (0) in place of every missing value: what treating missing values as missing is worth.

    python benchmarks/imputation.py --data ../shared/data --seeds 3
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read
from sklearn.impute import KNNImputer

import pathfa as pf

Tables = dict[str, pd.DataFrame]
N_FACTORS = 10


def hide(views: Tables, share: float, rng: np.random.Generator) -> tuple[Tables, Tables, dict[str, np.ndarray]]:
    """Return the tables with some values hidden, as they were, and what was hidden; all z-scored by what is left."""
    holes, whole, hidden = {}, {}, {}
    for name, table in views.items():
        lost = table.notna().to_numpy() & (rng.random(table.shape) < share)
        left = table.mask(lost)
        mean, sd = left.mean(), left.std(ddof=0)
        holes[name], whole[name], hidden[name] = (left - mean) / sd, (table - mean) / sd, lost
    return holes, whole, hidden


def with_pathfa(views: Tables, sets: pf.GeneSets) -> Tables:
    """Fit PathFA, soft prior, one start; missing entries integrated out."""
    model = pf.PathFA(n_factors=N_FACTORS, loading_prior="soft", n_starts=1, scale="none", progress=False)
    model.fit(views, sets)
    return {name: model.predict(views, name).reindex(columns=table.columns) for name, table in views.items()}


def with_zeros(views: Tables, sets: pf.GeneSets) -> Tables:
    """Fit PathFA to tables with 0, the mean, where a value is missing."""
    return with_pathfa({name: table.fillna(0.0) for name, table in views.items()}, sets)


def with_means(views: Tables, sets: pf.GeneSets) -> Tables:  # noqa: ARG001
    """Fill with the mean of each feature."""
    return {name: table.fillna(0.0) * 0.0 for name, table in views.items()}


def with_neighbours(views: Tables, sets: pf.GeneSets) -> Tables:  # noqa: ARG001
    """Fill with the mean of the ten nearest samples over both views (scikit-learn)."""
    joined = pd.concat(views.values(), axis=1, keys=views)
    filled = KNNImputer(n_neighbors=10).fit_transform(joined)
    table = pd.DataFrame(filled, joined.index, joined.columns)
    return {name: table[name] for name in views}


def with_pca(views: Tables, sets: pf.GeneSets) -> Tables:  # noqa: ARG001
    """Iterate a truncated SVD of both views with as many components as PathFA has factors."""
    joined = pd.concat(views.values(), axis=1, keys=views)
    values = joined.to_numpy()
    missing, filled = np.isnan(values), np.nan_to_num(values)
    fitted = filled
    for _ in range(50):
        left, singular, right = np.linalg.svd(filled, full_matrices=False)
        fitted = (left[:, :N_FACTORS] * singular[:N_FACTORS]) @ right[:N_FACTORS]
        filled = np.where(missing, fitted, filled)
    table = pd.DataFrame(fitted, joined.index, joined.columns)
    return {name: table[name] for name in views}


METHODS: dict[str, Callable[[Tables, pf.GeneSets], Tables]] = {
    "PathFA": with_pathfa,
    "PathFA, filled with 0": with_zeros,
    "iterated PCA": with_pca,
    "10 nearest samples": with_neighbours,
    "mean": with_means,
}


def main() -> None:
    """Run all methods on all draws of hidden entries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--hidden", type=float, default=0.1)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/imputation.csv"))
    args = parser.parse_args()
    views, sets = read(args.data)
    rows = []
    for seed in range(args.seeds):
        holes, whole, hidden = hide(views, args.hidden, np.random.default_rng(seed))
        for method, fill in METHODS.items():
            found = fill(holes, sets)
            for name, lost in hidden.items():
                error = (whole[name].to_numpy() - found[name].to_numpy())[lost]
                rows.append({"seed": seed, "method": method, "view": name, "rmse": float(np.sqrt(np.mean(error**2)))})
    table = pd.DataFrame(rows)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(args.out, index=False)
    print(table.pivot_table(index="method", columns="view", values="rmse").loc[list(METHODS)].round(3).to_string())


if __name__ == "__main__":
    main()
