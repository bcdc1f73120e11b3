"""Kaplan-Meier curves of samples in groups by an activity or a score."""

from __future__ import annotations

import pandas as pd

from pathfa.analysis.association.tables import FeatureLevel, check_confidence, find_features, level_table
from pathfa.analysis.outcome.follow_up import USE, follow_up
from pathfa.core.errors import ConfigError
from pathfa.core.needed import needed
from pathfa.core.text import count
from pathfa.result.result import as_result

_GROUP_NAMES = {2: ("low", "high"), 3: ("low", "middle", "high")}


def km_groups(
    model: object,
    feature: str,
    time: pd.Series | str,
    event: pd.Series | str,
    *,
    level: FeatureLevel = "activity",
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
        Gene set or factor, in any of its spellings.
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

    Examples
    --------
    >>> curves = pf.km_groups(model, model.activity_.columns[0], "survival_time", "survival_event", groups=2)
    >>> curves["group"].unique().tolist()
    ['low', 'high']
    """
    with needed("lifelines", USE):
        from lifelines import KaplanMeierFitter
        from lifelines.statistics import multivariate_logrank_test

    result = as_result(model)
    check_confidence(confidence)
    values = level_table(result, level)
    (feature,) = find_features([feature], values.columns, level, "feature")
    follow = follow_up(result, time, event)
    if groups < 2 or len(follow.time) < 2 * groups:
        many = f"{count(groups, 'group')} of {count(len(follow.time), 'sample')}"
        raise ConfigError.of("too-many-groups", many, "2 or more samples in each", "use 2", place="groups")
    names = _GROUP_NAMES.get(groups, tuple(f"group {index + 1} of {groups}" for index in range(groups)))
    member = pd.qcut(values.loc[follow.rows, feature].rank(method="first"), groups, labels=list(names))
    test = multivariate_logrank_test(follow.time, member, follow.event)
    parts = []
    for name in names:
        inside = (member == name).to_numpy()
        fit = KaplanMeierFitter().fit(follow.time[inside], follow.event[inside], alpha=1.0 - confidence)
        counts, interval = fit.event_table, fit.confidence_interval_
        columns = {
            "feature": feature,
            "group": name,
            "time": counts.index.to_numpy(dtype=float),
            "survival": fit.survival_function_.iloc[:, 0].reindex(counts.index).to_numpy(),
            "lower": interval.iloc[:, 0].to_numpy(),
            "upper": interval.iloc[:, 1].to_numpy(),
            "at_risk": counts["at_risk"].to_numpy(),
            "events": counts["observed"].to_numpy(),
            "censored": counts["censored"].to_numpy(),
            "n": int(inside.sum()),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True).assign(
        statistic=float(test.test_statistic), p=float(test.p_value), test="log-rank"
    )
