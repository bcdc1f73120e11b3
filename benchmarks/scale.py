"""One big fit, beside PCA and mofapy2: time, time of the processor and memory of the sizes that have a target.

    python benchmarks/scale.py --shrink 20                 every case with a twentieth of its samples
    python benchmarks/scale.py --cases cells lacking       some cases in full size; a million cells are 8 GB on disk

Simulated cells and tumours have 10 or 20 factors of 3 gene sets each. Those of a million are arrays of zarr in single
precision, written before anything is measured. Every case and method runs in a process of its own, whose highest memory
is printed. The PCA is scikit-learn's: randomised in memory, incremental (one pass after one for means and sd) of files.
The ratio to it says more than the seconds of one machine. Targets are for two cores and no other load, so that
seconds of the processor are beside those of the clock. Real data are read from ``--data`` where they are there.
Exits with 1 when a method failed, such as for want of memory.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import zarr
from sklearn.decomposition import PCA, IncrementalPCA

import pathfa as pf

N_SETS, SET_SIZE = 50, 100
_ROWS = 4096  # samples that are drawn, and read by the incremental PCA, at the same time
Views = dict[str, ad.AnnData]


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A simulated case: its size, what is asked of it, and how many samples lack the last view."""

    n_samples: int
    features: Mapping[str, int]
    n_factors: int
    seconds: float
    gigabytes: float
    stored: bool = False
    lacking: float = 0.0


ANTIBODIES = {"rna": 2000, "antibody": 100}
SIMULATED = {
    "cells": Simulated(n_samples=1_000_000, features={"rna": 2000}, n_factors=10, seconds=90, gigabytes=4, stored=True),
    "lacking": Simulated(
        n_samples=1_000_000,
        features=ANTIBODIES,
        n_factors=10,
        seconds=120,
        gigabytes=5,
        stored=True,
        lacking=0.3,
    ),
    "tumours": Simulated(n_samples=10_000, features={"rna": 20_000}, n_factors=20, seconds=25, gigabytes=4),
    "antibodies": Simulated(n_samples=100_000, features=ANTIBODIES, n_factors=10, seconds=15, gigabytes=2),
    "ten thousand": Simulated(
        n_samples=10_000, features={"rna": 2000}, n_factors=10, seconds=np.inf, gigabytes=np.inf, stored=True
    ),
}
REAL = {  # collection, number of factors, starts, seconds, gigabytes
    "Reactome": ("c2.cp.reactome.v7.5.1.symbols.gmt", 10, 1, 6.0, 1.5),
    "GO": ("msigdb2023.2_go_human_symbols.gmt", 10, 1, 40.0, 1.5),
    "automatic": ("h.all.v2024.1.Hs.symbols.gmt", "auto", 4, 30.0, np.inf),
}
PAPER = {"paper, 1 start": (1, 0.07), "paper, 4 starts": (4, 0.18)}
METHODS = ("PathFA", "PCA", "mofapy2")


def sets_and_loadings(case: Simulated) -> tuple[dict[str, list[str]], np.ndarray]:
    """Return the gene sets and the loadings, G x K."""
    rng = np.random.default_rng(0)
    names = [f"{view}{i}" for view, size in case.features.items() for i in range(size)]
    members = [rng.choice(len(names), SET_SIZE, replace=False) for _ in range(N_SETS)]
    loadings = np.zeros((len(names), case.n_factors), dtype=np.float32)
    for k in range(case.n_factors):
        for p in range(3 * k, 3 * k + 3):
            loadings[members[p % N_SETS], k] += rng.uniform(0.3, 0.8)
    return {f"set{p}": [names[i] for i in member] for p, member in enumerate(members)}, loadings


def write(case: Simulated, folder: Path) -> None:
    """Write the views of a case as arrays of zarr, each under its own name when it is complete."""
    missing = [name for name in case.features if not (folder / name).exists()]
    if not missing:
        return
    _, loadings = sets_and_loadings(case)
    rng, arrays, edges = np.random.default_rng(1), {}, np.cumsum([0, *case.features.values()])
    for name, size in case.features.items():
        arrays[name] = zarr.open_array(
            folder / f"{name}.part", mode="w", shape=(case.n_samples, size), chunks=(_ROWS, size), dtype="float32"
        )
    for start in range(0, case.n_samples, _ROWS):
        n = min(_ROWS, case.n_samples - start)
        scores = rng.standard_normal((n, case.n_factors), dtype=np.float32)
        for array, first, end in zip(arrays.values(), edges[:-1], edges[1:], strict=True):
            noise = rng.standard_normal((n, end - first), dtype=np.float32)
            array[start : start + n] = noise + scores @ loadings[first:end].T
    for name in arrays:
        (folder / f"{name}.part").rename(folder / name)


