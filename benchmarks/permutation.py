"""Whether q values hold where nothing is associated: covariates whose samples are shuffled.

Colon tumours and a simulated cohort, activities of gene sets that correlate. Prints, per test, the share of shuffled
covariates with any q below 0.05 (5 % or less, as no association is true), the shares of p below 0.05 and 0.001, and the
share with any set that sentences would name (competitive q below 0.05 too). Writes the table as CSV.

    python benchmarks/permutation.py --data ../shared/data --permutations 1000
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read

import pathfa as pf
from pathfa.analysis.association.significance import named

_AT_ONCE = 100  # covariates


def covariates(size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return values of every kind, among them groups as unequal as cohorts have them."""
    groups = {f"{share:.0%} in one of two groups": share for share in (0.05, 0.1, 0.2, 0.5)}
    kinds = {name: np.where(np.arange(size) < round(share * size), "few", "many") for name, share in groups.items()}
    kinds["four groups of 5, 10, 15 % and the rest"] = np.repeat(
        ["a", "b", "c", "d"], [n := round(0.05 * size), 2 * n, 3 * n, size - 6 * n]
    )
    return {**kinds, "numbers": rng.normal(size=size), "skewed numbers": np.exp(1.5 * rng.normal(size=size))}


def shares(model: pf.PathFA, values: np.ndarray, permutations: int, seed: int) -> dict[str, float]:
    """Return what the tests find of a covariate whose samples are shuffled."""
    rng, samples = np.random.default_rng(seed), model.activity_.index
    parts = []
    for start in range(0, permutations, _AT_ONCE):
        names = [str(number) for number in range(start, min(start + _AT_ONCE, permutations))]
        table = pd.DataFrame({name: rng.permutation(values) for name in names}, index=samples)
        parts.append(pf.associate(model, table, draws=0, seed=start))
    found = pd.concat(parts, ignore_index=True)
    found["named"] = named(found)
    by = found.groupby("covariate")
    return {
        "any q < 0.05": float((by["q"].min() < 0.05).mean()),
        "p < 0.05": float((found["p"] < 0.05).mean()),
        "p < 0.001": float((found["p"] < 0.001).mean()),
        "any set named": float(by["named"].any().mean()),
    }


def survival(model: pf.PathFA, events: int, permutations: int, seed: int) -> dict[str, float]:
    """Return the same of follow-up times that are shuffled, with so many events."""
    rng, samples = np.random.default_rng(seed), model.activity_.index
    rows = []
    for _ in range(permutations):
        time = pd.Series(rng.exponential(size=len(samples)), index=samples, name="time")
        event = pd.Series(rng.permutation(np.arange(len(samples)) < events).astype(int), index=samples, name="event")
        found = pf.survival(model, time, event, draws=0)
        rows.append(
            [found["q"].min() < 0.05, (found["p"] < 0.05).mean(), (found["p"] < 0.001).mean(), named(found).any()]
        )
    return dict(zip(("any q < 0.05", "p < 0.05", "p < 0.001", "any set named"), np.mean(rows, axis=0), strict=True))


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--factors", type=int, default=11)
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--survival", type=int, default=50, help="permutations of survival, a Cox model per set each")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/permutation.csv"))
    options = parser.parse_args()
    fit = {"loading_prior": "soft", "n_starts": 1, "n_jobs": 1, "progress": False}
    simulated = pf.simulate(n_samples=60, seed=0)
    models = {
        "colon tumours": pf.PathFA(n_factors=options.factors, **fit).fit(*read(options.data)),
        "simulation": pf.PathFA(n_factors=8, **fit).fit(simulated.mdata, simulated.gene_sets),
    }
    rows = []
    for cohort, model in models.items():
        size = len(model.activity_)
        for name, values in covariates(size, np.random.default_rng(0)).items():
            rows.append({"cohort": cohort, "covariate": name, **shares(model, values, options.permutations, len(rows))})
        for events in (8, 30) if options.survival else ():
            found = survival(model, events, options.survival, len(rows))
            rows.append({"cohort": cohort, "covariate": f"survival, {events} events", **found})
    table = pd.DataFrame(rows)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main()
