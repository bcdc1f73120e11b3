"""Figures of the samples: their activities and scores."""

from __future__ import annotations

import pandas as pd

from pathfa.core.errors import ConfigError
from pathfa.core.text import count, inflect, part_of
from pathfa.pl.figure.annotations import strips
from pathfa.pl.figure.labels import gene_set_axis, sample_axis, unknown
from pathfa.pl.figure.order import clustered
from pathfa.pl.figure.spec import Axis, Entity, Figure, Heatmap, Points, Scale, shorten
from pathfa.pl.figure.words import Certainty, listed
from pathfa.pl.figures.factors import likely_sets
from pathfa.result.labels import factor_id, readable
from pathfa.result.result import PathFAResult, as_result


def activity(
    model: object,
    *,
    covariates: pd.DataFrame | None = None,
    most: int = 60,
    certainty: Certainty = Certainty.SURE,
) -> Figure:
    """Return the heat map of gene-set activities, samples and gene sets clustered.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    covariates
        Covariates of the samples that stand as strips above the map, indexed by sample; those with more than seven
        levels are left out.
    most
        Gene sets shown, by falling spread over the samples.
    certainty
        How sure its sentence sounds.
    """
    result = as_result(model)
    table = result.activity
    likely = likely_sets(result)
    spread = table[likely].std(axis=0, ddof=0).sort_values(ascending=False)
    kept = spread.index[spread.to_numpy() > 0][:most]
    standard = (table[kept] - table[kept].mean()) / spread[kept]
    sets = kept[clustered(standard.to_numpy().T)] if len(kept) else kept
    people = table.index[clustered(standard.to_numpy())] if len(kept) else table.index
    shown = standard.loc[people, sets].T
    names = [readable(str(name)) for name in kept[:3]]
    answer = (
        f"{part_of(len(likely), table.shape[1], 'gene set', 'are')} likely to differ "
        f"between the samples; {listed(names)} {certainty.verb(inflect(len(names), 'vary most'))}."
        if names
        else "No gene set is likely to differ between the samples."
    )
    above = () if covariates is None else strips(covariates, people)
    if any(not strip.levels for strip in above):
        answer += " In strips of numbers, bright is high."
    if len(likely) > most:
        answer += f" The figure shows the {most} that vary most."
    return Figure(
        name="activity",
        question="Which programmes are high in which samples?",
        answer=certainty.close(answer),
        alt=f"Heat map of {count(len(sets), 'gene set')} by {count(len(people), 'sample')}, both ordered by "
        "similarity. Colours give the "
        "activity in standard deviations from the mean of the cohort: blue is low, orange is high."
        + (f" Strips above show {listed([strip.name for strip in above], 9)}." if above else ""),
        marks=(Heatmap(values=shown, unit="activity, sd from the mean", scale=Scale.DIVERGING), *above),
        x=sample_axis([str(name) for name in people]),
        y=gene_set_axis([str(name) for name in sets], reverse=True),
        table=table.rename_axis("sample").reset_index(),
        height=190 + 17 * max(6, len(sets)) + 60 * bool(above) + 24 * len(above),
    )


def factor_scatter(
    model: object,
    x: str | None = None,
    y: str | None = None,
    *,
    colour: pd.Series | None = None,
    certainty: Certainty = Certainty.SURE,
) -> Figure:
    """Return the samples in the plane of two factors.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    x, y
        Factors, by name or id such as ``"F1"``; the first two by default.
    colour
        Groups of the samples, at most eight, told apart by colour and symbol.
    certainty
        How sure its sentence sounds.

    Raises
    ------
    ConfigError
        If there is no such factor.
    """
    result = as_result(model)
    first = _factor(result, x or result.factor_names[0])
    second = _factor(result, y or result.factor_names[min(1, len(result.factor_names) - 1)])
    scores = result.scores
    groups = _groups(scores.index, colour)
    marks = []
    for style, (name, chosen) in enumerate(groups.items()):
        marks.append(
            Points(
                x=scores.loc[chosen, first].to_numpy(),
                y=scores.loc[chosen, second].to_numpy(),
                name=name,
                labels=[str(item) for item in chosen],
                ids=[str(item) for item in chosen],
                style=style,
            )
        )
    far = outliers(result)
    names = [str(name) for name in far.index[far["outlier"]]]
    answer = (
        f"{listed(names)} {certainty.verb(inflect(len(names), 'stand out'))} from the other samples over all factors."
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
        answer=certainty.close(answer),
        alt=f"Scatter plot of {count(len(scores), 'sample')}; across: score of {first}, up: score of {second}.",
        marks=tuple(marks),
        x=Axis(title=f"Score of {shorten(first)} (sd)", entity=Entity.SAMPLE),
        y=Axis(title=f"Score of {shorten(second)} (sd)"),
        table=table,
        height=460,
    )


