"""Figures of the factors: how much they explain, and which gene sets they carry."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.naming import readable
from pathfa.pl.labels import factor_axis, gene_set_axis
from pathfa.pl.order import clustered
from pathfa.pl.spec import Axis, Figure, Heatmap, Points
from pathfa.pl.words import Certainty, listed, percent
from pathfa.result import PathFAResult, as_result


def variance_explained(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the heat map of R2 per factor and view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    certainty
        How sure its sentence sounds.
    """
    result = as_result(model)
    table = result.variance_explained
    totals = " and ".join(f"{percent(table.loc['total', view])} of {view}" for view in table.columns)
    lead = result.factor_names[0]
    answer = (
        f"The {len(result.factor_names)} factors together {certainty.verb('explain')} {totals} variance; "
        f"{lead} has the largest share."
    )
    shown = 100.0 * table
    axis = factor_axis([*result.factor_names, "total"], reverse=True)
    return Figure(
        name="variance-explained",
        question="How much of each view does each factor explain?",
        answer=certainty.close(answer),
        alt=f"Heat map of {len(table) - 1} factors and their total by {len(table.columns)} views; "
        "each cell gives the share of variance explained in per cent.",
        marks=(
            Heatmap(
                values=shown,
                unit="variance explained, %",
                text=shown.map(lambda value: f"{value:.1f}"),
                limits=(0.0, max(1.0, float(shown.to_numpy().max()))),
            ),
        ),
        x=Axis(title="View", labels=tuple(table.columns)),
        y=axis,
        table=table.rename_axis("factor").reset_index(),
        height=140 + 26 * len(table),
    )


def annotated_share(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the heat map of how much of each factor's loadings its gene sets explain."""
    result = as_result(model)
    table = result.annotated_share
    mean = weighted_annotated_share(result)
    answer = f"Gene sets account for {percent(mean)} of the loadings, weighted by the variance that factors explain."
    shown = 100.0 * table
    return Figure(
        name="annotated-share",
        question="How much of each factor do the gene sets account for?",
        answer=certainty.close(answer),
        alt=f"Heat map of {len(table)} factors by {len(table.columns)} views; each cell gives the share of the squared "
        "loadings that the gene sets account for, in per cent.",
        marks=(
            Heatmap(
                values=shown,
                unit="annotated share, %",
                text=shown.map(lambda value: f"{value:.0f}"),
                limits=(0.0, 100.0),
            ),
        ),
        x=Axis(title="View", labels=tuple(table.columns)),
        y=factor_axis(result.factor_names, reverse=True),
        table=table.rename_axis("factor").reset_index(),
        height=140 + 26 * len(table),
    )


def weighted_annotated_share(result: PathFAResult) -> float:
    """Return the mean annotated share, weighted by the variance that each factor explains in each view."""
    weights = result.variance_explained.drop(index="total").to_numpy().clip(min=0.0)
    if weights.sum() == 0.0:
        return float(result.annotated_share.to_numpy().mean())
    return float((result.annotated_share.to_numpy() * weights).sum() / weights.sum())


def gene_set_weights(model: object, *, most: int = 60, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the dot plot of gene-set weights by factor.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    most
        Gene sets shown, by falling largest absolute weight.
    certainty
        How sure its sentence sounds.
    """
    result = as_result(model)
    weights = result.gene_set_weights
    table = weight_table(result)
    strongest = weights.abs().max(axis=1).sort_values(ascending=False)
    kept = strongest.index[strongest.to_numpy() > 0][:most]
    order = kept[clustered(weights.loc[kept].to_numpy())] if len(kept) else kept
    shown = table[table["gene_set"].isin(order) & (table["weight"] != 0)]
    y, x = gene_set_axis([str(name) for name in order], reverse=True), factor_axis(result.factor_names, short=True)
    label_of, factor_of = dict(zip(y.ids, y.labels, strict=True)), dict(zip(x.ids, x.labels, strict=True))
    top = float(weights.abs().to_numpy().max()) or 1.0
    marks = []
    for style, (name, part) in enumerate(
        (
            ("interval excludes 0", shown[shown["excludes_zero"]]),
            ("interval includes 0", shown[~shown["excludes_zero"]]),
        )
    ):
        marks.append(
            Points(
                x=[factor_of[name] for name in part["factor"]],
                y=[label_of[name] for name in part["gene_set"]],
                ids=list(part["gene_set"]),
                labels=[
                    f"{readable(row.gene_set)}, {row.factor.split(' ', 1)[0]}: {row.weight:.3g} "
                    f"({row.lower:.3g} to {row.upper:.3g})"
                    for row in part.itertuples()
                ],
                size=list(5.0 + 15.0 * np.sqrt(part["weight"].abs() / top)),
                name=name,
                hollow=style == 1,
                style=style,
            )
        )
    active = int((weights.to_numpy() != 0).any(axis=1).sum())
    sure = int(table["excludes_zero"].sum())
    leading = [readable(str(name)) for name in strongest.index[: min(3, active)]]
    answer = (
        f"{active} of {len(weights)} gene sets have a weight in some factor, and {sure} weights have a 95 % interval "
        f"that excludes 0; the largest belong to {listed(leading)}."
        if active
        else f"None of the {len(weights)} gene sets has a weight in any factor: the factors are not annotated."
    )
    if active > most:
        answer += f" The figure shows the {most} strongest."
    return Figure(
        name="gene-set-weights",
        question="Which programmes make up each factor?",
        answer=certainty.close(answer),
        alt=f"Dot plot of {len(order)} gene sets by {weights.shape[1]} factors. Larger dots are larger weights; filled "
        "circles have an interval that excludes 0, open squares one that includes it.",
        marks=tuple(marks),
        x=x,
        y=y,
        table=table,
        height=180 + 20 * max(4, len(order)),
    )


def weight_table(result: PathFAResult) -> pd.DataFrame:
    """Return the gene-set weights that are not 0 in long form with their 95 % intervals, largest first."""
    lower, upper = result.interval("gene_set_weights")
    sd = result.weight_sd.to_numpy()
    values = result.gene_set_weights.to_numpy()
    rows, columns = np.nonzero(values)
    mean, low, high = values[rows, columns], lower.to_numpy()[rows, columns], upper.to_numpy()[rows, columns]
    # a weight that cannot be negative never has an interval that reaches 0, so its sd decides
    clear = np.abs(mean) > 1.96 * sd[rows, columns]
    table = pd.DataFrame({
        "gene_set": result.gene_set_weights.index.to_numpy()[rows],
        "factor": result.gene_set_weights.columns.to_numpy()[columns],
        "weight": mean,
        "lower": low,
        "upper": high,
        "excludes_zero": clear,
    })
    table["members_measured"] = table["gene_set"].map(members_measured(result))
    return table.sort_values("weight", key=abs, ascending=False, kind="stable").reset_index(drop=True)


def members_measured(result: PathFAResult) -> dict[str, int]:
    """Return per gene set how many of its members are measured in some view."""
    measured: set[str] = set()
    for table in result.loadings.values():
        measured.update(map(str, table.index))
    return {name: len(measured.intersection(members)) for name, members in result.gene_sets.items()}
