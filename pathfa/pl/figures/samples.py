"""Figures of the samples: their activities and scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from pathfa.analysis.association.copies import copies_among
from pathfa.analysis.summaries import activity_spread
from pathfa.core.aliases import also_called
from pathfa.core.text import count, part_of, shorten
from pathfa.pl.axes import clustered, gene_set_axis, sample_axis
from pathfa.pl.figure import Figure, find_factor, require_name
from pathfa.pl.spec import Axis, ColourScale, Entity, Heatmap, Points, Strip
from pathfa.pl.wording import listed
from pathfa.result.judgement import require_factors
from pathfa.result.labels import readable
from pathfa.result.result import as_result
from pathfa.result.summaries import outliers, sample_activities

MOST_LEVELS = 7
"""Covariates with more levels cannot be told apart by colour."""


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
        Gene sets that are looked at; all of them when None.
    most
        Rows shown, by falling spread over the samples. Gene sets whose activities correlate by more than 0.95 stand in
        the row of the one that varies most.

    Raises
    ------
    ConfigError
        If there is no such gene set.
    """
    result = as_result(model)
    for name in gene_sets or ():
        require_name("gene set", name, result.gene_set_names)
    table = result.activity if gene_sets is None else result.activity[list(gene_sets)]
    spread = activity_spread(result)
    spread = spread[spread.index.isin(table.columns)]
    groups = dict(list(copies_among(table[spread.index]).items())[:most])
    kept = pd.Index(list(groups))
    standard = (table[kept] - table[kept].mean()) / spread[kept]
    sets = kept[clustered(standard.to_numpy().T)] if len(kept) else kept
    people = table.index[clustered(standard.to_numpy())] if len(kept) else table.index
    shown = standard.loc[people, sets].T
    names = [readable(str(name)) for name in kept[:3]]
    answer = (
        f"{part_of(len(spread), table.shape[1], 'gene set', 'differ')} between samples, most of all {listed(names)}."
        if names
        else "No gene set differs between samples."
    )
    above = () if covariates is None else _strips(covariates, people)
    if any(not strip.levels for strip in above):
        answer += " In strips of numbers, bright is high."
    if sum(map(len, groups.values())) < len(spread):
        answer += f" Shown: the {most} that vary most."
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


@also_called(color="colour")
def factor_scatter(
    model: object,
    x: str | None = None,
    y: str | None = None,
    *,
    colour: pd.Series | None = None,
) -> Figure:
    """Return the samples in the plane of two factors.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    x, y
        Factors, by name or id such as ``"F1"``; the first two by default.
    colour
        Numbers, shown on a scale, or groups of the samples, at most eight, told apart by colour and symbol; indexed by
        sample. It may be given as ``color`` too.

    Raises
    ------
    ConfigError
        If there is no such factor.
    """
    result = as_result(model)
    require_factors(result)
    first = find_factor(result, x or result.factor_names[0])
    second = find_factor(result, y or result.factor_names[min(1, len(result.factor_names) - 1)])
    scores = result.scores
    marks = []
    for style, (name, chosen, look) in enumerate(_coloured(scores.index, colour)):
        ids = [str(item) for item in chosen]
        across, up = scores.loc[chosen, first].to_numpy(), scores.loc[chosen, second].to_numpy()
        marks.append(Points(x=across, y=up, name=name, ids=ids, style=style, **{"labels": ids, **look}))
    far = outliers(result)
    names = [str(name) for name in far.index[far["outlier"]]]
    answer = (
        f"Far from the other samples over all factors: {listed(names, 6)}."
        if names
        else "No sample lies far from the others over all factors."
    )
    table = scores.rename_axis("sample").reset_index()
    if colour is not None:
        table.insert(1, str(colour.name), colour.reindex(scores.index).to_numpy())
    return Figure(
        name="factor-scatter",
        question="How do the samples lie on the first two factors?"
        if x is None and first != second
        else "How do the samples lie?",
        answer=answer,
        alt=f"Scatter plot of {count(len(scores), 'sample')}; across: score of {first}, up: score of {second}.",
        marks=tuple(marks),
        x=Axis(title=f"Score of {shorten(first)} (sd)", entity=Entity.SAMPLE),
        y=Axis(title=f"Score of {shorten(second)} (sd)"),
        table=table,
        height=460,
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
        Gene sets shown: those farthest from the mean of the cohort.

    Raises
    ------
    ConfigError
        If there is no such sample.
    """
    result = as_result(model)
    require_name("sample", sample, result.sample_names)
    table = sample_activities(result, sample)
    shown = table.head(most).sort_values("activity")
    axis = gene_set_axis(shown.index)
    labels = [f"{readable(str(name))}: {value:.2f}" for name, value in shown["activity"].items()]
    clear = (table["lower"] > 0) | (table["upper"] < 0)
    return Figure(
        name="sample-activity",
        question=f"What is special about {sample}?",
        answer=f"{part_of(int(clear.sum()), len(table), 'activity', 'differ')} from the cohort's mean with a 95 % "
        "interval that excludes it.",
        alt=f"Activities of {count(len(shown), 'gene set')} in {sample} with 95 % intervals, in sd from the mean of "
        "the cohort.",
        marks=(Points.with_limits(shown, "activity", axis.labels, ids=axis.ids, labels=labels),),
        x=Axis(title="Activity (sd from the mean of the cohort)"),
        y=axis,
        table=table.rename_axis("gene_set").reset_index(),
        height=160 + 20 * len(shown),
    )


def _strips(covariates: pd.DataFrame, order: pd.Index) -> tuple[Strip, ...]:
    """Return a strip per covariate, in the order of the samples; those with too many levels are left out."""
    found = []
    for name in covariates.columns:
        values = covariates[name].reindex(order)
        label = shorten(str(name), 24)
        if _is_measured(values):
            found.append(Strip(name=label, values=values.to_numpy(dtype=float)))
            continue
        words = values.map(str, na_action="ignore")
        levels = sorted(words.dropna().unique())
        if 1 <= len(levels) <= MOST_LEVELS:
            codes = words.map({level: float(code) for code, level in enumerate(levels)}).to_numpy(dtype=float)
            found.append(Strip(name=label, values=codes, levels=tuple(shorten(level, 24) for level in levels)))
    return tuple(found)


def _is_measured(values: pd.Series) -> bool:
    """Whether values are numbers on a scale, not groups."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    return numeric and values.nunique() > 2


def _coloured(samples: pd.Index, colour: pd.Series | None) -> Iterator[tuple[str, pd.Index, dict[str, Any]]]:
    """Yield samples that look alike, their name in the legend, and their look: by group, or by number on a scale."""
    if colour is None or not _is_measured(colour):
        yield from ((name, chosen, {}) for name, chosen in _groups(samples, colour).items())
        return
    numbers = colour.reindex(samples).astype(float)
    known = numbers.dropna()
    words = [f"{name}: {value:.4g}" for name, value in known.items()]
    yield "", known.index, {"values": known.to_numpy(), "unit": str(colour.name), "labels": words}
    if len(rest := numbers.index[numbers.isna()]):
        yield "not known", rest, {"hollow": True}


def _groups(samples: pd.Index, colour: pd.Series | None) -> dict[str, pd.Index]:
    if colour is None:
        return {"": samples}
    values = colour.reindex(samples).astype("object")
    known = values.dropna().astype(str)
    levels = known.value_counts().index[:MOST_LEVELS]
    groups = {f"{colour.name}: {level}": known.index[known == level] for level in levels}
    rest = samples.difference(known.index[known.isin(levels)], sort=False)
    return {**groups, **({"other or not known": rest} if len(rest) else {})}
