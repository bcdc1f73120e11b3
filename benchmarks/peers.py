"""PathFA beside every peer that is installed, on the same splits: one table.

The cohort is simulated, so that everybody can print it, or the colon tumours of ``coad.py`` with ``--data``. Three
quarters of the samples are for training, the others held out. All values are z-scores of the training samples.

``protein from rna``, ``log density`` (nats), ``cover 80`` and ``cover 95`` are of held-out protein, told from RNA;
``rna`` and ``protein`` are R2 of held-out samples in both views, by the scores that point loadings give (``coad.py``).
``decoys``: a random set of the same size is added to every gene set; of the sets that a method then puts first, half as
many as there are real ones, the share that is random. 0 is right, and 0.5 is what tells nothing. PathFA puts first what
adds most to the loadings of a factor; MuVI and MOFA-FLEX, with one factor per set, the sets with the largest loadings;
for the others, which have no gene sets, the weights of each factor are tested after the fit (t of members against other
features), as MOFA2 does. ``seconds`` are of the processor, for the fit without random sets.

    python benchmarks/peers.py
    python benchmarks/peers.py --data ../shared/data --factors 10 --splits 3
"""

from __future__ import annotations

import argparse
import importlib
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import factor_peers
import numpy as np
import pandas as pd
from coad import Point, Tables, mofa, own_rna, pathfa, pca, predicted, read, scored, split

import pathfa as pf
from pathfa.analysis.programmes.redundancy import contributions
from pathfa.analysis.refits.decoys import PREFIX, decoy_gene_sets

Row = dict[str, float]
Strength = pd.Series  # of every gene set: what it is worth
Peer = Callable[[Tables, Tables, Mapping[str, list[str]], int], tuple[Row, Callable[[dict[str, list[str]]], Strength]]]


def simulated(seed: int) -> tuple[Tables, Mapping[str, list[str]]]:
    """Return the samples with both views of a cohort drawn from the model with 6 factors, and its gene sets."""
    drawn = pf.simulate(100, seed, gene_sets=30, other_features=200, factors=6)
    tables = {name: drawn.mdata[name].to_df() for name in ("rna", "protein")}
    both = tables["rna"].index.intersection(tables["protein"].index)
    return {name: table.loc[both] for name, table in tables.items()}, drawn.gene_sets


def of_pathfa(train: Tables, test: Tables, sets: Mapping[str, list[str]], k: int) -> tuple[Row, Callable]:
    """Score PathFA; its predictions use the RNA of the same gene."""
    began = time.process_time()
    model = pathfa(train, pf.GeneSets(sets), k)
    row = {"seconds": time.process_time() - began, **predicted(model, test)}
    return row, lambda both: contributions(pathfa(train, pf.GeneSets(both), k).result_).max(axis=1)


def of_points(method: Callable[[Tables, int], Point]) -> Peer:
    """Return how a method of point loadings that knows no gene sets is scored."""

    def told(train: Tables, test: Tables, sets: Mapping[str, list[str]], k: int) -> tuple[Row, Callable]:  # noqa: ARG001
        began = time.process_time()
        point = method(train, k)
        seconds = time.process_time() - began
        names = np.concatenate([table.columns for table in train.values()])
        return {"seconds": seconds, **scored(point, test)}, lambda both: tested(point[0], names, both)

    return told


def tested(loadings: np.ndarray, names: np.ndarray, sets: Mapping[str, list[str]]) -> Strength:
    """Return for every set the largest t, over the factors, of its members against all other features."""
    found = {}
    for name, genes in sets.items():
        inside = np.isin(names, list(genes))
        a, b = loadings[inside], loadings[~inside]
        error = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
        found[name] = np.max(np.abs(a.mean(axis=0) - b.mean(axis=0)) / np.maximum(error, 1e-12))
    return pd.Series(found)


