"""Which factors are named by gene sets: on noise, with random gene sets alone, and where the truth is known.

``noise``: independent normal values under the names of the colon tumours, with factors asked for. ``random sets``: the
colon tumours with one set of random genes in the place of every Hallmark set. ``real sets``: with Hallmark. ``paper``:
the simulation of Immer et al. 2024 with 8 factors, where a set in the name of a factor is right if it truly drives it.
Prints how many factors are named by sets, and the sets that belong to factors, that may name them, and that do.

    python benchmarks/names.py --data ../shared/data --seeds 3
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read
from paper_simulation import read_masks, simulate

import pathfa as pf
from pathfa.analysis.refits.decoys import decoy_gene_sets
from pathfa.core.names import readable
from pathfa.fit.names import likely_weights, naming
from pathfa.inference.posterior.view_loadings import score_directions
from pathfa.result.tensors import loadings_of

FIT = {"n_starts": 1, "n_jobs": 1, "progress": False}


def named(model: pf.PathFA) -> pd.DataFrame:
    """Return which gene sets are in the name of which factor, P x K."""
    result, places = model.result_, {}
    for name in result.factor_names:
        words = set(name.partition(" ")[2].split(" (")[0].split(" + "))
        places[name] = [readable(gene_set) in words for gene_set in result.gene_set_names]
    return pd.DataFrame(places, index=result.gene_set_names)


def row(label: str, model: pf.PathFA, truth: np.ndarray | None = None) -> dict[str, object]:
    """Return the figures of one model; with the sets that drive each factor, P x K, how many in names are right."""
    result, inside = model.result_, named(model)
    likely = likely_weights(result.gene_set_weights, result.gene_set_probability.to_numpy())
    loadings = [loadings_of(result, view) for view in result.view_names]
    features, values = {view: table.columns for view, table in result.data.items()}, result.data.values()
    toward = [item.numpy() for item in score_directions(loadings)]
    may = naming(likely, result.masks, features, [table.to_numpy() for table in values], toward)
    found = {
        "data": label,
        "factors": inside.shape[1],
        "named by sets": int(inside.any().sum()),
        "sets in factors": int((likely.to_numpy() != 0).sum()),
        "may name": int((may.to_numpy() != 0).sum()),
        "in names": int(inside.to_numpy().sum()),
    }
    return found if truth is None else found | {"of these right": int((inside.to_numpy() & truth).sum())}


def rows(data: Path, seed: int) -> Iterator[dict[str, object]]:
    """Yield one row per case."""
    views, sets = read(data)
    rng = np.random.default_rng(seed)
    for factors in (4, 10):
        noise = {view: pd.DataFrame(rng.normal(size=t.shape), t.index, t.columns) for view, t in views.items()}
        model = pf.PathFA(n_factors=factors, loading_prior="soft", **FIT).fit(noise, sets)
        yield row(f"noise, {factors} factors", model)
    random = decoy_gene_sets(sets, {view: table.columns for view, table in views.items()}, rng)
    for label, some in (("random sets", random), ("real sets", sets)):
        yield row(label, pf.PathFA(n_factors=11, loading_prior="soft", **FIT).fit(views, some))
    draw = simulate(read_masks(data / "paper_synthetic"), seed)
    for n in (20, 40, 80):
        tables = draw.tables(slice(0, n))
        model = pf.PathFA(n_factors=8, scale="center", **FIT).fit(tables, draw.masks.gene_sets)
        both = np.corrcoef(model.scores_.to_numpy().T, draw.scores[:n].T)[:8, 8:]
        index = draw.masks.membership.index.get_indexer(model.result_.gene_set_names)
        yield row(f"paper, n = {n}", model, draw.weights[index][:, np.abs(both).argmax(axis=1)] > 0)


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/names.csv"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of factors that were asked for and are not there
    table = pd.DataFrame([item for seed in range(options.seeds) for item in rows(options.data, seed)])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    print(table.groupby("data", sort=False).mean().round(1).to_string())


if __name__ == "__main__":
    main()
