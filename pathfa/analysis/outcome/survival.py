"""Survival: Cox models of activities or scores, and Kaplan-Meier curves."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import covariate_table
from pathfa.analysis.association.design import adjustment_design, adjustment_table
from pathfa.analysis.association.hypothesis_tests import limits
from pathfa.analysis.association.significance import false_discovery_rate
from pathfa.analysis.association.tables import (
    COLUMNS,
    CORRECTED,
    FeatureLevel,
    TestedFeatures,
    check_confidence,
    features_of,
    find_features,
    join_notes,
    level_table,
    standardised,
)
from pathfa.analysis.association.tested import Tested
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Severity
from pathfa.core.needed import needed
from pathfa.core.text import count
from pathfa.data.validation.samples import as_events, check_follow_up
from pathfa.inference.posterior.random_sets import Comparison
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import SIGNIFICANT

MIN_EVENTS = 5  # with fewer events no model is fitted
_USE = "an analysis of survival"
_EVENTS_PER_COLUMN = 10  # with fewer, intervals are rough
_GROUP_NAMES = {2: ("low", "high"), 3: ("low", "middle", "high")}
_EXTRA = ("events", "measure", "ph_p", "ph_q", "c_index", *CORRECTED)


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Times and events of the samples that have both and were followed at all."""

    rows: np.ndarray  # N of booleans
    time: np.ndarray
    event: np.ndarray
    name: str
    note: str  # what was left out