def of_sets(method: factor_peers.Peer, epochs: int) -> Peer:
    """Return how a method with one factor per gene set is scored; it does not choose their number."""

    def fitted(train: Tables, sets: Mapping[str, list[str]]) -> tuple[np.ndarray, np.ndarray, Strength]:
        found = method(train, factor_peers.masks_of(train, sets), 0, epochs)
        loadings = pd.concat([found.loadings[view][table.columns] for view, table in train.items()], axis=1)
        sd = np.hstack([found.noise[view][table.columns].to_numpy() for view, table in train.items()])
        return loadings.to_numpy().T, sd**-2.0, (loadings**2).sum(axis=1)

    def told(train: Tables, test: Tables, sets: Mapping[str, list[str]], k: int) -> tuple[Row, Callable]:  # noqa: ARG001
        began = time.process_time()
        loadings, precision, _ = fitted(train, sets)
        seconds = time.process_time() - began
        return {"seconds": seconds, **scored((loadings, precision), test)}, lambda both: fitted(train, both)[2]

    return told


def of_own_rna(train: Tables, test: Tables, sets: Mapping[str, list[str]], k: int) -> tuple[Row, Callable]:  # noqa: ARG001
    """Score each protein on its own RNA, without factors or gene sets."""
    began = time.process_time()
    row = own_rna(train, test)
    return {"seconds": time.process_time() - began, **row}, lambda both: pd.Series(dtype=float)  # noqa: ARG005


def factor_analysis(train: Tables, k: int) -> Point:
    """Return factor analysis of scikit-learn with its defaults, missing values at the mean."""
    from sklearn.decomposition import FactorAnalysis

    model = FactorAnalysis(k).fit(np.hstack([table.fillna(0.0).to_numpy() for table in train.values()]))
    return model.components_.T, 1.0 / model.noise_variance_


def decoy_share(strength: Strength, real: int) -> float:
    """Return the share of random sets among those that come first, half as many as there are real ones."""
    first = strength.sort_values(ascending=False).index[: real // 2]
    return float(first.str.startswith(PREFIX).mean()) if len(first) else np.nan


def peers(epochs: int) -> dict[str, tuple[str, Peer]]:
    """Return all methods with the package that each needs."""
    return {
        "PathFA": ("pathfa", of_pathfa),
        "mofapy2": ("mofapy2", of_points(mofa)),
        "MuVI": ("muvi", of_sets(factor_peers.muvi, epochs)),
        "MOFA-FLEX": ("mofaflex", of_sets(factor_peers.mofaflex, epochs)),
        "factor analysis": ("sklearn", of_points(factor_analysis)),
        "PCA": ("numpy", of_points(pca)),
        "own RNA": ("numpy", of_own_rna),
    }


def main() -> None:
    """Score all methods that can be imported, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with cptac_coad and genesets; else a cohort is simulated")
    parser.add_argument("--factors", type=int, default=10)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--methods", nargs="+", default=list(peers(0)), choices=list(peers(0)))
    parser.add_argument("--epochs", type=int, default=0, help="of MuVI and MOFA-FLEX; 0: as many as they choose")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/peers.csv"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of convergence and small cohorts: nothing here is interpreted
    rows = []
    for name in options.methods:
        package, peer = peers(options.epochs)[name]
        try:
            importlib.import_module(package)
        except ImportError as error:
            print(f"{name}: left out, because {package} cannot be imported: {error}", flush=True)
            continue
        for seed in range(options.splits):
            views, sets = read(options.data) if options.data else simulated(seed)
            train, test = split(views, seed)
            random = decoy_gene_sets(
                sets, {view: table.columns for view, table in train.items()}, np.random.default_rng(seed)
            )
            row, strength = peer(train, test, sets, options.factors)
            share = decoy_share(strength({**sets, **random}), len(sets))
            rows.append({"method": name, "split": seed, **row, "decoys": share})
            print(f"{name}, split {seed}: {row['seconds']:.1f} s", flush=True)
    table = pd.DataFrame(rows)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    columns = ["K", "log density", "protein from rna", "cover 80", "cover 95", "rna", "protein", "decoys", "seconds"]
    print(table.groupby("method", sort=False)[columns].mean().round(3).to_string())


if __name__ == "__main__":
    main()
