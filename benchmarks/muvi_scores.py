"""MuVI with one factor per gene set, signed by its members, judged by hidden members as in ``gene_set_scores.py``.

Needs the package muvi, which PathFA does not; with pyro-ppl 1.9.0 version 0.2.2 of it loads.

    python benchmarks/muvi_scores.py tests/data/cohorts/acc.yaml --seeds 3
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from gene_set_scores import FEWEST, SMALLEST, halves, inside, mean_correlation, preprocessed
from muvi.core.models import MuVI


def main() -> None:
    """Fit MuVI to the visible half of the genes, and print how its factors tell the hidden members of their sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort", type=Path, help="configuration")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=0, help="0: as many as MuVI chooses")
    options = parser.parse_args()
    cohort, views, sets = preprocessed(options.cohort)
    rows = []
    for seed in range(options.seeds):
        visible, hidden = (
            {name: table.loc[:, table.columns.isin(half)] for name, table in views.items()}
            for half in halves(views, seed)
        )
        given = inside(sets, *visible.values(), least=SMALLEST)
        masks = {
            view: pd.DataFrame({name: table.columns.isin(genes) for name, genes in given.items()}, table.columns).T
            for view, table in visible.items()
        }
        began = time.perf_counter()
        model = MuVI(dict(visible), prior_masks=masks, device="cpu")
        model.fit(n_epochs=options.epochs, seed=seed, verbose=False)
        seconds = time.perf_counter() - began
        loadings = model.get_factor_loadings()
        sign = np.sign(sum((loadings[view][: len(given)] * masks[view]).to_numpy().sum(axis=1) for view in masks))
        scores = model.get_factor_scores(as_df=True)[list(given)] * np.where(sign == 0, 1.0, sign)
        for view, table in visible.items():
            members = inside(sets, hidden[view], least=FEWEST)
            judged = [name for name in inside(given, table) if name in members]
            truth = pd.DataFrame({name: hidden[view][members[name]].mean(axis=1) for name in judged})
            level = table.mean(axis=1).to_numpy()[:, None]
            if judged:
                told = scores.loc[truth.index]
                r = {"r": mean_correlation(truth, told), "competitive": mean_correlation(truth, told, level)}
                rows.append({"cohort": cohort, "view": view, "sets": len(judged), **r, "seconds": seconds})
    print(pd.DataFrame(rows).groupby(["cohort", "view"]).mean().round(3))


if __name__ == "__main__":
    main()
