"""What goes with survival: Cox models of activities or scores."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import covariate_table
from pathfa.analysis.association.guards import refuse_used
from pathfa.analysis.association.pooling import Estimates
from pathfa.analysis.association.tables import (
    COLUMNS,
    Level,
    check_confidence,
    false_discovery_rate,
    join_notes,
    level_table,
)
from pathfa.analysis.association.testing import adjustment_columns
from pathfa.analysis.association.uncertainty import Uncertainty, answers, how_known, reliability_notes, standardised
from pathfa.analysis.outcome.follow_up import FollowUp, follow_up
from pathfa.analysis.programmes.selection import counted, doubts, part
from pathfa.core.choices import choose
from pathfa.core.text import count
from pathfa.result.result import as_result

MIN_EVENTS = 5  # with fewer events no model is fitted
_EVENTS_PER_COLUMN = 10  # with fewer, intervals are rough


@dataclass(frozen=True, kw_only=True)
class _Cox:
    """One fitted Cox model of one feature."""

    log_hazard: float = np.nan
    variance: float = np.nan
    p: float = np.nan
    ph_p: float = np.nan
    c_index: float = np.nan
    note: str = ""


def survival(
    model: object,
    time: pd.Series | str,
    event: pd.Series | str,
    adjust: pd.DataFrame | str | Sequence[str] | None = None,
    *,
    level: Level = "activity",
    uncertainty: str = "measurement",
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
        Follow-up time of each sample, above 0: a Series indexed by sample or a column of the fitted cohort's obs.
    event
        1 or True where the event was seen, 0 or False where the time is censored.
    adjust
        Covariates to adjust for.
    level
        ``"activity"`` or ``"scores"``.
    uncertainty
        As for ``associate``: ``"measurement"``, or ``"rubin"``, which fits a Cox model to every draw.
    draws
        Posterior draws that tell how uncertain the activity is; 0 takes it as known.
    confidence
        Level of the intervals.
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per feature: ``covariate`` (the name of the time), ``feature``, ``effect`` (hazard ratio
        per sd), ``lower``, ``upper``, ``statistic`` (z or t), ``p``, ``q`` (Benjamini-Hochberg), ``n``, ``test``,
        ``note``, ``events``, ``measure``, ``ph_p`` (Schoenfeld test of proportional hazards), ``ph_q``, ``c_index``
        (on the same samples), ``plugin_effect``, ``plugin_p``, ``reliability`` and ``probability`` as in ``associate``.
        Ordered by p. Gene sets that more likely play no part come last and have no q. With fewer than five events
        nothing is fitted, and the note says so.

    Raises
    ------
    ConfigError
        If times or events are no such values.
    """
    result = as_result(model)
    check_confidence(confidence)
    kind = choose(Uncertainty, uncertainty, "uncertainty")
    follow = follow_up(result, time, event)
    table = pd.DataFrame(index=result.scores.index) if adjust is None else covariate_table(result, adjust, "adjust")
    refuse_used(result, table, "adjust")
    rows = follow.rows & table.notna().all(axis=1).to_numpy()
    follow = FollowUp(
        rows=rows, time=follow.time[rows[follow.rows]], event=follow.event[rows[follow.rows]], name=follow.name
    )
    columns = adjustment_columns(table.loc[rows])
    values = level_table(result, level)
    events = int(follow.event.sum())
    probability = part(result, level)
    known = how_known(result, level, kind, draws, seed)
    found = pd.DataFrame({"covariate": follow.name, "feature": values.columns}).assign(
        n=int(rows.sum()),
        events=events,
        measure="hazard ratio per sd",
        test="Cox" + (", adjusted" if len(table.columns) else ""),
        reliability=np.nan if known.reliability is None else known.reliability,
        probability=probability.to_numpy(),
    )
    if problem := _problem(follow):
        empty = (
            "effect",
            "lower",
            "upper",
            "statistic",
            "p",
            "q",
            "ph_p",
            "ph_q",
            "c_index",
            "plugin_effect",
            "plugin_p",
        )
        return _ordered(found.assign(**dict.fromkeys(empty, np.nan), note=problem))
    mean, _ = standardised(values.to_numpy()[None][:, rows])
    fits = [_cox(mean[0, :, index], columns, follow) for index in range(mean.shape[2])]
    pooled = None
    if known.draws is not None:
        drawn, _ = standardised(known.draws[:, rows])
        pooled = _estimates([[_cox(one[:, index], columns, follow) for index in range(one.shape[1])] for one in drawn])
    answer, simple = answers(_estimates([fits]), known, pooled, confidence)
    found = found.assign(
        effect=np.exp(answer.effect),
        lower=np.exp(answer.lower),
        upper=np.exp(answer.upper),
        statistic=answer.statistic,
        p=answer.p,
        ph_p=[fit.ph_p for fit in fits],
        c_index=[fit.c_index for fit in fits],
        plugin_effect=np.exp(simple.effect),
        plugin_p=simple.p,
    )
    counts = counted(found["probability"])
    found["q"] = false_discovery_rate(found["p"].where(counts))
    found["ph_q"] = false_discovery_rate(found["ph_p"].where(counts))
    size = 1 + columns.shape[1]
    few = f"{count(events, 'event')} for {count(size, 'covariate')}: the interval is rough"
    found["note"] = [
        join_notes(
            [
                fit.note,
                join_notes([doubt, vague]) if not fit.note else "",
                few if events < _EVENTS_PER_COLUMN * size and not fit.note else "",
                f"the hazard ratio changes over time (Schoenfeld p = {p:.2g})" if q < 0.05 else "",
            ]
        )
        for fit, doubt, vague, p, q in zip(
            fits,
            doubts(probability),
            reliability_notes(known, len(fits)),
            found["ph_p"],
            found["ph_q"],
            strict=True,
        )
    ]
    return _ordered(found)


