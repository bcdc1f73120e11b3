"""Figures of how well a fit is supported: samples that were left out, a fit without gene sets, views that agree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.judgement import evidence_gain
from pathfa.analysis.refits.predictions import OTHERS
from pathfa.core.names import factor_id, readable
from pathfa.core.text import count
from pathfa.inference.selection.rule import LEAST
from pathfa.pl.axes import factor_axis, gene_set_axis
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.spec import Axis, Bars, Points, Rule
from pathfa.pl.wording import below_typical, correlate_words, drawn, listed, percent, percent_with, spans
from pathfa.result.judgement import LIMITS
from pathfa.result.result import as_result
from pathfa.result.summaries import SIGNIFICANT

_ALIKE = LIMITS["same-factor"].caution
_LITTLE_GAIN = 0.001  # of R2: less is said to be little, however certain its sign is
_AGREEMENTS = {
    "concordant": "correlate",
    "unclear": "unclear",
    "discordant": "less than half of what is typical",
    "seen in one view": "seen in one view",
}
"""What is said of a status, in the order of the legend."""
_TYPICAL = (
    f" Counted are correlations above 0 with q of {SIGNIFICANT} or less. Typical is the median of what sets reach "
    "whose means are known as well (column typical); discordant_q is the q of a correlation below half of it."
)
_GREY = 6  # style of what is drawn for comparison
_MOST_LISTED = 6  # gene sets named in a sentence
_LITTLE = 0.1  # correlation of residuals below which no feature is named
_EDGES = np.linspace(-1.0, 1.0, 21)  # of the histogram of correlations


def prediction_name(row: Mapping[Hashable, Any]) -> str:
    """Return what was predicted, and from what, in a row of ``pathfa.analysis.heldout``."""
    return f"{row['view']}, {'from other views' if row['source'] == OTHERS else 'half of it seen'}"


def heldout(table: pd.DataFrame) -> Figure:
    """Return R2 of samples that were left out, with gene sets and without, beside that of the fitted samples.

    Parameters
    ----------
    table
        What ``pathfa.analysis.heldout`` returned.

    Examples
    --------
    >>> pf.pl.heldout(checks.tables["heldout"]).question
    'Does the fit predict samples that it has not seen?'
    """
    require_table(table, "heldout", "pathfa.analysis.heldout(data, model=model)")
    shown = table.iloc[::-1]
    labels = tuple(prediction_name(row) for row in shown.to_dict("records"))
    hover = [
        f"{row['view']}: {row['r2']:.3f} ({row['lower']:.3f} to {row['upper']:.3f}), n = {row['n']}"
        for row in shown.to_dict("records")
    ]
    words = [
        f"{listed([_share(row) for row in part.to_dict('records')], 9)} from {source}"
        for source, part in table.groupby("source", sort=False)
    ]
    answer = f"In samples left out of the fit the model predicts {', and '.join(words)}. {gain_words(table)}"
    marks = (
        Points.with_limits(shown, "r2", labels, name="left out, with gene sets", labels=hover),
        Points(x=shown["r2_without"].to_numpy(), y=labels, name="left out, without gene sets", hollow=True, style=1),
        Points(x=shown["fitted_r2"].to_numpy(), y=labels, name="fitted samples, all factors", hollow=True, style=2),
        Rule(value=0.0, axis="x", label="the mean"),
    )
    return Figure(
        name="heldout",
        question="Does the fit predict samples that it has not seen?",
        answer=answer,
        alt="Points of R2, a row per view and what it was predicted from: filled circles with 95 % intervals for "
        "samples that were left out, open squares for the same without gene sets, open diamonds for the fitted "
        "samples. A dotted line marks 0, as good as the mean.",
        marks=marks,
        x=Axis(title="R2 (1 is perfect, 0 is as good as the mean)"),
        y=Axis(labels=labels),
        table=table,
        height=190 + 34 * len(labels),
    )


def _share(row: Mapping[Hashable, Any]) -> str:
    if row["r2"] <= 0:
        return f"nothing of {row['view']}"
    return f"{percent_with(row['r2'], row['lower'], row['upper'])} of {row['view']}"


def gain_words(table: pd.DataFrame) -> str:
    """Return whether gene sets help to predict, from the table of ``heldout``, in a sentence."""
    if (table["gain"].abs() < _LITTLE_GAIN).all():
        return f"Gene sets change it by less than {_points(_LITTLE_GAIN)}."
    better = table[table["gain_lower"] > 0]
    worse = table[table["gain_upper"] < 0]
    if len(better) == len(table):
        most = float(table["gain"].max())
        return f"Gene sets help in every line, by up to {_points(most)}."
    if len(worse) == len(table):
        return f"It would be better without gene sets in every line, by up to {_points(-float(table['gain'].min()))}."
    if better.empty and worse.empty:
        return "Gene sets make no clear difference to it."
    rest = len(table) - len(better) - len(worse)
    parts = [
        f"{words} {listed([_with_points(row) for row in rows.to_dict('records')], len(rows))}"
        for words, rows in (("help for", better), ("harm for", worse))
        if len(rows)
    ]
    return f"Gene sets {'; they '.join(parts)}{'; no clear difference otherwise' if rest else ''}."


def _with_points(row: Mapping[Hashable, Any]) -> str:
    return f"{prediction_name(row)} (by {_points(abs(row['gain']))})"


def _points(share: float) -> str:
    return f"{100.0 * share:.1f} percentage points"


def uninformed(table: pd.DataFrame) -> Figure:
    """Return how near each factor is to the factors of a fit without gene sets.

    Parameters
    ----------
    table
        What ``pathfa.analysis.uninformed`` returned.

    Examples
    --------
    >>> pf.pl.uninformed(checks.tables["uninformed"]).question
    'Would the same factors be found without gene sets?'
    """
    require_table(table, "uninformed", "pathfa.analysis.uninformed(data, model=model)")
    factors = table[table["level"] == "factor"]
    names = [str(name) for name in factors["feature"]]
    axis = factor_axis(names, reverse=True)
    similar, within = factors["similarity"].to_numpy(dtype=float), factors["within"].to_numpy(dtype=float)
    kinds = [
        ("also found without gene sets", similar >= _ALIKE),
        (
            "rotated by the gene sets (without them only a mixture of factors)",
            (similar < _ALIKE) & (within >= _ALIKE),
        ),
        ("not found without gene sets", within < _ALIKE),
    ]
    parts = [
        f"{words[0].upper()}{words[1:]}: {spans([factor_id(names[i]) for i in np.flatnonzero(rows)])}."
        for words, rows in kinds
        if rows.any()
    ]
    return Figure(
        name="uninformed",
        question="Would the same factors be found without gene sets?",
        answer=" ".join(parts) + _meaning(similar, within),
        alt="A row per factor: a filled circle for the likeness to one factor of a fit without gene sets, an open "
        f"square for that to the nearest mixture of its factors; a dotted line marks {_ALIKE}, from which both count "
        "as alike.",
        marks=(
            Points(x=similar, y=axis.labels, ids=axis.ids, name="like one factor without gene sets"),
            Points(x=within, y=axis.labels, ids=axis.ids, name="like a mixture of them", hollow=True, style=1),
            Rule(value=_ALIKE, axis="x", label="alike"),
        ),
        x=Axis(title="Likeness of the loadings (cosine, 1 is identical)"),
        y=axis,
        table=table,
        height=180 + 26 * max(3, len(names)),
    )


def _meaning(similar: np.ndarray, within: np.ndarray) -> str:
    """Return in a sentence what it means where all factors are of one kind."""
    if (similar >= _ALIKE).all():
        return " The data made the factors, the gene sets name them."
    if (within < _ALIKE).all():
        return " The gene sets made the factors: the data alone give others."
    return ""


def evidence_words(table: pd.DataFrame) -> str:
    """Return what the gene sets are worth to the model, in sentences."""
    gain = evidence_gain(table)
    views = table[table["level"] == "view"]
    shares = [
        f"{percent(row['without_gene_sets'])} of {row['feature']} (with them {percent(row['with_gene_sets'])})"
        for row in views.to_dict("records")
    ]
    if gain > 0:
        text = f"with gene sets to the one without by {gain:,.0f} nats ({LEAST:.0f} are strong)"
    else:
        text = f"without gene sets by {-gain:,.0f} nats: they do not describe these data"
    return f"The evidence prefers the model {text}. As many factors without gene sets explain {listed(shares, 9)}."


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
            f"{readable(str(row.feature))}: r = {row.effect:z.2f} ({row.lower:z.2f} to {row.upper:z.2f}), {words}"
            for row in part.itertuples()
        ]
        if ids:
            y = [axis.labels[axis.ids.index(name)] for name in ids]
            marks.append(Points.with_limits(part, "effect", y, ids=ids, labels=labels, name=words, style=style))
    known = np.flatnonzero(shown["typical"].notna())
    typical, rows = shown["typical"].to_numpy()[known], [axis.labels[place] for place in known]
    if len(rows):
        marks.append(Points(x=typical, y=rows, name="typical", hollow=True, style=_GREY, size=5.0))
    answer = f"{pair.replace(' ~ ', ' and ')} {correlate_words(tested)}."
    if low := below_typical(tested):
        answer += f" Less than half of what is typical: {listed(low)}."
    for status in ("seen in one view", "unclear"):
        names = [readable(str(name)) for name in tested.loc[tested["status"] == status, "feature"]]
        answer += f" {status[0].upper()}{status[1:]}: {listed(names, _MOST_LISTED)}." if names else ""
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
