"""Follow-up of the samples, and its Kaplan-Meier curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import covariate_table
from pathfa.analysis.association.tables import Level, check_confidence, level_table
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.data.validation.samples import as_events, check_follow_up
from pathfa.result.result import PathFAResult, as_result

_GROUP_NAMES = {2: ("low", "high"), 3: ("low", "middle", "high")}


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Times and events of the samples that have both."""

    rows: np.ndarray  # N of booleans
    time: np.ndarray
    event: np.ndarray
    name: str


def follow_up(result: PathFAResult, time: pd.Series | str, event: pd.Series | str) -> FollowUp:
    """Return follow-up times and events, checked.

    Parameters
    ----------
    result
        The fitted model.
    time, event
        As for ``survival``.

    Raises
    ------
    ConfigError
        If times are not numbers above 0, or events are not 0 and 1.
    """
    times = covariate_table(result, time, "time").iloc[:, 0]
    seen = covariate_table(result, event, "event").iloc[:, 0]
    if problems := check_follow_up(times, seen):
        raise ConfigError(findings=problems)
    rows = (times.notna() & seen.notna()).to_numpy()
    known, events = times[rows].to_numpy(dtype=float), as_events(seen[rows])
    return FollowUp(rows=rows, time=known, event=events.to_numpy(dtype=int), name=str(times.name))


def km_groups(
    model: object,
    feature: str,
    time: pd.Series | str,
    event: pd.Series | str,
    *,
    level: Level = "activity",
    groups: int = 3,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return Kaplan-Meier curves of samples with low to high activity of one gene set (or score of one factor).

    The groups are a picture; ``survival`` is the test, because cutting an activity into groups costs power.

    Parameters
    ----------
    model, time, event, level, confidence
        As for ``survival``.
    feature
        Gene set or factor.
    groups
        Number of groups of equal size; 3 gives tertiles.

    Returns
    -------
    DataFrame
        One row per group and time: ``feature``, ``group``, ``time``, ``survival``, ``lower``, ``upper``, ``at_risk``,
        ``events``, ``censored``, ``n`` (samples in the group), ``statistic``, ``p`` and ``test`` (log-rank over all
        groups).

    Raises
    ------
    ConfigError
        If there is no such feature, or a group would have fewer than two samples.
    """
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

    result = as_result(model)
    check_confidence(confidence)
    values = level_table(result, level)
    if feature not in values.columns:
        known = ", ".join(map(repr, values.columns[:3]))
        raise ConfigError.of(
            "unknown-feature", f"{feature!r}", f"one of {known}, ...", "use a name from there", place="feature"
        )
    follow = follow_up(result, time, event)
    if groups < 2 or len(follow.time) < 2 * groups:
        raise ConfigError.of(
            "too-many-groups",
            f"{count(groups, 'group')} of {count(len(follow.time), 'sample')}",
            "2 or more samples in each",
            "use 2",
            place="groups",
        )
    names = _GROUP_NAMES.get(groups, tuple(f"group {index + 1} of {groups}" for index in range(groups)))
    ranks = values.loc[follow.rows, feature].rank(method="first")
    member = pd.qcut(ranks, groups, labels=list(names))
    test = multivariate_logrank_test(follow.time, member, follow.event)
    parts = []
    for name in names:
        inside = (member == name).to_numpy()
        fit = KaplanMeierFitter().fit(follow.time[inside], follow.event[inside], alpha=1.0 - confidence)
        counts = fit.event_table
        limits = fit.confidence_interval_.to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "feature": feature,
                    "group": name,
                    "time": counts.index.to_numpy(dtype=float),
                    "survival": fit.survival_function_.iloc[:, 0].reindex(counts.index).to_numpy(),
                    "lower": limits[:, 0],
                    "upper": limits[:, 1],
                    "at_risk": counts["at_risk"].to_numpy(),
                    "events": counts["observed"].to_numpy(),
                    "censored": counts["censored"].to_numpy(),
                    "n": int(inside.sum()),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).assign(
        statistic=float(test.test_statistic), p=float(test.p_value), test="log-rank"
    )
