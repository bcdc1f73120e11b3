"""Scores of gene sets per sample, judged by members that no method saw.

Half of all genes are taken out of the data and of the gene sets. A score of a set should tell how high the mean of its
hidden members is in each sample: ``r`` is the correlation over samples, mean over the sets with at least three hidden
members. ``competitive`` is the same after what the mean of all visible genes explains of both (partial correlation).
``cover 80``, ``cover 95``: how often the interval of an activity, with the variance between genes of a set over the
number of hidden members added, holds the mean of the hidden members. ``reliability``: correlation of scores of the same
method from two halves of the visible members. Every method gets the same values after PathFA's preprocessing.

    python benchmarks/gene_set_scores.py tests/data/cohorts/{coad,nci60,rat,acc,citeseq}.yaml --factors 10 --seeds 1
"""

from __future__ import annotations

import argparse
import contextlib
import io
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

import pathfa as pf
from pathfa.analysis import fitted_scores
from pathfa.errors import ConvergenceWarning
from pathfa.workflow.config import load_config
from pathfa.workflow.read import read_collection, read_source

Members = Mapping[str, list[str]]
_FEWEST = 3  # hidden members of a set that is judged


def read(path: Path) -> tuple[str, dict[str, pd.DataFrame], pf.GeneSets]:
    """Return the cohort of a configuration after preprocessing, samples x features per view, and its gene sets."""
    config = load_config(path)
    collection, (name, source) = next(iter(config.gene_sets.values())), next(iter(config.cohorts.items()))
    sets = read_collection(collection).filter(min_size=collection.min_size, max_size=collection.max_size)
    model = pf.PathFA(n_factors=1, n_starts=1, max_iter=2, loading_prior="soft", progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(read_source(source), sets)
    return name, model.result_.data, pf.GeneSets(model.result_.gene_sets)


def halves(genes: list[str], seed: int) -> set[str]:
    """Return half of the genes, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(genes))
    return {genes[i] for i in order[: len(genes) // 2]}


def partial(x: np.ndarray, y: np.ndarray, given: np.ndarray | None = None) -> float:
    """Return the correlation of two vectors over what both have, given a third."""
    known = np.isfinite(x) & np.isfinite(y)
    columns = [np.ones(known.sum())] + ([given[known]] if given is not None else [])
    design = np.stack(columns, axis=1)
    a, b = (v[known] - design @ np.linalg.lstsq(design, v[known], rcond=None)[0] for v in (x, y))
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / size) if known.sum() > 4 and size > 1e-12 else np.nan


def network(members: Members) -> pd.DataFrame:
    """Return gene sets as decoupler wants them."""
    rows = [(name, gene, 1.0) for name, genes in members.items() for gene in genes]
    return pd.DataFrame(rows, columns=["source", "target", "weight"])


def member_mean(values: pd.DataFrame, members: Members) -> pd.DataFrame:
    """Mean of the visible members."""
    return pd.DataFrame({name: values[genes].mean(axis=1) for name, genes in members.items()})


def plage(values: pd.DataFrame, members: Members) -> pd.DataFrame:
    """First principal component of the visible members (PLAGE), signed by their mean."""
    found = {}
    for name, genes in members.items():
        left, size, right = np.linalg.svd(values[genes].fillna(0.0).to_numpy(), full_matrices=False)
        found[name] = left[:, 0] * size[0] * np.sign(right[0].sum() or 1.0)
    return pd.DataFrame(found, index=values.index)


def decoupler(method: str) -> Callable[[pd.DataFrame, Members], pd.DataFrame]:
    """Return a method of decoupler; missing values at the mean of their feature."""

    def score(values: pd.DataFrame, members: Members) -> pd.DataFrame:
        import decoupler as dc

        return getattr(dc.mt, method)(data=values.fillna(0.0), net=network(members), tmin=1)[0]

    return score


def gseapy(method: str) -> Callable[[pd.DataFrame, Members], pd.DataFrame]:
    """Return a method of gseapy; missing values at the mean of their feature."""

    def score(values: pd.DataFrame, members: Members) -> pd.DataFrame:
        import gseapy as gp

        given = {"data": values.fillna(0.0).T, "gene_sets": dict(members), "outdir": None, "min_size": 1}
        found = getattr(gp, method)(**given, max_size=20_000, threads=1, verbose=False)
        return found.res2d.pivot_table(index="Name", columns="Term", values="ES").astype(float)

    return score


METHODS: dict[str, Callable[[pd.DataFrame, Members], pd.DataFrame]] = {
    "mean of members": member_mean, "ULM": decoupler("ulm"), "MLM": decoupler("mlm"), "z-score": decoupler("zscore"),
    "ssGSEA": gseapy("ssgsea"), "GSVA": gseapy("gsva"), "PLAGE": plage,
}  # fmt: skip


def run(path: Path, factors: int, seed: int, methods: list[str]) -> list[dict[str, object]]:
    """Return one row per view and method."""
    cohort, views, sets = read(path)
    hidden = halves(sorted({gene for table in views.values() for gene in table.columns}), seed)
    visible = {name: table[[gene for gene in table if gene not in hidden]] for name, table in views.items()}
    given = {name: [gene for gene in genes if gene not in hidden] for name, genes in sets.items()}
    began = time.perf_counter()
    model = pf.PathFA(n_factors=factors, loading_prior="soft", n_starts=1, n_jobs=1, scale="none", progress=False)
    model.fit(visible, given)
    seconds = time.perf_counter() - began
    used = model.result_.gene_set_names
    rows: list[dict[str, object]] = []
    for view, table in visible.items():
        members = {name: [gene for gene in given[name] if gene in table] for name in used}
        members = {name: genes for name, genes in members.items() if genes}
        beyond = {name: [gene for gene in sets[name] if gene in hidden and gene in views[view]] for name in members}
        judged = [name for name, genes in beyond.items() if len(genes) >= _FEWEST]
        if not judged:
            continue
        truth = pd.DataFrame({name: views[view][beyond[name]].mean(axis=1) for name in judged})
        level = table.mean(axis=1).to_numpy()
        scores: dict[str, tuple[pd.DataFrame, float]] = {
            "PathFA activity": (model.view_activity_[view], seconds),
            "PathFA fitted score": (fitted_scores(model, view), seconds),
            "PathFA factor activity": (model.factor_activity_, seconds),
        }
        for name in methods:
            began = time.perf_counter()
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    found = METHODS[name](table.loc[:, table.std() > 0], members)
            except (AssertionError, ValueError) as error:  # what decoupler says of a collection that is too large
                print(f"{cohort}, {view}: no {name}: {str(error).splitlines()[0]}")
                continue
            scores[name] = (found.reindex(index=table.index), time.perf_counter() - began)
        for name, (found, taken) in scores.items():
            pairs = [(found[s].to_numpy(dtype=float), truth[s].to_numpy()) for s in judged if s in found]
            row = {
                "cohort": cohort, "view": view, "method": name, "seed": seed, "sets": len(pairs),
                "r": np.nanmean([partial(*pair) for pair in pairs]),
                "competitive": np.nanmean([partial(*pair, level) for pair in pairs]), "seconds": taken,
            }  # fmt: skip
            if name == "PathFA activity":
                row |= coverage(model, view, table, members, truth, beyond, views[view])
            rows.append(row)
    return rows


def coverage(
    model: pf.PathFA, view: str, table: pd.DataFrame, members: Members, truth: pd.DataFrame, beyond: Members,
    values: pd.DataFrame,
) -> dict[str, float]:  # fmt: skip
    """Return how often intervals of the mean of the hidden members hold it."""
    mean, sd = model.view_activity_[view], model.result_.view_activity_sd[view]
    errors = []
    for name in truth:
        between = table[members[name]].var(axis=1) if len(members[name]) > 1 else table.var(axis=1)
        spread = np.sqrt(sd[name] ** 2 + between / values[beyond[name]].notna().sum(axis=1).clip(lower=1))
        errors.append(((truth[name] - mean[name]) / spread).to_numpy())
    z = np.abs(np.concatenate(errors))
    z = z[np.isfinite(z)]
    return {f"cover {level:.0%}"[:-1]: float(np.mean(z < norm.ppf(0.5 + level / 2))) for level in (0.8, 0.95)}


def main() -> None:
    """Run all and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohorts", type=Path, nargs="+", help="configurations")
    parser.add_argument("--factors", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/gene_set_scores.csv"))
    options = parser.parse_args()
    rows = [
        row
        for path in options.cohorts
        for seed in range(options.seeds)
        for row in run(path, options.factors, seed, options.methods)
    ]
    table = pd.DataFrame(rows)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    shown = table.groupby(["cohort", "view", "method"], sort=False).mean(numeric_only=True).drop(columns="seed")
    with pd.option_context("display.width", 160, "display.max_rows", None, "display.max_columns", None):
        print(shown.round(3))


if __name__ == "__main__":
    main()
