"""Figures of the samples: their activities."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pathfa.analysis.association.copies import copies_among
from pathfa.analysis.summaries import activity_spread
from pathfa.core.names import find_gene_set, find_name, readable
from pathfa.core.text import count, part_of
from pathfa.pl.axes import clustered, gene_set_axis, sample_axis
from pathfa.pl.figure import Figure
from pathfa.pl.figures.strips import strips
from pathfa.pl.spec import Axis, ColourScale, Heatmap, Points
from pathfa.pl.wording import drawn, listed
from pathfa.result.result import as_result
from pathfa.result.summaries import sample_activities


def activity(
    model: object,
    *,
    covariates: pd.DataFrame | None = None,
    gene_sets: Sequence[str] | None = None,
    most: int = 60,
) -> Figure:
    """Return the heat map of gene-set activities, samples and gene sets clustered.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    covariates
        Covariates of the samples that stand as strips above the map, indexed by sample; those with more than seven
        levels are left out.
    gene_sets
        Gene sets that are looked at, in any of their spellings (``"E2F targets"``); all of them when None.
    most
        Rows shown, by falling spread over the samples. Gene sets whose activities correlate by more than 0.95 stand in
        the row of the one that varies most.

    Raises
    ------
    ConfigError
        If there is no such gene set.

    Examples
    --------
    >>> pf.pl.activity(model, covariates=model.result_.obs[["subtype", "age"]]).table.shape
    (40, 9)
    """
    result = as_result(model)
    known = result.gene_set_names
    table = result.activity[known if gene_sets is None else [find_gene_set(name, known) for name in gene_sets]]
    spread = activity_spread(result)
    spread = spread[spread.index.isin(table.columns)]
    rows = copies_among(table[spread.index])
    groups = dict(list(rows.items())[:most])
    kept = pd.Index(list(groups))
    standard = (table[kept] - table[kept].mean()) / spread[kept]
    sets = kept[clustered(standard.to_numpy().T)] if len(kept) else kept
    people = table.index[clustered(standard.to_numpy())] if len(kept) else table.index
    shown = standard.loc[people, sets].T
    names = [readable(str(name)) for name in kept[:3]]
    answer = f"Most variable: {listed(names)}." if names else "No gene set differs between samples."
    if still := table.shape[1] - len(spread):
        answer += f" {count(still, 'gene set', 'have')} the same activity in all samples." if names else ""
    above = () if covariates is None else strips(covariates, people)
    if any(not strip.levels for strip in above):
        answer += " In strips of numbers, dark is high."
    answer += drawn(len(groups), len(rows), "those that vary most")
    if any(len(same) > 1 for same in groups.values()):
        answer += " Near copies (correlation above 0.95) stand in one row."
    return Figure(
        name="activity",
        question="Which programmes are high in which samples?",
        answer=answer,
        alt=f"Heat map of {count(len(sets), 'gene set')} by {count(len(people), 'sample')}, both ordered by "
        "similarity. Colours give the "
        "activity in standard deviations from the mean of the cohort: blue is low, orange is high."
        + (f" Strips above show {listed([strip.name for strip in above], 9)}." if above else ""),
        marks=(Heatmap(values=shown, unit="activity, sd from the mean", scale=ColourScale.DIVERGING), *above),
        x=sample_axis(people),
        y=gene_set_axis(sets, reverse=True, copies=groups),
        table=table.rename_axis("sample").reset_index(),
        height=190 + 17 * max(6, len(sets)) + 60 * bool(above) + 24 * len(above),
    )


def sample_activity(model: object, sample: str, *, most: int = 25) -> Figure:
    """Return one sample's activities with 95 % intervals against the spread of the cohort.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    sample
        Its name.
    most
        Gene sets shown: those farthest from the mean of the cohort, of those whose interval excludes it where there are
        any.

    Raises
    ------
    ConfigError
        If there is no such sample.

    Examples
    --------
    >>> pf.pl.sample_activity(model, "S01").table.shape
    (8, 4)
    """
    result = as_result(model)
    sample = find_name("sample", sample, result.sample_names)
    table = sample_activities(result, sample)
    clear = (table["lower"] > 0) | (table["upper"] < 0)
    told = table[clear] if clear.any() else table
    shown = told.head(most).sort_values("activity")
    axis = gene_set_axis(shown.index)
    labels = [f"{readable(str(name))}: {value:z.2f}" for name, value in shown["activity"].items()]
    return Figure(
        name="sample-activity",
        question=f"What is special about {sample}?",
        answer=f"{part_of(int(clear.sum()), len(table), 'activity', 'differ')} from the cohort's mean with a 95 % "
        "interval that excludes it." + drawn(len(shown), len(told), "those farthest from it"),
        alt=f"Activities of {count(len(shown), 'gene set')} in {sample} with 95 % intervals, in sd from the mean of "
        "the cohort.",
        marks=(Points.with_limits(shown, "activity", axis.labels, ids=axis.ids, labels=labels),),
        x=Axis(title="Activity (sd from the mean of the cohort)"),
        y=axis,
        table=table.rename_axis("gene_set").reset_index(),
        height=160 + 20 * len(shown),
    )
