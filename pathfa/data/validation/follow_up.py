"""Columns of a sheet that look like the follow-up of patients: times, and whether the event was seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pathfa.core.columns import holds_numbers
from pathfa.data.validation.samples import TWO_COLUMNS, as_events, check_follow_up

_TIME = re.compile(
    r"(?P<what>os|pfs|pfi|dfs|dfi|rfs|dss|efs|ttp|overall|progression|survival|follow[-_. ]?up|surv)?"
    r"[-_. ([]*(time|months?|days|years|days[-_. ]to[-_. ](death|last.*)|survival|follow[-_. ]?up)"
    r"([-_. ([]*(time|months?|days|years|to[-_. ]death))?[)\]]?",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"(?P<what>os|pfs|pfi|dfs|dfi|rfs|dss|efs|ttp|overall|progression|survival|follow[-_. ]?up|surv)?"
    r"[-_. ]*(status|event|vital[-_. ]?status|dead|died|death|deceased|censor(ed|ing)?)?",
    re.IGNORECASE,
)

_OUTCOME = re.compile("death|last|follow|surv", re.IGNORECASE)  # in the name of a time, even without an event


@dataclass(frozen=True, kw_only=True)
class FollowUpColumns:
    """A time and an event that belong together by their names.

    Attributes
    ----------
    time, event
        Names of the columns.
    problem
        What is wrong with their values; empty where they can be used.
    """

    time: str
    event: str
    problem: str


def follow_ups(columns: pd.DataFrame) -> list[FollowUpColumns]:
    """Return pairs of columns that look like time and event, the usable ones first."""
    times, events = _named(columns)
    return sorted(_pairs(columns, times, events), key=lambda pair: bool(pair.problem))


def outcome_columns(columns: pd.DataFrame) -> list[str]:
    """Return the columns that hold times or events of a follow-up, by name and content.

    Such a time is censored, and such an event depends on how long each patient was followed, so that neither is an
    ordinary covariate. A time alone, without an event or the name of an outcome, may be one of an experiment.

    Examples
    --------
    >>> sheet = {"OS.days": [5, 9], "OS.status": ["dead", "alive"], "days": [1, 2], "age": [1, 2]}
    >>> outcome_columns(pd.DataFrame(sheet))
    ['OS.days', 'OS.status']
    """
    times, events = _named(columns)
    usable = {name: what for name, what in events.items() if _says_events(columns[name])}
    paired = {pair.time for pair in _pairs(columns, times, usable)}
    said = {name for name, what in times.items() if what or name in paired or _OUTCOME.search(name)}
    kept = [name for name in said if columns[name].min() >= 0]
    return [name for name in map(str, columns.columns) if name in kept or name in usable]


def _named(columns: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns that are called like times and like events, with what they are of."""
    times: dict[str, str] = {}
    events: dict[str, str] = {}
    for name in map(str, columns.columns):
        if (match := _TIME.fullmatch(name)) and holds_numbers(columns[name]):
            times[name] = (match["what"] or "").lower()
        elif (match := _EVENT.fullmatch(name)) and 1 <= columns[name].nunique() <= 3:
            events[name] = (match["what"] or "").lower()
    return times, events


def _says_events(values: pd.Series) -> bool:
    return set(as_events(values.dropna()).unique()) <= {0, 1}


def _pairs(columns: pd.DataFrame, times: dict[str, str], events: dict[str, str]) -> Iterator[FollowUpColumns]:
    for time, event in ((time, event) for time in times for event in events if times[time] == events[event]):
        said = {item.code: str(item) for item in check_follow_up(columns[time], columns[event], (time, event))}
        said.pop("zero-time", None)  # these samples are left out
        if set(said) <= {TWO_COLUMNS} and as_events(columns[event][columns[time].notna()].dropna()).nunique() < 2:
            said = {"": f"where {time} is known {event} is always the same; join it with the time of the others"}
        problem = next(iter(said.values()), "")
        yield FollowUpColumns(time=time, event=event, problem=problem)