def _problem(follow: FollowUp) -> str:
    """Return why no model can be fitted; empty when one can."""
    events = int(follow.event.sum())
    if events < MIN_EVENTS:
        found = f"{count(events, 'event')} in {count(len(follow.time), 'sample')}"
        return f"withheld: {found}, at least {MIN_EVENTS} are needed"
    if not (follow.time[follow.event == 1] < follow.time.max()).any():
        return "withheld: no sample was followed for longer than another's event"
    return ""


def _cox(x: np.ndarray, adjust: np.ndarray, follow: FollowUp) -> _Cox:
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError
    from lifelines.statistics import proportional_hazard_test

    if not np.isfinite(x).all():
        return _Cox(note="withheld: the activity is the same in all samples")
    frame = pd.DataFrame(np.column_stack([x, adjust])).add_prefix("x")
    frame = frame.assign(time=follow.time, event=follow.event)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit = CoxPHFitter().fit(frame, "time", "event")
        except ConvergenceError:
            return _Cox(note="withheld: the Cox model did not converge, a covariate may separate the events")
        checked = proportional_hazard_test(fit, frame, time_transform="rank")
    unsure = any("onverge" in str(item.message) or "separat" in str(item.message) for item in caught)
    return _Cox(
        log_hazard=float(fit.params_["x0"]),
        variance=float(fit.variance_matrix_.loc["x0", "x0"]),
        p=float(fit.summary.loc["x0", "p"]),
        ph_p=float(checked.summary.loc["x0", "p"]),
        c_index=float(fit.concordance_index_),
        note="the fit is unsure: a covariate nearly separates the events" if unsure else "",
    )


def _estimates(fits: Sequence[Sequence[_Cox]]) -> Estimates:
    def gather(name: str) -> np.ndarray:
        return np.array([[getattr(fit, name) for fit in draw] for draw in fits])

    effect, variance = gather("log_hazard"), gather("variance")
    return Estimates(
        effect=effect,
        variance=variance,
        statistic=effect / np.sqrt(variance),
        p=gather("p"),
        df=np.full_like(effect, np.inf),
    )


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    extra = ["events", "measure", "ph_p", "ph_q", "c_index", "plugin_effect", "plugin_p", "reliability", "probability"]
    found = found.assign(last=~counted(found["probability"])).sort_values(["last", "p"], kind="stable")
    return found[[*COLUMNS, *extra]].reset_index(drop=True)
