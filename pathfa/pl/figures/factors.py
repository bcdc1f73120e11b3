"""Figures of the factors: how much they explain, and the gene sets that make them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis import explained_intervals
from pathfa.analysis.programmes.redundancy import similar_sets
from pathfa.analysis.summaries import interval_of, low_names
from pathfa.core.names import readable
from pathfa.core.text import count, part_of
from pathfa.pl.axes import clustered, factor_axis, noted_labels
from pathfa.pl.figure import Figure
from pathfa.pl.spec import Axis, Entity, Heatmap, Points
from pathfa.pl.wording import listed, percent, percent_with, spans
from pathfa.result.judgement import LIMITS, require_factors
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import LIKELY, SHARED_RATIO, SURE, mean_member_share, member_share, seen_in, weight_table

SIMILAR = 0.25
"""Share of measured members in common (Jaccard) from which two gene sets stand in one row."""
_MOST_VIEWS_WITH_INTERVALS = 3  # beyond, cells are too narrow for intervals
_MOST_ROWS = 200  # when every gene set has its own


def variance_explained(model: object) -> Figure:
    """Return the heat map of R2 per factor and view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.variance_explained(model).table.columns.tolist()
    ['factor', 'view', 'r2', 'lower', 'upper']
    """
    result = as_result(model)
    require_factors(result)
    table = result.variance_explained
    limits = explained_intervals(result)
    cells = interval_of(limits)
    words = listed([f"{percent_with(*cells['total', view])} of {view}" for view in result.view_names], 9)
    lead, size = result.factor_names[0], len(result.factor_names)
    answer = f"{count(size, 'factor', 'explain')} {words} variation." + f" The largest is {lead}." * (size > 1)
    if limits["lower"].notna().any():
        answer += " In brackets: 95 % interval over the samples (bootstrap)."
    shown = 100.0 * table.drop(index="total")
    wide = len(table.columns) <= _MOST_VIEWS_WITH_INTERVALS
    text = pd.DataFrame(
        [[_cell(*cells[name, view], wide=wide) for view in result.view_names] for name in result.factor_names],
        index=shown.index,
        columns=shown.columns,
    )
    return Figure(
        name="variance-explained",
        question="How much of each view does each factor explain?",
        answer=answer,
        alt=f"Heat map of {count(len(shown), 'factor')} by {count(len(table.columns), 'view')}; "
        "each cell gives the share of variance explained in per cent, with its 95 % interval.",
        table=limits,
        **_factors_by_views(shown, "variance explained, %", text, max(1.0, float(shown.to_numpy().max()))),
    )


def _cell(r2: float, lower: float, upper: float, *, wide: bool) -> str:
    if not wide or np.isnan(lower):
        return _per_cent(r2)
    return f"{_per_cent(r2)} ({_per_cent(lower)} to {_per_cent(upper)})"


def _per_cent(share: float) -> str:
    return f"{100.0 * share:z.1f}"


def annotated_share(model: object) -> Figure:
    """Return the heat map of how much of the members' loadings the gene sets account for, per factor and view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.annotated_share(model).question
    'Does the name of each factor say what is in it?'
    """
    result = as_result(model)
    require_factors(result)
    table = member_share(result)
    mean = mean_member_share(result)
    answer = f"Gene sets account for {percent(mean)} of the loadings of their members, weighted by explained variation."
    low = low_names(result)
    if low:
        answer += f" {low_words(low)}"
    seen = seen_in(result)[table.columns].set_axis(table.index)  # elsewhere it would be a share of next to nothing
    shown = (100.0 * table).where(seen)
    text = shown.map(lambda value: "" if np.isnan(value) else f"{value:.0f}")
    every = result.annotated_share.where(seen)
    both = table.where(seen).add_suffix(" members").join(every.add_suffix(" all features"))
    return Figure(
        name="annotated-share",
        question="Does the name of each factor say what is in it?",
        answer=answer,
        alt=f"Heat map of {count(len(table), 'factor')} by {count(len(table.columns), 'view')}; each cell gives the "
        "share of the squared loadings of gene-set members that the gene sets account for, in per cent. Grey where "
        f"the factor is not seen: it explains less than {percent(SHARED_RATIO)} of what it does in its best view.",
        table=both.rename_axis("factor").reset_index(),
        **_factors_by_views(shown, "of members' loadings, %", text, 100.0),
    )


def _factors_by_views(shown: pd.DataFrame, unit: str, text: pd.DataFrame, top: float) -> dict[str, Any]:
    """Return what a heat map of factors by views consists of; its palette ends at ``top``."""
    return {
        "marks": (Heatmap(values=shown, unit=unit, text=text, limits=(0.0, top)),),
        "x": Axis(title="View", labels=tuple(shown.columns)),
        "y": factor_axis([str(name) for name in shown.index], reverse=True),
        "height": 170 + 26 * len(shown),
    }


def low_words(low: Sequence[str]) -> str:
    """Return a sentence on the factors whose names say little."""
    least = percent(LIMITS["name-share"].caution)
    return f"Weak names: {spans(low)}. Gene sets account for less than {least} of their members' loadings."


def gene_set_weights(model: object, *, similar: bool = False, most: int = 60) -> Figure:
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

    Examples
    --------
    >>> pf.pl.gene_set_weights(model).question
    'Which programmes make up each factor?'
    """
    result = as_result(model)
    require_factors(result)
    table = weight_table(result)
    likely = table[table["probability"] >= LIKELY]
    groups = similar_sets(result, [str(name) for name in likely["gene_set"].unique()], SIMILAR)
    lead_of = {name: lead for lead, names in groups.items() for name in names}
    table.insert(1, "shown_under", table["gene_set"].map(lead_of).fillna(""))
    drawn = dict(list(groups.items())[:most])
    rows = {name: [name] for names in drawn.values() for name in names} if similar else drawn
    y = _rows(result, dict(list(rows.items())[:_MOST_ROWS]))
    x = factor_axis(result.factor_names, short=True)
    row_of = {name: label for names, label in zip(y.members, y.labels, strict=True) for name in names}
    shown = likely[likely["gene_set"].isin(list(row_of))]
    shown = shown.assign(row=shown["gene_set"].map(row_of)).drop_duplicates(["row", "factor"])
    largest = result.gene_set_weights.abs().to_numpy().max() or 1.0
    shown["size"] = 5.0 + 15.0 * np.sqrt(shown["weight"].abs() / largest)
    sure, likely_name = shown["probability"] >= SURE, f"likely ({percent(LIKELY)} to {percent(SURE)})"
    marks = (
        _dots(shown[sure], x, name=f"sure (probability at least {percent(SURE)})"),
        _dots(shown[~sure], x, name=likely_name, hollow=True, style=1),
    )
    return Figure(
        name="gene-set-weights-all" if similar else "gene-set-weights",
        question="Which programmes make up each factor?",
        answer=_sentence(result, table, groups, most),
        alt=f"Dot plot of {count(len(y.labels), 'row')} of gene sets by {count(len(x.labels), 'factor')}. Larger dots "
        "are larger weights; filled circles are sure to belong to the factor, open squares are likely to.",
        marks=marks,
        x=x,
        y=y,
        table=table,
        height=180 + 20 * max(4, len(y.labels)),
    )