def outliers(result: PathFAResult, level: float = 0.001) -> pd.DataFrame:
    """Return per sample the squared robust distance over all factors and whether it is an outlier.

    Distances are sums of squared robust z-scores (median, MAD), compared with a chi-squared distribution.

    Returns
    -------
    DataFrame
        ``distance``, ``outlier``; rows by falling distance.
    """
    from scipy.stats import chi2

    scores = result.scores
    centre = scores.median()
    width = 1.4826 * (scores - centre).abs().median()
    standard = ((scores - centre) / width.where(width > 0)).fillna(0.0)
    distance = (standard**2).sum(axis=1)
    limit = chi2.isf(level / len(scores), df=scores.shape[1])
    table = pd.DataFrame({"distance": distance, "outlier": distance > limit})
    return table.sort_values("distance", ascending=False, kind="stable")


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
    if sample not in result.scores.index:
        raise ConfigError(findings=[unknown("sample", sample, result.sample_names)])
    lower, upper = result.interval("activity")
    mean, sd = result.activity.mean(), result.activity.std(ddof=0)
    sd = sd[sd > 0]
    table = pd.DataFrame(
        {
            "activity": result.activity.loc[sample],
            "lower": lower.loc[sample],
            "upper": upper.loc[sample],
        }
    )
    table = table.loc[sd.index].sub(mean[sd.index], axis=0).div(sd, axis=0)
    table = table.sort_values("activity", key=abs, ascending=False)
    shown = table.head(most).sort_values("activity")
    axis = gene_set_axis([str(name) for name in shown.index])
    clear = (table["lower"] > 0) | (table["upper"] < 0)
    return Figure(
        name="sample-activity",
        question=f"What is special about {sample}?",
        answer=f"{part_of(int(clear.sum()), len(table), 'activity', 'differ')} from the cohort's mean with a 95 % "
        "interval that excludes it.",
        alt=f"Activities of {count(len(shown), 'gene set')} in {sample} with 95 % intervals, in sd from the mean of "
        "the cohort.",
        marks=(
            Points(
                x=shown["activity"].to_numpy(),
                y=axis.labels,
                ids=axis.ids,
                labels=[f"{readable(str(name))}: {value:.2f}" for name, value in shown["activity"].items()],
                low=shown["lower"].to_numpy(),
                high=shown["upper"].to_numpy(),
            ),
        ),
        x=Axis(title="Activity (sd from the mean of the cohort)"),
        y=axis,
        table=table.rename_axis("gene_set").reset_index(),
        height=160 + 20 * len(shown),
    )


def _groups(samples: pd.Index, colour: pd.Series | None) -> dict[str, pd.Index]:
    if colour is None:
        return {"": samples}
    values = colour.reindex(samples).astype("object")
    known = values.dropna().astype(str)
    levels = known.value_counts().index[:7]
    groups = {f"{colour.name}: {level}": known.index[known == level] for level in levels}
    rest = samples.difference(known.index[known.isin(levels)], sort=False)
    return {**groups, **({"other or not known": rest} if len(rest) else {})}


def _factor(result: PathFAResult, name: str) -> str:
    found = [full for full in result.factor_names if name in (full, factor_id(full))]
    if not found:
        raise ConfigError(findings=[unknown("factor", name, result.factor_names)])
    return found[0]
