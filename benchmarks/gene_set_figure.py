"""The figure of ``gene_set_scores.py``: how well each score tells the hidden members of its sets, in every cohort.

Prints the figures that it draws.

python benchmarks/gene_set_figure.py results/benchmarks/gene_set_scores.csv --out docs/images/gene_set_scores.svg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

SHOWN = {  # those near each other in all cohorts, such as z-score beside ULM, are in the table only
    "PathFA activity": ("#0072b2", "o"),
    "mean of members": ("#000000", "s"),
    "PathFA fitted score": ("#56b4e9", "^"),
    "ULM": ("#d55e00", "D"),
    "ssGSEA": ("#e69f00", "v"),
    "GSVA": ("#cc79a7", "P"),
    "PLAGE": ("#009e73", "X"),
}
FEWEST_SETS = 10  # of a view that is shown


def main() -> None:
    """Draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, nargs="+", help="what gene_set_scores.py wrote")
    parser.add_argument("--out", type=Path, default=Path("docs/images/gene_set_scores.svg"))
    options = parser.parse_args()
    table = pd.concat([pd.read_csv(path) for path in options.tables], ignore_index=True)
    table = table[table["views"].isin(["all"]) & (table["samples"] == "training") | table["views"].isna()]
    table = table[table["sets"] >= FEWEST_SETS]
    means = table.groupby(["cohort", "view", "method"], sort=False)[["r", "competitive"]].mean()
    places = list(dict.fromkeys((cohort, view) for cohort, view, _ in means.index))
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "pathfa", "font.size": 9}
    figure, axes = plt.subplots(1, 2, figsize=(8, 0.45 * len(places) + 1.6), sharey=True, layout="constrained")
    for axis, column, title in zip(
        axes, means, ("mean of the hidden members", "beyond the mean of all genes"), strict=True
    ):
        for method, (colour, marker) in SHOWN.items():
            at = [(i, place) for i, place in enumerate(places) if (*place, method) in means.index]
            values = [means.loc[(*place, method), column] for _, place in at]
            axis.plot(values, [i for i, _ in at], marker, color=colour, label=method, alpha=0.85, linestyle="none")
        axis.set(xlabel=f"correlation with the {title}" if column == "r" else f"the same {title}")
        axis.grid(axis="x", color="#dddddd")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(places)), [f"{cohort}, {view}" for cohort, view in places])
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, metadata={"Date": None})
    print(means.round(3).to_string())


if __name__ == "__main__":
    main()
