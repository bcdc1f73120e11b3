"""What one more factor adds, and whether single factors can still be told apart, in real cohorts.

Run as ``python benchmarks/number_of_factors.py tests/data/cohorts/coad.yaml``; each argument is a configuration, of
which the first collection of gene sets is used. Prints per number of factors what a factor added since the row before,
in per cent of what all before had added, and how well the starts agree with the chosen one (mean correlation of matched
factors; on average and least). Writes the table as CSV.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
import torch
from configured import cohorts_of

import pathfa as pf
from pathfa.inference.evidence import null_evidence
from pathfa.inference.problem.problem import make_problem


def rows(path: Path, sizes: list[int], starts: int) -> list[dict[str, object]]:
    """Return one row per number of factors, with the soft prior."""
    cohort = next(cohorts_of(path))
    found: list[dict[str, object]] = []
    before: tuple[int, float] | None = None
    for size in sizes:
        model = pf.PathFA(n_factors=size, loading_prior="soft", n_starts=starts, progress=False)
        model.fit(cohort.data, cohort.gene_sets)
        table = model.selection_[model.selection_["finished"]]
        views = [(values.to_numpy(), model.result_.masks[view]) for view, values in model.result_.data.items()]
        gain = float(table["log_evidence"].max()) - null_evidence(make_problem(views))
        others = table.loc[~table["chosen"], "agreement"]
        row: dict[str, object] = {"cohort": cohort.name, "samples": len(model.scores_), "factors": size, "gain": gain}
        if before is not None:
            row["one more factor, %"] = 100.0 * (gain - before[1]) / (size - before[0]) / before[1]
        row |= {"agreement": float(others.mean()), "least": float(others.min())}
        found.append(row)
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()), flush=True)
        before = size, gain
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configurations", type=Path, nargs="+")
    parser.add_argument("--factors", type=int, nargs="+", default=[2, 4, 6, 8, 10, 12, 14, 16, 20, 24])
    parser.add_argument("--starts", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/number_of_factors.csv"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    table = pd.DataFrame(
        [row for path in arguments.configurations for row in rows(path, arguments.factors, arguments.starts)]
    )
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(arguments.out, index=False)
    print("", table.round(2).to_string(index=False), sep="\n")


if __name__ == "__main__":
    main()
