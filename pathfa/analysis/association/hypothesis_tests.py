"""The tests behind ``associate``, as functions of arrays.

Shapes: N samples, P features. Values come in as N x P with mean 0 and sd 1 over the samples, so that effects are in sd
of the feature.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special, stats

from pathfa.analysis.association.tested import EffectScale, Tested


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


def student(activity: np.ndarray, case: np.ndarray, level: float) -> Tested:
    """Return mean differences of the samples with ``case`` from the others, by Student's t test.

    Welch's test takes the variance of each group from its own samples. With five of 96 samples in one of them its p
    values below 0.001 come four times too often where labels are shuffled; with a common variance they come as often
    as they should (``benchmarks/permutation.py``).
    """
    first, second = activity[case], activity[~case]
    found = stats.ttest_ind(first, second, axis=0)
    lower, upper = found.confidence_interval(level)
    return _tested(found, first.mean(axis=0) - second.mean(axis=0), lower, upper)


def wilcoxon(activity: np.ndarray, case: np.ndarray, level: float) -> Tested:
    """Return AUCs of the activity for ``case`` by the Wilcoxon rank-sum test.

    The AUC is the probability that a sample with ``case`` has the higher activity; 0.5 is no difference.
    """
    n1, n2 = int(case.sum()), int((~case).sum())
    found = stats.mannwhitneyu(activity[case], activity[~case], axis=0, method="auto")
    auc = np.asarray(found.statistic) / (n1 * n2)
    lower, upper = (_auc_limit(auc, end, n1, n2, level) for end in (0.0, 1.0))
    return _tested(found, auc, lower, upper, EffectScale.AUC, n1 * n2 / (n1 + n2) ** 2)


def _auc_limit(auc: np.ndarray, end: float, n1: int, n2: int, level: float) -> np.ndarray:
    """Return the AUCs towards ``end`` from which those that were seen are as far as chance goes, P.

    The variance is that of the limit and not of the estimate, so that AUCs near 0 and 1 have intervals too: method 5 of
    Newcombe (2006), Statistics in Medicine 25, 559.
    """
    z, half = stats.norm.ppf(0.5 + 0.5 * level), 0.5 * (n1 + n2) - 1.0
    near, far = auc.copy(), np.full_like(auc, end)
    for _ in range(50):
        tried = 0.5 * (near + far)
        spread = 1.0 + half * ((1.0 - tried) / (2.0 - tried) + tried / (1.0 + tried))
        inside = (auc - tried) ** 2 <= z**2 * tried * (1.0 - tried) * spread / (n1 * n2)
        near, far = np.where(inside, tried, near), np.where(inside, far, tried)
    return np.asarray(far)


def anova(activity: np.ndarray, codes: np.ndarray, level: float) -> Tested:
    """Return eta squared over the groups, the share of variance between them, by one-way ANOVA."""
    groups = _split(activity, codes)
    found = stats.f_oneway(*groups, axis=0)
    f, between, within = np.asarray(found.statistic), len(groups) - 1, len(codes) - len(groups)
    effect = f * between / (f * between + within)
    return _share(effect, f, np.asarray(found.pvalue), (between, within), level)


def kruskal(activity: np.ndarray, codes: np.ndarray, level: float) -> Tested:
    """Return epsilon squared, H / (N - 1), by the Kruskal-Wallis test."""
    groups = _split(activity, codes)
    found = stats.kruskal(*groups, axis=0)
    h, df = np.asarray(found.statistic), (len(groups) - 1, len(codes) - len(groups))
    return _share(h / (len(codes) - 1), h, np.asarray(found.pvalue), df, level)


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
    return _share(gained / (gained + rss), f, stats.f.sf(f, columns, df), (columns, df), level)


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
    return _share(f * columns / (f * columns + df), f, stats.f.sf(f, columns, df), (columns, df), level)


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


def _share(effect: np.ndarray, statistic: np.ndarray, p: np.ndarray, df: tuple[float, float], level: float) -> Tested:
    """Return tests of shares of variance, with intervals by the noncentral F distribution.

    Parameters
    ----------
    effect, statistic, p
        Share, statistic and p value, P each.
    df
        Degrees of freedom between the groups and within them.
    level
        Level of the intervals. A share that is smaller than chance gives lies at their upper limit.

    References
    ----------
    Steiger (2004), Beyond the F test, Psychological Methods 9, 164.
    """
    between, within = df
    chance = between / (between + within)
    f = effect / np.maximum(1.0 - effect, 1e-300) * within / between
    shift = [special.ncfdtrinc(between, within, 0.5 + 0.5 * side * level, f) for side in (1.0, -1.0)]
    lower, upper = (item / (item + between + within + 1.0) for item in shift)
    return Tested(
        effect=effect,
        lower=np.fmin(lower, effect),
        upper=np.fmax(upper, effect),
        statistic=statistic,
        p=p,
        scale=EffectScale.SHARE,
        constant=chance,
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
