"""What the columns of the covariates are: technical ones, and the time and event of the follow-up."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from pathfa.core.columns import holds_numbers, is_technical
from pathfa.data.io.typed import with_numbers
from pathfa.data.validation.samples import as_events, check_follow_up
from pathfa.workflow.guess.yaml_lines import comment, scalar

_TIME = re.compile(
    r"(?P<what>os|pfs|pfi|dfs|dfi|rfs|dss|efs|ttp|overall|progression|survival|follow[-_. ]?up|surv)?"
    r"[-_. ]*(time|months?|days|years|days[-_. ]to[-_. ](death|last.*)|survival|follow[-_. ]?up)"
    r"([-_. ]*(time|months?|days|years|to[-_. ]death))?",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"(?P<what>os|pfs|pfi|dfs|dfi|rfs|dss|efs|ttp|overall|progression|survival|follow[-_. ]?up|surv)?"
    r"[-_. ]*(status|event|vital[-_. ]?status|dead|died|death|deceased|censor(ed|ing)?)?",
    re.IGNORECASE,
)


def role_lines(sheet: pd.DataFrame) -> list[str]:
    """Return the section of the configuration that says what columns of the covariates are.

    Parameters
    ----------
    sheet
        The covariates, samples in rows.
    """
    columns = with_numbers(sheet)
    technical = [name for name in columns if is_technical(name) and 1 < columns[name].nunique() < len(columns)]
    listed = ", ".join(scalar(name) for name in technical)
    lines = ["covariates:"]
    lines.append(f"  technical: [{listed}]" + ("  # GUESS: by their names" if technical else "  # such as the batch"))
    follow_up = next(_follow_ups(columns), None)
    if follow_up is None:
        return [*lines, "  # time: column with the follow-up time", "  # event: whether the event was seen"]
    time, event, problem = follow_up
    if problem:
        lines.append(f"  # these two look like the follow-up, but: {comment(problem)}")
    mark = "# " if problem else ""
    both = (("time", time), ("event", event))
    return [*lines, *(f"  {mark}{role}: {scalar(column)}  # GUESS: by its name" for role, column in both)]


def _follow_ups(columns: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of columns that look like time and event, with what is wrong with them, the usable ones first."""
    times = {
        str(name): match for name in columns if (match := _TIME.fullmatch(str(name))) and holds_numbers(columns[name])
    }
    events = {
        str(name): match
        for name in columns
        if (match := _EVENT.fullmatch(str(name))) and 1 <= columns[name].nunique() <= 3 and str(name) not in times
    }
    pairs = [
        (time, event)
        for time, one in times.items()
        for event, other in events.items()
        if (one["what"] or "").lower() == (other["what"] or "").lower()
    ]
    checked = []
    for time, event in pairs:
        findings = check_follow_up(columns[time], columns[event], (time, event))
        problem = str(findings[0]) if findings else ""
        if not problem and as_events(columns[event][columns[time].notna()].dropna()).nunique() < 2:
            problem = f"where {time} is known {event} is always the same; join it with the time of the others"
        checked.append((time, event, problem))
    yield from sorted(checked, key=lambda pair: bool(pair[2]))
