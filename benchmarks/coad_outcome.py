"""Predict MSI, purity, stroma and immune of CPTAC colon tumours from all factors: additive model, ridge, boosted trees.

The scores come from a fit to all tumours that saw no covariate; the outcome models see the training folds alone. Ridge
and trees choose their settings by an inner cross-validation, the additive model by its evidence. Beside them stand as
many principal components of the stacked views. What all factors know together does not depend on their axes, which is
what the best single factor or gene set does. Prints a table and writes it as CSV.

    python benchmarks/coad_outcome.py --model results/coad_biology/model.h5 --data ../shared/data
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read
from coad_biology import clinical
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.metrics import log_loss, r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import pathfa as pf
from pathfa.analysis import fit_additive

OUTCOMES = ("MSI", "purity", "stroma", "immune")
LOGISTIC = {
    "Cs": 8, "cv": 5, "scoring": "neg_log_loss", "max_iter": 2000, "l1_ratios": (0.0,), "use_legacy_attributes": False,
}  # fmt: skip
TREES = {"max_leaf_nodes": [3, 6], "learning_rate": [0.03, 0.1]}


def additive(x: pd.DataFrame, y: pd.Series, new: pd.DataFrame) -> np.ndarray:
    found = fit_additive(x, y)
    return found.predict(new).iloc[:, 0].to_numpy()


def ridge(x: pd.DataFrame, y: pd.Series, new: pd.DataFrame) -> np.ndarray:
    if y.isin([0, 1]).all():
        model = make_pipeline(StandardScaler(), LogisticRegressionCV(**LOGISTIC))
        return model.fit(x, y).predict_proba(new)[:, 1]
    model = make_pipeline(StandardScaler(), RidgeCV(np.geomspace(0.01, 1000, 16)))
    return model.fit(x, y).predict(new)


def trees(x: pd.DataFrame, y: pd.Series, new: pd.DataFrame) -> np.ndarray:
    options = {"max_iter": 100, "min_samples_leaf": 5, "random_state": 0}
    if y.isin([0, 1]).all():
        search = GridSearchCV(HistGradientBoostingClassifier(**options), TREES, scoring="neg_log_loss", cv=3)
        return search.fit(x, y).predict_proba(new)[:, 1]
    return GridSearchCV(HistGradientBoostingRegressor(**options), TREES, cv=3).fit(x, y).predict(new)


METHODS = {"additive": additive, "ridge": ridge, "boosted trees": trees}


def nested(x: pd.DataFrame, y: pd.Series, methods: list[str], repeats: int) -> pd.DataFrame:
    """Return held-out scores of every method and repeat."""
    binary = y.isin([0, 1]).all()
    rows = []
    for repeat in range(repeats):
        folds = (StratifiedKFold if binary else KFold)(5, shuffle=True, random_state=repeat)
        for name in methods:
            began = time.perf_counter()
            found = np.empty(len(y))
            for train, test in folds.split(x, y):
                found[test] = METHODS[name](x.iloc[train], y.iloc[train], x.iloc[test])
            if binary:
                scores = {"AUC": roc_auc_score(y, found), "log loss": log_loss(y, np.clip(found, 1e-6, 1 - 1e-6))}
            else:
                scores = {
                    "R2": r2_score(y, found),
                    "r": np.corrcoef(y, found)[0, 1],
                }
            rows.append({"method": name, "repeat": repeat, **scores, "seconds": time.perf_counter() - began})
    return pd.DataFrame(rows)


def components(data: Path, scores: pd.DataFrame) -> pd.DataFrame:
    """Return as many principal components of the z-scored views as there are factors, missing values as 0."""
    views, _ = read(data)
    stacked = pd.concat(views, axis=1).loc[scores.index]
    standard = ((stacked - stacked.mean()) / stacked.std(ddof=0)).fillna(0.0).to_numpy()
    found = PCA(scores.shape[1], svd_solver="full").fit_transform(standard)
    return pd.DataFrame(found, scores.index, [f"PC{k + 1}" for k in range(scores.shape[1])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="written by coad_biology.py")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--outcomes", nargs="+", choices=OUTCOMES, default=list(OUTCOMES))
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("results/coad_outcome"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    model = pf.PathFA.load(arguments.model)
    covariates = clinical(arguments.data).reindex(model.scores_.index)
    outcomes = {name: covariates[name].dropna() for name in arguments.outcomes}
    if "MSI" in outcomes:
        outcomes["MSI"] = (outcomes["MSI"] == "MSI-H").astype(int)
    sources = {"PathFA": model.scores_, "PCA": components(arguments.data, model.scores_)}
    for name, y in outcomes.items():
        scored = {
            source: nested(x.loc[y.index], y, arguments.methods, arguments.repeats) for source, x in sources.items()
        }
        table = pd.concat([found.assign(scores=source) for source, found in scored.items()])
        table.to_csv(arguments.out / f"{name}.csv", index=False)
        mean = table.drop(columns="repeat").groupby(["scores", "method"], sort=False).agg(["mean", "std"])
        print(f"{name}, n = {len(y)}, {arguments.repeats} x 5 folds", mean.round(3).to_string(), "", sep="\n")
        shown = pf.outcome_model(model, covariates[name], reference="MSS" if name == "MSI" else None).table()
        columns = ["covariate", "feature", "effect", "lower", "upper", "slope", "statistic", "shape"]
        print(shown[shown["selected"]][columns].round(3).to_string(index=False), "\n")


if __name__ == "__main__":
    main()
