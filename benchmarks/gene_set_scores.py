"""Scores of gene sets per sample, judged by members that no method saw.

Half of all genes are taken out of the data and of the gene sets. A score of a set should tell how high the mean of its
hidden members is in each sample: ``r`` is the correlation over samples, mean over the sets with at least three hidden
members; ``competitive`` the same after what the mean of all visible genes explains of both (partial correlation).
Columns ``views`` and ``samples`` say what PathFA was fitted to: all views or the scored one alone; all samples or three
quarters of them, and the score is of the other quarter (``held out``, four fits). Other methods see one view and
need no fit; those that compare samples with each other are given all samples everywhere, which does not disfavour them.

``cover 80``, ``cover 95``: how often the interval of an activity, with the variance between genes of a set over the
number of hidden members added, holds the mean of the hidden members; ``small`` and ``large``: in the half of the sets
with fewer members, and in the others. ``reliability``: correlation of what the same
method says from the visible and, done anew, from the hidden half of all genes. ``agreement``: correlation of the scores
of the same set from one view alone and from another view alone, after what the means of all genes in both explain.
Every method gets the same values, those after PathFA's preprocessing.

    python benchmarks/gene_set_scores.py tests/data/cohorts/{coad,nci60,rat,acc,citeseq}.yaml --factors 11 10 10 6 6
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from configured import cohorts_of
from scipy.stats import norm
from score_methods import METHODS, Members, scores

import pathfa as pf
from pathfa.analysis import fitted_scores

Views = Mapping[str, pd.DataFrame]
FEWEST = 3  # hidden members of a set that is judged
FOLDS = 4
SMALLEST = pf.PathFA().min_set_size
ALL, ONE, TRAINING, HELD_OUT = "all", "one", "training", "held out"


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Scores of a view, samples x gene sets, from one method in one setting."""

    method: str
    view: str
    table: pd.DataFrame
    seconds: float
    views: str = ""
    samples: str = ""
    sd: pd.DataFrame | None = None

    @property
    def setting(self) -> tuple[str, str, str]:
        """What was scored how."""
        return self.method, self.views, self.samples


def preprocessed(path: Path) -> tuple[str, Views, pf.GeneSets]:
    """Return the first cohort of a configuration, samples x features per view as they are fitted, and its gene sets."""
    cohort = next(cohorts_of(path))
    model = pf.PathFA(n_factors=1, n_starts=1, max_iter=2, loading_prior="soft", progress=False)
    model.fit(cohort.data, cohort.gene_sets)
    return cohort.name, model.result_.data, pf.GeneSets(model.result_.gene_sets)


def halves(views: Views, seed: int) -> tuple[set[str], set[str]]:
    """Return all features in two halves, drawn at random."""
    names = sorted({name for table in views.values() for name in table.columns})
    order = np.random.default_rng(seed).permutation(len(names))
    return tuple({names[i] for i in part} for part in np.array_split(order, 2))


def partial(x: np.ndarray, y: np.ndarray, given: np.ndarray | None = None) -> float:
    """Return the correlation of two vectors over what both have, given others, N x L."""
    more = np.empty((len(x), 0)) if given is None else given
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(more).all(axis=1)
    design = np.column_stack([np.ones(known.sum()), more[known]])
    a, b = (v[known] - design @ np.linalg.lstsq(design, v[known], rcond=None)[0] for v in (x, y))
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / size) if known.sum() > 4 and size > 1e-12 else np.nan


def mean_correlation(a: pd.DataFrame, b: pd.DataFrame, given: np.ndarray | None = None) -> float:
    """Return the mean over the columns that both have of their correlations."""
    both = [name for name in a if name in b]
    found = [partial(a[name].to_numpy(dtype=float), b[name].to_numpy(dtype=float), given) for name in both]
    return float(np.nanmean(found)) if np.isfinite(found).any() else np.nan


def fit(views: Views, sets: Members, factors: int) -> tuple[pf.PathFA, float]:
    """Return a model and the seconds that it took."""
    began = time.perf_counter()
    model = pf.PathFA(n_factors=factors, loading_prior="soft", n_starts=1, n_jobs=1, scale="none", progress=False)
    return model.fit(views, sets), time.perf_counter() - began


def pathfa_scores(views: Views, sets: Members, factors: int, held_out: bool) -> Iterator[Scored]:
    """Yield PathFA's scores in every setting."""
    single = [{name: table} for name, table in views.items() if len(views) > 1 and inside(sets, table, least=SMALLEST)]
    for label, given in ((ALL, views), *((ONE, part) for part in single)):
        model, seconds = fit(given, sets, factors)
        same = {"seconds": seconds, "views": label, "samples": TRAINING}
        for view in given:
            sd = model.result_.view_activity_sd[view]
            yield Scored(method="PathFA activity", view=view, table=model.view_activity_[view], sd=sd, **same)
            yield Scored(method="PathFA fitted score", view=view, table=fitted_scores(model, view), **same)
            yield Scored(method="PathFA factor activity", view=view, table=model.factor_activity_, **same)
        if held_out:
            yield from left_out(given, sets, factors, label)


