"""Predicted and actual cost of fits of several sizes, each in a process of its own on one core.

    python benchmarks/fit_costs.py            a table: seconds of the processor, memory, predicted / actual
    python benchmarks/fit_costs.py --solve    the constants of pathfa/fit/cost.py by non-negative least squares
    python benchmarks/fit_costs.py --cohorts tests/data/cohorts/*.yaml      automatic fits of real cohorts

Two predictions are printed: one with the iterations that the fit took, which shows whether the constants are right, and
one ("before") with those that are assumed before a fit, usual, fewest and most. The table is also written to
``results/benchmarks/fit_costs.csv``.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from scipy.optimize import nnls

import pathfa as pf
import pathfa.fit.run as steps
from pathfa.fit.cost import HELD, ITERATION, ONCE, ViewShape, fit_cost, products
from pathfa.options import FitOptions

CASES = [
    # samples, features, gene sets, factors, share missing, starts, prior
    (100, 2000, 50, "5", 0.0, 1, "soft"),
    (100, 2000, 50, "5", 0.2, 1, "soft"),
    (100, 10000, 50, "10", 0.0, 1, "soft"),
    (100, 10000, 50, "10", 0.1, 1, "soft"),
    (400, 5000, 200, "10", 0.0, 1, "soft"),
    (400, 5000, 200, "10", 0.1, 1, "soft"),
    (2000, 4000, 50, "10", 0.0, 1, "soft"),
    (20000, 1000, 50, "10", 0.0, 1, "soft"),
    (60000, 500, 50, "10", 0.0, 1, "soft"),
    (1000, 5000, 50, "20", 0.0, 1, "soft"),
    (300, 3000, 50, "20", 0.1, 1, "soft"),
    (100, 5000, 1000, "5", 0.0, 1, "soft"),
    (60, 12000, 5000, "8", 0.0, 1, "soft"),
    (200, 5000, 50, "10", 0.0, 1, "strict"),
    (2000, 5000, 50, "10", 0.1, 1, "soft"),
    (100, 3000, 50, "auto", 0.0, 4, "auto"),
]
FEWEST = 50  # samples of a case that is shrunk
BEFORE_AND_AFTER = ("as_cohort", "check_cohort", "prepare", "assemble")


def values(n: int, n_features: int, n_sets: int, missing: float) -> tuple[ad.AnnData, dict[str, list[str]]]:
    """Return values with eight factors that follow gene sets."""
    rng = np.random.default_rng(0)
    names = np.array([f"G{number}" for number in range(n_features)])
    size = min(n_features, max(10, min(100, n_features // 5)))
    members = [rng.choice(n_features, size, replace=False) for _ in range(n_sets)]
    loadings = 0.2 * rng.normal(size=(n_features, 8))
    for factor in range(8):
        for chosen in rng.choice(n_sets, 3, replace=False):
            loadings[members[chosen], factor] += 1.0
    x = rng.normal(size=(n, 8)) @ loadings.T
    for row in x:  # a row at a time, so that nothing larger than the values was ever in memory
        row += rng.normal(size=n_features)
    if missing:
        x[rng.random(x.shape) < missing] = np.nan
    obs, var = pd.DataFrame(index=[f"s{number}" for number in range(n)]), pd.DataFrame(index=names)
    return ad.AnnData(x, obs=obs, var=var), {f"S{number}": list(names[chosen]) for number, chosen in enumerate(members)}


def of_cohort(path: Path) -> dict[str, Any]:
    """Return what the automatic fit of a cohort took, beside what was said before."""
    from configured import cohorts_of

    cohort = next(cohorts_of(path))
    model = pf.PathFA(n_jobs=1, progress=False)
    cost = model.plan(cohort.data, cohort.gene_sets)
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(cohort.data, cohort.gene_sets)
    return {
        "cohort": cohort.name,
        "factors": len(model.factor_names_),
        "iterations": int(model.selection_["n_iter"].sum()),
        "seconds": round(time.process_time() - began, 1),
        "usual": round(cost.seconds, 1),
        "fewest": round(cost.seconds_range[0], 1),
        "most": round(cost.seconds_range[1], 1),
        "GB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0 / 1e9, 2),
        "predicted GB": round(cost.memory / 1e9, 2),
    }


def measure(case: Sequence[Any]) -> dict[str, Any]:
    """Return what a fit took, by its steps."""
    n, n_features, n_sets, n_factors, missing, n_starts, prior = case
    data, sets = values(n, n_features, n_sets, missing)
    seconds: dict[str, float] = {}

    def timed(name: str) -> None:
        function = getattr(steps, name)

        def call(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return function(*given, **named)
            finally:
                seconds[name] = seconds.get(name, 0.0) + time.process_time() - began

        setattr(steps, name, call)

    for name in (*BEFORE_AND_AFTER, "search"):
        timed(name)
    options = options_of(n_factors, n_starts, prior)
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = steps.run(options, {"rna": data}, sets)
    return {
        "seconds": time.process_time() - began,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0,
        "factors": len(result.factor_names),
        "iterations": int(result.selection["n_iter"].sum()),
        "once": sum(seconds[name] for name in BEFORE_AND_AFTER),
        "search": seconds["search"],
    }


def options_of(n_factors: str, n_starts: int, prior: str) -> FitOptions:
    """Return the options of a case."""
    known = {"n_factors": n_factors if n_factors == "auto" else int(n_factors), "loading_prior": prior}
    return FitOptions(**known, n_starts=n_starts, n_jobs=1, keep_data=False, progress=False)


def solve(cases: Sequence[Sequence[Any]], found: Sequence[Mapping[str, Any]]) -> None:
    """Print the constants that make the relative errors least."""
    for name, prices, key in (("ONCE", ONCE, "once"), ("ITERATION", ITERATION, "search"), ("HELD", HELD, "memory")):
        rows, actual = [], []
        for (n, n_features, n_sets, n_factors, missing, _, _), item in zip(cases, found, strict=True):
            if n_factors == "auto":
                continue
            computed = products(n, [_shape(n_features, missing)], n_sets, item["factors"])
            times = {"search": item["iterations"], "memory": 8.0}.get(key, 1.0)
            rows.append([times * computed[product] / item[key] for product in prices])
            actual.append(1.0)
        constants, _ = nnls(np.array(rows), np.array(actual))
        print(name, {product: float(f"{number:.2g}") for product, number in zip(prices, constants, strict=True)})


def _shape(n_features: int, missing: float) -> ViewShape:
    return ViewShape(name="rna", n_features=n_features, complete=missing == 0.0)


def of_case(case: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a case took, and its row of the table."""
    item = in_own_process(case)
    n, n_features, n_sets, n_factors, missing, n_starts, prior = case
    cost = fit_cost(n, [_shape(n_features, missing)], n_sets, options_of(n_factors, n_starts, prior))
    computed = products(n, [_shape(n_features, missing)], n_sets, item["factors"])
    seconds = sum(price * computed[name] for name, price in ONCE.items())
    seconds += item["iterations"] * sum(price * computed[name] for name, price in ITERATION.items())
    row = {
        "samples": n,
        "features": n_features,
        "gene_sets": n_sets,
        "factors": n_factors,
        "missing": missing,
        "iterations": item["iterations"],
        "seconds": round(item["seconds"], 2),
        "predicted/actual": round(seconds / item["seconds"], 2),
        "before/actual": round(cost.seconds / item["seconds"], 2),
        "fewest/actual": round(cost.seconds_range[0] / item["seconds"], 2),
        "most/actual": round(cost.seconds_range[1] / item["seconds"], 2),
        "GB": round(item["memory"] / 1e9, 2),
        "predicted/actual GB": round(cost.memory / item["memory"], 2),
    }
    return item, row