def _rows(result: PathFAResult, rows: Mapping[str, Sequence[str]]) -> Axis:
    names = list(rows)
    values = result.gene_set_weights.loc[names].to_numpy()
    order = [names[index] for index in clustered(values)] if names else names
    more = [f" (+{len(rows[name]) - 1} similar)" if len(rows[name]) > 1 else "" for name in order]
    return Axis(
        title="Gene set",
        entity=Entity.GENE_SET,
        ids=tuple(order),
        labels=noted_labels(map(readable, order), more),
        members=tuple(tuple(rows[name]) for name in order),
        reverse=True,
    )


def _sentence(result: PathFAResult, table: pd.DataFrame, groups: Mapping[str, Sequence[str]], most: int) -> str:
    size = len(result.gene_set_names)
    likely = sum(map(len, groups.values()))
    if not likely:
        return f"None of {count(size, 'gene set')} is likely to be part of a factor: the factors are not annotated."
    sure = table.loc[table["probability"] >= SURE, "gene_set"].nunique()
    leading = listed([readable(name) for name in list(groups)[:3]])
    text = (
        f"{part_of(likely, size, 'gene set', 'are')} likely part of a factor (probability {percent(LIKELY)} or more), "
    )
    text += f"{sure} surely ({percent(SURE)} or more). Largest weights: {leading}."
    if len(groups) < likely:
        text += f" Sets that share {percent(SIMILAR)} or more of their measured members stand in one row."
    if len(groups) > most:
        text += f" Shown: the {most} strongest of {count(len(groups), 'row')}."
    return text


def _dots(part: pd.DataFrame, x: Axis, **look: Any) -> Points:
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
        size=list(part["size"]),
        **look,
    )
