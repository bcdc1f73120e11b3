"""Which columns look like times and events of a follow-up."""

import numpy as np
import pandas as pd
import pytest

from pathfa.data.validation.follow_up import follow_ups, outcome_columns
from pathfa.data.validation.samples import check_follow_up

TIMES = np.arange(1.0, 13.0)
EVENTS = ["alive", "dead"] * 6


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({"OS.time": TIMES, "OS.event": [0, 1] * 6}, ["OS.time", "OS.event"]),
        ({"days": TIMES, "status": EVENTS}, ["days", "status"]),
        ({"days_to_death": TIMES}, ["days_to_death"]),
        ({"Vital.Status": EVENTS}, ["Vital.Status"]),
        ({"PFS_months": TIMES, "age": TIMES}, ["PFS_months"]),
        ({"days": TIMES}, []),  # of an experiment, as far as anyone knows
        ({"status": ["tumour", "normal"] * 6}, []),
        ({"OS.time": -TIMES}, []),
        ({"Follow-up (days)": TIMES, "OS [months]": TIMES, "time (h)": TIMES}, ["Follow-up (days)", "OS [months]"]),
        ({"age": TIMES, "grade": [1, 2] * 6}, []),
    ],
)
def test_by_name_and_content(columns, outcome):
    assert outcome_columns(pd.DataFrame(columns)) == outcome


def test_pairs_that_can_be_used_come_first():
    table = pd.DataFrame({"PFS.time": -TIMES, "PFS.status": EVENTS, "OS.time": TIMES, "OS.status": EVENTS})
    first, second = follow_ups(table)
    assert (first.time, first.event, first.problem) == ("OS.time", "OS.status", "")
    assert (second.time, second.event) == ("PFS.time", "PFS.status")
    assert "below 0" in second.problem


@pytest.mark.parametrize("of", ["dead", "alive"])
def test_times_of_those_with_an_event_in_another_column_are_told(of):
    table = pd.DataFrame({"days": TIMES, "status": EVENTS})
    table.loc[table["status"] == of, "days"] = [*[np.nan] * 5, 1.0]
    (found,) = [each for each in check_follow_up(table["days"], table["status"]) if each.code == "times-in-two-columns"]
    assert found.found == f"5 of 6 samples {'with' if of == 'dead' else 'without'} the event have no time"
    assert follow_ups(table)[0].problem.startswith("days: 5 of 6 samples")
    table["days"] = TIMES
    table.loc[:7, "days"] = np.nan  # of both alike: nobody knows them
    assert check_follow_up(table["days"], table["status"]) == []