def views_of(case: Simulated, folder: Path) -> Views:
    """Return the views of a case, on disk or read into memory; the first samples lack the last view of several."""
    found = {}
    for position, (name, size) in enumerate(case.features.items()):
        x = zarr.open_array(folder / name, mode="r")
        obs = pd.DataFrame(index=[f"cell{i}" for i in range(case.n_samples)])
        data = ad.AnnData(
            x if case.stored else x[:], obs=obs, var=pd.DataFrame(index=[f"{name}{i}" for i in range(size)])
        )
        absent = int(case.lacking * case.n_samples) if position == len(case.features) - 1 else 0
        found[name] = data[absent:].to_memory() if absent else data
    return found


def fit(views: Any, sets: Any, **options: Any) -> dict[str, float]:
    """Fit and return what the model says of it."""
    model = pf.PathFA(progress=False, **options).fit(views, sets)
    return {"seconds of iterations": float(model.selection_["seconds"].sum()), "iterations": float(model.n_iter_)}


def simulated(name: str, method: str, options: argparse.Namespace) -> Callable[[], dict[str, float]]:
    """Return what is measured of a simulated case."""
    case = shrunk(SIMULATED[name], options.shrink)
    views, (sets, _) = views_of(case, folder_of(name, options)), sets_and_loadings(case)
    if method == "PathFA":
        known = {"n_factors": case.n_factors, "n_starts": 1, "loading_prior": "soft", "n_jobs": options.threads}
        return lambda: fit(views, sets, **known)
    if method == "mofapy2":
        return lambda: mofa({view: np.asarray(data.X[:]) for view, data in views.items()}, case.n_factors)
    if case.stored:
        return lambda: incremental_pca(views["rna"].X, case.n_factors)
    return lambda: pca(np.hstack([data.X for data in views.values()]), case.n_factors)


def real(name: str, method: str, data: Path) -> Callable[[], dict[str, float]]:
    """Return what is measured of CPTAC colon cancer."""
    from coad import tumours

    collection, n_factors, n_starts, *_ = REAL[name]
    views = tumours(data)
    if method == "PathFA":
        measured = views["rna"].columns.union(views["protein"].columns)
        sets = pf.read_gmt(data / "genesets" / collection).filter(min_size=8, features=measured)
        options = {} if n_factors == "auto" else {"features": "annotated", "loading_prior": "soft"}
        return lambda: fit(
            views, sets, n_factors=n_factors, n_starts=n_starts, n_jobs=None if options == {} else 1, **options
        )
    k = 10 if n_factors == "auto" else int(n_factors)
    if method == "mofapy2":
        return lambda: mofa({view: table.to_numpy() for view, table in views.items()}, k)
    return lambda: pca(pd.concat(views.values(), axis=1, join="inner").fillna(0.0).to_numpy(), k)


def paper(name: str, method: str) -> Callable[[], dict[str, float]]:
    """Return what is measured of a small simulated cohort of 10 samples; a first fit has loaded everything."""
    cohort = pf.simulate(n_samples=10, seed=0)
    if method == "PathFA":
        options = {"n_factors": 8, "n_starts": PAPER[name][0], "n_jobs": 1}
        fit(cohort.mdata, cohort.gene_sets, **options)
        return lambda: fit(cohort.mdata, cohort.gene_sets, **options)
    both = pd.concat([data.to_df() for data in cohort.mdata.mod.values()], axis=1, join="inner")
    x = both.fillna(0.0).to_numpy()
    pca(x, min(8, len(x)))
    return lambda: pca(x, min(8, len(x)))


def pca(x: np.ndarray, k: int) -> dict[str, float]:
    """scikit-learn's randomised PCA of z-scored values."""
    x = (x - x.mean(axis=0)) / x.std(axis=0).clip(min=1e-12)
    PCA(k, svd_solver="randomized", random_state=0).fit_transform(x)
    return {}


def incremental_pca(x: Any, k: int) -> dict[str, float]:
    """scikit-learn's incremental PCA of z-scored values that stay on disk, and their scores."""
    starts = range(0, x.shape[0], _ROWS)
    total, squares = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for start in starts:
        block = x[start : start + _ROWS].astype(np.float64)
        total, squares = total + block.sum(axis=0), squares + (block**2).sum(axis=0)
    mean = total / x.shape[0]
    sd = np.sqrt(squares / x.shape[0] - mean**2)
    model = IncrementalPCA(k)
    blocks = [start for start in starts if x.shape[0] - start >= k]
    for start in blocks:
        model.partial_fit((x[start : start + _ROWS] - mean) / sd)
    for start in starts:
        model.transform((x[start : start + _ROWS] - mean) / sd)
    return {}


