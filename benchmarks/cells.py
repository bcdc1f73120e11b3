"""Many cells: time and memory of a fit on simulated cells with RNA and antibodies, for growing numbers of cells.

The fit reads complete data only through cross products of the features, so that its own time does not depend on the
number of cells; reading them twice, for the products and for the scores, does. Each size runs in its own process.
scikit-learn's randomised PCA of the stacked, z-scored views runs beside it.

    python benchmarks/cells.py --cells 10000 100000
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

import pathfa as pf

N_FEATURES = {"rna": 2000, "antibody": 100}
N_SETS, SET_SIZE, N_FACTORS = 50, 100, 10


def cells(n: int, seed: int = 0) -> tuple[dict[str, ad.AnnData], dict[str, list[str]]]:
    """Return n cells with 10 factors of 3 gene sets each, float32, and the gene sets."""
    rng = np.random.default_rng(seed)
    names = {view: [f"{view}{i}" for i in range(size)] for view, size in N_FEATURES.items()}
    features = [name for view in names.values() for name in view]
    members = [rng.choice(len(features), SET_SIZE, replace=False) for _ in range(N_SETS)]
    loadings = np.zeros((len(features), N_FACTORS), dtype=np.float32)
    for k in range(N_FACTORS):
        for p in range(3 * k, 3 * k + 3):
            loadings[members[p], k] += rng.uniform(0.3, 0.8)
    scores = rng.standard_normal((n, N_FACTORS), dtype=np.float32)
    views, edge = {}, 0
    index = [f"cell{i}" for i in range(n)]
    for view, size in N_FEATURES.items():
        x = rng.standard_normal((n, size), dtype=np.float32)
        x += scores @ loadings[edge : edge + size].T
        views[view] = ad.AnnData(x, obs=pd.DataFrame(index=index), var=pd.DataFrame(index=names[view]))
        edge += size
    return views, {f"set{p}": [features[i] for i in member] for p, member in enumerate(members)}


def measure(n: int, method: str, queue: multiprocessing.Queue[dict[str, float]]) -> None:
    """Run one method on n cells and report seconds and peak memory."""
    views, sets = cells(n)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    began = time.perf_counter()
    row: dict[str, float] = {}
    if method == "PathFA":
        model = pf.PathFA(n_factors=N_FACTORS, n_starts=1, progress=False).fit(views, sets)
        row["seconds of the fit proper"] = float(model.selection_["seconds"].sum())
        row["iterations"] = float(model.n_iter_)
    else:
        x = np.hstack([view.X for view in views.values()])
        x -= x.mean(axis=0)
        x /= x.std(axis=0)
        PCA(N_FACTORS, svd_solver="randomized", random_state=0).fit_transform(x)
    row["seconds"] = time.perf_counter() - began
    row["GB of the data"] = before
    row["GB at most"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    queue.put(row)


def main() -> None:
    """Run every size and method in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/cells.csv"))
    args = parser.parse_args()
    context, rows = multiprocessing.get_context("spawn"), []
    for n in args.cells:
        for method in ("PathFA", "PCA (scikit-learn)"):
            queue = context.Queue()
            process = context.Process(target=measure, args=(n, method, queue))
            process.start()
            rows.append({"cells": n, "method": method, **queue.get()})
            process.join()
    table = pd.DataFrame(rows)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(args.out, index=False)
    print(table.round(1).to_string(index=False))


if __name__ == "__main__":
    main()
