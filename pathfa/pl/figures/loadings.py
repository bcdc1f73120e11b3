"""Figures of the loadings of single features: of a gene set, of a factor, of a gene."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pathfa.analysis.loading_tables import factor_loadings, gene_loadings, member_loadings
from pathfa.core.names import factor_id, find_factor, find_gene_set, find_name, readable
from pathfa.core.text import count, inflect, shorten
from pathfa.pl.axes import factor_axis, short_labels
from pathfa.pl.figure import Figure
from pathfa.pl.spec import Axis, Points, Rule
from pathfa.pl.wording import listed, percent
from pathfa.result.judgement import require_factors
from pathfa.result.result import as_result
from pathfa.result.summaries import LIKELY, weight_table

_LOOK = "with 95 % intervals, one symbol per view; a dotted line marks 0."


def gene_set_card(model: object, gene_set: str, factor: str | None = None, *, most: int = 40) -> Figure:
    """Return the loadings of the members of a gene set on one factor, with intervals, in every view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    gene_set
        Its name, in any of its spellings: ``"HALLMARK_E2F_TARGETS"`` or ``"E2F targets"``.
    factor
        Name or id such as ``"F1"``; the factor where the set weighs most when None.
    most
        Members shown, by falling largest loading.

    Raises
    ------
    ConfigError
        If there is no such gene set or factor.

    Examples
    --------
    >>> pf.pl.gene_set_card(model, model.activity_.columns[0]).question
    'Which members carry set 1?'
    """
    result = as_result(model)
    require_factors(result)
    gene_set = find_gene_set(gene_set, result.gene_set_names)
    strongest = str(result.gene_set_weights.loc[gene_set].abs().idxmax())
    chosen = strongest if factor is None else find_factor(factor, result.factor_names)
    table = member_loadings(result, gene_set, chosen)
    measured, active = table["gene"].nunique(), table.loc[table["excludes_zero"], "gene"].nunique()
    return Figure(
        name="gene-set-card",
        question=f"Which members carry {readable(gene_set)}?",
        answer=f"On {chosen}, {active} of {count(measured, 'measured member')} (of {len(result.gene_sets[gene_set])}) "
        f"{inflect(active, 'have')} a loading whose 95 % interval excludes 0 in some view.",
        table=table,
        **_by_gene(table, chosen, most),
    )


def factor(model: object, name: str = "F1", *, most: int = 15) -> Figure:
    """Return the features of every view that load most on a factor, with intervals, and what the factor is.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    name
        Name or id of the factor, such as ``"F1"``.
    most
        Features per view, by falling absolute loading.

    Raises
    ------
    ConfigError
        If there is no such factor.

    Examples
    --------
    >>> pf.pl.factor(model, "F1", most=5).table["view"].unique().tolist()
    ['rna', 'protein']
    """
    result = as_result(model)
    require_factors(result)
    chosen = find_factor(name, result.factor_names)
    table = factor_loadings(result, chosen, most)
    explained = result.variance_explained.loc[chosen].astype(float)
    r2 = [f"{percent(explained.to_dict()[view])} of {view}" for view in result.view_names]
    weights = weight_table(result, LIKELY)
    sets = [readable(str(each)) for each in weights.loc[weights["factor"] == chosen, "gene_set"]]
    made_of = f"Gene sets: {listed(sets)}." if sets else "No gene set is likely part of it."
    return Figure(
        name="factor",
        question=f"What is {factor_id(chosen)}?",
        answer=f"{chosen} explains {listed(r2, 9)} variation. {made_of}",
        table=table,
        **_by_gene(table, chosen, len(table)),
    )


def gene(model: object, name: str) -> Figure:
    """Return the loadings of a gene on every factor in the views that measure it, with intervals.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    name
        Name of the feature, as in the views.

    Raises
    ------
    ConfigError
        If no view has such a feature.

    Examples
    --------
    >>> pf.pl.gene(model, model.loadings_["rna"].index[0]).table["factor"].nunique()
    2
    """
    result = as_result(model)
    require_factors(result)
    name = find_name("gene", name, sorted({str(each) for table in result.loadings.values() for each in table.index}))
    table = gene_loadings(result, name)
    sets = [readable(each) for each, members in result.gene_sets.items() if name in members]
    active = [factor_id(str(each)) for each in table.loc[table["excludes_zero"], "factor"].unique()]
    loads = f"loads on {listed(active, 9)} with a 95 % interval that excludes 0" if active else "loads clearly on none"
    belongs = f"a member of {listed(sets)}" if sets else "in no gene set that was used"
    axis = factor_axis(result.factor_names, reverse=True)
    label = dict(zip(axis.ids, axis.labels, strict=True))
    return Figure(
        name="gene",
        question=f"On which factors does {name} load?",
        answer=f"{name} is {belongs}; of {count(len(axis.ids), 'factor')}, it {loads}.",
        alt=f"Loadings of {name} on {count(len(axis.ids), 'factor')} {_LOOK}",
        marks=_by_view(table, [label[str(each)] for each in table["factor"]]),
        x=Axis(title=f"Loading of {shorten(name)} (fitted units)"),
        y=axis,
        table=table,
        height=180 + 26 * max(3, len(axis.labels)),
    )


def _by_gene(table: pd.DataFrame, factor: str, most: int) -> dict[str, Any]:
    """Return what a figure of loadings consists of, with a row per gene, the largest first."""
    largest = table.assign(size=table["loading"].abs()).groupby("gene")["size"].max()
    genes = list(largest.sort_values(ascending=False).index[:most])[::-1]
    labels = short_labels(genes)
    place = dict(zip(genes, labels, strict=True))
    shown = table[table["gene"].isin(genes)]
    return {
        "alt": f"Loadings of {count(len(genes), 'gene')} {_LOOK}",
        "marks": _by_view(shown, [place[each] for each in shown["gene"]]),
        "x": Axis(title=f"Loading on {shorten(factor)} (fitted units)"),
        "y": Axis(title="Gene", labels=labels),
        "height": 180 + 20 * max(4, len(genes)),
    }


def _by_view(table: pd.DataFrame, rows: list[str]) -> tuple[Points | Rule, ...]:
    """Return loadings with their intervals, one symbol per view, and a line at 0."""
    rowed = table.assign(row=rows)
    marks = [
        Points.with_limits(part, "loading", list(part["row"]), name=str(view), style=style)
        for style, (view, part) in enumerate(rowed.groupby("view", sort=False))
    ]
    return (*marks, Rule(value=0.0, axis="x"))
