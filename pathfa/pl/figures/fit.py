"""Figures of the fit: whether it converged, and which model was chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.core.text import capital, count
from pathfa.inference.selection.rule import CLOSE, LEAST
from pathfa.options import LoadingPrior
from pathfa.pl.figure import Figure
from pathfa.pl.spec import Axis, Line, Mark, Points, Rule
from pathfa.pl.wording import nats
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import Choice, model_choice, ran_to_end

_MOST_MARKERS = 60  # iterations up to which each has a marker
_LAST = 10  # iterations at the end whose gain is stated
_NOTED_GAP = 0.5  # nats between initialisations from which the difference is mentioned
_SIMPLER = f"Within {LEAST:.0f} nats both are as good; then the simpler one, the strict prior, is taken."


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
    name = capital(_model_name(chosen))
    if rival is None:
        return f"{name} was given, not chosen."
    if choice.given:
        number = f"K = {int(chosen['n_factors'])}"
        text = f"{number} was given: no other number of factors was tried, so nothing here speaks for it."
        prior, other = (f"the {row['loading_prior']} prior" for row in (chosen, rival))
        if gap >= 0:
            return f"{text} With {prior} it has {nats(gap)} more than with {other}."
        return f"{text} {capital(prior)} was taken although {other} has {nats(-gap)} more. {_SIMPLER}"
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
    least = "" if choice.rival_ended else "at least "
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
