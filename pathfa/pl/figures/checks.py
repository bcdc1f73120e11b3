"""Figures of how well a fit is supported: samples that were left out, a fit without gene sets."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.judgement import evidence_gain
from pathfa.analysis.refits.predictions import OTHERS
from pathfa.core.names import factor_id
from pathfa.core.text import capital
from pathfa.inference.selection.rule import LEAST
from pathfa.pl.axes import factor_axis
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.spec import Axis, Points, Rule
from pathfa.pl.wording import listed, percent, percent_with, spans
from pathfa.result.judgement import LIMITS

_ALIKE = LIMITS["same-factor"].caution
_LITTLE_GAIN = 0.001  # of R2: less is said to be little, however certain its sign is
_GREY = 6  # style of what is drawn for comparison


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
        f"{capital(words)}: {spans([factor_id(names[i]) for i in np.flatnonzero(rows)])}."
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
