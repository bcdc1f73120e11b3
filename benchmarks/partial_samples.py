"""New samples of which only a part was measured, and whether the intervals are as wide as the errors.

Half of each simulated cohort is fitted; of the other half only a share of the features of some views is given to the
model. Prints, per share, the sd that is told, the error, and the share of true values inside the 95 % interval: of
scores, of activities (mean over the members of a gene set of the values without noise; the interval is meant to hold
for members that were not measured, too), and of the other view. With
``--data`` also held-out colon tumours: protein predicted from panels of random RNA features.

    python benchmarks/partial_samples.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from pathlib import Path

import coad
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView, Truth

SHARES = (1.0, 0.5, 0.1, 0.03)
VIEWS = {"rna": SimulatedView(), "protein": SimulatedView(n_features=200)}
N_FACTORS = 4


def panels(tables: dict[str, pd.DataFrame], share: float, seed: int) -> dict[str, pd.DataFrame]:
    """Return a random share of the features of every view, at least three of each."""
    rng = np.random.default_rng(seed)
    return {
        name: table.iloc[:, np.sort(rng.permutation(table.shape[1])[: max(3, round(share * table.shape[1]))])]
        for name, table in tables.items()
    }


def told(truth: pd.DataFrame, mean: pd.DataFrame, sd: pd.DataFrame, level: float) -> dict[str, float]:
    """Return sd told, error, and share of the true values inside the interval; tables of the same shape."""
    error = (truth - mean).to_numpy()
    known = np.isfinite(error)
    inside = np.abs(error[known]) < norm.ppf(0.5 + level / 2) * sd.to_numpy()[known]
    return {
        "sd": float(np.sqrt((sd.to_numpy()[known] ** 2).mean())),
        "error": float(np.sqrt((error[known] ** 2).mean())),
        f"inside {level:.0%}": float(inside.mean()),
    }


def members_mean(truth: Truth, gene_sets: dict[str, list[str]], samples: pd.Index) -> pd.DataFrame:
    """Return the mean over the members of every gene set, in all views, of the values without noise."""
    total, size = 0.0, 0.0
    for table in truth.loadings.values():
        mask = pd.DataFrame({name: table.index.isin(members) for name, members in gene_sets.items()}, table.index)
        total = total + truth.scores.loc[samples] @ (table.T @ mask.astype(float))
        size = size + mask.sum()
    return pd.DataFrame(total / size)


def matched(truth: pd.DataFrame, train: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which true factor each fitted one is, and its sign, from the training samples."""
    together = np.corrcoef(train.to_numpy().T, truth.loc[train.index].to_numpy().T)[: train.shape[1], train.shape[1] :]
    _, which = linear_sum_assignment(-np.abs(together))
    return which, np.sign(together[np.arange(len(which)), which])


def simulated(seed: int, prior: str, n_train: int) -> list[dict[str, object]]:
    """Return the rows of one cohort."""
    cohort = pf.simulate(n_samples=2 * n_train, seed=seed, views=VIEWS, factors=N_FACTORS, loading_prior=prior)
    tables = {name: item.to_df() for name, item in cohort.mdata.mod.items()}
    train = {name: table.iloc[:n_train] for name, table in tables.items()}
    model = pf.PathFA(n_factors=N_FACTORS, loading_prior=prior, scale="none", progress=False)
    model.fit(train, cohort.gene_sets)
    truth, new = cohort.truth, tables["rna"].index[n_train:]
    which, sign = matched(truth.scores, model.scores_)
    unit = np.sqrt((truth.scores.iloc[:n_train] ** 2).mean())  # that of scores is the cohort's
    scores = pd.DataFrame((truth.scores / unit).loc[new].to_numpy()[:, which] * sign, new, model.scores_.columns)
    activity = members_mean(truth, cohort.gene_sets, new)[model.activity_.columns]
    protein = truth.complete["protein"].loc[new]
    rows: list[dict[str, object]] = []
    for views in (["rna"], ["rna", "protein"]):
        for share in SHARES:
            given = panels({name: tables[name].loc[new] for name in views}, share, seed)
            for what, true, answer in (
                ("scores", scores, model.transform(given, return_std=True)),
                ("activities", activity, model.activity(given, return_std=True)),
                ("protein", protein, model.predict(given, "protein", return_std=True)),
            ):
                mean, sd = (table.reindex(columns=true.columns) for table in answer)
                rows.append({"views": " + ".join(views), "what": what, "share": share, **told(true, mean, sd, 0.95)})
    return rows


def tumours(data: Path, seed: int, n_factors: int) -> list[dict[str, object]]:
    """Return the rows of one split of the colon tumours."""
    views, sets = coad.read(data)
    train, test = coad.split(views, seed)
    model = pf.PathFA(n_factors=n_factors, loading_prior="soft", progress=False).fit(train, sets)
    rows: list[dict[str, object]] = []
    for share in SHARES:
        mean, sd = model.predict(panels({"rna": test["rna"]}, share, seed), "protein", return_std=True)
        r2 = coad.r2(test["protein"], mean.to_numpy())
        for level in (0.8, 0.95):
            rows.append({"share": share, **told(test["protein"], mean, sd, level), "R2": r2})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6, help="how many simulated cohorts")
    parser.add_argument("--n", type=int, default=60, help="training samples, and as many new ones")
    parser.add_argument("--prior", default="soft", choices=["soft", "strict"])
    parser.add_argument("--data", type=Path, help="folder of the colon tumours")
    parser.add_argument("--splits", type=int, default=2, help="splits of the tumours")
    parser.add_argument("--factors", type=int, default=11, help="factors of the tumours")
    args = parser.parse_args()
    table = pd.DataFrame([row for seed in range(args.seeds) for row in simulated(seed, args.prior, args.n)])
    print(table.groupby(["views", "what", "share"], sort=False).mean().round(3).to_string())
    if args.data:
        table = pd.DataFrame([row for seed in range(args.splits) for row in tumours(args.data, seed, args.factors)])
        print("\nprotein of held-out colon tumours from panels of RNA")
        print(table.groupby("share", sort=False).mean().round(3).to_string())


if __name__ == "__main__":
    main()
