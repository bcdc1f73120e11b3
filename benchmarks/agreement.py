"""Whether activities of gene sets agree between fits that should say the same, of colon cancer or any configuration.

``seeds``: the same cohort, other seeds. ``halves``: models of two halves of the samples, each asked for the activities
of all samples. Figures are correlations over the samples, mean over gene sets and pairs of fits; a set that one of two
fits has no value for counts as 0 (``factor activity`` of a pruned set). ``inside``: share of samples and sets for which
the estimate of one seed lies in the 95 % interval of the other. ``nearest``, ``copies``: the highest correlation of two
sets in the fit of the first seed, and how many pairs of sets correlate by more than 0.999, of those that have values.

    python benchmarks/agreement.py --data ../shared/data --factors 11 --seeds 4
    python benchmarks/agreement.py --cohort tests/data/cohorts/rat.yaml --factors 10 --seeds 2
"""

from __future__ import annotations

import argparse
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read
from gene_set_scores import Views, preprocessed

import pathfa as pf

COPY = 0.999  # correlation of two sets that say the same


def fit(views: Views, sets: pf.GeneSets, factors: int, seed: int, starts: int) -> pf.PathFA:
    """Return a model with the soft prior."""
    options = {"n_factors": factors, "loading_prior": "soft", "n_starts": starts, "n_jobs": 1, "progress": False}
    return pf.PathFA(**options, seed=seed).fit(views, sets)


def correlation(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Return the mean over columns of their correlations; 0 where one does not vary."""
    x, y = (table.loc[a.index, a.columns].to_numpy() for table in (a, b))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    size = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=0)
    return float(np.mean(np.divide((x * y).sum(axis=0), size, out=np.zeros_like(size), where=size > 1e-12)))


def agreement(tables: list[pd.DataFrame]) -> float:
    """Return the mean correlation over all pairs of tables."""
    return float(np.mean([correlation(a, b) for a, b in combinations(tables, 2)]))


def inside(models: list[pf.PathFA], what: str) -> float:
    """Return how often estimates of one fit lie in the intervals of another, mean over all pairs of fits."""
    found = []
    for a, b in permutations(models, 2):
        lower, upper = a.interval(what)
        estimate = getattr(b, f"{what}_")
        found.append(((estimate >= lower) & (estimate <= upper)).to_numpy().mean())
    return float(np.mean(found))


def nearest(table: pd.DataFrame) -> tuple[float, int]:
    """Return the highest correlation of two columns that vary, and how many pairs are copies of each other."""
    found = np.corrcoef(table.loc[:, table.std() > 1e-12].to_numpy().T)
    pairs = np.abs(found[np.triu_indices(len(found), 1)])
    return float(pairs.max()), int((pairs > COPY).sum())


def halves(views: Views, seed: int) -> list[Views]:
    """Return the samples in two parts."""
    order = np.random.default_rng(seed).permutation(len(next(iter(views.values()))))
    return [{name: table.iloc[part] for name, table in views.items()} for part in np.array_split(order, 2)]


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cohort", type=Path, help="configuration, instead of the colon tumours in both views")
    parser.add_argument("--factors", type=int, default=11)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--starts", type=int, default=1, help="initialisations of each fit")
    options = parser.parse_args()
    views, sets = read(options.data) if options.cohort is None else preprocessed(options.cohort)[1:]
    models = [fit(views, sets, options.factors, seed, options.starts) for seed in range(options.seeds)]
    parts = [fit(part, sets, options.factors, 0, options.starts) for part in halves(views, 0)]
    asked = [model.activity(views) for model in parts]
    factors = [model.transform(views) @ model.gene_set_weights_.T for model in parts]
    rows = {
        what.replace("_", " "): (
            agreement([getattr(model, f"{what}_") for model in models]),
            agreement(parts),
            inside(models, what),
            *nearest(getattr(models[0], f"{what}_")),
        )
        for what, parts in (("activity", asked), ("factor_activity", factors))
    }
    evidence = [model.log_evidence_ for model in models]
    print(f"log evidence of the seeds: {min(evidence):.0f} to {max(evidence):.0f}")
    print(pd.DataFrame(rows, index=["seeds", "halves", "inside", "nearest", "copies"]).T.round(3))


if __name__ == "__main__":
    main()