def survival(
    model: object,
    time: pd.Series | str,
    event: pd.Series | str,
    adjust: pd.DataFrame | str | Sequence[str] | None = None,
    *,
    level: FeatureLevel = "activity",
    draws: int = 50,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Fit a Cox model of survival for every activity or factor score, through lifelines.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    time
        Follow-up time of each sample: a Series indexed by sample or a column of the fitted cohort's obs. Samples with
        a time of 0 are left out, and the note says so.
    event
        1 or True where the event was seen, 0 or False where the time is censored.
    adjust
        Covariates to adjust for.
    level
        ``"activity"`` or ``"scores"``.
    draws
        Posterior draws that show how uncertain the activity is; 0 takes it as known.
    confidence
        Level of the intervals.
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per feature: ``covariate`` (the name of the time), ``feature``, ``effect`` (observed hazard ratio
        per sd), ``lower``, ``upper``, ``statistic`` (z), ``p``, ``q`` (Benjamini-Hochberg), ``n``, ``test``,
        ``note``, ``events``, ``measure``, ``ph_p`` (Schoenfeld test of proportional hazards), ``ph_q``, ``c_index``
        (on the same samples), ``corrected_effect``, ``corrected_lower``, ``corrected_upper``, for gene sets
        ``competitive_p`` and ``competitive_q`` (of the score test: martingale residuals), ``reliability`` and
        ``near_copies``, all as in ``associate``. Ordered by p. With fewer than five events nothing is fitted, and the
        note says so.

    Raises
    ------
    ConfigError
        If times or events are no such values.

    Examples
    --------
    >>> table = pf.survival(model, "survival_time", "survival_event", adjust="age")
    >>> list(table.columns[:6]), len(table)
    (['covariate', 'feature', 'effect', 'lower', 'upper', 'statistic'], 8)
    """
    result = as_result(model)
    check_confidence(confidence)
    follow = _follow_up(result, time, event)
    features = features_of(result, level, draws, seed)
    table = adjustment_table(result, adjust)
    rows = follow.rows & table.notna().all(axis=1).to_numpy()
    kept = rows[follow.rows]
    follow = replace(follow, rows=rows, time=follow.time[kept], event=follow.event[kept])
    found = pd.DataFrame({"covariate": follow.name, "feature": features.values.columns}).assign(
        **dict.fromkeys((*COLUMNS[2:8], *_EXTRA[2:]), np.nan),
        n=int(rows.sum()),
        events=int(follow.event.sum()),
        measure="hazard ratio per sd",
        test="Cox" + (", adjusted" if len(table.columns) else ""),
        note=join_notes([_problem(follow), follow.note]),
    )
    comparison = None
    if not _problem(follow):
        adjusting, surplus = adjustment_design(table.loc[rows])
        follow = replace(follow, note=join_notes([surplus, follow.note]))
        found = found.assign(**_cox_models(features, adjusting, follow, confidence))
        comparison = Comparison(rows=rows, columns=_early_events(follow), adjust=adjusting.to_numpy())
    return features.finish(features.compared(found, [comparison]), _EXTRA)


def _early_events(follow: FollowUp) -> np.ndarray:
    """Return the martingale residuals of a model without covariates, n x 1: the score test correlates with these."""
    with needed("lifelines", _USE):
        from lifelines import NelsonAalenFitter

    hazard = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(follow.time, follow.event)
    expected = hazard.cumulative_hazard_at_times(follow.time).to_numpy()
    return np.asarray(follow.event - expected)[:, None]


def _cox_models(
    features: TestedFeatures, adjust: pd.DataFrame, follow: FollowUp, confidence: float
) -> dict[str, np.ndarray | list[str]]:
    """Return what a Cox model of each feature says, by column."""
    values, _ = standardised(features.values.to_numpy()[follow.rows])
    columns = ["effect", "variance", "p", "ph_p", "c_index", "note"]
    fits = pd.DataFrame([_cox(x, adjust.to_numpy(), follow) for x in values.T], columns=columns)
    effect, variance, p = (fits[name].to_numpy(dtype=float) for name in columns[:3])
    lower, upper = limits(effect, variance, np.inf, confidence)
    observed = Tested(effect=effect, lower=lower, upper=upper, statistic=effect / np.sqrt(variance), p=p)
    ph_q = false_discovery_rate(fits["ph_p"])
    events, size = int(follow.event.sum()), 1 + adjust.shape[1]
    few = f"{count(events, 'event')} for {count(size, 'covariate')}: the interval is rough"
    few = few if events < _EVENTS_PER_COLUMN * size else ""
    changes = "the hazard ratio changes over time (Schoenfeld p = {:.2g})"
    notes = [
        join_notes(
            [*([unsure] if unsure else [note, few]), follow.note, changes.format(ph_p) if q < SIGNIFICANT else ""]
        )
        for unsure, note, ph_p, q in zip(fits["note"], features.notes, fits["ph_p"], ph_q, strict=True)
    ]
    ratios = observed.limits(("effect", "lower", "upper"))
    ratios |= observed.corrected(features.reliability).limits(CORRECTED)
    ratios = {name: np.exp(values) for name, values in ratios.items()}
    rest = {name: fits[name].to_numpy(dtype=float) for name in ("p", "ph_p", "c_index")}
    return {**ratios, **rest, "statistic": observed.statistic, "ph_q": ph_q.to_numpy(), "note": notes}


def _problem(follow: FollowUp) -> str:
    """Return why no model can be fitted; empty when one can."""
    events = int(follow.event.sum())
    if events < MIN_EVENTS:
        found = f"{count(events, 'event')} in {count(len(follow.time), 'sample')}"
        return f"withheld: {found}, at least {MIN_EVENTS} are needed"
    if not (follow.time[follow.event == 1] < follow.time.max()).any():
        return "withheld: no sample was followed for longer than another's event"
    return ""


def _cox(x: np.ndarray, adjust: np.ndarray, follow: FollowUp) -> dict[str, object]:
    """Return log hazard ratio, its variance and tests from the Cox model of one feature."""
    with needed("lifelines", _USE):
        from lifelines import CoxPHFitter
        from lifelines.exceptions import ConvergenceError
        from lifelines.statistics import proportional_hazard_test

    if not np.isfinite(x).all():
        return {"note": "withheld: the activity is the same in all samples"}
    frame = pd.DataFrame(np.column_stack([x, adjust])).add_prefix("x")
    frame = frame.assign(time=follow.time, event=follow.event)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit = CoxPHFitter().fit(frame, "time", "event")
        except ConvergenceError:
            return {"note": "withheld: the Cox model did not converge, a covariate may separate the events"}
        checked = proportional_hazard_test(fit, frame, time_transform="rank")
    unsure = any("onverge" in str(item.message) or "separat" in str(item.message) for item in caught)
    return {
        "effect": fit.params_["x0"],
        "variance": fit.variance_matrix_.loc["x0", "x0"],
        "p": fit.summary.loc["x0", "p"],
        "ph_p": checked.summary.loc["x0", "p"],
        "c_index": fit.concordance_index_,
        "note": "the fit is unsure: a covariate nearly separates the events" if unsure else "",
    }


def _follow_up(result: PathFAResult, time: pd.Series | str, event: pd.Series | str) -> FollowUp:
    """Return follow-up times and events; raise unless times are numbers from 0 on and events 0 and 1."""
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
    with needed("lifelines", _USE):
        from lifelines import KaplanMeierFitter
        from lifelines.statistics import multivariate_logrank_test

    result = as_result(model)
    check_confidence(confidence)
    values = level_table(result, level)
    (feature,) = find_features([feature], values.columns, level, "feature")
    follow = _follow_up(result, time, event)
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
