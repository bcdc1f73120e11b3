"""Figures of the input: which sample has which view, what was lost, what gene sets cover."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.core.text import count, inflect
from pathfa.pl.figure.labels import sample_axis
from pathfa.pl.figure.spec import Axis, Bars, Figure, Heatmap, Points
from pathfa.pl.figure.words import listed, percent
from pathfa.result.result import PathFAResult, as_result


def presence(model: object) -> Figure:
    """Return which sample was measured in which view."""
    result = as_result(model)
    table = result.presence.astype(bool)
    order = table.sort_values(list(table.columns), ascending=False, kind="stable").index
    shown = table.loc[order].astype(float).T
    full = int(table.all(axis=1).sum())
    parts = ", ".join(f"{n} {inflect(n, 'have')} {view}" for view, n in table.sum().items())
    answer = f"Of {count(len(table), 'sample')}, {parts}; {full} {inflect(full, 'have')} every view."
    if full == len(table):
        answer = f"{count(full, 'sample', 'have')} {listed(list(map(str, table.columns)), 9)}."
    return Figure(
        name="presence",
        question="Which samples were measured in which view?",
        answer=answer,
        alt=f"Grid of {count(len(table.columns), 'view')} by {count(len(table), 'sample')}; light cells are measured, "
        "dark ones are not.",
        marks=(Heatmap(values=shown, unit="measured (1) or not (0)", limits=(0.0, 1.0)),),
        x=sample_axis([str(name) for name in order]),
        y=Axis(title="View", labels=tuple(map(str, table.columns)), reverse=True),
        table=table.rename_axis("sample").reset_index(),
        height=200 + 40 * len(table.columns),
    )


def flow(model: object) -> Figure:
    """Return how many features were left after each step."""
    result = as_result(model)
    table = result.flow
    steps = list(dict.fromkeys(table["step"]))
    marks = []
    for style, (view, part) in enumerate(table.groupby("view", sort=False)):
        left = part.drop_duplicates("step", keep="last").set_index("step")["n_features"].reindex(steps)
        values = [0.0 if np.isnan(value) else float(value) for value in left.to_numpy(dtype=float)]
        marks.append(Bars(labels=steps, values=values, name=str(view), style=style))
    losses = []
    for view, part in table.groupby("view", sort=False):
        first, last = int(part["n_features"].iloc[0]), int(part["n_features"].iloc[-1])
        losses.append(f"{last:,} of {count(first, 'feature')} of {view} were left")
    return Figure(
        name="flow",
        question="How many features were left after each step?",
        answer="; ".join(losses) + "." if losses else "No step was recorded.",
        alt="Bars of the number of features after each step, side by side for the views.",
        marks=tuple(marks),
        x=Axis(title="Step", labels=tuple(steps)),
        y=Axis(title="Features left"),
        table=table,
        height=360,
    )


def coverage_table(result: PathFAResult) -> pd.DataFrame:
    """Return per gene set and view how many members are measured."""
    parts = []
    for view, mask in result.masks.items():
        measured = np.asarray((mask != 0).sum(axis=0)).ravel()
        size = np.array([len(result.gene_sets[name]) for name in result.gene_set_names])
        parts.append(
            pd.DataFrame(
                {
                    "gene_set": result.gene_set_names,
                    "view": view,
                    "members": size,
                    "measured": measured,
                    "share": measured / size,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def coverage(model: object) -> Figure:
    """Return the share of the members of each gene set that each view measures."""
    result = as_result(model)
    table = coverage_table(result)
    views = list(result.masks)
    rng = np.random.default_rng(0)
    marks = []
    for style, view in enumerate(views):
        part = table[table["view"] == view]
        marks.append(
            Points(
                x=part["share"].to_numpy(),
                y=style + rng.uniform(-0.3, 0.3, len(part)),
                ids=list(part["gene_set"]),
                labels=[f"{row.gene_set}, {view}: {row.measured} of {row.members}" for row in part.itertuples()],
                name=view,
                size=6.0,
                style=style,
            )
        )
    medians = [f"{percent(table[table['view'] == view]['share'].median())} in {view}" for view in views]
    poor = table.pivot_table(index="gene_set", columns="view", values="share").max(axis=1)
    low = [str(name) for name in poor.index[poor < 0.2]]
    answer = f"The median share of members that are measured is {listed(medians)}."
    if low:
        answer += f" {count(len(low), 'gene set', 'have')} less than 20 % of their members in every view."
    return Figure(
        name="coverage",
        question="How much of each gene set was measured?",
        answer=answer,
        alt="One row of points per view; each point is a gene set, placed by the share of its members measured.",
        marks=tuple(marks),
        x=Axis(title="Share of members measured", percent=True),
        y=Axis(title="View", hide_labels=True),
        table=table,
        height=180 + 60 * len(views),
    )
