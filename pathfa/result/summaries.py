"""Facts about a fitted model, as tables and numbers: what figures draw and reports state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from pathfa.result.storage import ID_COUNTS

if TYPE_CHECKING:
    from pathfa.result.result import PathFAResult

LIKELY = 0.5
"""Probability from which a gene set counts as a part of a factor."""
SURE = 0.95
"""Probability from which that is called sure."""
SIGNIFICANT = 0.05
"""False discovery rate up to which an association is named in sentences."""
SHARED_RATIO = 0.2
"""A factor is seen in a view that has at least this part of what it explains of the view that it explains best."""
FAR_RESIDUAL = 3.0
"""Noise sd beyond which a residual is far."""
_MOST_RESIDUALS = 200_000  # entries behind the quantiles of a view


def identifier_table(result: PathFAResult) -> pd.DataFrame:
    """Return per view and translation how many features had which status.

    Returns
    -------
    DataFrame
        ``view``, ``from``, ``to``, ``features``, ``unchanged``, ``mapped``, ``ambiguous``, ``lost``, ``merged`` (names
        that several features share). No row for a view whose names were not translated.
    """
    columns = ["view", "from", "to", "features", *ID_COUNTS]
    return pd.DataFrame(result.provenance.get("identifiers", []), columns=columns)


def coverage_table(result: PathFAResult) -> pd.DataFrame:
    """Return per gene set and view how many of its ``members`` are ``measured``, and the ``share``."""
    members = np.array([len(result.gene_sets[name]) for name in result.gene_set_names])
    parts = []
    for view, mask in result.masks.items():
        measured = np.asarray((mask != 0).sum(axis=0)).ravel()
        columns = {"members": members, "measured": measured, "share": measured / members}
        parts.append(pd.DataFrame({"gene_set": result.gene_set_names, "view": view, **columns}))
    return pd.concat(parts, ignore_index=True)


def selected(result: PathFAResult) -> pd.DataFrame:
    """Return which gene sets are a part of which factor, P x K: those with a weight that are ``LIKELY`` in it."""
    return (result.gene_set_probability >= LIKELY) & (result.gene_set_weights != 0)


def weight_table(result: PathFAResult, least: float = 0.01) -> pd.DataFrame:
    """Return gene-set weights in long form with their 95 % intervals, largest first.

    Parameters
    ----------
    result
        The fit.
    least
        Least probability of belonging to the factor.
    """
    lower, upper = result.interval("gene_set_weights")
    weights, probability = result.gene_set_weights, result.gene_set_probability
    cells = np.nonzero((weights.to_numpy() != 0) & (probability.to_numpy() >= least))
    columns = {"weight": weights, "lower": lower, "upper": upper, "probability": probability}
    table = pd.DataFrame(
        {
            "gene_set": weights.index.to_numpy()[cells[0]],
            "factor": weights.columns.to_numpy()[cells[1]],
            **{name: values.to_numpy()[cells] for name, values in columns.items()},
        }
    )
    measured = {str(name) for loadings in result.loadings.values() for name in loadings.index}
    members = result.gene_sets.items()
    table["members_measured"] = table["gene_set"].map({name: len(measured.intersection(own)) for name, own in members})
    table["members"] = table["gene_set"].map({name: len(own) for name, own in members})
    return table.sort_values("weight", key=abs, ascending=False, kind="stable").reset_index(drop=True)


def seen_in(result: PathFAResult) -> pd.DataFrame:
    """Return in which views each factor is seen: K x views, booleans."""
    return views_of(result.variance_explained.drop(index="total"))


def views_of(explained: pd.DataFrame) -> pd.DataFrame:
    """Return in which views each factor is seen, K x views booleans, from the variance explained, K x views."""
    table = explained.clip(lower=0.0)
    most = table.max(axis=1)
    return table.ge(SHARED_RATIO * most, axis=0) & (most > 0).to_numpy()[:, None]


def member_share(result: PathFAResult) -> pd.DataFrame:
    """Return the annotated share over the features that are in some gene set, K x views, 0 to 1.

    Over all features, as in ``annotated_share``, it also counts features that no gene set could account for.
    """
    shares = {view: result.explained_share(view, np.diff(mask.indptr) > 0) for view, mask in result.masks.items()}
    return pd.DataFrame(shares, index=result.scores.columns)


def mean_member_share(result: PathFAResult, factor: str | None = None) -> float:
    """Return the mean of ``member_share`` weighted by the variance explained in each view, of one factor or of all."""
    factors = result.factor_names if factor is None else [factor]
    shares = member_share(result).loc[factors].to_numpy(dtype=float)
    weights = result.variance_explained.loc[factors].to_numpy(dtype=float).clip(min=0.0)
    if not shares.size:
        return 0.0  # no factors, no loadings
    return float((shares * weights).sum() / weights.sum()) if weights.sum() > 0 else float(shares.mean())


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The chosen model beside the others that were fitted.

    Parameters
    ----------
    chosen
        Its row of ``selection``.
    rival
        The row of the best model with another number of factors or another loading prior; None where none was tried.
    gap
        Log evidence of the best fit of the chosen model above that of the rival, nats; 0 without a rival.
    rival_ended
        Whether the fit of the rival did not stop early; one that did would have reached more.
    start_gap
        Log evidence of the best initialisation of the chosen model above that of the chosen one, nats.
    given
        Whether no other number of factors was tried.
    """

    chosen: pd.Series
    rival: pd.Series | None
    gap: float
    rival_ended: bool
    start_gap: float
    given: bool


