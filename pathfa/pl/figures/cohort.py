"""Figures of the input: which sample has which view, what was lost, what gene sets cover."""

from __future__ import annotations

import numpy as np

from pathfa.core.names import readable
from pathfa.core.text import count, inflect
from pathfa.pl.axes import sample_axis
from pathfa.pl.figure import Figure
from pathfa.pl.spec import Axis, Bars, Heatmap, Points
from pathfa.pl.wording import listed, percent
from pathfa.result.result import as_result
from pathfa.result.summaries import coverage_table, identifier_table

_POOR_COVERAGE = 0.2  # share of measured members below which gene sets are counted
_ID_WORDS = {
    "unchanged": "kept their name",
    "mapped": "got another name",
    "ambiguous": "stand for several names",
    "lost": "have no known name",
}


def presence(model: object) -> Figure:
    """Return which sample was measured in which view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.presence(model).answer
    'Of 40 samples, 40 have rna, 36 have protein; 36 have every view.'
    """
    table = as_result(model).presence.astype(bool)
    order = table.sort_values(list(table.columns), ascending=False, kind="stable").index
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
        marks=(
            Heatmap(
                values=table.loc[order].astype(float).T,
                unit="",
                limits=(0.0, 1.0),
                levels=("not measured", "measured"),
            ),
        ),
        x=sample_axis(order),
        y=Axis(title="View", labels=tuple(map(str, table.columns)), reverse=True),
        table=table.rename_axis("sample").reset_index(),
        height=200 + 40 * len(table.columns),
    )


def flow(model: object) -> Figure:
    """Return how many features were left after each step.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.flow(model).question
    'How many features were left after each step?'
    """
    table = as_result(model).flow
    steps = list(dict.fromkeys(table["step"]))
    marks, losses = [], []
    for style, (view, part) in enumerate(table.groupby("view", sort=False)):
        left = part.drop_duplicates("step", keep="last").set_index("step")["n_features"].reindex(steps)
        values = [0.0 if np.isnan(value) else float(value) for value in left.to_numpy(dtype=float)]
        marks.append(Bars(labels=steps, values=values, name=str(view), style=style))
        first, last = int(part["n_features"].iloc[0]), int(part["n_features"].iloc[-1])
        losses.append(f"{last:,} of {count(first, 'feature')} of {view}")
    return Figure(
        name="flow",
        question="How many features were left after each step?",
        answer=f"Left: {listed(losses, 9)}." if losses else "No step was recorded.",
        alt="Bars of the number of features after each step, side by side for the views.",
        marks=tuple(marks),
        x=Axis(title="Step", labels=tuple(steps)),
        y=Axis(title="Features left"),
        table=table,
        height=360,
    )


def identifiers(model: object) -> Figure:
    """Return how many features of each view were translated, were ambiguous or were lost.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.identifiers(model).answer
    'No names were translated.'
    """
    table = identifier_table(as_result(model))
    rows = table.to_dict("records")
    labels = tuple(f"{row['view']}: {row['from']} to {row['to']}" for row in rows)
    parts = []
    for row in rows:
        counts = listed([f"{row[status]:,} {words}" for status, words in _ID_WORDS.items() if row[status]], 9)
        text = f"Of {count(row['features'], 'feature')} of {row['view']}, taken for {row['from']}, {counts}"
        shared = count(row["merged"], "name", "are")
        parts.append(f"{text}; {shared} shared by several features, which were merged" if row["merged"] else text)
    return Figure(
        name="identifiers",
        question="What became of the names of the features?",
        answer=". ".join(parts or ["No names were translated"]) + ".",
        alt="Stacked bars, one per view: how many features kept their name, got another, stand for several names, or "
        "have no known name.",
        marks=tuple(
            Bars(
                labels=labels, values=table[status].to_numpy(), name=f"{words} ({status})", horizontal=True, style=style
            )
            for style, (status, words) in enumerate(_ID_WORDS.items())
        ),
        x=Axis(title="Features"),
        y=Axis(labels=labels, reverse=True),
        table=table,
        height=170 + 46 * max(1, len(labels)),
        stack=True,
    )


def coverage(model: object) -> Figure:
    """Return the share of the members of each gene set that each view measures.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.coverage(model).question
    'How much of each gene set was measured?'
    """
    table = coverage_table(as_result(model))
    jitter = np.random.default_rng(0)
    marks, medians = [], []
    for style, (view, part) in enumerate(table.groupby("view", sort=False)):
        medians.append(f"{percent(part['share'].median())} in {view}")
        marks.append(
            Points(
                x=part["share"].to_numpy(),
                y=style + jitter.uniform(-0.3, 0.3, len(part)),
                ids=list(part["gene_set"]),
                labels=[
                    f"{readable(str(row.gene_set))}, {view}: {row.measured} of {row.members}"
                    for row in part.itertuples()
                ],
                name=str(view),
                size=6.0,
                style=style,
            )
        )
    best = table.groupby("gene_set", sort=False)["share"].max()
    poor = [readable(str(name)) for name in best.index[best < _POOR_COVERAGE]]
    answer = f"Median share of the members measured: {listed(medians)}."
    if poor:
        answer += f" Less than {percent(_POOR_COVERAGE)} measured in every view: {listed(poor, 6)}."
    return Figure(
        name="coverage",
        question="How much of each gene set was measured?",
        answer=answer,
        alt="One row of points per view; each point is a gene set, placed by the share of its members measured.",
        marks=tuple(marks),
        x=Axis(title="Share of members measured", percent=True),
        y=Axis(title="View", rows=tuple(str(mark.name) for mark in marks)),
        table=table,
        height=180 + 60 * len(marks),
    )
