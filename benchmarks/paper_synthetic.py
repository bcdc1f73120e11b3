"""Recovery on the paper's simulation: PathFA beside the published implementation, mofapy2 and two bounds.

Prints the mean over seeds and writes every run as CSV. The published implementation is run from a folder given with
--reference, mofapy2 when it is installed.

    python benchmarks/paper_synthetic.py --n 10 40 --seeds 2
"""

from __future__ import annotations

import argparse
import importlib.util
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from paper_methods import Method, known_weights, least_squares, mofa, ours, reference
from paper_simulation import read_masks, simulate


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/paper_synthetic"), help="folder of the masks")
    parser.add_argument("--n", type=int, nargs="+", default=[10, 20, 40, 80, 160], help="numbers of training samples")
    parser.add_argument("--seeds", type=int, default=3, help="how many data sets")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--factors", default="8", help="number of factors of PathFA, or 'auto'")
    parser.add_argument("--max-factors", type=int, default=16, help="most factors that 'auto' tries")
    parser.add_argument("--starts", type=int, default=4)
    parser.add_argument("--reference", type=Path, help="folder with the published implementation")
    parser.add_argument("--only-ours", action="store_true", help="leave the other methods out")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/paper_synthetic.csv"))
    return parser.parse_args()


def methods(args: argparse.Namespace) -> dict[str, Method]:
    n_factors = args.factors if args.factors == "auto" else int(args.factors)
    chosen: dict[str, Method] = {
        "PathFA": partial(ours, n_factors=n_factors, n_starts=args.starts, max_factors=args.max_factors)
    }
    if args.only_ours:
        return chosen
    chosen["least squares"] = least_squares
    chosen["true weights known"] = known_weights
    if args.reference is not None:
        chosen["published PathFA"] = reference(args.reference)
    if importlib.util.find_spec("mofapy2") is not None:
        chosen["mofapy2"] = mofa
    return chosen


def main() -> None:
    args = parse()
    torch.set_num_threads(1)
    masks = read_masks(args.data)
    rows = []
    for seed in range(args.first_seed, args.first_seed + args.seeds):
        draw = simulate(masks, seed)
        for n in args.n:
            for name, method in methods(args).items():
                row = {"n": n, "method": name, "seed": seed, **method(draw, n)}
                rows.append(row)
                print(
                    "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()),
                    flush=True,
                )
    table = pd.DataFrame(rows)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(args.out, index=False)
    print()
    mean = table.drop(columns="seed").groupby(["n", "method"], sort=False).mean()
    with pd.option_context("display.width", 250, "display.max_columns", None):
        print(mean.round(3).to_string())
    if args.factors == "auto":
        own = table[table["method"] == "PathFA"]
        print("\nnumbers of factors that the evidence chose (true: 8)")
        print(pd.crosstab(own["n"], own["K"]).to_string())


if __name__ == "__main__":
    main()
