"""The dot plot of the gene sets that make up the factors, similar sets in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathfa.analysis import overlap
from pathfa.core.text import count, part_of
from pathfa.pl.figure.labels import factor_axis
from pathfa.pl.figure.order import clustered
from pathfa.pl.figure.spec import Axis, Entity, Figure, Points, distinct, shorten
from pathfa.pl.figure.words import Certainty, listed, percent
from pathfa.pl.figures.factors import LIKELY, SURE, weight_table
from pathfa.result.labels import readable
from pathfa.result.result import PathFAResult, as_result

SIMILAR = 0.25
"""Share of measured members in common (Jaccard) from which two gene sets stand in one row."""
_MOST_SINGLE = 200  # rows when every gene set has its own


def gene_set_weights(
    model: object, *, similar: bool = False, most: int = 60, certainty: Certainty = Certainty.SURE
) -> Figure:
    """Return the dot plot of gene-set weights by factor.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    similar
        Whether similar gene sets have rows of their own; else they share the row of the strongest of them, where each
        factor shows the one that weighs most in it.
    most
        Rows of groups shown, by falling largest absolute weight.
    certainty
        How sure its sentence sounds.
    """
    result = as_result(model)
    table = weight_table(result)
    likely = table[table["probability"] >= LIKELY]
    groups = similar_sets(result, [str(name) for name in likely["gene_set"].unique()])
    lead_of = {name: lead for lead, names in groups.items() for name in names}
    table.insert(1, "shown_under", table["gene_set"].map(lead_of).fillna(""))
    shown_groups = dict(list(groups.items())[:most])
    shown = likely[likely["gene_set"].map(lead_of).isin(list(shown_groups))]
    rows = {name: [name] for names in shown_groups.values() for name in names} if similar else shown_groups
    rows = dict(list(rows.items())[:_MOST_SINGLE])
    y = _rows(result, rows)
    x = factor_axis(result.factor_names, short=True)
    row_of = {name: label for names, label in zip(y.members, y.labels, strict=True) for name in names}
    shown = shown[shown["gene_set"].isin(list(row_of))]
    shown = shown.assign(row=shown["gene_set"].map(row_of)).drop_duplicates(["row", "factor"])
    sure = shown["probability"] >= SURE
    top = float(result.gene_set_weights.abs().to_numpy().max()) or 1.0
    marks = (
        _dots(shown[sure], x, top, name=f"sure (probability at least {percent(SURE)})", style=0),
        _dots(shown[~sure], x, top, name=f"likely ({percent(LIKELY)} to {percent(SURE)})", style=1),
    )
    return Figure(
        name="gene-set-weights-all" if similar else "gene-set-weights",
        question="Which programmes make up each factor?",
        answer=certainty.close(_sentence(result, table, groups, most)),
        alt=f"Dot plot of {count(len(y.labels), 'row')} of gene sets by {count(len(x.labels), 'factor')}. Larger dots "
        "are larger weights; filled circles are sure to belong to the factor, open squares are likely to.",
        marks=marks,
        x=x,
        y=y,
        table=table,
        height=180 + 20 * max(4, len(y.labels)),
    )


def similar_sets(result: PathFAResult, names: Sequence[str]) -> dict[str, list[str]]:
    """Return groups of similar gene sets by the strongest of each, which comes first.

    Parameters
    ----------
    result
        The fit.
    names
        Gene sets, strongest first. A set joins the first group whose strongest it resembles.
    """
    if not names:
        return {}
    shared = overlap(result).loc[list(names), list(names)].to_numpy()
    groups: dict[str, list[str]] = {}
    leads: list[int] = []
    for place, name in enumerate(names):
        lead = next((index for index in leads if shared[index, place] >= SIMILAR), None)
        if lead is None:
            leads.append(place)
            groups[name] = [name]
        else:
            groups[names[lead]].append(name)
    return groups


def _rows(result: PathFAResult, rows: Mapping[str, Sequence[str]]) -> Axis:
    names = list(rows)
    values = result.gene_set_weights.loc[names].to_numpy()
    order = [names[index] for index in clustered(values)] if names else names
    labels = [
        shorten(readable(name)) + (f" (+{len(rows[name]) - 1} similar)" if len(rows[name]) > 1 else "")
        for name in order
    ]
    return Axis(
        title="Gene set",
        entity=Entity.GENE_SET,
        ids=tuple(order),
        labels=distinct(labels),
        members=tuple(tuple(rows[name]) for name in order),
        reverse=True,
    )


def _sentence(result: PathFAResult, table: pd.DataFrame, groups: Mapping[str, Sequence[str]], most: int) -> str:
    size = len(result.gene_set_names)
    likely = sum(map(len, groups.values()))
    if not likely:
        return f"None of {count(size, 'gene set')} is likely to be part of any factor: the factors are not annotated."
    sure = table.loc[table["probability"] >= SURE, "gene_set"].nunique()
    leading = listed([readable(name) for name in list(groups)[:3]])
    text = (
        f"{part_of(likely, size, 'gene set', 'are')} part of some factor with a probability of "
        f"{percent(LIKELY)} or more, {sure} of {percent(SURE)} or more; the largest "
        f"{'weight belongs' if len(groups) == 1 else 'weights belong'} to {leading}."
    )
    if len(groups) < likely:
        text += (
            f" Sets that share at least {percent(SIMILAR)} of their measured members can hardly be told apart and "
            f"stand in one row, which makes {count(len(groups), 'row')}."
        )
    if len(groups) > most:
        text += f" The figure shows the {most} strongest."
    return text


def _dots(part: pd.DataFrame, x: Axis, top: float, *, name: str, style: int) -> Points:
    factor_of = dict(zip(x.ids, x.labels, strict=True))
    rows = part.to_dict("records")
    return Points(
        x=[factor_of[row["factor"]] for row in rows],
        y=[row["row"] for row in rows],
        ids=[row["gene_set"] for row in rows],
        labels=[
            f"{readable(row['gene_set'])} in {factor_of[row['factor']]}: {row['weight']:.3g} "
            f"({row['lower']:.3g} to {row['upper']:.3g}), probability {row['probability']:.2f}"
            for row in rows
        ],
        size=list(5.0 + 15.0 * np.sqrt(part["weight"].abs() / top)),
        name=name,
        hollow=style == 1,
        style=style,
    )