def in_own_process(case: Sequence[Any] | str) -> dict[str, Any]:
    """Return what a case, or the cohort of a configuration, took."""
    words = [sys.executable, __file__, "--case", json.dumps(case)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the cases and print what was predicted beside what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solve", action="store_true", help="print the constants too")
    parser.add_argument(
        "--cohorts", nargs="+", default=[], help="configurations, whose first cohorts are fitted instead"
    )
    parser.add_argument("--shrink", type=int, default=1, help="divide the number of samples by this")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"), help="folder of the table")
    given = parser.parse_args()
    if given.case:
        case = json.loads(given.case)
        print(json.dumps(of_cohort(Path(case)) if isinstance(case, str) else measure(case)))
        return
    found, rows = [], []
    cases = [(max(FEWEST, n // given.shrink), *rest) for n, *rest in CASES]
    for case in given.cohorts or cases:
        if given.cohorts:
            rows.append(in_own_process(case))
        else:
            item, row = of_case(case)
            found.append(item)
            rows.append(row)
        if len(rows) == 1:
            print("| " + " | ".join(rows[0]) + " |\n" + "|---" * len(rows[0]) + "|")
        print("| " + " | ".join(map(str, rows[-1].values())) + " |", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "fit_costs.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    if given.solve and not given.cohorts:
        solve(cases, found)


if __name__ == "__main__":
    main()
