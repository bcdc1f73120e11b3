"""The tests behind ``associate``, as functions of arrays.

Shapes: D draws, N samples, P features. Activities come in as D x N x P with mean 0 and sd 1 over the samples, so that
effects are in sd of the activity.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats
from scipy.special import logit

from pathfa.analysis.association.pooling import Attenuation, Estimates, Link


def pearson(activity: np.ndarray, x: np.ndarray) -> Estimates:
    """Return Pearson correlations with a number per sample, N; the statistic is t with N - 2 degrees of freedom."""
    found = stats.pearsonr(activity, x[None, :, None], axis=1)
    return _correlation(np.asarray(found.statistic), np.asarray(found.pvalue), len(x), spearman=False)


def spearman(activity: np.ndarray, x: np.ndarray) -> Estimates:
    """Return Spearman correlations with a number per sample, N."""
    ranks = stats.rankdata(activity, axis=1)
    found = stats.pearsonr(ranks, stats.rankdata(x)[None, :, None], axis=1)
    return _correlation(np.asarray(found.statistic), np.asarray(found.pvalue), len(x), spearman=True)


def _correlation(r: np.ndarray, p: np.ndarray, n: int, *, spearman: bool) -> Estimates:
    df = n - 2
    with np.errstate(divide="ignore"):
        statistic = r * np.sqrt(df / np.clip(1.0 - r**2, 0.0, None))
    # Bonett and Wright (2000), Psychometrika 65, 23, for ranks
    fisher_variance = (1.0 + r**2 / 2.0 if spearman else np.ones_like(r)) / max(n - 3, 1)
    return Estimates(
        effect=r,
        variance=(1.0 - r**2) / df,
        statistic=statistic,
        p=p,
        df=np.full_like(r, float(df)),
        link=Link.FISHER,
        link_effect=np.arctanh(np.clip(r, -1.0 + 1e-15, 1.0 - 1e-15)),
        link_variance=fisher_variance,
        bound=1.0,
    )


def welch(activity: np.ndarray, case: np.ndarray) -> Estimates:
    """Return mean differences of the samples with ``case`` from the others, by Welch's t test."""
    first, second = activity[:, case], activity[:, ~case]
    found = stats.ttest_ind(first, second, axis=1, equal_var=False)
    variance = first.var(axis=1, ddof=1) / first.shape[1] + second.var(axis=1, ddof=1) / second.shape[1]
    return Estimates(
        effect=first.mean(axis=1) - second.mean(axis=1),
        variance=variance,
        statistic=np.asarray(found.statistic),
        p=np.asarray(found.pvalue),
        df=np.asarray(found.df),
    )


def wilcoxon(activity: np.ndarray, case: np.ndarray) -> Estimates:
    """Return AUCs of the activity for ``case`` by the Wilcoxon rank-sum test.

    The AUC is the probability that a sample with ``case`` has the higher activity; 0.5 is no difference. Intervals are
    those of Hanley and McNeil (1982), Radiology 143, 29, on the logit scale.
    """
    n1, n2 = int(case.sum()), int((~case).sum())
    found = stats.mannwhitneyu(activity[:, case], activity[:, ~case], axis=1, method="auto")
    auc = np.asarray(found.statistic) / (n1 * n2)
    spread = (n1 - 1) * (auc / (2.0 - auc) - auc**2) + (n2 - 1) * (2.0 * auc**2 / (1.0 + auc) - auc**2)
    variance = (auc * (1.0 - auc) + spread) / (n1 * n2)
    # an AUC of 0 or 1 counts as half a pair short of it
    inner = np.clip(auc, 0.5 / (n1 * n2), 1.0 - 0.5 / (n1 * n2))
    return Estimates(
        effect=auc,
        variance=variance,
        link=Link.LOGIT,
        link_effect=logit(inner),
        link_variance=np.maximum(variance, 0.25 / (n1 * n2) ** 2) / (inner * (1.0 - inner)) ** 2,
        statistic=np.asarray(found.statistic),
        p=np.asarray(found.pvalue),
        df=np.full_like(auc, np.inf),
        pool_p=True,
        attenuation=Attenuation.AUC,
        constant=n1 * n2 / (n1 + n2) ** 2,
    )


def anova(activity: np.ndarray, codes: np.ndarray) -> Estimates:
    """Return eta squared over the groups, the share of variance between them, by one-way ANOVA."""
    found = stats.f_oneway(*_split(activity, codes), axis=1)
    f = np.asarray(found.statistic)
    between, within = len(np.unique(codes)) - 1, len(codes) - len(np.unique(codes))
    return _several(
        f * between / (f * between + within), f, np.asarray(found.pvalue), within, between / (len(codes) - 1)
    )


