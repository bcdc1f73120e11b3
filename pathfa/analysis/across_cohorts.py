"""What goes with a covariate in several cohorts: how often, in which direction, and by how much on average.

An activity is a position within its cohort, so values of different cohorts are not compared; what each cohort found is.
Two questions, two answers:

*Is it found again?* In each cohort, the p value of a finding is that of the association or that of the comparison with
random sets, whichever is larger. Of k cohorts, the second smallest one-sided p value times k - 1 is a p value for the
same direction in two cohorts or more (Benjamini and Heller 2008, Biometrics 64, 1215). It asks for no common effect and
holds for two cohorts as for a thousand.

*How large is it?* A random-effects model, by statsmodels: between cohorts the effect varies by ``tau`` (Paule and
Mandel 1982), and the interval is that of Student's t with k - 1 degrees of freedom, which few cohorts need (IntHout et
al. 2014, BMC Medical Research Methodology 14, 25).

Nothing here loads what fits a model, so that an index page over many cohorts is made quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from pathfa.analysis.association.significance import false_discovery_rate, named
from pathfa.core.errors import InputError

Function = Callable[[np.ndarray], np.ndarray]
_KEYS = ["covariate", "contrast", "measure"]
_NEEDED = ("covariate", "feature", "effect", "lower", "upper", "p", "q", "n")


class _Scale(NamedTuple):
    """Where an effect is about normal: the way there and back, what no relation is, whether its interval is of t."""

    to: Function
    back: Function
    nothing: float = 0.0
    student: bool = False


def _same(values: np.ndarray) -> np.ndarray:
    return values


_SCALES = {
    "correlation": _Scale(np.arctanh, np.tanh),
    "hazard ratio per sd": _Scale(np.log, np.exp, nothing=1.0),
    "AUC": _Scale(special.logit, special.expit, nothing=0.5),
    "difference in sd": _Scale(_same, _same, student=True),
    "sd per sd": _Scale(_same, _same, student=True),
}
"""Measures that have a direction; shares of variance have none, and are counted but not combined."""


GROUPS = "several groups"
"""The contrast of measures without a direction, however many groups a cohort has."""


def meta_analysis(tables: Mapping[str, pd.DataFrame], *, confidence: float = 0.95) -> pd.DataFrame:
    """Return what is found in several cohorts, how far they agree, and the average effect.

    Parameters
    ----------
    tables
        Per cohort the table of ``associate``, ``survival`` or ``concordance``, made with the same options and the same
        gene sets. Rows of the same covariate, contrast, measure and feature belong together; where there are several
        groups, their number may differ.
    confidence
        Level of the intervals, those of the tables and those that are returned.

    Returns
    -------
    DataFrame
        One row per covariate, contrast, measure and feature that two cohorts or more have tested: ``covariate``,
        ``contrast``, ``measure``, ``feature``; ``cohorts`` (that tested it), ``n`` (samples in them); ``higher_in`` and
        ``lower_in`` (cohorts whose effect is above and below no relation; 0 for measures without a direction),
        ``found`` (cohorts in which it is a finding of its own), ``found_higher``, ``found_lower``;
        ``replicated_p`` and ``replicated_q`` (in the same direction in two cohorts or more); ``effect``, ``lower``,
        ``upper``, ``p``, ``q`` (average over the cohorts, random effects); ``tau`` (sd of the effect between cohorts,
        on the scale on which it is combined: Fisher's z of correlations, logarithm of hazard ratios, logit of AUCs),
        ``i2`` (share of the variation that is between cohorts) and ``heterogeneity_p`` (Cochran's Q). False discovery
        rates are over the features of one covariate. Measures without a direction have NaN from ``effect`` on.
        Ordered by ``replicated_p`` within each covariate.

    Raises
    ------
    InputError
        If a table lacks a column.

    Examples
    --------
    >>> table = pf.associate(model, ["marker"])
    >>> found = pf.meta_analysis({"north": table, "south": table})
    >>> found[["covariate", "cohorts", "higher_in", "lower_in"]].head(1)
      covariate  cohorts  higher_in  lower_in
    0    marker        2          2         0
    """
    tested = [_tested(cohort, table) for cohort, table in tables.items() if len(table)]
    rows = pd.concat(tested, ignore_index=True) if tested else pd.DataFrame(columns=[*_KEYS, "feature", "cohort"])
    parts = [_combined(dict(zip(_KEYS, keys, strict=True)), part, confidence) for keys, part in rows.groupby(_KEYS)]
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=_COLUMNS)


_COLUMNS = [
    *(*_KEYS, "feature", "cohorts", "n", "higher_in", "lower_in", "found", "found_higher", "found_lower"),
    *("replicated_p", "replicated_q", "effect", "lower", "upper", "p", "q", "tau", "i2", "heterogeneity_p"),
]


def _tested(cohort: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a cohort that were tested, with whether each is a finding, and the p value of that."""
    if absent := [name for name in _NEEDED if name not in table]:
        found, expected = f"no column {', '.join(map(repr, absent))}", "the table of associate, survival or concordance"
        raise InputError.of("not-a-table-of-tests", found, expected, "pass that table", place=f"cohort '{cohort}'")
    filled = table.assign(measure=table.get("measure", "correlation"))  # concordance has no other
    contrasts = table["contrast"].fillna("") if "contrast" in table else pd.Series("", index=table.index)
    filled = filled.assign(
        cohort=cohort,
        contrast=contrasts.where(filled["measure"].isin(list(_SCALES)), GROUPS),
        found=named(table).astype(float),
        of_finding=np.fmax(table["p"], table["competitive_p"].fillna(1.0)) if "competitive_p" in table else table["p"],
    )
    columns = [*_NEEDED, "measure", "contrast", "cohort", "found", "of_finding"]
    return filled.loc[filled["p"].notna() & filled["effect"].notna(), columns]


def _combined(keys: dict[str, Any], rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the rows of one covariate, a feature each."""
    scale = _SCALES.get(str(keys["measure"]))

    def wide(column: str) -> pd.DataFrame:
        return rows.pivot_table(index="feature", columns="cohort", values=column, aggfunc="first", sort=False)

    effect = wide("effect")
    several = effect.notna().sum(axis=1) > 1
    effect = effect[several]
    found: pd.DataFrame = wide("found").reindex(effect.index).gt(0.0)
    side = (effect - scale.nothing if scale else effect * 0.0).apply(np.sign)
    p = wide("of_finding").reindex(effect.index).to_numpy(dtype=float)
    table = pd.DataFrame(
        {
            **keys,
            "feature": effect.index.astype(str),
            "cohorts": effect.notna().sum(axis=1).to_numpy(),
            "n": wide("n").reindex(effect.index).sum(axis=1).astype(int).to_numpy(),
            "higher_in": (side > 0).sum(axis=1).to_numpy(),
            "lower_in": (side < 0).sum(axis=1).to_numpy(),
            "found": found.sum(axis=1).to_numpy(),
            "found_higher": (found & (side > 0)).sum(axis=1).to_numpy(),
            "found_lower": (found & (side < 0)).sum(axis=1).to_numpy(),
            "replicated_p": _replicated(p, side.to_numpy(dtype=float), directed=scale is not None),
        }
    )
    table["replicated_q"] = false_discovery_rate(table["replicated_p"])
    averages = []
    if scale:
        numbers = {name: wide(name).reindex(effect.index).to_numpy(dtype=float) for name in ("lower", "upper", "n")}
        averages = list(_averages(scale, confidence, effect=effect.to_numpy(dtype=float), **numbers))
    names = ["effect", "lower", "upper", "p", "tau", "i2", "heterogeneity_p"]
    table = table.join(pd.DataFrame(averages, columns=names, dtype=float))
    table["q"] = false_discovery_rate(table["p"])
    return table.sort_values("replicated_p", kind="stable")[_COLUMNS]


def _replicated(p: np.ndarray, side: np.ndarray, *, directed: bool) -> np.ndarray:
    """Return the p value of a finding in the same direction in two cohorts or more, P.

    Parameters
    ----------
    p
        Of the finding in each cohort, features x cohorts; NaN where it was not tested.
    side
        1 or -1 by the direction of the effect, as many.
    directed
        Whether there is a direction.
    """
    known = np.isfinite(p).sum(axis=1)

    def second(values: np.ndarray) -> np.ndarray:
        filled = np.where(np.isfinite(values), values, np.inf)
        found: np.ndarray = (known - 1) * np.partition(filled, 1, axis=1)[:, 1]
        return found

    if not len(p):
        return np.empty(0)
    if directed:
        sides = (second(np.where(side == way, p / 2.0, 1.0 - p / 2.0)) for way in (1.0, -1.0))
        return np.asarray(np.clip(2.0 * np.minimum(*sides), 0.0, 1.0))
    return np.asarray(np.clip(second(p), 0.0, 1.0))


def _averages(
    scale: _Scale, confidence: float, *, effect: np.ndarray, lower: np.ndarray, upper: np.ndarray, n: np.ndarray
) -> Iterator[tuple[float, ...]]:
    """Yield per feature effect, limits, p, tau, I2 and the p value of heterogeneity; arrays are features x cohorts."""
    from statsmodels.stats.meta_analysis import combine_effects

    tail = 0.5 + 0.5 * confidence
    reach = stats.t.ppf(tail, np.maximum(n - 2.0, 1.0)) if scale.student else stats.norm.ppf(tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, low, high = (scale.to(values) for values in (effect, lower, upper))
        variance = ((high - low) / (2.0 * reach)) ** 2
    usable = np.isfinite(centre) & np.isfinite(variance) & (variance > 0)
    for row, known in enumerate(usable):
        if known.sum() < 2:
            yield (np.nan,) * 7
            continue
        with np.errstate(divide="ignore"):  # I2 of cohorts that agree exactly
            fit = combine_effects(centre[row, known], variance[row, known], alpha=1.0 - confidence, use_t=True)
        mean, spare = np.asarray(fit.mean_effect_re), float(fit.df_resid)
        away = abs(float(mean - scale.to(np.asarray(scale.nothing)))) / float(fit.sd_eff_w_re)
        ends = scale.back(np.asarray(fit.conf_int(1.0 - confidence, use_t=True)[1]))
        p, i2 = 2.0 * float(stats.t.sf(away, spare)), 1.0 - spare / max(spare, float(fit.q))
        yield (float(scale.back(mean)), *map(float, ends), p, float(fit.tau2) ** 0.5, i2, fit.test_homogeneity().pvalue)