def model_choice(result: PathFAResult) -> Choice:
    """Return how the chosen model compares with the others by its evidence."""
    same = _same_model(result)
    others = result.selection.drop(index=same.index)
    chosen, best = same[same["chosen"]].iloc[0], float(same["log_evidence"].max())
    others = others[ran_to_end(others) | (others["log_evidence"] > best)]  # others could not matter, and stopped early
    others = others.sort_values("log_evidence", ascending=False, kind="stable")
    rival, ended = (None, True) if others.empty else (others.iloc[0], bool(ran_to_end(others).iloc[0]))
    gap = 0.0 if rival is None else best - float(rival["log_evidence"])
    return Choice(
        chosen=chosen,
        rival=rival,
        gap=gap,
        rival_ended=ended,
        start_gap=best - float(chosen["log_evidence"]),
        given=bool((result.selection["n_factors"] == chosen["n_factors"]).all()),
    )


def _same_model(result: PathFAResult) -> pd.DataFrame:
    """Return the fits with the number of factors and, if there are any, the loading prior of the chosen one."""
    table = result.selection
    chosen = table[table["chosen"]].iloc[0]
    prior = (table["loading_prior"] == chosen["loading_prior"]) | (chosen["n_factors"] == 0)  # no loadings, no prior
    alike = (table["n_factors"] == chosen["n_factors"]) & prior
    same: pd.DataFrame = table.loc[alike]
    return same


def start_agreement(result: PathFAResult) -> tuple[int, int]:
    """Return how many other starts of the chosen model came close to its evidence, and how many ran."""
    same = _same_model(result)
    return len(result.settings.get("close_starts", ())), int((ran_to_end(same) & ~same["chosen"]).sum())


def ran_to_end(selection: pd.DataFrame) -> pd.Series[bool]:
    """Return which fits of a table of candidates did not stop early; models of before 0.2 say which converged."""
    return selection["finished" if "finished" in selection else "converged"].astype(bool)


def start_likeness(result: PathFAResult) -> float | None:
    """Return how much the factors of the starts that are as good agree with the chosen ones; None without such."""
    table = _same_model(result)
    if "agreement" not in table:
        return None
    close = table["start"].isin(result.settings.get("close_starts", ())) & ~table["chosen"]
    found = table.loc[close, "agreement"].dropna()
    return float(found.mean()) if len(found) else None


