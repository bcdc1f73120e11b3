"""Judgements of a fit that need further fits or covariates, by the limits in ``pathfa.result.judgement``."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from enum import StrEnum
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.refits.checks import Check, Checks
from pathfa.result.judgement import LIMITS, Judgement, Level, below, judged, worst
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import factor_likeness


def judge_checks(checks: Checks) -> Iterator[Judgement]:
    """Yield the judgements of the checks that refit a model; what could not be done has the reason as ``why``."""
    tables = {name: table for name, table in checks.tables.items() if len(table)}
    if Check.HELDOUT in tables:
        yield _heldout(tables[Check.HELDOUT])
    if Check.UNINFORMED in tables:
        yield judged("uninformed", evidence_gain(tables[Check.UNINFORMED]))
    if Check.DECOYS in tables:
        yield _decoys(tables[Check.DECOYS])
    if Check.STABILITY in tables:
        yield _stability(tables[Check.STABILITY])
    for code, why in checks.not_done.items():
        yield Judgement(code=code, level=Level.CAUTION, value=nan, seen={"why": why})


def _heldout(table: pd.DataFrame) -> Judgement:
    best = table.sort_values("r2", kind="stable").iloc[-1].to_dict()
    level = worst(LIMITS["heldout"].level(best["r2"]), LIMITS["heldout-lower"].level(best["lower"]))
    seen = {key: best[key] for key in ("lower", "upper", "view", "source")}
    same = table[table["source"] == best["source"]].set_index("view")
    clear = [LIMITS["heldout-lower"].level(lower) is Level.PASS for lower in same["lower"]]
    unclear = [view for view, is_clear in zip(same.index, clear, strict=True) if not is_clear]
    return judged("heldout", best["r2"], level, **seen, views=same.loc[clear, "r2"].to_dict(), unclear=unclear)


def _decoys(table: pd.DataFrame) -> Judgement:
    share = decoy_share(table)
    level, (standing, selected) = LIMITS["decoys"].level(share), standing_out(table)
    if not selected or (level is Level.CAUTION and not standing):
        level = Level.STOP
    return judged("decoys", share, level, standing=standing, selected=selected)


def _stability(table: pd.DataFrame) -> Judgement:
    similarity = _similarity(table)
    median, lost = float(similarity.median()), below(similarity, "stability")
    level = worst(LIMITS["stability"].level(median), Level.CAUTION if lost else Level.PASS)
    return judged("stability", median, level, lost=lost)


class Grade(StrEnum):
    """Whether another fit would give a factor again."""

    STABLE = "comes back"
    UNSTABLE = "does not come back"
    UNKNOWN = "not known"


def factor_grades(result: PathFAResult, stability: pd.DataFrame | None) -> pd.DataFrame:
    """Return for every factor whether it comes back in other starts and in resamples.

    Parameters
    ----------
    result
        The fit.
    stability
        What ``stability`` returned; None where it was not run.

    Returns
    -------
    DataFrame
        By factor: ``starts`` (mean correlation with the matched factor of the starts that are as good), ``resamples``
        (median similarity over the refits), both NaN where not known, and ``grade``: does not come back where one of
        them is below its limit, comes back where one is known and none is below.
    """
    alike = factor_likeness(result)
    known = alike * np.nan if stability is None else _similarity(stability).reindex(alike.index)
    lost = [LIMITS[code].caution > values for code, values in (("starts", alike), ("stability", known))]
    grade = np.select([lost[0] | lost[1], alike.notna() | known.notna()], [Grade.UNSTABLE, Grade.STABLE], Grade.UNKNOWN)
    return pd.DataFrame({"starts": alike, "resamples": known, "grade": grade}).rename_axis("factor")


def judge_batch(result: PathFAResult, tests: pd.DataFrame, technical: Collection[str]) -> Iterator[Judgement]:
    """Yield a judgement per factor and technical covariate that are strongly associated, or one that none is.

    Parameters
    ----------
    result
        The fit.
    tests
        What ``associate`` returned for its scores.
    technical
        Names of the covariates that should not matter.
    """
    limit = LIMITS["batch"]
    table = tests[tests["covariate"].isin(technical) & (tests["q"] <= LIMITS["batch-q"].caution)]
    shares = [(row, explained_by_covariate(row)) for row in table.to_dict("records")]
    strong = [(row, share) for row, share in shares if limit.level(share) is not Level.PASS]
    for row, share in strong:
        leading = row["feature"] == result.factor_names[0]
        level = limit.level(share) if leading else Level.CAUTION
        yield judged("batch", share, level, factor=str(row["feature"]), covariate=str(row["covariate"]), q=row["q"])
    if not strong:
        yield Judgement(code="batch", level=Level.PASS, value=nan, seen={"technical": tuple(technical)})


def explained_by_covariate(row: Mapping[Hashable, Any]) -> float:
    """Return the share of the variance of a factor that a covariate explains, from one row of the associations."""
    effect = float(row["effect"])
    if row["kind"] == "categorical":
        return effect  # eta squared
    square = effect**2
    return min(1.0, square / (square + 4.0) if row["kind"] == "binary" else square)  # Cohen's d of two equal groups


def evidence_gain(table: pd.DataFrame) -> float:
    """Return what gene sets add to the log evidence, nats, from the table of ``uninformed``."""
    row = table[table["level"] == "evidence"].iloc[0]
    return float(row["with_gene_sets"] - row["without_gene_sets"])


def decoy_share(table: pd.DataFrame) -> float:
    """Return the share of the squared contributions that random gene sets take, from the table of ``decoys``."""
    return float(table["decoy_share"].iloc[0])


def standing_out(table: pd.DataFrame) -> tuple[int, int]:
    """Return how many selected gene sets stand out from random ones, and how many are selected."""
    selected = table["selected"].astype(bool)
    return int((selected & (table["q"] <= LIMITS["decoy-q"].caution)).sum()), int(selected.sum())


def _similarity(table: pd.DataFrame) -> pd.Series[float]:
    """Return the median similarity of each factor over the refits, from the table of ``stability``."""
    return table[table["level"] == "factor"].set_index("feature")["effect"].astype(float)
