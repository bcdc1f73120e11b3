"""Survival: Cox models of activities or scores."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

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
    join_notes,
    standardised,
)
from pathfa.analysis.association.tested import Tested
from pathfa.analysis.outcome.follow_up import USE, FollowUp, follow_up
from pathfa.core.needed import needed
from pathfa.core.text import count
from pathfa.inference.posterior.random_sets import Comparison
from pathfa.result.result import as_result
from pathfa.result.summaries import SIGNIFICANT

MIN_EVENTS = 5  # with fewer events no model is fitted
_EVENTS_PER_COLUMN = 10  # with fewer, intervals are rough
_EXTRA = ("events", "measure", "ph_p", "ph_q", "c_index", *CORRECTED)


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
    follow = follow_up(result, time, event)
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
    with needed("lifelines", USE):
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
    with needed("lifelines", USE):
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
