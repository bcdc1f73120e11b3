"""MuVI and MOFA-FLEX with one factor per gene set, judged by hidden members as in ``gene_set_scores.py``.

The factor of a set is signed by its members. Needs the packages muvi (with pyro-ppl 1.9.0 its version 0.2.2 loads) or
mofaflex 0.1.2, which PathFA does not; each in an environment of its own.

    python benchmarks/factor_peers.py mofaflex tests/data/cohorts/acc.yaml --seeds 3
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from gene_set_scores import FEWEST, SMALLEST, Views, halves, inside, mean_correlation, preprocessed

Masks = Mapping[str, pd.DataFrame]  # per view gene sets x features, booleans


@dataclass(frozen=True, kw_only=True)
class SetFactors:
    """One factor per gene set: scores, samples x gene sets; per view loadings, gene sets x features, and noise sd."""

    scores: pd.DataFrame
    loadings: Mapping[str, pd.DataFrame]
    noise: Mapping[str, pd.Series]


Peer = Callable[[Views, Masks, int, int], SetFactors]


def masks_of(views: Views, sets: Mapping[str, list[str]]) -> Masks:
    """Return which features of each view are members of each set."""
    return {
        view: pd.DataFrame({name: table.columns.isin(genes) for name, genes in sets.items()}, table.columns).T
        for view, table in views.items()
    }


def muvi(views: Views, masks: Masks, seed: int, epochs: int) -> SetFactors:
    """Return the factors of MuVI, which fits the values of a view over their sd."""
    from muvi.core.models import MuVI

    names = list(next(iter(masks.values())).index)
    model = MuVI(dict(views), prior_masks=dict(masks), device="cpu")
    model.fit(n_epochs=epochs, seed=seed, verbose=False)
    units = {view: float(np.nanstd((table - table.mean()).to_numpy())) for view, table in views.items()}
    loadings, sd = model.get_factor_loadings(as_df=True), model._guide.get_sigma(as_list=True)
    noise = {
        view: pd.Series(own.ravel() * units[view], model.feature_names[view])
        for view, own in zip(model.view_names, sd, strict=True)  # in an order of its own
    }
    return SetFactors(
        scores=model.get_factor_scores(as_df=True)[names],
        loadings={view: loadings[view].loc[names] * units[view] for view in views},
        noise=noise,
    )


def mofaflex(views: Views, masks: Masks, seed: int, epochs: int) -> SetFactors:
    """Return the factors of MOFA-FLEX with the horseshoe prior that its gene sets need."""
    import mofaflex as mfl
    from anndata import AnnData
    from mudata import MuData

    parts = {}
    for view, table in views.items():
        parts[view] = AnnData(table.loc[table.notna().any(axis=1)].astype(np.float32))
        parts[view].varm["sets"] = masks[view].T
    steps = {"max_epochs": epochs, "lr": 0.03} if epochs else {}
    training = mfl.TrainingOptions(device="cpu", seed=seed, save_path=False, **steps)
    options = [mfl.DataOptions(annotations_varm_key="sets", plot_data_overview=False, subset_var=None)]
    options += [mfl.ModelOptions(weight_prior="Horseshoe"), training]
    model = mfl.MOFAFLEX(MuData(parts), *options)
    names = list(next(iter(masks.values())).index)
    scores = next(iter(model.get_factors().values()))
    kept = [name for name in names if name in scores]
    loadings = {view: table.loc[kept] for view, table in model.get_weights().items()}
    noise = {view: 1.0 / precision for view, precision in model.get_dispersion().items()}
    return SetFactors(scores=scores[kept], loadings=loadings, noise=noise)


PEERS: Mapping[str, Peer] = {"muvi": muvi, "mofaflex": mofaflex}


def main() -> None:
    """Fit a peer to the visible half of the genes, and print how its factors tell the hidden members of their sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("cohort", type=Path, help="configuration")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=0, help="0: as many as the peer chooses; else at a larger step")
    options = parser.parse_args()
    cohort, views, sets = preprocessed(options.cohort)
    rows = []
    for seed in range(options.seeds):
        visible, hidden = (
            {name: table.loc[:, table.columns.isin(half)] for name, table in views.items()}
            for half in halves(views, seed)
        )
        given = inside(sets, *visible.values(), least=SMALLEST)
        masks = masks_of(visible, given)
        began = time.perf_counter()
        found = PEERS[options.peer](visible, masks, seed, options.epochs)
        seconds = time.perf_counter() - began
        over_members = [(found.loadings[view].reindex_like(masks[view]) * masks[view]).sum(axis=1) for view in masks]
        sign = np.sign(sum(over_members)).replace(0.0, 1.0)
        scores = found.scores * sign[found.scores.columns]
        for view, table in visible.items():
            members = inside(sets, hidden[view], least=FEWEST)
            judged = [name for name in inside(given, table) if name in members and name in scores]
            truth = pd.DataFrame({name: hidden[view][members[name]].mean(axis=1) for name in judged})
            level = table.mean(axis=1).to_numpy()[:, None]
            if judged:
                told = scores.reindex(truth.index)
                r = {"r": mean_correlation(truth, told), "competitive": mean_correlation(truth, told, level)}
                rows.append({"cohort": cohort, "view": view, "sets": len(judged), **r, "seconds": seconds})
    print(pd.DataFrame(rows).groupby(["cohort", "view"]).mean().round(3))


if __name__ == "__main__":
    main()