def left_out(views: Views, sets: Members, factors: int, label: str) -> Iterator[Scored]:
    """Yield the activities of every quarter of the samples from a model of the others."""
    names, began = next(iter(views.values())).index, time.perf_counter()
    found: dict[str, list[tuple[pd.DataFrame, pd.DataFrame]]] = {view: [] for view in views}
    for part in np.array_split(np.random.default_rng(0).permutation(len(names)), FOLDS):
        out = names[part]
        model, _ = fit({name: table.drop(index=out) for name, table in views.items()}, sets, factors)
        new = {name: table.loc[out] for name, table in views.items()}
        for view in views:
            found[view].append(model.activity(new, view=view, return_std=True))
    seconds = time.perf_counter() - began
    for view, pairs in found.items():
        mean, sd = (pd.concat(tables).loc[names] for tables in zip(*pairs, strict=True))
        same = {"seconds": seconds, "views": label, "samples": HELD_OUT}
        yield Scored(method="PathFA activity", view=view, table=mean, sd=sd, **same)


def inside(sets: Members, *tables: pd.DataFrame, least: int = 1) -> dict[str, list[str]]:
    """Return the members of every gene set that some table has, without sets that have too few."""
    known = {name for table in tables for name in table.columns}
    found = {name: [gene for gene in genes if gene in known] for name, genes in sets.items()}
    return {name: genes for name, genes in found.items() if len(genes) >= least}


def all_scores(views: Views, sets: Members, factors: int, methods: list[str], held_out: bool = True) -> list[Scored]:
    """Return the scores of all methods."""
    found = list(pathfa_scores(views, sets, factors, held_out))
    for view, table in views.items():
        members = inside(sets, table)
        for name in methods if members else ():
            began = time.perf_counter()
            said = scores(name, table, members)
            if isinstance(said, str):
                print(f"{view}: no {name}: {said}")
                continue
            found.append(Scored(method=name, view=view, table=said, seconds=time.perf_counter() - began))
    return found


def run(path: Path, factors: int, seed: int, methods: list[str], held_out: bool) -> Iterator[dict[str, object]]:
    """Yield one row per view, method and setting."""
    cohort, views, sets = preprocessed(path)
    visible, hidden = (
        {name: table.loc[:, table.columns.isin(half)] for name, table in views.items()} for half in halves(views, seed)
    )
    given = inside(sets, *visible.values(), least=SMALLEST)
    found = all_scores(visible, given, factors, methods, held_out)
    again = all_scores(hidden, inside(sets, *hidden.values(), least=SMALLEST), factors, methods, held_out=False)
    other = {(item.setting, item.view): item.table for item in again}
    for item in found:
        members = inside(sets, hidden[item.view], least=FEWEST)
        judged = [name for name in item.table if name in members and item.table[name].notna().any()]
        if not judged:
            continue
        truth = pd.DataFrame({name: hidden[item.view][members[name]].mean(axis=1) for name in judged})
        level = {view: table.mean(axis=1).to_numpy()[:, None] for view, table in visible.items()}
        row = {
            "cohort": cohort,
            "view": item.view,
            "method": item.method,
            "views": item.views,
            "samples": item.samples,
            "seed": seed,
            "sets": len(judged),
            "seconds": item.seconds,
            "r": mean_correlation(item.table[judged], truth),
            "competitive": mean_correlation(item.table[judged], truth, level[item.view]),
        }
        if (item.setting, item.view) in other:
            row["reliability"] = mean_correlation(item.table[judged], other[item.setting, item.view])
        alone = [each for each in found if each.setting == item.setting and each.views in (ONE, "")]
        for a, b in combinations(alone, 2):
            if item.view == a.view:
                row["agreement"] = mean_correlation(a.table[judged], b.table, np.hstack([level[a.view], level[b.view]]))
        if item.sd is not None:
            row |= coverage(
                item, visible[item.view], members, truth, hidden[item.view], inside(sets, *visible.values())
            )
        yield row


def coverage(
    item: Scored, table: pd.DataFrame, beyond: Members, truth: pd.DataFrame, values: pd.DataFrame, given: Members
) -> dict[str, float]:
    """Return how often intervals of the mean of the hidden members hold it."""
    members, errors = inside(given, table), {}
    for name in truth:
        between = table[members[name]].var(axis=1) if len(members[name]) > 1 else table.var(axis=1)
        spread = np.sqrt(item.sd[name] ** 2 + between / values[beyond[name]].notna().sum(axis=1).clip(lower=1))
        errors[name] = ((truth[name] - item.table[name]) / spread).abs()
    by_size = sorted(errors, key=lambda name: len(members[name]))
    half = len(by_size) // 2
    return {
        f"cover {level:.0%}"[:-1] + label: float(np.mean(z < norm.ppf(0.5 + level / 2)))
        for label, names in (("", by_size), (" small", by_size[:half]), (" large", by_size[half:]))
        if len(z := np.concatenate([errors[name].dropna() for name in names] or [[]]))
        for level in (0.8, 0.95)
    }


def main() -> None:
    """Run all and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohorts", type=Path, nargs="+", help="configurations")
    parser.add_argument("--factors", type=int, nargs="+", default=[10], help="of every cohort, or of all")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--no-held-out", action="store_true", help="do without the fits of held-out samples")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/gene_set_scores.csv"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of convergence, small cohorts and one view: nothing here is interpreted
    factors = options.factors * len(options.cohorts) if len(options.factors) == 1 else options.factors
    rows = [
        row
        for path, size in zip(options.cohorts, factors, strict=True)
        for seed in range(options.seeds)
        for row in run(path, size, seed, options.methods, not options.no_held_out)
    ]
    table = pd.DataFrame(rows)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    keys = ["cohort", "view", "method", "views", "samples"]
    shown = table.groupby(keys, sort=False).mean(numeric_only=True).drop(columns="seed")
    with pd.option_context("display.width", 200, "display.max_rows", None, "display.max_columns", None):
        print(shown.round(3))


if __name__ == "__main__":
    main()
