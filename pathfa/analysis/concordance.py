"""Do two views tell the same story: agreement per gene set, per factor and per gene."""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from pathfa.analysis.tables import COLUMNS, config_error, false_discovery_rate
from pathfa.options import choose
from pathfa.result import PathFAResult, as_result

_MIN_SAMPLES = 5
_SILENT = 0.1  # sd of an activity from one view alone, relative to that from all views, below which the view is silent
_LEVEL = 0.05  # false discovery rate behind a status


class Unit(StrEnum):
    """What is compared between views."""

    GENE_SET = "gene_set"
    FACTOR = "factor"
    GENE = "gene"


def concordance(model: object, level: str = "gene_set", *, confidence: float = 0.95) -> pd.DataFrame:
    """Compare what each pair of views says about the same samples.

    For gene sets and factors, the activity of a sample is computed from each view alone, and the two are correlated
    over the samples that were measured in both. For genes, the fitted values of the two views are. The views were
    fitted together, so agreement of gene sets and factors leans to high; that of genes does not.

    A feature is *discordant* when its correlation is significantly below half of the typical (median) one,
    *concordant* when it is significantly above 0 and not discordant, and otherwise *unclear* (5 % false discovery
    rate).
    An activity that one view does not see at all is *seen in one view*: it says nothing against the other.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    level
        ``"gene_set"``, ``"factor"`` or ``"gene"``.
    confidence
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row per pair of views and feature, least concordant first: ``covariate`` (the pair, ``"rna ~ protein"``),
        ``feature``, ``effect`` (Pearson correlation), ``lower``, ``upper``, ``statistic`` (t), ``p`` (no correlation),
        ``q``, ``n``, ``test``, ``note``, ``status``, ``discordant_p`` and ``discordant_q`` (below half of the typical
        correlation), ``typical``, ``spread_a`` and ``spread_b`` (sd of the activity from the one view alone over that
        from all), ``members_r`` (correlation of the weighted means of the set's own members, where data were kept).

    Raises
    ------
    ConfigError
        If the model has one view, or genes are asked for and the data were not kept.
    """
    result = as_result(model)
    unit = choose(Unit, level, "level")
    if len(result.view_names) < 2:
        raise config_error("one-view", "model", "one view", "two views or more", "fit the views together")
    if unit is Unit.GENE and not result.data:
        raise config_error("no-data", "model", "a model without data", "fitted values", "fit with keep_data=True")
    parts = []
    for a, b in combinations(result.view_names, 2):
        part = _genes(result, a, b) if unit is Unit.GENE else _activities(result, a, b, unit)
        if len(part):
            parts.append(_judged(part, confidence).assign(covariate=f"{a} ~ {b}"))
    if not parts:
        raise config_error(
            "no-pairs", "model", "views that share no feature", "the same names in two views", "map the names"
        )
    extra = ["status", "discordant_p", "discordant_q", "typical", "spread_a", "spread_b", "members_r"]
    found = pd.concat(parts, ignore_index=True).sort_values("effect", kind="stable")
    return found.sort_values("covariate", kind="stable")[[*COLUMNS, *extra]].reset_index(drop=True)


def _activities(result: PathFAResult, a: str, b: str, unit: Unit) -> pd.DataFrame:
    """Return correlations of activities (or scores) from one view alone."""
    both = (result.presence[a] & result.presence[b]).to_numpy(dtype=bool)
    turn = result.gene_set_weights.T if unit is Unit.GENE_SET else None

    def table(scores: pd.DataFrame) -> np.ndarray:
        values = scores.loc[both] if turn is None else scores.loc[both] @ turn
        return values.to_numpy(dtype=float)

    first, second, overall = table(result.view_scores[a]), table(result.view_scores[b]), table(result.scores)
    names = result.gene_set_names if unit is Unit.GENE_SET else result.factor_names
    r, n = _correlate(first, second)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = [values.std(axis=0) / overall.std(axis=0) for values in (first, second)]
    members = _members(result, a, b, both) if unit is Unit.GENE_SET and result.data else np.full(len(names), np.nan)
    frame = pd.DataFrame({"feature": names, "effect": r, "n": n, "spread_a": spread[0], "spread_b": spread[1]})
    silent = [_silence(a, b, float(x), float(y)) for x, y in zip(*spread, strict=True)]
    unused = np.isnan(r)
    notes = ["no weight in any factor" if none else text for none, text in zip(unused, silent, strict=True)]
    return frame.assign(members_r=members, note=notes)


