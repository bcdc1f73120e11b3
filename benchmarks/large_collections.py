"""Large gene-set collections on CPTAC colon cancer: time and memory of one start with 10 factors.

All sets with at least 8 measured members, all features in any of them, soft prior, one thread, each collection in a
process of its own. ``activities``: the share of the processor seconds of the fit that effects of gene sets beyond the
factors, and activities, take; at most a tenth is wanted with Hallmark, a third with Reactome.

    python benchmarks/large_collections.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from coad import tumours

import pathfa as pf
from pathfa.inference.posterior.activity import ActivityModel
from pathfa.inference.posterior.set_effects import learn_set_effects

COLLECTIONS = {
    "Hallmark": "h.all.v2024.1.Hs.symbols.gmt",
    "Reactome": "c2.cp.reactome.v7.5.1.symbols.gmt",
    "GO": "msigdb2023.2_go_human_symbols.gmt",
}
N_FACTORS, MIN_SIZE = 10, 8
_PARTS = (learn_set_effects, ActivityModel.__init__, ActivityModel.__call__)


def spent_in(profile: cProfile.Profile, function: Callable[..., object]) -> float:
    """Return the processor seconds that a function took, with all that it called."""
    code = function.__code__
    profile.create_stats()
    return float(profile.stats[code.co_filename, code.co_firstlineno, code.co_name][3])


def measure(data: Path, name: str, queue: multiprocessing.Queue[dict[str, object]]) -> None:
    """Fit with one collection and report what it took."""
    views = tumours(data)
    measured = views["rna"].columns.union(views["protein"].columns)
    sets = pf.read_gmt(data / "genesets" / COLLECTIONS[name]).filter(min_size=MIN_SIZE, features=measured)
    model = pf.PathFA(
        n_factors=N_FACTORS, loading_prior="soft", features="annotated", n_starts=1, n_jobs=1, progress=False
    )
    profile, began, processor = cProfile.Profile(time.process_time), time.perf_counter(), time.process_time()
    profile.runcall(model.fit, views, sets)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    queue.put(
        {
            "collection": name,
            "gene sets": len(sets),
            **{f"{view} features": len(table) for view, table in model.loadings_.items()},
            "iterations": model.n_iter_,
            "converged": model.converged_,
            "seconds": seconds,
            "processor seconds": processor,
            "activities": sum(spent_in(profile, part) for part in _PARTS) / processor,
            "GB at most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
            **{f"R2 {view}": float(model.variance_explained_.loc["total", view]) for view in views},
        }
    )


def main() -> None:
    """Run every collection."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--collections", nargs="+", choices=list(COLLECTIONS), default=list(COLLECTIONS))
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/large_collections.csv"))
    args = parser.parse_args()
    context, rows = multiprocessing.get_context("spawn"), []
    for name in args.collections:
        queue = context.Queue()
        process = context.Process(target=measure, args=(args.data, name, queue))
        process.start()
        rows.append(queue.get())
        process.join()
        print(pd.DataFrame(rows[-1:]).round(2).to_string(index=False), flush=True)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(args.out, index=False)


if __name__ == "__main__":
    main()
