"""The tests behind ``associate``, as functions of arrays.

Shapes: N samples, P features. Values come in as N x P with mean 0 and sd 1 over the samples, so that effects are in sd
of the feature.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats
from scipy.special import expit, logit


class EffectScale(StrEnum):
    """What an effect is, and so how it falls short on an uncertain feature of reliability R."""

    LINEAR = "linear"  # a difference or coefficient in sd, a log hazard: by the root of R
    CORRELATION = "correlation"  # by the root of R
    SHARE = "share"  # a share of variance: by R, but for what chance gives
    AUC = "auc"  # the difference of the groups that gives this AUC, by the root of R


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One test of every feature.

    Attributes
    ----------
    effect, lower, upper
        Effect in the unit that is reported and limits of its interval, P; limits are NaN where the test has none.
    statistic, p
        Test statistic and two-sided p value, P.
    scale
        What the effect is.
    constant
        For shares the one that chance gives; for AUCs the product of the shares of the two groups.
    """

    effect: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    statistic: np.ndarray
    p: np.ndarray
    scale: EffectScale = EffectScale.LINEAR
    constant: float = 0.0

    def spread(self, place: np.ndarray) -> Tested:
        """Return the tests in their places among more features, NaN elsewhere.

        Parameters
        ----------
        place
            Which of the features these are, booleans, as many of them True as there are tests.
        """

        def wide(values: np.ndarray) -> np.ndarray:
            full = np.full(len(place), np.nan)
            full[place] = values
            return full

        found: dict[str, Any] = {name: wide(values) for name, values in self.columns().items()}
        return replace(self, **found)

    def columns(self) -> dict[str, Any]:
        """Return effect, limits, statistic and p value by name."""
        return {name: getattr(self, name) for name in ("effect", "lower", "upper", "statistic", "p")}

    def corrected(self, reliability: np.ndarray | None) -> Tested:
        """Return the test with its effect and interval on the true feature.

        The posterior mean is a regression calibration of the feature: it is the feature less an error that it is
        uncorrelated with, so that a covariate which has no relation to the data has none to it, and its test is valid
        as it stands. Only the effect per sd is too small, by the reliability. The reliability is an estimate that
        trusts the posterior, so the interval contains the interval without correction too.

        Parameters
        ----------
        reliability
            Squared correlation of the posterior mean with the feature, P; None takes the feature as known.

        References
        ----------
        Carroll, Ruppert, Stefanski and Crainiceanu (2006), Measurement Error in Nonlinear Models, chapter 4.
        """
        if reliability is None:
            return self
        effect, lower, upper = (self._undo(values, reliability) for values in (self.effect, self.lower, self.upper))
        return replace(self, effect=effect, lower=np.minimum(self.lower, lower), upper=np.maximum(self.upper, upper))

    def _undo(self, values: np.ndarray, reliability: np.ndarray) -> np.ndarray:
        """Return effects on the true feature."""
        if self.scale is EffectScale.AUC:
            # two normal groups: from their distance within groups to that in sd of all samples, and back
            distance = np.sqrt(2.0) * stats.norm.ppf(np.clip(values, 1e-12, 1.0 - 1e-12))
            total = distance / np.sqrt((1.0 + self.constant * distance**2) * reliability)
            left = np.clip(1.0 - self.constant * total**2, 1e-9, None)
            return np.asarray(stats.norm.cdf(total / np.sqrt(2.0 * left)))
        if self.scale is EffectScale.SHARE:
            return np.asarray(np.clip(self.constant + (values - self.constant) / reliability, 0.0, 1.0))
        whole: np.ndarray = values / np.sqrt(reliability)
        return np.asarray(np.clip(whole, -1.0, 1.0)) if self.scale is EffectScale.CORRELATION else whole


