"""How the samples of guessed views join: by a rule, by cutting an affix, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pathfa.data.identifiers.samples import affix_patterns, best_rule
from pathfa.workflow.guess.view import GuessedView
from pathfa.workflow.guess.yaml_lines import scalar


def _samples(guesses: Sequence[GuessedView]) -> dict[str, pd.Index]:
    """Return the samples of every view that could be read and that no table renames."""
    return {guess.name: guess.view.samples for guess in guesses if guess.view is not None and not guess.tables}


def _apart(samples: Mapping[str, pd.Index]) -> list[str]:
    """Return the views that share no sample with any other."""
    return [
        name
        for name, own in samples.items()
        if not any(own.isin(theirs).any() for other, theirs in samples.items() if other != name)
    ]


def rule_lines(guesses: Sequence[GuessedView]) -> dict[str, list[str]]:
    """Return by view the lines that join samples where a view shares none with any other."""
    samples = _samples(guesses)
    for name in _apart(samples):
        for other in (each for each in samples if each != name):
            if lines := _lines(name, other, samples):
                return lines
    return {}


def _lines(one: str, other: str, samples: Mapping[str, pd.Index]) -> dict[str, list[str]]:
    """Return by view the lines that join the samples of two views; no affix is cut that others may need."""
    rule = best_rule(samples[one], samples[other])
    patterns = affix_patterns(samples[one], samples[other])
    if (
        patterns is not None
        and patterns[2] > (len(rule[1]) if rule else 0)
        and (len(samples) == 2 or patterns[1] == "(.+)")
    ):
        why = f"joins {patterns[2]} samples of the views"
        own = {one: patterns[0], other: patterns[1]}
        return {name: [f"sample_pattern: {scalar(own[name])}  # GUESS: {why}"] for name in own if own[name] != "(.+)"}
    line = "" if rule is None else f"sample_rule: {rule[0]}  # GUESS: joins the samples of the views"
    return {name: [line] for name in samples} if line else {}


def unjoined(guesses: Sequence[GuessedView], known: Sequence[str]) -> list[GuessedView]:
    """Return the views that share no sample with any other, where others do, and that nothing joins.

    Parameters
    ----------
    guesses
        All views.
    known
        Names of the views that the user has named, which are kept.
    """
    samples = _samples(guesses)
    apart = _apart(samples)
    if len(apart) == len(samples):
        return []
    joined = {name for name in apart if any(_lines(name, other, samples) for other in samples if other != name)}
    return [guess for guess in guesses if guess.name in apart and guess.name not in joined and guess.name not in known]