def _silence(a: str, b: str, spread_a: float, spread_b: float) -> str:
    quiet = [view for view, spread in ((a, spread_a), (b, spread_b)) if spread < _SILENT]
    return f"not seen in {' or '.join(quiet)} alone" if quiet else ""


def _members(result: PathFAResult, a: str, b: str, both: np.ndarray) -> np.ndarray:
    """Return correlations of the means of each set's members, weighted by their loadings on the set's factors, P."""
    sides = []
    for view in (a, b):
        values = result.data[view].to_numpy(dtype=float)[both]
        seen = np.isfinite(values)
        weights = result.loadings[view].to_numpy() @ result.gene_set_weights.to_numpy().T  # G x P
        weights = result.masks[view].multiply(weights).toarray()
        size = seen.astype(float) @ np.abs(weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            sides.append(np.where(seen, values, 0.0) @ weights / size)
    return _correlate(*sides)[0]


def _genes(result: PathFAResult, a: str, b: str) -> pd.DataFrame:
    shared = result.data[a].columns.intersection(result.data[b].columns)
    first, second = (result.data[view][shared].to_numpy(dtype=float) for view in (a, b))
    r, n = _correlate(first, second)
    frame = pd.DataFrame({"feature": shared, "effect": r, "n": n})
    few = n < _MIN_SAMPLES
    note = np.where(few, f"fewer than {_MIN_SAMPLES} samples have both values", "")
    return frame.assign(spread_a=np.nan, spread_b=np.nan, members_r=np.nan, note=note)


def _correlate(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Pearson correlations of columns over the rows where both are known, and the number of these rows."""
    known = np.isfinite(first) & np.isfinite(second)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = (np.where(known, values, 0.0) for values in (first, second))
        x, y = (np.where(known, values - values.sum(axis=0) / n, 0.0) for values in (x, y))
        size = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
        r = np.where((size > 1e-12) & (n >= _MIN_SAMPLES), (x * y).sum(axis=0) / size, np.nan)
    return np.clip(r, -1.0, 1.0), n


def _judged(part: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Add intervals, tests and what they say."""
    r, n = part["effect"].to_numpy(), part["n"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.arctanh(np.clip(r, -1.0 + 1e-15, 1.0 - 1e-15))
        se = 1.0 / np.sqrt(n - 3.0)
        statistic = r * np.sqrt((n - 2.0) / (1.0 - r**2))
    half = stats.norm.ppf(0.5 + 0.5 * confidence) * se
    silent = part["note"].str.startswith("not seen").to_numpy()
    typical = float(np.nanmedian(np.where(silent, np.nan, r))) if np.isfinite(r[~silent]).any() else np.nan
    below = stats.norm.cdf((z - np.arctanh(min(max(typical, 0.0), 1.0 - 1e-15) / 2.0)) / se)
    found = part.assign(
        lower=np.tanh(z - half),
        upper=np.tanh(z + half),
        statistic=statistic,
        p=2.0 * stats.t.sf(np.abs(statistic), n - 2.0),
        test="Pearson",
        typical=typical,
        discordant_p=np.where(silent, np.nan, below),
    )
    found["q"] = false_discovery_rate(found["p"])
    found["discordant_q"] = false_discovery_rate(found["discordant_p"])
    discordant = found["discordant_q"] < _LEVEL
    concordant = (found["q"] < _LEVEL) & (found["effect"] > 0) & ~discordant
    found["status"] = np.select(
        [found["effect"].isna(), silent, discordant, concordant],
        ["not tested", "seen in one view", "discordant", "concordant"],
        "unclear",
    )
    return found
