"""Simulated cohorts in which gene sets move beyond their factors: how near scores come to the truth.

Every gene set has an effect of its own in each view and sample, of standard deviation ``tau``, correlated .5 between
the views. The truth is the mean over the measured members of the values without noise. ``r``: correlation with it over
samples, mean over sets and views. ``cover 80``, ``cover 95``: how often intervals of the activity hold the truth.
``no effect``: share of the sets without an effect in the model, which should be 95 % or more where ``tau`` is 0.
``bound``: the posterior mean given the true loadings, noise and effect variances: what no score can beat on average.

    python benchmarks/planted_effects.py --n 40 100 --tau 0 0.15 0.3 0.5 --seeds 3
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from gene_set_scores import inside, mean_correlation
from scipy.stats import norm
from score_methods import METHODS, member_mean, scores

import pathfa as pf
from pathfa.analysis import fitted_scores
from pathfa.simulation.cohort import SimulatedView

K, BETWEEN_VIEWS = 4, 0.5
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A cohort: its views and gene sets, and per view the true activities and the best guess of them, N x P."""

    views: Tables
    gene_sets: dict[str, list[str]]
    truth: Tables
    bound: Tables


def planted(n: int, tau: float, noise: float, spread: float, seed: int) -> Planted:
    """Return a cohort in which gene sets have effects of their own."""
    sizes = {"rna": None, "protein": 200}
    cohort = pf.simulate(n, seed, views={name: SimulatedView(n_features=size) for name, size in sizes.items()})
    rng = np.random.default_rng(seed)
    names, shared = list(cohort.gene_sets), rng.standard_normal((n, len(cohort.gene_sets)))
    values, clean, sds, onto = {}, {}, {}, {}
    for view, loadings in cohort.truth.loadings.items():
        members = pd.DataFrame({name: loadings.index.isin(cohort.gene_sets[name]) for name in names}, loadings.index)
        own = rng.standard_normal(shared.shape)
        effects = tau * (BETWEEN_VIEWS**0.5 * shared + (1.0 - BETWEEN_VIEWS) ** 0.5 * own)
        clean[view] = cohort.truth.scores @ loadings.T + effects @ members.T.to_numpy(dtype=float)
        sds[view] = noise * np.exp(spread * rng.standard_normal(len(loadings)))
        values[view] = clean[view] + sds[view] * rng.standard_normal(clean[view].shape)
        # of all that moves, with variance 1: the factors, the effects that views share, and those of each view
        apart = [tau * (1.0 - BETWEEN_VIEWS) ** 0.5 * (view == other) * members for other in sizes]
        onto[view] = np.hstack([loadings, tau * BETWEEN_VIEWS**0.5 * members, *apart])

    weighted = {view: onto[view].T / sds[view] ** 2 for view in values}
    precision = sum(weighted[view] @ onto[view] for view in values) + np.eye(onto["rna"].shape[1])
    moved = np.linalg.solve(precision, sum(weighted[view] @ table.to_numpy().T for view, table in values.items())).T
    guess = {view: pd.DataFrame(moved @ onto[view].T, table.index, table.columns) for view, table in values.items()}
    truth, bound = (
        {view: member_mean(table, inside(cohort.gene_sets, table)) for view, table in tables.items()}
        for tables in (clean, guess)
    )
    return Planted(views=values, gene_sets=cohort.gene_sets, truth=truth, bound=bound)


def rows(n: int, tau: float, noise: float, spread: float, seed: int, methods: list[str]) -> Iterator[dict[str, object]]:
    """Yield one row per method: ours, and others by their names."""
    cohort = planted(n, tau, noise, spread, seed)
    views, sets, truth = cohort.views, cohort.gene_sets, cohort.truth
    options = {"n_factors": K, "loading_prior": "soft", "n_starts": 1, "n_jobs": 1, "scale": "center"}
    model = pf.PathFA(**options, progress=False).fit(views, sets)
    found: dict[str, Tables] = {
        "bound": cohort.bound,
        "PathFA activity": model.view_activity_,
        "PathFA fitted score": {view: fitted_scores(model, view) for view in views},
        "PathFA factor activity": {view: model.factor_activity_[truth[view].columns] for view in views},
    }
    for method in methods:
        told = {
            view: scores(method, table, {name: sets[name] for name in truth[view]}) for view, table in views.items()
        }
        found[method] = {view: table for view, table in told.items() if isinstance(table, pd.DataFrame)}
    for method, tables in found.items():
        r = float(np.mean([mean_correlation(tables[view], truth[view]) for view in tables]))
        row = {"n": n, "tau": tau, "noise": noise, "spread": spread, "seed": seed, "method": method, "r": r}
        if method == "PathFA activity":
            sd = model.result_.view_activity_sd
            z = [((truth[v] - truth[v].mean() - tables[v]) / sd[v])[truth[v].columns].to_numpy() for v in tables]
            size = np.abs(np.concatenate([item.ravel() for item in z]))
            row |= {
                f"cover {level:.0%}"[:-1]: float(np.mean(size < norm.ppf(0.5 + level / 2))) for level in (0.8, 0.95)
            }
            row["no effect"] = float((model.result_.set_effect_sd == 0).to_numpy().mean())
        yield row


def main() -> None:
    """Run all and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[40, 100])
    parser.add_argument("--tau", type=float, nargs="+", default=[0.0, 0.15, 0.3, 0.5])
    parser.add_argument("--noise", type=float, nargs="+", default=[1.0, 3.0], help="median noise sd of the features")
    parser.add_argument("--spread", type=float, default=0.5, help="sd of the logarithms of the noise sd")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/planted_effects.csv"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of convergence and small cohorts
    grid = [(n, tau, noise) for n in options.n for noise in options.noise for tau in options.tau]
    cases = [(*case, options.spread, seed, options.methods) for case in grid for seed in range(options.seeds)]
    table = pd.DataFrame([row for case in cases for row in rows(*case)])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    keys = ["n", "noise", "tau"]
    shown = table.pivot_table(index=keys, columns="method", values="r", sort=False)
    more = table.groupby(keys)[["cover 80", "cover 95", "no effect"]].mean()
    with pd.option_context("display.width", 200, "display.max_columns", None):
        print(shown.join(more).round(3).T)


if __name__ == "__main__":
    main()
