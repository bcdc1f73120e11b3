"""Figures of how views agree: on activities, and on single features beyond the factors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.core.names import readable
from pathfa.core.text import capital, count
from pathfa.pl.axes import gene_set_axis
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.spec import Axis, Bars, Points, Rule
from pathfa.pl.wording import correlate_words, disagreements, drawn, listed, number_with
from pathfa.result.result import as_result
from pathfa.result.summaries import SIGNIFICANT

_AGREEMENTS = {
    "concordant": "correlate",
    "unclear": "unclear",
    "discordant": "less than half of what is typical",
    "seen in one view": "seen in one view",
}
"""What is said of a status, in the order of the legend."""
_TYPICAL = (
    f" Counted are correlations above 0 with q of {SIGNIFICANT} or less; opposite are those below 0. Typical is the "
    "median of what sets reach whose means are known as well (column typical); discordant_q is the q of a correlation "
    "below half of it."
)
_GREY = 6  # style of what is drawn for comparison
_MOST_LISTED = 6  # gene sets named in a sentence
_LITTLE = 0.1  # correlation of residuals below which no feature is named
_EDGES = np.linspace(-1.0, 1.0, 21)  # of the histogram of correlations


def concordance(table: pd.DataFrame, *, most: int = 40) -> Figure:
    """Return the correlation of every activity between two views, with intervals.

    Parameters
    ----------
    table
        What ``pathfa.concordance`` returned for gene sets. Of several pairs of views the first is drawn.
    most
        Gene sets shown: those with the lowest and the highest correlations.

    Examples
    --------
    >>> pf.pl.concordance(pf.concordance(model)).question
    'Do rna and protein agree on the activities?'
    """
    require_table(table, "concordance", "pathfa.concordance(model)")
    pair = str(table["covariate"].iloc[0])
    tested = table[(table["covariate"] == pair) & table["effect"].notna()].sort_values("effect", kind="stable")
    shown = tested if len(tested) <= most else pd.concat([tested.head(most // 2), tested.tail(most - most // 2)])
    axis = gene_set_axis(shown["feature"])
    marks = []
    for style, (status, words) in enumerate(_AGREEMENTS.items()):
        part = shown[shown["status"] == status]
        ids = [str(name) for name in part["feature"]]
        labels = [
            f"{readable(str(row['feature']))}: r = {number_with(row['effect'], row['lower'], row['upper'])}, {words}"
            for row in part.to_dict("records")
        ]
        if ids:
            y = [axis.labels[axis.ids.index(name)] for name in ids]
            marks.append(Points.with_limits(part, "effect", y, ids=ids, labels=labels, name=words, style=style))
    known = np.flatnonzero(shown["typical"].notna())
    typical, rows = shown["typical"].to_numpy()[known], [axis.labels[place] for place in known]
    if len(rows):
        marks.append(Points(x=typical, y=rows, name="typical", hollow=True, style=_GREY, size=5.0))
    answer = f"{pair.replace(' ~ ', ' and ')} {correlate_words(tested)}."
    for words, low in disagreements(tested).items():
        answer += f" {words}: {listed(low)}."
    for status in ("seen in one view", "unclear"):
        names = [readable(str(name)) for name in tested.loc[tested["status"] == status, "feature"]]
        answer += f" {capital(status)}: {listed(names, _MOST_LISTED)}." if names else ""
    answer += drawn(len(shown), len(tested), "those with the lowest and with the highest correlation")
    answer += _TYPICAL
    return Figure(
        name="concordance",
        question=f"Do {pair.replace(' ~ ', ' and ')} agree on the activities?",
        answer=answer,
        alt=f"Correlations of {count(len(shown), 'activity')} between the two views with 95 % intervals, lowest first. "
        "Colour and symbol show whether they correlate; small grey outlines are what is typical of such a set.",
        marks=(*marks, Rule(value=0.0, axis="x", label="no correlation")),
        x=Axis(title="Correlation over the samples of the activity from each view alone"),
        y=axis,
        table=table.rename(columns={"feature": "gene_set"}),
        height=200 + 19 * max(4, len(shown)),
    )


def residual_correlation(model: object) -> Figure:
    """Return how the residuals of the same feature correlate between two views.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult`` or path. At least one feature must have been measured in two views.

    Examples
    --------
    >>> pf.pl.residual_correlation(model).question
    'Do the views agree on single features beyond the factors?'
    """
    table = as_result(model).residual_correlation.dropna(axis=1, how="all")
    middles = [f"{middle:z.2f}" for middle in (_EDGES[:-1] + _EDGES[1:]) / 2.0]
    order = table.mean(axis=1).sort_values(ascending=False, kind="stable").index
    sentences = []
    for pair, values in table.items():
        views, known = str(pair).replace(" & ", " and "), values.dropna()
        if known.abs().max() < _LITTLE:
            sentences.append(f"Beyond the factors, {views} share nothing of single features")
            continue
        low, high = known.quantile([0.1, 0.9])
        leading = listed([str(name) for name in known.sort_values(ascending=False, kind="stable").index[:3]])
        sentences.append(
            f"What the factors leave of a feature correlates by {known.mean():z.2f} on average between {views} "
            f"({count(len(known), 'feature')}; {low:z.2f} to {high:z.2f} for 80 % of them). Highest: {leading}. "
            "Predictions of one view from another use this"
        )
    return Figure(
        name="residual_correlation",
        question="Do the views agree on single features beyond the factors?",
        answer=". ".join(sentences) + ".",
        alt="Histogram of the correlation, over the samples, between what the factors leave of a feature in one view "
        "and in another.",
        marks=tuple(
            Bars(labels=middles, values=np.histogram(values.dropna(), bins=_EDGES)[0], name=str(pair), style=style)
            for style, (pair, values) in enumerate(table.items())
        ),
        x=Axis(title="Correlation of the residuals", labels=tuple(middles)),
        y=Axis(title="Features"),
        table=pd.DataFrame(table.loc[order]).rename_axis("feature").reset_index(),
        height=320,
    )
