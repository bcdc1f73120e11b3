"""Times and events of the samples of a model, for what is said of survival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import covariate_table
from pathfa.analysis.association.tables import join_notes
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Severity
from pathfa.data.validation.samples import as_events, check_follow_up
from pathfa.result.result import PathFAResult

USE = "an analysis of survival"  # what lifelines is needed for


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Times and events of the samples that have both and were followed at all."""

    rows: np.ndarray  # N of booleans
    time: np.ndarray
    event: np.ndarray
    name: str
    note: str  # what was left out


def follow_up(result: PathFAResult, time: pd.Series | str, event: pd.Series | str) -> FollowUp:
    """Return the follow-up of the samples that were followed at all.

    Parameters
    ----------
    result
        The model, whose samples are followed.
    time, event
        Series indexed by sample, or columns of the fitted cohort's obs.

    Raises
    ------
    ConfigError
        If times are no numbers from 0 on, or events not 0 and 1.
    """
    times = covariate_table(result, time, "time").iloc[:, 0]
    seen = covariate_table(result, event, "event").iloc[:, 0]
    findings = check_follow_up(times, seen)
    if problems := [item for item in findings if item.severity is Severity.ERROR]:
        raise ConfigError(findings=problems)
    rows = (times.notna() & seen.notna()).to_numpy(copy=True)
    rows[rows] = (times[rows] > 0).to_numpy()
    known, events = times[rows].to_numpy(dtype=float), as_events(seen[rows])
    note = join_notes([item.found for item in findings])
    return FollowUp(rows=rows, time=known, event=events.to_numpy(dtype=int), name=str(times.name), note=note)
