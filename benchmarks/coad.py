"""Held-out fit on CPTAC colon cancer: PathFA beside PCA and mofapy2, same splits, same preprocessing.

Prints a table and writes it as CSV. R2 are on held-out tumours and on measured values only, in units of the training
z-scores. They ask how well the loadings reproduce a new tumour, so that every method gets the same scores: those of its
point loadings and noise with a unit prior. ``predict`` is what PathFA says of a tumour in both views, the residuals of
the same gene in the other view included. ``protein from rna`` predicts the protein view of held-out tumours from RNA;
``by factors alone`` leaves out what the RNA of the same gene adds, and ``own RNA`` is that without any factor.
``log density`` is the mean log density of a measured value of held-out protein, predicted from RNA, in the units in
which it was measured (nats): one number that compares models of all kinds, their intervals included.

    python benchmarks/coad.py --data ../shared/data --seeds 3
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

import pathfa as pf

Tables = Mapping[str, pd.DataFrame]  # views: samples x features
Point = tuple[np.ndarray, np.ndarray]  # loadings, all features x factors, and noise precisions


def tumours(data: Path) -> dict[str, pd.DataFrame]:
    """Return the tumours in both views, samples x features that vary and are mostly measured."""
    folder = data / "cptac_coad"
    rna = pd.read_csv(folder / "transcriptomics.tsv.gz", sep="\t", index_col=0).T
    protein = pd.read_csv(folder / "proteomics_tumor.cct.gz", sep="\t", index_col=0).T
    both = [name for name in rna.index if name in set(protein.index)]
    rna, protein = rna.loc[both].dropna(axis=1), protein.loc[both]
    return {"rna": rna.loc[:, rna.std() > 0.2], "protein": protein.loc[:, protein.isna().mean() < 0.3]}


def read(data: Path) -> tuple[dict[str, pd.DataFrame], pf.GeneSets]:
    """Return the tumours in both views, features in gene sets only, and the Hallmark sets with 8 members in each."""
    rna, protein = tumours(data).values()
    sets = pf.read_gmt(data / "genesets" / "h.all.v2024.1.Hs.symbols.gmt")
    sets = sets.filter(min_size=8, features=rna.columns).filter(min_size=8, features=protein.columns)
    members = {gene for genes in sets.values() for gene in genes}
    return {
        "rna": rna[rna.columns.intersection(members)],
        "protein": protein[protein.columns.intersection(members)],
    }, sets


def split(views: Tables, seed: int) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return three quarters of the samples (72 tumours) and the others, z-scored with those of the first."""
    order = np.random.default_rng(seed).permutation(len(views["rna"]))
    edge = 3 * len(order) // 4
    train = {name: table.iloc[order[:edge]] for name, table in views.items()}
    test = {name: table.iloc[order[edge:]] for name, table in views.items()}
    for name in views:
        mean, sd = train[name].mean(), train[name].std(ddof=0)
        train[name], test[name] = (train[name] - mean) / sd, (test[name] - mean) / sd
    return train, test


def r2(truth: pd.DataFrame, fitted: np.ndarray) -> float:
    """Return 1 - SS(residual) / SS(total) over the measured values."""
    values = truth.to_numpy()
    return float(1.0 - np.nansum((values - fitted) ** 2) / np.nansum(values**2))


