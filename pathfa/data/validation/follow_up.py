"""Follow-up of the samples as it was given: times, and whether the event was seen."""

from __future__ import annotations

import pandas as pd
from pandas.api.types import is_numeric_dtype

from pathfa.core.findings import Finding, error
from pathfa.core.grammar import count

_SAID = {"true": 1, "false": 0, "1": 1, "0": 0}


def as_events(values: pd.Series) -> pd.Series:
    """Return whether the event was seen, with 0 and 1 for the words true and false in any case."""
    return values.map(lambda value: _SAID.get(value.lower(), value) if isinstance(value, str) else value)


def check_follow_up(time: pd.Series, event: pd.Series, place: tuple[str, str] = ("time", "event")) -> list[Finding]:
    """Return what is wrong with times and events.

    Parameters
    ----------
    time, event
        One value per sample; those of samples that lack one of them do not matter.
    place
        What the messages call the two.
    """
    rows = time.notna() & event.notna()
    times, events = time[rows], as_events(event[rows])
    findings = []
    if not is_numeric_dtype(times):
        findings.append(
            error(
                "not-numeric", "values that are not numbers", "numbers", "convert them", place=place[0], examples=times
            )
        )
    elif (times <= 0).any():
        bad = [f"{sample}: {value}" for sample, value in times[times <= 0].items()]
        findings.append(
            error(
                "bad-time",
                f"{count(len(bad), 'time')} at or below 0",
                "times above 0",
                "correct or drop these samples",
                place=place[0],
                items=bad,
            )
        )
    if strange := [value for value in events.unique() if value not in (0, 1)]:
        findings.append(
            error(
                "bad-event",
                "values other than 0 and 1",
                "0/1 or false/true",
                "make it numeric, for example event = (status == 'dead')",
                place=place[1],
                examples=strange,
            )
        )
    return findings