def limits(estimate: np.ndarray, variance: np.ndarray, df: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper limits of estimates, each P; with an infinite ``df`` those of a normal distribution."""
    half = stats.t.ppf(0.5 + 0.5 * level, df) * np.sqrt(variance)
    return estimate - half, estimate + half


def pearson(activity: np.ndarray, x: np.ndarray, level: float) -> Tested:
    """Return Pearson correlations with numbers per sample, N or of each feature N x P; the statistic is t."""
    return _correlation(activity, x, level, lambda r: np.ones_like(r))


def spearman(activity: np.ndarray, x: np.ndarray, level: float) -> Tested:
    """Return Spearman correlations with a number per sample, N.

    Intervals are those of Bonett and Wright (2000), Psychometrika 65, 23.
    """
    return _correlation(stats.rankdata(activity, axis=0), stats.rankdata(x), level, lambda r: 1.0 + r**2 / 2.0)


def _correlation(values: np.ndarray, x: np.ndarray, level: float, fisher: Any) -> Tested:
    """Return correlations with intervals by Fisher's z, whose variance is ``fisher`` over N - 3."""
    found = stats.pearsonr(values, x if x.ndim == 2 else x[:, None], axis=0)
    r = np.asarray(found.statistic)
    with np.errstate(divide="ignore"):
        statistic = r * np.sqrt((len(x) - 2) / np.clip(1.0 - r**2, 0.0, None))
    z = np.arctanh(np.clip(r, -1.0 + 1e-15, 1.0 - 1e-15))
    lower, upper = map(np.tanh, limits(z, fisher(r) / max(len(x) - 3, 1), np.inf, level))
    return replace(_tested(found, r, lower, upper, EffectScale.CORRELATION), statistic=statistic)


def welch(activity: np.ndarray, case: np.ndarray, level: float) -> Tested:
    """Return mean differences of the samples with ``case`` from the others, by Welch's t test."""
    first, second = activity[case], activity[~case]
    found = stats.ttest_ind(first, second, axis=0, equal_var=False)
    lower, upper = found.confidence_interval(level)
    return _tested(found, first.mean(axis=0) - second.mean(axis=0), lower, upper)


def wilcoxon(activity: np.ndarray, case: np.ndarray, level: float) -> Tested:
    """Return AUCs of the activity for ``case`` by the Wilcoxon rank-sum test.

    The AUC is the probability that a sample with ``case`` has the higher activity; 0.5 is no difference. Intervals are
    those of Hanley and McNeil (1982), Radiology 143, 29, on the logit scale.
    """
    n1, n2 = int(case.sum()), int((~case).sum())
    found = stats.mannwhitneyu(activity[case], activity[~case], axis=0, method="auto")
    auc = np.asarray(found.statistic) / (n1 * n2)
    spread = (n1 - 1) * (auc / (2.0 - auc) - auc**2) + (n2 - 1) * (2.0 * auc**2 / (1.0 + auc) - auc**2)
    variance = (auc * (1.0 - auc) + spread) / (n1 * n2)
    # an AUC of 0 or 1 counts as half a pair short of it
    inner = np.clip(auc, 0.5 / (n1 * n2), 1.0 - 0.5 / (n1 * n2))
    variance = np.maximum(variance, 0.25 / (n1 * n2) ** 2) / (inner * (1.0 - inner)) ** 2
    lower, upper = map(expit, limits(logit(inner), variance, np.inf, level))
    return _tested(found, auc, lower, upper, EffectScale.AUC, n1 * n2 / (n1 + n2) ** 2)


def anova(activity: np.ndarray, codes: np.ndarray) -> Tested:
    """Return eta squared over the groups, the share of variance between them, by one-way ANOVA."""
    groups = _split(activity, codes)
    found = stats.f_oneway(*groups, axis=0)
    f = np.asarray(found.statistic)
    between, within = len(groups) - 1, len(codes) - len(groups)
    effect = f * between / (f * between + within)
    return _share(effect, f, np.asarray(found.pvalue), between / (len(codes) - 1))


def kruskal(activity: np.ndarray, codes: np.ndarray) -> Tested:
    """Return epsilon squared, H / (N - 1), by the Kruskal-Wallis test."""
    groups = _split(activity, codes)
    found = stats.kruskal(*groups, axis=0)
    h, total = np.asarray(found.statistic), len(codes) - 1
    return _share(h / total, h, np.asarray(found.pvalue), (len(groups) - 1) / total)


def linear(activity: np.ndarray, x: np.ndarray, adjust: np.ndarray, level: float) -> Tested:
    """Return coefficients of ``x`` next to the adjustment covariates, by ordinary least squares.

    Parameters
    ----------
    activity
        N x P.
    x
        Columns of the covariate, N x C. One column gives its coefficient and a t test; more give the partial eta
        squared and an F test.
    adjust
        Columns of the adjustment covariates, N x A, without an intercept.
    level
        Level of the intervals.
    """
    base = np.column_stack([np.ones(len(x)), adjust])
    design = np.column_stack([x, base])
    columns, df = x.shape[1], len(x) - np.linalg.matrix_rank(design)
    inverse = np.linalg.pinv(design)
    beta = inverse @ activity  # (C + 1 + A) x P
    rss = ((activity - design @ beta) ** 2).sum(axis=0)
    if columns == 1:
        return _coefficients(beta[0], rss / df * (inverse[0] ** 2).sum(), df, level)
    without = activity - base @ (np.linalg.pinv(base) @ activity)
    gained = (without**2).sum(axis=0) - rss
    f = gained / columns / (rss / df)
    return _share(gained / (gained + rss), f, stats.f.sf(f, columns, df), columns / (columns + df))


def repeated(
    activity: np.ndarray, x: np.ndarray, adjust: np.ndarray, subjects: np.ndarray, level: float, *, mixed: bool
) -> Tested:
    """Return what ``linear`` does for several samples per subject.

    Parameters
    ----------
    activity, x, adjust, level
        As for ``linear``.
    subjects
        Subject of each sample as integers, N.
    mixed
        A mixed model with a random intercept per subject (REML); otherwise least squares with cluster-robust errors and
        t tests on the number of subjects less one.
    """
    design = np.column_stack([x, np.ones(len(x)), adjust])
    columns, df = x.shape[1], float(len(np.unique(subjects)) - 1)
    beta = np.full((columns, activity.shape[1]), np.nan)
    cov = np.full((columns, columns, activity.shape[1]), np.nan)
    for feature, y in enumerate(activity.T):
        fit = _mixed(y, design, subjects) if mixed else _clustered(y, design, subjects)
        if fit is not None:
            beta[:, feature] = np.asarray(fit.params)[:columns]
            cov[:, :, feature] = np.asarray(fit.cov_params())[:columns, :columns]
    if columns == 1:
        return _coefficients(beta[0], cov[0, 0], df, level)
    f = np.array([b @ np.linalg.solve(c, b) / columns for b, c in zip(beta.T, np.moveaxis(cov, 2, 0), strict=True)])
    return _share(f * columns / (f * columns + df), f, stats.f.sf(f, columns, df), columns / (columns + df))


def _clustered(y: np.ndarray, design: np.ndarray, subjects: np.ndarray) -> Any:
    """Return fitted least squares with cluster-robust errors."""
    import statsmodels.api as sm

    return sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": subjects}, use_t=True)


def _mixed(y: np.ndarray, design: np.ndarray, subjects: np.ndarray) -> Any:
    """Return a fitted mixed model, or None when no optimiser finds one."""
    import statsmodels.api as sm

    for optimiser in ("bfgs", "powell"):
        with warnings.catch_warnings():
            # warns where subjects do not differ: the variance of the intercept is then 0, and that is fine
            warnings.simplefilter("ignore")
            try:
                fit = sm.MixedLM(y, design, groups=subjects).fit(reml=True, method=optimiser)
            except np.linalg.LinAlgError:
                continue
        if fit.converged and np.isfinite(np.asarray(fit.cov_params())).all():
            return fit
    return None


def _coefficients(beta: np.ndarray, variance: np.ndarray, df: float, level: float) -> Tested:
    """Return t tests of coefficients."""
    statistic = beta / np.sqrt(variance)
    lower, upper = limits(beta, variance, df, level)
    return Tested(effect=beta, lower=lower, upper=upper, statistic=statistic, p=2.0 * stats.t.sf(np.abs(statistic), df))


def _share(effect: np.ndarray, statistic: np.ndarray, p: np.ndarray, chance: float) -> Tested:
    """Return tests of shares of variance, which have no interval."""
    none = np.full_like(effect, np.nan)
    return Tested(
        effect=effect, lower=none, upper=none, statistic=statistic, p=p, scale=EffectScale.SHARE, constant=chance
    )


def _tested(
    found: Any,
    effect: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    scale: EffectScale = EffectScale.LINEAR,
    constant: float = 0.0,
) -> Tested:
    """Return what a test of scipy found."""
    statistic, p = np.asarray(found.statistic), np.asarray(found.pvalue)
    return Tested(effect=effect, lower=lower, upper=upper, statistic=statistic, p=p, scale=scale, constant=constant)


def _split(activity: np.ndarray, codes: np.ndarray) -> Sequence[np.ndarray]:
    return [activity[codes == code] for code in np.unique(codes)]
