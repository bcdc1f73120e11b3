"""Seconds and peak memory of reading and aligning large cohorts.

    python benchmarks/reading.py [folder]

Two cohorts are written to the folder (a temporary one by default), each read by ``read_cohort``, aligned by
``as_cohort`` and preprocessed in a process of its own:

* ``table``: 20,000 features x 1,000 samples as TSV, 2 % of the values missing;
* ``cells``: 50,000 cells x 20,000 genes as h5ad with sparse counts, 5 % of them not zero.

Exits with 1 when one of them takes more than 60 s or 4 GB.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.data import as_cohort, read_cohort
from pathfa.data.preprocess.preprocessor import ViewPreprocessor

MAX_SECONDS, MAX_GB = 60.0, 4.0


def write_table(path: Path, shrink: int) -> None:
    """Write 20,000 features x 1,000 samples, or a part of them, with 4 decimals."""
    rng, shape = np.random.default_rng(0), (20_000, 1_000 // shrink)
    values = rng.normal(8.0, 2.0, shape).round(4)
    values[rng.random(shape) < 0.02] = np.nan
    features, samples = [f"GENE{i}" for i in range(shape[0])], [f"S{i:04}" for i in range(shape[1])]
    pd.DataFrame(values, index=features, columns=samples).to_csv(path, sep="\t", na_rep="NA")


def write_cells(path: Path, shrink: int) -> None:
    """Write 50,000 cells, or a part of them, x 20,000 genes, 1,000 of them seen in each cell."""
    rng = np.random.default_rng(1)
    n, g, seen = 50_000 // shrink, 20_000, 1_000
    step = g // seen
    columns = (np.arange(seen) * step + rng.integers(0, step, (n, seen))).astype(np.int32)
    counts = rng.geometric(0.4, n * seen).astype(np.float32)
    matrix = sparse.csr_matrix((counts, columns.ravel(), np.arange(0, n * seen + 1, seen)), shape=(n, g))
    obs, var = [f"cell{i}" for i in range(n)], [f"GENE{i}" for i in range(g)]
    ad.AnnData(matrix, obs=pd.DataFrame(index=obs), var=pd.DataFrame(index=var)).write_h5ad(path)


FILES = {"table": ("table.tsv", write_table), "cells": ("cells.h5ad", write_cells)}


def measure(path: Path) -> dict[str, object]:
    """Read, align and preprocess one file, and return what it took."""
    marks = [time.perf_counter()]
    mdata = read_cohort({"rna": path})
    marks.append(time.perf_counter())
    cohort = as_cohort(mdata)
    marks.append(time.perf_counter())
    aligned = _peak()
    fitted = ViewPreprocessor(max_features=3_000).fit(cohort.views[0])
    marks.append(time.perf_counter())
    return {
        "samples": len(cohort.samples),
        "features": len(cohort.views[0].features),
        "seconds": [round(late - early, 1) for early, late in pairwise(marks)],
        "processor": round(time.process_time(), 1),
        "gb": [round(aligned, 2), round(_peak(), 2)],
        "kept": len(fitted.features),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def run(folder: Path, shrink: int) -> int:
    """Write, measure, print; return the exit status."""
    slow = False
    columns = "cohort", "samples x features", "read s", "align s", "preprocess s", "processor s", "GB aligned", "GB"
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for name, (file, write) in FILES.items():
        path = folder / file
        if not path.exists():
            write(path, shrink)
        done = subprocess.run([sys.executable, __file__, "--measure", str(path)], capture_output=True, text=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return 1
        took = json.loads(done.stdout)
        seconds, gb = took["seconds"], took["gb"]
        slow |= seconds[0] + seconds[1] > MAX_SECONDS or gb[0] > MAX_GB
        shape = f"{took['samples']:,} x {took['features']:,}"
        cells = [name, shape, *seconds, took["processor"], *gb]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    return int(slow)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where files are written, and found again")
    parser.add_argument("--shrink", type=int, default=1, help="divide the number of samples by this")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    if options.folder:
        return run(options.folder, options.shrink)
    with tempfile.TemporaryDirectory() as temporary:
        return run(Path(temporary), options.shrink)


if __name__ == "__main__":
    sys.exit(main())
