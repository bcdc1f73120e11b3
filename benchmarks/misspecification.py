"""Cohorts that are not as the model has them: what is still right, and what is said where it is not.

Simulated cohorts are spoilt in one way each. Prints, over the samples that were not spoilt themselves: the error of
activities (against the mean over the members of the values without noise), how often their 95 % intervals hold it, the
same of factor activities (Z U'), the slope of the truth on factor activities, and the share of the kept gene-set
weights that are true; of spoilt samples how well their quality tells them from the others (AUC) and how often intervals
hold. Models: ``plain`` takes all samples for alike, counts all values and all members of gene sets, ``auto`` lets the
evidence choose.

    python benchmarks/misspecification.py --seeds 6
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from partial_samples import matched, members_mean
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView

VIEWS = {"rna": SimulatedView(), "protein": SimulatedView(n_features=200)}
N_FACTORS = 4
MODELS = {"plain": {"sample_quality": "equal", "set_members": "given", "outlying_values": "kept"}, "auto": {}}
Tables = dict[str, pd.DataFrame]
GeneSets = dict[str, list[str]]


@dataclass(frozen=True)
class Case:
    """One way to spoil a cohort: tables, gene sets, a random generator -> both; and which samples are spoilt."""

    spoil: Callable[[Tables, GeneSets, np.random.Generator], tuple[Tables, GeneSets]]
    spoilt: int = 0


def added(tables: Tables, make: Callable[[pd.DataFrame], np.ndarray]) -> Tables:
    """Return the tables plus something of their shape."""
    return {name: table + make(table) for name, table in tables.items()}


def student(tables: Tables, sets: GeneSets, rng: np.random.Generator) -> tuple[Tables, GeneSets]:
    """Heavier tails: noise of 3 degrees of freedom, as large as the Gaussian one."""
    return added(tables, lambda table: rng.standard_t(3, table.shape) / np.sqrt(3.0)), sets


def blocks(tables: Tables, sets: GeneSets, rng: np.random.Generator) -> tuple[Tables, GeneSets]:
    """Residuals of ten features each move together."""

    def moves(table: pd.DataFrame) -> np.ndarray:
        block = rng.permutation(table.shape[1]) // 10
        return 0.7 * rng.standard_normal((len(table), block.max() + 1))[:, block]

    return added(tables, moves), sets


def wrong_members(tables: Tables, sets: GeneSets, rng: np.random.Generator) -> tuple[Tables, GeneSets]:
    """Put other genes in the place of a fifth of the members of every set."""
    genes = sorted({gene for members in sets.values() for gene in members})
    changed = {}
    for name, members in sets.items():
        others = [gene for gene in genes if gene not in members]
        wrong = rng.permutation(len(members))[: len(members) // 5]
        drawn = rng.choice(others, len(wrong), replace=False)
        changed[name] = [gene for at, gene in enumerate(members) if at not in wrong] + list(drawn)
    return tables, changed


def noisy(n: int, sd: float) -> Callable[[Tables, GeneSets, np.random.Generator], tuple[Tables, GeneSets]]:
    """Return what adds noise of this sd to the first samples, in every view."""

    def spoil(tables: Tables, sets: GeneSets, rng: np.random.Generator) -> tuple[Tables, GeneSets]:
        rows = (np.arange(len(next(iter(tables.values())))) < n)[:, None]
        return added(tables, lambda table: rows * rng.normal(0.0, sd, table.shape)), sets

    return spoil


def gross_entries(tables: Tables, sets: GeneSets, rng: np.random.Generator) -> tuple[Tables, GeneSets]:
    """One value in a hundred is off by several sd."""
    return added(tables, lambda t: (rng.random(t.shape) < 0.01) * rng.normal(0.0, 8.0, t.shape)), sets


def batch(tables: Tables, sets: GeneSets, rng: np.random.Generator) -> tuple[Tables, GeneSets]:
    """Every other sample is of another batch that moves all features."""
    odd = (np.arange(len(next(iter(tables.values())))) % 2)[:, None]
    return added(tables, lambda table: odd * rng.standard_normal(table.shape[1])), sets


CASES = {
    "clean": Case(lambda tables, sets, _: (tables, sets)),
    "Student noise": Case(student),
    "residuals in blocks": Case(blocks),
    "batch": Case(batch),
    "20 % wrong members": Case(wrong_members),
    "1 % gross values": Case(gross_entries),
    "4 noisy samples": Case(noisy(4, 2.0), 4),
    "1 outlier sample": Case(noisy(1, 6.0), 1),
}


def held(truth: pd.DataFrame, lower: pd.DataFrame, upper: pd.DataFrame, rows: slice) -> float:
    """Return the share of true values inside the limits."""
    return float(((truth >= lower) & (truth <= upper)).iloc[rows].to_numpy().mean())


def row(case: Case, seed: int, n: int, prior: str, kind: str) -> dict[str, float]:
    """Return what comes out of one cohort."""
    cohort = pf.simulate(n_samples=n, seed=seed, views=VIEWS, factors=N_FACTORS, loading_prior=prior)
    tables = {name: item.to_df() for name, item in cohort.mdata.mod.items()}
    tables, sets = case.spoil(tables, cohort.gene_sets, np.random.default_rng(seed))
    options = {"n_factors": N_FACTORS, "loading_prior": prior, "scale": "none", "progress": False} | MODELS[kind]
    model = pf.PathFA(**options).fit(tables, sets)
    good, bad = slice(case.spoilt, None), slice(0, case.spoilt)
    activity = members_mean(cohort.truth, sets, model.activity_.index)[model.activity_.columns]
    lower, upper = model.interval("activity")
    through = cohort.truth.activity.loc[model.activity_.index, model.activity_.columns]
    limits = model.interval("factor_activity")
    which, _ = matched(cohort.truth.scores, model.scores_)
    true = cohort.truth.gene_set_weights.loc[model.activity_.columns].to_numpy()[:, which] > 0
    kept = model.gene_set_weights_.to_numpy() > 0
    fitted, real = model.factor_activity_.iloc[good].to_numpy().ravel(), through.iloc[good].to_numpy().ravel()
    found = {
        "error": float(np.sqrt(((activity - model.activity_).iloc[good] ** 2).to_numpy().mean())),
        "inside 95": held(activity, lower, upper, good),
        "factor part 95": held(through, *limits, good),
        "slope": float(fitted @ real / (fitted @ fitted)),
        "true sets": float(true[kept].mean()),
    }
    if case.spoilt:
        names = model.activity_.index
        worst = -model.sample_quality_.min(axis=1)
        found["AUC"] = roc_auc_score(np.arange(len(names)) < case.spoilt, worst)
        found["spoilt 95"] = held(activity, lower, upper, bad)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6, help="how many cohorts")
    parser.add_argument("--n", type=int, default=40, help="samples")
    parser.add_argument("--prior", default="soft", choices=["soft", "strict"])
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    args = parser.parse_args()
    rows = [
        {"case": name, "model": kind, **row(CASES[name], seed, args.n, args.prior, kind)}
        for name in args.cases
        for kind in MODELS
        for seed in range(args.seeds)
    ]
    print(pd.DataFrame(rows).groupby(["case", "model"], sort=False).mean().round(3).to_string())
    print(f"\nslope 1 is right; {norm.cdf(1.96) - norm.cdf(-1.96):.0%} of true values should be inside the intervals")


if __name__ == "__main__":
    main()
