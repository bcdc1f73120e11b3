"""Wording of figures and reports: lists of names, shares, effects and q values."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pathfa.core.names import readable
from pathfa.core.text import count
from pathfa.result.summaries import SIGNIFICANT

if TYPE_CHECKING:
    import pandas as pd

_SMALL_Q = 0.001
SHARES = ("eta squared", "epsilon squared")
"""What the names of effects end with that are shares of the variation between several levels."""


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as an enumeration.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    shown = list(names[:most])
    rest = len(names) - len(shown)
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def drawn(shown: int, total: int, which: str) -> str:
    """Return the sentence that says which part of something a figure draws; nothing where it draws all.

    >>> drawn(40, 46, "those with the smallest q")
    ' Drawn are 40 of 46, those with the smallest q.'
    >>> drawn(40, 40, "those with the smallest q")
    ''
    """
    return "" if shown == total else f" Drawn are {shown} of {total}, {which}."


def spans(ids: Sequence[str]) -> str:
    """Return ids of factors as an enumeration, three and more in a row by their ends.

    >>> spans(["F1", "F2", "F3", "F5", "F10", "F11"])
    'F1 to F3, F5, F10 and F11'
    """
    runs: list[list[str]] = []
    for name in ids:
        if runs and _number(name) == _number(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)]
    return listed(parts, len(parts))


def _number(factor: str) -> int:
    digits = factor.removeprefix("F")
    return int(digits) if digits.isdigit() else -1


def nats(value: float) -> str:
    """Return a difference of log evidence, whole from 100 on.

    >>> nats(446937.34), nats(6.25)
    ('446,937 nats', '6.2 nats')
    """
    return f"{value:,.{0 if abs(value) >= 100 else 1}f} nats"


def q_value(q: float) -> str:
    """Return a false discovery rate in words; below 0.001 its size says no more.

    >>> q_value(0.0123), q_value(1e-30)
    ('q = 0.012', 'q below 0.001')
    """
    return "q below 0.001" if q < _SMALL_Q else f"q = {q:.2g}"


def percent(share: float) -> str:
    """Return a share in per cent with two significant digits below 10; below 0 counts as 0.

    >>> percent(0.0823), percent(0.314)
    ('8.2 %', '31 %')
    """
    value = 100.0 * max(share, 0.0)
    if 0.0 < value < 0.05:
        return "under 0.1 %"
    return f"{value:.0f} %" if abs(value) >= 9.95 else f"{value:.1f} %"


def percent_with(share: float, lower: float, upper: float) -> str:
    """Return a share in per cent with its interval where there is one.

    >>> percent_with(0.14, 0.11, 0.17), percent_with(0.14, float("nan"), float("nan"))
    ('14 % (11 to 17)', '14 %')
    """
    if math.isnan(lower) or math.isnan(upper):
        return percent(share)
    low, high = (percent(value).removesuffix(" %").replace("under ", "<") for value in (lower, upper))
    return f"{percent(share)} ({low} to {high})"


def number_with(value: float, lower: float, upper: float) -> str:
    """Return a number with its interval.

    >>> number_with(-0.001, -0.21, 0.2)
    '0.00 (-0.21 to 0.20)'
    """
    return f"{value:z.2f} ({lower:z.2f} to {upper:z.2f})"


def effect_words(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Return the observed effect of an association with its interval, so that its direction cannot be misread.

    >>> group = {"measure": "difference in sd", "contrast": "b vs a"}
    >>> effect_words({"effect": -0.5, "lower": -0.9, "upper": -0.1, **group})
    '0.50 sd higher in a than in b (0.10 to 0.90)'
    >>> effect_words({"effect": 0.69, "lower": 0.5, "upper": 0.8, "measure": "eta squared", "contrast": "4 levels"})
    '69 % (50 to 80) of its variation is between 4 levels'
    >>> effect_words({"effect": 0.31, "lower": -0.001, "upper": 0.62, **group})
    '0.31 sd higher in b than in a (0.00 to 0.62)'
    >>> effect_words({"effect": 0.94, "lower": 0.9, "upper": 0.96, "measure": "correlation", "contrast": ""})
    'r = 0.94 (0.90 to 0.96)'
    """
    size, where, limits = _effect_parts(row)
    return f"{size}{where} {limits}" if limits else f"{size}{where}"


def _effect_parts(row: Mapping[Hashable, Any] | pd.Series) -> tuple[str, str, str]:
    """Return an effect in words: its size, where it is seen, and its interval, the last empty where the first has it.

    Of two groups the higher one is named first, so that all effects read one way.
    """
    size, measure, contrast = float(row["effect"]), str(row["measure"]), str(row.get("contrast", ""))
    low, high = float(row["lower"]), float(row["upper"])
    if measure == "difference in sd" and " vs " in contrast:
        first, second = contrast.split(" vs ", 1)
        if size < 0:
            first, second, low, high = second, first, -high, -low
        return f"{abs(size):z.2f} sd", f" higher in {first} than in {second}", f"({low:z.2f} to {high:z.2f})"
    if measure.endswith(SHARES):
        return percent_with(size, low, high), f" of its variation is between {contrast or 'the groups'}", ""
    if measure == "sd per sd":
        return f"{size:z.2f} sd per sd", "", f"({low:z.2f} to {high:z.2f})"
    named = "r =" if measure == "correlation" else measure
    return f"{named} {number_with(size, low, high)}", f", {contrast}" if contrast else "", ""