def kruskal(activity: np.ndarray, codes: np.ndarray) -> Estimates:
    """Return epsilon squared, H / (N - 1), by the Kruskal-Wallis test."""
    found = stats.kruskal(*_split(activity, codes), axis=1)
    h, total = np.asarray(found.statistic), len(codes) - 1
    return _several(h / total, h, np.asarray(found.pvalue), np.inf, (len(np.unique(codes)) - 1) / total)


def linear(activity: np.ndarray, x: np.ndarray, adjust: np.ndarray) -> Estimates:
    """Return coefficients of ``x`` next to the adjustment covariates, by ordinary least squares.

    Parameters
    ----------
    activity
        D x N x P.
    x
        Columns of the covariate, N x C. One column gives its coefficient and a t test; more give the partial eta
        squared and an F test.
    adjust
        Columns of the adjustment covariates, N x A, without an intercept.
    """
    n = len(x)
    base = np.column_stack([np.ones(n), adjust])
    design = np.column_stack([x, base])
    df = n - np.linalg.matrix_rank(design)
    inverse = np.linalg.pinv(design)
    beta = inverse @ activity  # D x (C + 1 + A) x P
    rss = ((activity - design @ beta) ** 2).sum(axis=1)
    if x.shape[1] == 1:
        variance = rss / df * (inverse[0] ** 2).sum()
        statistic = beta[:, 0] / np.sqrt(variance)
        p = 2.0 * stats.t.sf(np.abs(statistic), df)
        return Estimates(
            effect=beta[:, 0], variance=variance, statistic=statistic, p=p, df=np.full_like(rss, float(df))
        )
    without = activity - base @ (np.linalg.pinv(base) @ activity)
    gained = (without**2).sum(axis=1) - rss
    f = gained / x.shape[1] / (rss / df)
    return _several(gained / (gained + rss), f, stats.f.sf(f, x.shape[1], df), df, x.shape[1] / (x.shape[1] + df))


def repeated(
    activity: np.ndarray, x: np.ndarray, adjust: np.ndarray, subjects: np.ndarray, *, mixed: bool
) -> Estimates:
    """Return what ``linear`` does for several samples per subject.

    Parameters
    ----------
    activity, x, adjust
        As for ``linear``.
    subjects
        Subject of each sample as integers, N.
    mixed
        A mixed model with a random intercept per subject (REML); otherwise least squares with cluster-robust errors and
        t tests on the number of subjects less one.
    """
    import statsmodels.api as sm

    design = np.column_stack([x, np.ones(len(x)), adjust])
    columns = x.shape[1]
    contrast = np.eye(columns, design.shape[1])
    df = float(len(np.unique(subjects)) - 1)
    shape = (activity.shape[0], activity.shape[2])
    effect, variance, statistic, p = (np.empty(shape) for _ in range(4))
    for draw, feature in np.ndindex(shape):
        y = activity[draw, :, feature]
        if mixed:
            fit = _mixed(y, design, subjects)
            if fit is None:
                effect[draw, feature] = variance[draw, feature] = statistic[draw, feature] = p[draw, feature] = np.nan
                continue
            beta, cov = np.asarray(fit.fe_params), np.asarray(fit.cov_params())[: design.shape[1], : design.shape[1]]
        else:
            fit = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": subjects}, use_t=True)
            beta, cov = np.asarray(fit.params), np.asarray(fit.cov_params())
        if columns == 1:
            effect[draw, feature], variance[draw, feature] = beta[0], cov[0, 0]
            statistic[draw, feature] = beta[0] / np.sqrt(cov[0, 0])
            p[draw, feature] = 2.0 * stats.t.sf(abs(statistic[draw, feature]), df)
            continue
        wald = float((contrast @ beta) @ np.linalg.solve(cov[:columns, :columns], contrast @ beta)) / columns
        statistic[draw, feature], p[draw, feature] = wald, stats.f.sf(wald, columns, df)
        effect[draw, feature] = wald * columns / (wald * columns + df)
    if columns == 1:
        return Estimates(effect=effect, variance=variance, statistic=statistic, p=p, df=np.full(shape, df))
    return _several(effect, statistic, p, df, columns / (columns + df))


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


def _several(effect: np.ndarray, statistic: np.ndarray, p: np.ndarray, df: float, chance: float) -> Estimates:
    return Estimates(
        effect=effect,
        variance=np.full_like(effect, np.nan),
        statistic=statistic,
        p=p,
        df=np.full_like(effect, float(df)),
        pool_p=True,
        attenuation=Attenuation.SHARE,
        bound=1.0,
        constant=chance,
    )


def _split(activity: np.ndarray, codes: np.ndarray) -> Sequence[np.ndarray]:
    return [activity[:, codes == code] for code in np.unique(codes)]
