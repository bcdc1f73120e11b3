"""What a coarser curvature of the gene-set weights costs: evidence, choices and activities beside the full one.

``factor`` drops the curvature between factors, ``diagonal`` that between gene sets too; both are lower bounds of the
evidence of ``full``. Prints, over simulated cohorts, how often each chooses the number of factors and the loading prior
that ``full`` chooses, and for colon cancer with Hallmark sets the evidence, the number of weights and how far
activities move.

    python benchmarks/curvature.py --seeds 10 --data ../shared/data
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read

import pathfa as pf

KINDS = ("full", "factor", "diagonal")


def chosen(seed: int, kind: str) -> tuple[int, str, float]:
    """Return the number of factors, the prior and the log evidence of a simulated cohort."""
    cohort = pf.simulate(n_samples=40, seed=seed, factors=4, loading_prior="soft")
    model = pf.PathFA(curvature=kind, n_starts=2, max_factors=8, scale="none", progress=False, n_jobs=1)
    model.fit(cohort.mdata, cohort.gene_sets)
    return model.settings_["n_factors"], model.settings_["loading_prior"], model.log_evidence_


def tumours(data: Path, kind: str) -> tuple[pf.PathFA, float]:
    """Return a fit of colon cancer, and its seconds of the processor."""
    views, sets = read(data)
    began = time.process_time()
    model = pf.PathFA(n_factors=10, loading_prior="soft", curvature=kind, n_starts=1, n_jobs=1, progress=False)
    return model.fit(views, sets), time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="how many simulated cohorts")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    found = {kind: [chosen(seed, kind) for seed in range(args.seeds)] for kind in KINDS}
    rows = [
        {
            "curvature": kind,
            "the same choice": np.mean([a[:2] == b[:2] for a, b in zip(items, found["full"], strict=True)]),
            "nats below full": np.mean([b[2] - a[2] for a, b in zip(items, found["full"], strict=True)]),
        }
        for kind, items in found.items()
    ]
    print(pd.DataFrame(rows).round(2).to_string(index=False), flush=True)
    if not args.data.is_dir():
        return
    fits = {kind: tumours(args.data, kind) for kind in KINDS}
    full, rows = fits["full"][0], []
    for kind, (model, seconds) in fits.items():
        away = ((model.activity_ - full.activity_) / full.result_.activity_sd).abs()
        rows.append(
            {
                "curvature": kind,
                "nats below full": full.log_evidence_ - model.log_evidence_,
                "weights": int((model.gene_set_weights_ > 0).to_numpy().sum()),
                "activities move by (sd)": float(away.to_numpy().mean()),
                "processor s": seconds,
            }
        )
    print(pd.DataFrame(rows).round(2).to_string(index=False))


if __name__ == "__main__":
    main()