def mofa(views: Mapping[str, np.ndarray], k: int) -> dict[str, float]:
    """mofapy2 with its defaults."""
    from mofapy2.run.entry_point import entry_point

    model = entry_point()
    model.set_data_options(scale_views=False)
    model.set_data_matrix([[x] for x in views.values()], likelihoods=["gaussian"] * len(views))
    model.set_model_options(factors=k)
    model.set_train_options(seed=0, verbose=False)
    model.build()
    model.run()
    return {}


def shrunk(case: Simulated, by: int) -> Simulated:
    """Return a case with a part of its samples."""
    return Simulated(**{**vars(case), "n_samples": max(200, case.n_samples // by)})


def measure(name: str, method: str, options: argparse.Namespace) -> dict[str, float]:
    """Run one case with one method and return what it took."""
    if name in SIMULATED:
        what = simulated(name, method, options)
    else:
        what = real(name, method, options.data) if name in REAL else paper(name, method)
    pf.PathFA()  # imported before anything is timed, as scikit-learn is
    began, processor = time.perf_counter(), time.process_time()
    found = what()
    return {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - processor,
        "GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
        **found,
    }


def folder_of(name: str, options: argparse.Namespace) -> Path:
    """Return the folder with the arrays of a case, which those of the same size share."""
    case = shrunk(SIMULATED[name], options.shrink)
    sizes = "_".join(str(size) for size in case.features.values())
    return Path(options.store / f"{case.n_samples}_{sizes}_{case.n_factors}")


def target_of(name: str) -> tuple[float, float]:
    """Return the seconds and GB that a case may take."""
    if name in SIMULATED:
        return SIMULATED[name].seconds, SIMULATED[name].gigabytes
    return REAL[name][3:] if name in REAL else (PAPER[name][1], np.inf)


def predicted(name: str, options: argparse.Namespace) -> tuple[float, float]:
    """Return the seconds and GB that ``pathfa plan`` says of a simulated case."""
    if name not in SIMULATED:
        return np.nan, np.nan
    case = shrunk(SIMULATED[name], options.shrink)
    last = list(case.features)[-1]
    measured = {last: case.n_samples - int(case.lacking * case.n_samples)} if case.lacking else {}
    cost = pf.plan(
        case.n_samples,
        dict(case.features),
        N_SETS,
        measured=measured,
        stored=list(case.features) if case.stored else (),
        n_factors=case.n_factors,
        n_starts=1,
        loading_prior="soft",
    )
    return cost.seconds, cost.memory / 1e9


def main() -> int:
    """Run the cases and print what they took beside their targets; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cases = [*SIMULATED, *REAL, *PAPER]
    parser.add_argument("--cases", nargs="+", choices=cases, default=cases)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--shrink", type=int, default=1, help="divide the number of simulated samples by this")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the real cohorts")
    parser.add_argument("--store", type=Path, default=Path("results/benchmarks/scale"), help="folder of the arrays")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/scale.csv"))
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(json.dumps(measure(*options.job, options)))
        return 0
    rows, words = [], [sys.executable, __file__, "--shrink", str(options.shrink)]
    words += ["--data", str(options.data), "--store", str(options.store), "--threads", str(options.threads)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(options.threads))
    for name in options.cases:
        if name in REAL and not options.data.is_dir():
            continue
        if name in SIMULATED:
            folder = folder_of(name, options)
            folder.mkdir(parents=True, exist_ok=True)
            write(shrunk(SIMULATED[name], options.shrink), folder)
        seconds, gigabytes = target_of(name)
        time_planned, memory_planned = predicted(name, options)
        for method in options.methods:
            if method == "mofapy2" and importlib.util.find_spec("mofapy2") is None:
                continue
            done = subprocess.run(
                [*words, "--job", name, method],
                env={**os.environ, **threads},
                capture_output=True,
                text=True,
                check=False,
            )
            ours = method == "PathFA"
            row = {"case": name, "method": method, "target seconds": seconds if ours else np.nan}
            row |= {"target GB": gigabytes if ours else np.nan}
            if done.returncode:
                said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
                row["failed"] = said[-1][:100]
            else:
                row |= json.loads(done.stdout.splitlines()[-1])
            if ours:
                row |= {"planned seconds": time_planned, "planned GB": memory_planned}
            rows.append(row)
            print(pd.DataFrame(rows[-1:]).round(2).to_string(index=False), flush=True)
    table = pd.DataFrame(rows)
    reference = table[table["method"] == "PCA"].set_index("case").get("processor", pd.Series(dtype=float))
    table["times PCA"] = table["processor"] / table["case"].map(reference)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    print(table.round(2).to_string(index=False))
    return int("failed" in table)


if __name__ == "__main__":
    sys.exit(main())