def correlate_words(table: pd.DataFrame) -> str:
    """Return on how many gene sets two views correlate and how much, from the table of ``concordance`` of one pair.

    >>> import pandas as pd
    >>> correlate_words(pd.DataFrame({"status": ["concordant", "unclear"], "effect": [0.5, 0.1]}))
    'correlate on 1 of 2 gene sets (r = 0.50)'
    """
    found = table.loc[table["status"] == "concordant", "effect"]
    text = f"correlate on {len(found)} of {count(len(table), 'gene set')}"
    if found.empty:
        return text
    sizes = f"r = {found.iloc[0]:z.2f}"
    if len(found) > 1:
        sizes = f"r {found.min():z.2f} to {found.max():z.2f}, median {found.median():z.2f}"
    return f"{text} ({sizes})"


def disagreements(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the gene sets on which two views do not agree, with the numbers, by what is wrong.

    Parameters
    ----------
    table
        What ``concordance`` says of one pair of views.

    Examples
    --------
    >>> row = {"status": "discordant", "feature": "HALLMARK_E2F_TARGETS", "effect": -0.15, "lower": -0.34, "q": 0.2}
    >>> disagreements(pd.DataFrame([{**row, "upper": 0.05, "typical": 0.5, "discordant_q": 1e-5}]))
    {'Less than half of what is typical': ['E2F targets (r = -0.15 (-0.34 to 0.05), typical 0.50, q below 0.001)']}
    >>> row |= {"effect": -0.8, "lower": -0.9, "q": 1e-5}
    >>> disagreements(pd.DataFrame([{**row, "upper": -0.6, "typical": 0.5, "discordant_q": 1e-9}]))
    {'Opposite': ['E2F targets (r = -0.80 (-0.90 to -0.60), q below 0.001)']}
    """
    found: dict[str, list[str]] = {}
    for row in table[table["status"] == "discordant"].to_dict("records"):
        size = f"r = {number_with(row['effect'], row['lower'], row['upper'])}"
        if row["effect"] < 0 and row["q"] <= SIGNIFICANT:
            words, numbers = "Opposite", f"{size}, {q_value(row['q'])}"
        else:
            words = "Less than half of what is typical"
            numbers = f"{size}, typical {row['typical']:z.2f}, {q_value(row['discordant_q'])}"
        found.setdefault(words, []).append(f"{readable(str(row['feature']))} ({numbers})")
    return found


def adjusted_words(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Return what is left of an association beside another covariate; empty where none was looked at.

    >>> adjusted_words({"adjusted_for": "sex", "adjusted_p": 1.0, "adjusted_effect": float("nan")})
    'determined by sex'
    >>> left = {"adjusted_effect": 0.1, "adjusted_lower": -0.2, "adjusted_upper": 0.4, "adjusted_measure": "sd per sd"}
    >>> adjusted_words({"adjusted_for": "sex", "adjusted_contrast": "", **left})
    'for sex: 0.10 sd per sd (-0.20 to 0.40)'
    """
    other = row.get("adjusted_for")
    if not isinstance(other, str) or not other:
        return ""
    left = _left_words(row)
    return f"for {other}: {left}" if left else f"determined by {other}"


def rival_words(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Return which other covariate an association may be that of; empty where something is left of it beside others.

    >>> left = {"adjusted_effect": 0.1, "adjusted_lower": -0.2, "adjusted_upper": 0.4, "adjusted_measure": "sd per sd"}
    >>> rival_words({"adjusted_for": "sex", "adjusted_q": 0.5, "adjusted_contrast": "", **left})
    'not told apart from sex: adjusted for it, 0.10 sd per sd (-0.20 to 0.40)'
    """
    if not row.get("adjusted_q", math.nan) > SIGNIFICANT:
        return ""
    left = _left_words(row)
    rest = f": adjusted for it, {left}" if left else ", which determines it"
    return f"not told apart from {row['adjusted_for']}{rest}"


def beside_words(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Return what is left of an association beside the other covariate that leaves least; empty where nothing is.

    >>> own = {"effect": -1.3, "lower": -1.7, "upper": -0.9, "measure": "difference in sd", "contrast": "b vs a"}
    >>> left = {"adjusted_effect": -1.1, "adjusted_lower": -1.5, "adjusted_upper": -0.7, "adjusted_contrast": "b vs a"}
    >>> other = {"adjusted_for": "sex", "adjusted_q": 0.01, "adjusted_measure": "difference in sd"}
    >>> beside_words({**own, **left, **other})
    'adjusted for sex: 1.10 sd (0.70 to 1.50)'
    """
    if not row.get("adjusted_q", math.nan) <= SIGNIFICANT:
        return ""
    (_, where, _), (size, left, limits) = _effect_parts(row), _effect_parts(_left(row))
    return f"adjusted for {row['adjusted_for']}: {size}{'' if left == where else left}{limits and ' '}{limits}"


def _left(row: Mapping[Hashable, Any] | pd.Series) -> dict[Hashable, Any]:
    """Return the effect beside the other covariate."""
    return {name: row[f"adjusted_{name}"] for name in ("effect", "lower", "upper", "measure", "contrast")}


def _left_words(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Return that effect in words; empty where the other covariate determines this one."""
    return "" if math.isnan(row["adjusted_effect"]) else effect_words(_left(row))