def ridge_scores(x: np.ndarray, loadings: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of scores with unit prior for point loadings; missing values do not count."""
    seen = np.isfinite(x)
    size = loadings.shape[1]
    mean, cov = np.empty((len(x), size)), np.empty((len(x), size, size))
    for row in range(len(x)):
        w = loadings[seen[row]] * precision[seen[row], None]
        cov[row] = np.linalg.inv(w.T @ loadings[seen[row]] + np.eye(size))
        mean[row] = cov[row] @ w.T @ x[row, seen[row]]
    return mean, cov


def log_density(truth: pd.DataFrame, mean: np.ndarray, sd: np.ndarray) -> float:
    """Return the mean log density of the measured values, in z-scores, nats."""
    return float(np.nanmean(norm.logpdf(truth.to_numpy(), mean, sd)))


def pathfa(train: Tables, sets: pf.GeneSets, k: int | str) -> pf.PathFA:
    """Return PathFA fitted to the training tumours."""
    return pf.PathFA(n_factors=k, loading_prior="soft" if k != "auto" else "auto", progress=False).fit(train, sets)


def predicted(model: pf.PathFA, test: Tables) -> dict[str, float]:
    """Return what a model tells of the held-out tumours."""
    alone = {"rna": test["rna"]}
    protein, sd = model.predict(alone, "protein", return_std=True)
    factors = model.transform(alone) @ model.loadings_["protein"].T  # tables are z-scores already
    both = {f"{name} (predict)": r2(test[name], model.predict(test, name).to_numpy()) for name in test}
    loadings = np.vstack([model.loadings_[name].to_numpy() for name in test])
    precision = np.hstack([model.noise_[name].to_numpy() ** -2.0 for name in test])
    selection = model.selection_
    of_this_size = selection["n_factors"] == model.result_.settings["n_factors"]
    return {
        **scored((loadings, precision), test),
        **said_of(test["protein"], protein.to_numpy(), sd.to_numpy()),
        "by factors alone": r2(test["protein"], factors.to_numpy()),
        **both,
        "one start": selection.loc[of_this_size & selection["chosen"], "seconds"].iloc[0],
    }


def pca(train: Tables, k: int) -> Point:
    """PCA of the stacked views with missing values at the mean, unit ridge on the scores."""
    stacked = np.hstack([table.fillna(0.0).to_numpy() for table in train.values()])
    left, values, right = np.linalg.svd(stacked, full_matrices=False)
    noise = ((stacked - (left[:, :k] * values[:k]) @ right[:k]) ** 2).mean(axis=0)
    return right[:k].T * values[:k] / np.sqrt(len(stacked)), 1.0 / np.maximum(noise, 1e-9)


def own_rna(train: Tables, test: Tables) -> dict[str, float]:
    """Regression of each protein on its own RNA, slopes shrunk to their mean; no factors."""
    shared = train["protein"].columns.intersection(train["rna"].columns)
    x, y = train["rna"][shared].to_numpy(), train["protein"][shared].to_numpy()
    seen = np.isfinite(y)
    slope = np.where(seen, x * y, 0.0).sum(axis=0) / (x**2 * seen).sum(axis=0)
    error = np.where(seen, (y - x * slope) ** 2, 0.0).sum(axis=0) / (seen.sum(axis=0) - 1) / (x**2 * seen).sum(axis=0)
    spread = max(slope.var() - error.mean(), 0.0)
    slope = slope.mean() + spread / (spread + error) * (slope - slope.mean())
    fitted = pd.DataFrame(0.0, index=test["protein"].index, columns=test["protein"].columns)
    fitted[shared] = test["rna"][shared].to_numpy() * slope
    left = pd.Series(1.0, index=test["protein"].columns)
    left[shared] = np.sqrt(np.nanmean((y - x * slope) ** 2, axis=0))
    return {"K": 0, **said_of(test["protein"], fitted.to_numpy(), np.broadcast_to(left, fitted.shape))}


def mofa(train: Tables, k: int) -> Point:
    """mofapy2 with its defaults; held-out scores from its loadings and noise."""
    from mofapy2.run.entry_point import entry_point

    with contextlib.redirect_stdout(io.StringIO()):
        model = entry_point()
        model.set_data_options(scale_views=False)
        model.set_data_matrix([[table.to_numpy()] for table in train.values()])
        model.set_model_options(factors=k, spikeslab_weights=False, ard_weights=True)
        model.set_train_options(seed=1, quiet=True, verbose=False)
        model.build()
        model.run()
    nodes = model.model.nodes
    precision = np.hstack([np.asarray(tau)[0] for tau in nodes["Tau"].getExpectation()])
    return np.vstack(nodes["W"].getExpectation()), precision


def said_of(truth: pd.DataFrame, mean: np.ndarray, sd: np.ndarray) -> dict[str, float]:
    """Return how near predictions of held-out protein are, how probable, and how often their intervals hold it."""
    error = np.abs((truth.to_numpy() - mean) / sd)
    error = error[np.isfinite(error)]
    inside = {f"cover {level:.0%}"[:-1]: float(np.mean(error < norm.ppf(0.5 + level / 2))) for level in (0.8, 0.95)}
    return {"protein from rna": r2(truth, mean), "log density": log_density(truth, mean, sd), **inside}


def scored(point: Point, test: Tables) -> dict[str, float]:
    """Return what point loadings, all features x factors, and noise precisions tell of the held-out tumours."""
    loadings, precision = point
    edge = test["rna"].shape[1]
    x = np.hstack([table.to_numpy() for table in test.values()])
    fitted = ridge_scores(x, loadings, precision)[0] @ loadings.T
    mean, cov = ridge_scores(x[:, :edge], loadings[:edge], precision[:edge])
    other = loadings[edge:]
    variance = np.einsum("gk,nkl,gl->ng", other, cov, other) + 1.0 / precision[edge:]
    return {
        "K": loadings.shape[1],
        "rna": r2(test["rna"], fitted[:, :edge]),
        "protein": r2(test["protein"], fitted[:, edge:]),
        **said_of(test["protein"], mean @ other.T, np.sqrt(variance)),
    }


def run(name: str, train: Tables, test: Tables, sets: pf.GeneSets, k: int | str) -> dict[str, float]:
    """Return what a method tells of the held-out tumours, and the seconds of its fit."""
    began = time.perf_counter()
    if name == "own RNA":
        return {**own_rna(train, test), "seconds": time.perf_counter() - began}
    found = pathfa(train, sets, k) if name == "PathFA" else POINT[name](train, k)
    seconds = time.perf_counter() - began
    return {**(predicted(found, test) if name == "PathFA" else scored(found, test)), "seconds": seconds}


POINT: dict[str, Callable[[Tables, int], Point]] = {"PCA": pca, "mofapy2": mofa}


def main() -> None:
    """Run all methods on all splits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--factors", nargs="+", default=["10", "20", "auto"])
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/coad.csv"))
    args = parser.parse_args()
    views, sets = read(args.data)
    shapes = ", ".join(f"{name} {table.shape[1]}" for name, table in views.items())
    print(f"{len(views['rna'])} tumours, features in gene sets: {shapes}, {len(sets)} gene sets")
    methods = ["PathFA", "own RNA", "PCA", *(["mofapy2"] if importlib.util.find_spec("mofapy2") else [])]
    rows = []
    for seed in range(args.seeds):
        train, test = split(views, seed)
        measured = test["protein"].notna()
        unit = np.log(views["protein"].drop(index=test["protein"].index).std(ddof=0))  # z-scores to measured units
        shift = float((measured * unit).to_numpy().sum() / measured.to_numpy().sum())
        for k in args.factors:
            for name in methods:
                if k == "auto" and name != "PathFA":
                    continue
                row = {
                    "seed": seed,
                    "method": name,
                    "asked": k,
                    **run(name, train, test, sets, k if k == "auto" else int(k)),
                }
                row["log density"] -= shift
                rows.append(row)
                print(
                    "  ".join(
                        f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}"
                        for key, value in row.items()
                    ),
                    flush=True,
                )
    table = pd.DataFrame(rows)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(args.out, index=False)
    print()
    print(table.drop(columns="seed").groupby(["asked", "method"]).mean().round(3).to_string())


if __name__ == "__main__":
    main()