def factor_likeness(result: PathFAResult) -> pd.Series[float]:
    """Return the same of each factor, K: mean over the starts that are as good; NaN where none is known."""
    starts = result.settings.get("factor_agreement", [])
    found = np.array(starts, dtype=float).reshape(len(starts), len(result.factor_names))
    mean = found.mean(axis=0) if len(found) else np.full(found.shape[1], np.nan)
    return pd.Series(mean, index=result.scores.columns)


def activity_likeness(result: PathFAResult) -> float:
    """Return how much factor activities of gene sets agree between the starts that are as good; NaN where unknown."""
    found = result.settings.get("activity_agreement", [])
    return float(np.mean(found)) if found else np.nan


def residual_quantiles(result: PathFAResult) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return how the standardised residuals are distributed; the fitted values must have been kept.

    Returns
    -------
    DataFrame, dict
        Per view quantiles of the residuals, in noise sd, beside those of the normal distribution: ``view``, ``share``,
        ``normal``, ``residual``. Per view the share of the residuals beyond ``FAR_RESIDUAL``.
    """
    share = np.concatenate([[0.001, 0.005], np.linspace(0.01, 0.99, 50), [0.995, 0.999]])
    parts, far = [], {}
    for view, values in result.data.items():
        rest = values.to_numpy() - result.scores.to_numpy() @ result.loadings[view].to_numpy().T
        rest = (rest / result.noise[view].to_numpy())[np.isfinite(rest)]
        rest = np.random.default_rng(0).permutation(rest)[:_MOST_RESIDUALS]
        columns = {"share": share, "normal": norm.ppf(share), "residual": np.quantile(rest, share)}
        parts.append(pd.DataFrame({"view": view, **columns}))
        far[view] = float((np.abs(rest) > FAR_RESIDUAL).mean())
    return pd.concat(parts, ignore_index=True), far


def outliers(result: PathFAResult, level: float = 0.001) -> pd.DataFrame:
    """Return per sample the squared robust distance over all factors and whether it is an outlier.

    Distances are sums of squared robust z-scores (median, MAD), compared with a chi-squared distribution.

    Returns
    -------
    DataFrame
        ``distance``, ``outlier``; rows by falling distance.
    """
    scores = result.scores
    centre = scores.median()
    width = 1.4826 * (scores - centre).abs().median()
    distance = (((scores - centre) / width.where(width > 0)).fillna(0.0) ** 2).sum(axis=1)
    limit = chi2.isf(level / len(scores), df=scores.shape[1])
    table = pd.DataFrame({"distance": distance, "outlier": distance > limit})
    return table.sort_values("distance", ascending=False, kind="stable")


def spread_across(activities: Mapping[str, Mapping[str, float]], most: int) -> tuple[pd.DataFrame, list[str]]:
    """Return how much activities vary in several fits, those that vary most first, and those that vary in every fit.

    Parameters
    ----------
    activities
        Per fit the sd over its samples of the activity of each gene set that is active.
    most
        Most gene sets returned.

    Returns
    -------
    DataFrame, list of str
        Gene sets x fits: sd as a share of the largest in the fit, NaN where not active or not measured.
    """
    table = pd.DataFrame({name: pd.Series(values, dtype=float) for name, values in activities.items()})
    share = table / table.max(axis=0)
    share = share.loc[share.fillna(0.0).mean(axis=1).sort_values(ascending=False).index[:most]]
    return share, [str(name) for name in share.index[share.notna().all(axis=1)]]


def sample_activities(result: PathFAResult, sample: str) -> pd.DataFrame:
    """Return the activities of a sample with 95 % limits, in sd from the mean of the cohort, largest first.

    Returns
    -------
    DataFrame
        ``activity``, ``lower``, ``upper`` by gene set; those whose activity is the same in all samples are left out.
    """
    lower, upper = result.interval("activity")
    mean, sd = result.activity.mean(), result.activity.std(ddof=0)
    sd = sd[sd > 0]
    limits = {"activity": result.activity, "lower": lower, "upper": upper}
    table = pd.DataFrame({name: values.loc[sample] for name, values in limits.items()})
    table = table.loc[sd.index].sub(mean[sd.index], axis=0).div(sd, axis=0)
    return table.sort_values("activity", key=abs, ascending=False)
