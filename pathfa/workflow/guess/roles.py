"""What the columns of the covariates are: technical ones, and the time and event of the follow-up."""

from __future__ import annotations

import pandas as pd

from pathfa.core.columns import is_technical
from pathfa.data.io.typed import with_numbers
from pathfa.data.validation.follow_up import follow_ups
from pathfa.workflow.guess.yaml_lines import comment, scalar


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
    found = follow_ups(columns)
    if not found:
        return [*lines, "  # time: column with the follow-up time", "  # event: whether the event was seen"]
    if problem := found[0].problem:
        lines.append(f"  # these two look like the follow-up, but: {comment(problem)}")
    mark = "# " if problem else ""
    both = (("time", found[0].time), ("event", found[0].event))
    return [*lines, *(f"  {mark}{role}: {scalar(column)}  # GUESS: by its name" for role, column in both)]
