"""Figures of what a fit leaves unexplained: noise, residuals, and what it says of samples that were left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm

from pathfa.analysis.refits.heldout import RANKS
from pathfa.core.errors import ConfigError
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.figures.checks import prediction_name
from pathfa.pl.spec import Axis, Bars, Line, Rule
from pathfa.pl.wording import listed, percent
from pathfa.result.result import as_result
from pathfa.result.summaries import FAR_RESIDUAL, residual_quantiles

_GREY = 6  # style of what is drawn for comparison
_FITTING = 1.5  # times as many far residuals as the model expects that are said to be about as many
_AS_SAID = 0.02  # difference from 80 % of what intervals contain that is said to be none


def noise(model: object) -> Figure:
    """Return the distribution of the noise sd of the features, a line per view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.noise(model).question
    'How noisy is each view?'
    """
    result = as_result(model)
    marks, rows = [], []
    for style, (view, sd) in enumerate(result.noise.items()):
        values = np.sort(sd.to_numpy())
        share = (np.arange(len(values)) + 1.0) / len(values)
        picked = np.unique(np.linspace(0, len(values) - 1, 200).astype(int))
        marks.append(Line(x=values[picked], y=share[picked], name=view, style=style))
        rows.append(pd.DataFrame({"view": view, "feature": sd.index, "noise_sd": sd.to_numpy()}))
    medians = ", ".join(f"{float(sd.median()):.2f} in {view}" for view, sd in result.noise.items())
    return Figure(
        name="noise",
        question="How noisy is each view?",
        answer=f"Median noise sd: {medians}, in fitted units; 1 is all of the variation of a z-scored feature.",
        alt="Cumulative share of features by noise sd, one line per view; lines farther left are less noisy.",
        marks=tuple(marks),
        x=Axis(title="Noise sd (fitted units)"),
        y=Axis(title="Share of features", percent=True),
        table=pd.concat(rows, ignore_index=True).sort_values("noise_sd", ascending=False, kind="stable"),
        height=340,
    )


def residuals(model: object) -> Figure:
    """Return quantiles of the standardised residuals against those of the normal distribution that the model assumes.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model; the fitted values must have been kept.

    Raises
    ------
    ConfigError
        If the fitted values were not kept.

    Examples
    --------
    >>> pf.pl.residuals(model).question
    'Is what is left over like the noise that the model assumes?'
    """
    result = as_result(model)
    if not result.data:
        raise ConfigError.of("no-data", "no data", "fitted values", "fit with keep_data=True", place="model")
    table, far = residual_quantiles(result)
    ends = table["normal"].iloc[[0, -1]].to_numpy()
    marks = [Line(x=ends, y=ends, name="as the model assumes", style=_GREY)]
    for style, (view, part) in enumerate(table.groupby("view", sort=False)):
        x, y = part["normal"].to_numpy(), part["residual"].to_numpy()
        marks.append(Line(x=x, y=y, name=str(view), markers=True, style=style))
    expected = float(2.0 * norm.sf(FAR_RESIDUAL))
    beyond = listed([f"{percent(share)} in {view}" for view, share in far.items()], 9)
    return Figure(
        name="residuals",
        question="Is what is left over like the noise that the model assumes?",
        answer=f"Residuals beyond {FAR_RESIDUAL:.0f} noise sd: {beyond}; the model expects {percent(expected)}. "
        f"{_tails(far, expected)}",
        alt="Quantiles of the standardised residuals of each view against those of the normal distribution; on the "
        "straight line the noise is as assumed.",
        marks=tuple(marks),
        x=Axis(title="Quantile of the normal distribution (sd)"),
        y=Axis(title="Quantile of the residuals (noise sd)"),
        table=table,
        height=400,
    )


def _tails(far: Mapping[str, float], expected: float) -> str:
    """Return what it means how many residuals are far, in a sentence."""
    many = [f"{share / expected:.1f} times in {view}" for view, share in far.items() if share > _FITTING * expected]
    if many:
        means = "the tails are heavier than assumed, and 99.7 % intervals of values too narrow"
        return f"That is {listed(many, 9)}: {means}."
    few = all(share < expected / _FITTING for share in far.values())
    return "The tails are lighter than assumed." if few else "That is about as many as expected."


def ranks(table: pd.DataFrame) -> Figure:
    """Return where values that were held out lie among what was predicted of them.

    Parameters
    ----------
    table
        What ``pathfa.analysis.heldout`` returned.

    Examples
    --------
    >>> pf.pl.ranks(checks.tables["heldout"]).question
    'Are predictions as uncertain as they say?'
    """
    require_table(table, "ranks", "pathfa.analysis.heldout(data, model=model)")
    inner, words, marks = list(RANKS[1:-1]), [], []
    for style, row in enumerate(table.to_dict("records")):
        name = prediction_name(row)
        marks.append(Bars(labels=RANKS, values=np.array([row[end] for end in RANKS]), name=name, style=style))
        inside = sum(row[end] for end in inner)
        words.append(f"{percent(inside)} ({name}: {_width(inside)})")
    return Figure(
        name="ranks",
        question="Are predictions as uncertain as they say?",
        answer=f"Of the values of samples left out of the fit, 80 % intervals contain {listed(words, 9)}. Outer tenths "
        "above the inner ones mean intervals that are too narrow, below them too wide.",
        alt="Bars of the share of the held-out values in each tenth of what was predicted of them; a dotted line marks "
        "a tenth, where all bars end if predictions are as uncertain as they say.",
        marks=(*marks, Rule(value=1.0 / len(RANKS), axis="y", label="as they say")),
        x=Axis(title="Probability of a lower value, as predicted", labels=RANKS),
        y=Axis(title="Share of the held-out values", percent=True),
        table=table[["view", "source", *RANKS]],
        height=340,
    )


def _width(inside: float) -> str:
    """Return what it means how many values 80 % intervals contain."""
    if abs(inside - 0.8) < _AS_SAID:
        return "as they say"
    return "too narrow" if inside < 0.8 else "too wide"
