"""Samples that were mixed up between two views: how often they are found, and how often others are taken for them.

``told``: the samples that are told of every cohort as it is. Then two samples, drawn at random, are exchanged in one
view: ``found`` is the share of them that are told, ``paired`` how often they are told as exchanged with each other,
``others`` the number of samples besides them and those told before. ``lowest``: how often both are the two whose views
are least alike, by ours and by the plain correlation of their values (z-scored features). ``all``: how often the whole
cohort is told when one view is in a random order.

    python benchmarks/matching.py tests/data/cohorts/coad.yaml tests/data/cohorts/nci60.yaml simulation
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from configured import cohorts_of

import pathfa as pf
from pathfa.data import as_cohort
from pathfa.data.cohort.views import View
from pathfa.data.validation.matching import Matching, match


def pairs_of(name: str) -> Iterator[tuple[str, View, View]]:
    """Yield two views of a cohort over the samples that both have."""
    simulated = {f"simulation, {n} samples": pf.simulate(n, n, covariates=()).mdata for n in (20, 40, 100)}
    made = simulated if name == "simulation" else {cohort.name: cohort.data for cohort in cohorts_of(Path(name))}
    for cohort, data in made.items():
        for one, two in combinations(as_cohort(data).views, 2):
            rows = np.flatnonzero(one.present & two.present)
            yield f"{cohort}: {one.name}, {two.name}", one.take(rows), two.take(rows)


def reordered(view: View, order: np.ndarray) -> View:
    """Return a view with the values of other samples under the same names."""
    return replace(view, values=view.values[order])


def plain(one: View, two: View) -> np.ndarray:
    """Return the correlation of both views of each sample, N."""
    common = one.features.intersection(two.features)
    z = []
    for view in (one, two):
        table = pd.DataFrame(view.dense(), columns=view.features)[common]
        z.append((table - table.mean()) / table.std())
    return z[0].corrwith(z[1], axis=1).to_numpy()


def lowest(score: np.ndarray, places: np.ndarray) -> bool:
    """Return whether some samples have the lowest scores."""
    return set(np.argsort(score)[: len(places)]) == set(places)


def exchanges(one: View, two: View, known: Matching, times: int) -> dict[str, float]:
    """Return what becomes of two samples that are exchanged."""
    rng, rows = np.random.default_rng(0), []
    n = len(one.samples)
    for _ in range(times):
        places = rng.choice(n, 2, replace=False)
        order = np.arange(n)
        order[places] = places[::-1]
        other = reordered(two, order)
        found = match(one, other)
        assert found is not None
        rest = np.setdiff1d(np.flatnonzero(found.mixed_up & ~known.mixed_up), places)
        rows.append(
            {
                "found": found.mixed_up[places].mean(),
                "paired": tuple(sorted(places)) in found.exchanged,
                "others": len(rest),
                "lowest": lowest(-found.log_odds * (found.own < np.median(found.own)), places),
                "lowest, plain correlation": lowest(plain(one, other), places),
                "all": not match(one, reordered(two, rng.permutation(n))).matched,
            }
        )
    return pd.DataFrame(rows).mean().to_dict()


def main() -> None:
    """Print a row per pair of views."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohorts", nargs="+", help="configurations, or 'simulation'")
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    rows = []
    for name in options.cohorts:
        for title, one, two in pairs_of(name):
            known = match(one, two)
            row: dict[str, object] = {"views": title, "samples": len(one.samples)}
            if known is None:
                rows.append(row | {"told": "too little in common"})
                continue
            told = ", ".join(known.samples[known.mixed_up]) if known.matched else "do not match"
            rows.append(
                row | {"features": known.n_features, "told": told or "-"} | exchanges(one, two, known, options.times)
            )
    print(pd.DataFrame(rows).round(2).to_string(index=False, na_rep=""))


if __name__ == "__main__":
    main()
