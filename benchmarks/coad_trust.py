"""Can the COAD fit be trusted: random gene sets of the same size beside the real ones, and refits to other tumours.

To reach: decoys take less than 5 % of the squared contributions of the gene sets. Prints tables and writes them as CSV.

    python benchmarks/coad_trust.py --model results/coad_biology/model.h5 --data ../shared/data
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read

import pathfa as pf

MOST_DECOYS = 0.05  # share of the squared contributions


def selection(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many gene sets stand out from random ones."""
    selected = table["selected"]
    return pd.DataFrame(
        {
            "gene sets": len(table),
            "selected": int(selected.sum()),
            "selected at q < 0.1": int((selected & (table["q"] < 0.1)).sum()),
            "selected, random sets do as well": int((selected & (table["q"] > 0.1)).sum()),
            "share of decoys": table["decoy_share"].iloc[0],
            f"below {MOST_DECOYS:.0%}": bool(table["decoy_share"].iloc[0] < MOST_DECOYS),
        },
        index=[0],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, required=True, help="written by coad_biology.py")
    parser.add_argument("--repeats", type=int, default=2, help="refits with decoys")
    parser.add_argument("--resamples", type=int, default=3, help="refits to other tumours")
    parser.add_argument("--out", type=Path, default=Path("results/coad_trust"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    views, sets = read(arguments.data)
    model = pf.PathFA.load(arguments.model)
    began = time.perf_counter()
    random_sets = pf.decoys(views, sets, model=model, repeats=arguments.repeats, progress=False)
    random_sets.to_csv(arguments.out / "decoys.csv", index=False)
    print(f"Decoys, {arguments.repeats} refits, {time.perf_counter() - began:.0f} s")
    print(selection(random_sets).T.to_string(header=False), "", sep="\n")
    began = time.perf_counter()
    refits = pf.stability(views, sets, model=model, n_resamples=arguments.resamples, progress=False)
    refits.to_csv(arguments.out / "stability.csv", index=False)
    print(f"Stability, {arguments.resamples} refits, {time.perf_counter() - began:.0f} s")
    factors = refits[refits["level"] == "factor"]
    print(factors[["feature", "effect", "lower", "upper", "note"]].round(2).to_string(index=False))
    chosen = refits[(refits["level"] == "gene_set") & refits["reference"]]
    frequency = np.histogram(chosen["effect"], bins=[0, 0.5, 0.999, 1.001])[0]
    print(
        f"\nOf {len(chosen)} selected pairs of factor and gene set, {frequency[2]} are selected in every refit, "
        f"{frequency[1]} in half of them or more, {frequency[0]} in fewer."
    )


if __name__ == "__main__":
    main()
