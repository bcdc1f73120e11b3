"""Figures of the fit: whether it converged, which model was chosen, what it leaves unexplained."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm

from pathfa.analysis.refits.heldout import RANKS
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.inference.selection.rule import CLOSE, LEAST
from pathfa.options import LoadingPrior
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.figures.checks import prediction_name
from pathfa.pl.spec import Axis, Bars, Line, Mark, Points, Rule
from pathfa.pl.wording import listed, nats, percent
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import FAR_RESIDUAL, Choice, model_choice, ran_to_end, residual_quantiles

_MOST_MARKERS = 60  # iterations up to which each has a marker
_LAST = 10  # iterations at the end whose gain is stated
_NOTED_GAP = 0.5  # nats between initialisations from which the difference is mentioned
_GREY = 6  # style of what is drawn for comparison
_SIMPLER = f"Within {LEAST:.0f} nats both are as good; then the simpler one, the strict prior, is taken."
_FITTING = 1.5  # times as many far residuals as the model expects that are said to be about as many
_AS_SAID = 0.02  # difference from 80 % of what intervals contain that is said to be none


def convergence(model: object) -> Figure:
    """Return the log evidence by iteration of the chosen fit.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.convergence(model).table.columns.tolist()
    ['iteration', 'log_evidence']
    """
    result = as_result(model)
    trace = result.trace
    values = trace["log_evidence"].to_numpy()
    gain = values[-1] - values[max(0, len(values) - 1 - _LAST)]
    ended = "the criterion was met" if result.converged else "it stopped before the criterion was met"
    size = result.settings.get("n_values", np.nan)  # older models do not tell
    least, alike = result.settings.get("tol", np.nan) * size, CLOSE * size
    ended += f" (changes below {least:.2g} nats per iteration)" if least > 0 else ""
    relative = f"; starts that end within {nats(alike)} of each other count as equally good" if alike > 0 else ""
    return Figure(
        name="convergence",
        question="Did the fit converge?",
        answer=f"{count(result.n_iter, 'iteration')}; {ended}. Over the last ten the log evidence "
        f"{'rose' if gain >= 0 else 'fell'} by {nats(abs(gain))}{relative}.",
        alt="Line of the log evidence by iteration; it should rise and become flat.",
        marks=(Line(x=trace["iteration"].to_numpy(), y=values, markers=len(values) < _MOST_MARKERS),),
        x=Axis(title="Iteration"),
        y=Axis(title="Log evidence (nats)"),
        table=trace,
        height=320,
    )


def selection(model: object) -> Figure:
    """Return the evidence of every candidate by number of factors, a line per loading prior.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.pl.selection(model).question
    'Why this number of factors and this loading prior?'
    """
    result = as_result(model)
    table, choice = result.selection, model_choice(result)
    marks: list[Mark] = []
    for style, (prior, part) in enumerate(table.groupby("loading_prior", sort=True)):
        best = part.groupby("n_factors")["log_evidence"].max()
        marks.append(Line(x=best.index.to_numpy(), y=best.to_numpy(), name=f"{prior}: best start", style=style))
        for ended, some in part.groupby(ran_to_end(part), sort=True):
            early = "" if ended else ", stopped early"
            labels = [
                f"{prior}, K = {row.n_factors}, start {row.start}: {row.log_evidence:,.1f}{early}"
                for row in some.itertuples()
            ]
            sizes, evidence = some["n_factors"].to_numpy(), some["log_evidence"].to_numpy()
            name = f"{prior}: starts{early}"
            marks.append(Points(x=sizes, y=evidence, name=name, labels=labels, style=style, size=7.0, hollow=not ended))
    marks.append(Rule(value=float(choice.chosen["n_factors"]), axis="x", label="chosen"))
    return Figure(
        name="selection",
        question="Why this number of factors and this loading prior?",
        answer=" ".join(
            [_why_chosen(choice), *_limit_words(result, choice), *_start_words(choice), *_early_words(table)]
        ),
        alt="Points of the log evidence of every fit by its number of factors, a line through the best of each "
        "loading prior, and a dotted line at the chosen number of factors.",
        marks=tuple(marks),
        x=Axis(title="Number of factors K"),
        y=Axis(title="Log evidence (nats)"),
        table=table,
        height=360,
    )


def _why_chosen(choice: Choice) -> str:
    """Return sentences on the choice of the model beside the best of the others."""
    chosen, rival, gap = choice.chosen, choice.rival, choice.gap
    name = _model_name(chosen)
    name = name[0].upper() + name[1:]
    if rival is None:
        return f"{name} was given, not chosen."
    if choice.given:
        number = f"K = {int(chosen['n_factors'])}"
        text = f"{number} was given: no other number of factors was tried, so nothing here speaks for it."
        prior, other = (f"the {row['loading_prior']} prior" for row in (chosen, rival))
        if gap >= 0:
            return f"{text} With {prior} it has {nats(gap)} more than with {other}."
        return f"{text} {prior[0].upper()}{prior[1:]} was taken although {other} has {nats(-gap)} more. {_SIMPLER}"
    more = int(rival["n_factors"] - chosen["n_factors"])
    if gap >= 0:
        text = f"{name} has the highest evidence, {nats(gap)} more than {_model_name(rival)}, the next best."
        return f"{text} So further factors add nothing." if gap < LEAST and more > 0 else text
    if -gap < LEAST and more > 0:
        return (
            f"{name} was chosen, not {_model_name(rival)} with {nats(-gap)} more: evidence is strong only from "
            f"{LEAST:.0f} nats on, so further factors add nothing."
        )
    if more > 0:
        further = "The further factor is" if more == 1 else f"The {more} further factors are"
        rule = (
            f"{further} not worth it: in real data every factor adds a little evidence without end, so one is added "
            f"only while it brings at least {LEAST:.0f} nats and a fortieth of what all before it have brought. Beyond "
            "that, fits of nearly equal evidence agree less on single factors. To see more, set the number of factors."
        )
    elif chosen["loading_prior"] == LoadingPrior.STRICT and rival["loading_prior"] == LoadingPrior.SOFT:
        rule = _SIMPLER
    else:
        rule = (
            "The search had left that model before its best start was known; both differ by so little that chance in "
            "the fitting can turn the order."
        )
    least = "" if rival.get("finished", True) else "at least "
    return f"{name} was chosen although {_model_name(rival)} has {least}{nats(-gap)} more. {rule}"


def _early_words(table: pd.DataFrame) -> list[str]:
    """Return a sentence on fits that stopped early, if there are any."""
    if ran_to_end(table).all():
        return []
    return ["Fits that could not change the choice stopped early (hollow points): their evidence would be higher."]


def _model_name(row: pd.Series) -> str:
    if not row["n_factors"]:
        return "the model without factors"
    return f"K = {int(row['n_factors'])} with the {row['loading_prior']} prior"


def _limit_words(result: PathFAResult, choice: Choice) -> list[str]:
    if result.settings.get("stopped") != "limit" or choice.rival is None:
        return []
    return ["The evidence still rose when no more factors were allowed, so there may be more structure than is shown."]


def _start_words(choice: Choice) -> list[str]:
    """Return a sentence where another start of the chosen model has more evidence, else nothing."""
    if choice.start_gap < _NOTED_GAP:
        return []
    text = (
        f"Of its starts, another ended {nats(choice.start_gap)} higher. Over all measured values this is too "
        "little to tell them apart, so the start was taken whose loadings follow the gene sets most: its factors can "
        "be named best."
    )
    return [text]


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
        return f"That is {listed(many, 9)}: the tails are heavier than assumed, and wide intervals are too narrow."
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
