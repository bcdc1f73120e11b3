"""From estimates to answers: activities taken as known, corrected for their uncertainty, or pooled over draws.

Shapes: D draws, P features.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import stats
from scipy.special import expit

_MANY = 1e12  # degrees of freedom that stand for infinity


class Link(StrEnum):
    """A scale on which a bounded effect is close to normal."""

    FISHER = "fisher"
    LOGIT = "logit"

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return effects from this scale."""
        return np.asarray(np.tanh(values) if self is Link.FISHER else expit(values))


class Attenuation(StrEnum):
    """How the effect on an uncertain activity falls short of that on the true one, of reliability R."""

    ROOT = "root"  # by the root of R: correlations, differences and coefficients in sd
    SHARE = "share"  # by R, but for what chance gives: shares of variance
    AUC = "auc"  # the difference of the groups that gives this AUC, by the root of R

    def undo(self, values: np.ndarray, reliability: np.ndarray, constant: float) -> np.ndarray:
        """Return effects on the true activity.

        Parameters
        ----------
        values
            Effects on the uncertain activity, P.
        reliability
            Squared correlation of that with the truth, P.
        constant
            For shares the one that chance gives; for AUCs the product of the shares of the two groups.
        """
        if self is Attenuation.AUC:
            # two normal groups: from their distance within groups to that in sd of all samples, and back
            distance = np.sqrt(2.0) * stats.norm.ppf(np.clip(values, 1e-12, 1.0 - 1e-12))
            total = distance / np.sqrt((1.0 + constant * distance**2) * reliability)
            left = np.clip(1.0 - constant * total**2, 1e-9, None)
            return np.asarray(stats.norm.cdf(total / np.sqrt(2.0 * left)))
        if self is Attenuation.SHARE:
            return np.asarray(np.clip(constant + (values - constant) / reliability, 0.0, 1.0))
        return np.asarray(values / np.sqrt(reliability))


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """One test of every feature on every draw.

    Attributes
    ----------
    effect
        Effect in the unit that is reported, D x P.
    variance
        Its sampling variance, D x P; NaN where the test has none.
    statistic, p
        Test statistic and two-sided p value, D x P.
    df
        Residual degrees of freedom, D x P; infinity for a normal statistic.
    link
        Scale on which the interval is made: Fisher's z of a correlation, the logit of an AUC, or the effect itself.
    link_effect, link_variance
        Effect and its sampling variance on that scale, D x P; None for the effect itself.
    pool_p
        Whether p values are pooled instead of estimates, for rank tests and tests of several coefficients.
    attenuation
        How an uncertain activity weakens the effect.
    bound
        Largest size that an effect can have.
    constant
        What ``Attenuation.undo`` needs to know.
    """

    effect: np.ndarray
    variance: np.ndarray
    statistic: np.ndarray
    p: np.ndarray
    df: np.ndarray
    link: Link | None = None
    link_effect: np.ndarray | None = None
    link_variance: np.ndarray | None = None
    pool_p: bool = False
    attenuation: Attenuation = Attenuation.ROOT
    bound: float = np.inf
    constant: float = 0.0

    def spread(self, place: np.ndarray) -> Estimates:
        """Return the estimates in their places among more features, NaN elsewhere.

        Parameters
        ----------
        place
            Which of the features these are, booleans, as many of them True as there are estimates.
        """
        if place.all():
            return self

        def wide(values: np.ndarray) -> np.ndarray:
            found = np.full((len(values), len(place)), np.nan)
            found[:, place] = values
            return found

        return replace(
            self,
            effect=wide(self.effect),
            variance=wide(self.variance),
            statistic=wide(self.statistic),
            p=wide(self.p),
            df=wide(self.df),
            link_effect=None if self.link_effect is None else wide(self.link_effect),
            link_variance=None if self.link_variance is None else wide(self.link_variance),
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer per feature, P."""

    effect: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    statistic: np.ndarray
    p: np.ndarray


def plug_in(estimates: Estimates, level: float) -> Answer:
    """Return the answer on the first draw, taken as if it were known."""
    effect = estimates.effect[0]
    if estimates.link is not None and estimates.link_effect is not None and estimates.link_variance is not None:
        lower, upper = estimates.link.back(_limits(estimates.link_effect[0], estimates.link_variance[0], np.inf, level))
    else:
        lower, upper = _limits(effect, estimates.variance[0], estimates.df[0], level)
    return Answer(effect=effect, lower=lower, upper=upper, statistic=estimates.statistic[0], p=estimates.p[0])


def correct(estimates: Estimates, reliability: np.ndarray, level: float) -> Answer:
    """Return the plug-in answer with the effect and its limits on the true activity.

    The posterior mean is a regression calibration of the activity: it is the activity less an error that it is
    uncorrelated with, so that a covariate which has no relation to the data has none to it, and its test is valid as it
    stands. Only the effect per sd is too small, by the reliability. The reliability is an estimate that trusts the
    posterior, so the interval holds the plug-in interval too.

    Parameters
    ----------
    estimates
        Tests of the posterior mean, one draw.
    reliability
        Squared correlation of the posterior mean with the activity, P.
    level
        Level of the intervals.

    References
    ----------
    Carroll, Ruppert, Stefanski and Crainiceanu (2006), Measurement Error in Nonlinear Models, chapter 4.
    """
    simple = plug_in(estimates, level)

    def undo(values: np.ndarray) -> np.ndarray:
        whole = estimates.attenuation.undo(values, reliability, estimates.constant)
        return np.asarray(np.clip(whole, -estimates.bound, estimates.bound))

    return Answer(
        effect=undo(simple.effect),
        lower=np.minimum(simple.lower, undo(simple.lower)),
        upper=np.maximum(simple.upper, undo(simple.upper)),
        statistic=simple.statistic,
        p=simple.p,
    )


def pool(estimates: Estimates, level: float) -> Answer:
    """Return the answer over all draws.

    Estimates are pooled by Rubin's rules with the degrees of freedom of Barnard and Rubin; p values without an estimate
    by the rule of Licht and Rubin, which pools their normal scores. Draws in which a feature does not vary, because its
    gene set has no weight in them, are left out. The draws do not know the covariate (they are not congenial), so
    pooled effects lean to none and pooled p values are conservative.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys. Barnard and Rubin (1999), Biometrika 86, 948.
    Licht (2010), doctoral thesis, Bamberg.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        effect, total, df = _rubin(estimates.effect, estimates.variance, estimates.df)
        lower, upper = _limits(effect, total, df, level)
        if estimates.link is not None and estimates.link_effect is not None and estimates.link_variance is not None:
            on_link = _rubin(estimates.link_effect, estimates.link_variance, np.full_like(estimates.df, np.inf))
            lower, upper = estimates.link.back(_limits(*on_link, level))
        if estimates.pool_p:
            scores = stats.norm.isf(np.clip(estimates.p, 1e-300, 1.0 - 1e-16))
            score, score_total, _ = _rubin(scores, np.ones_like(scores), estimates.df)
            p = stats.norm.sf(score / np.sqrt(score_total))
            statistic = _rubin(estimates.statistic, estimates.variance, estimates.df)[0]
        else:
            statistic = effect / np.sqrt(total)
            p = 2.0 * stats.t.sf(np.abs(statistic), df)
    return Answer(effect=effect, lower=lower, upper=upper, statistic=statistic, p=p)


def _rubin(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pooled estimate, its total variance and its degrees of freedom, each P.

    Draws without an estimate are left out.
    """
    known = np.isfinite(estimate)
    count = known.sum(axis=0)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.where(known, values, 0.0).sum(axis=0) / count)

    pooled = mean(estimate)
    between = (1.0 + 1.0 / count) * np.where(known, (estimate - pooled) ** 2, 0.0).sum(axis=0) / (count - 1)
    total = mean(variance) + between
    share = np.clip(between / total, 1e-12, 1.0)
    complete = mean(np.minimum(df, _MANY))
    observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
    return pooled, total, 1.0 / (share**2 / (count - 1) + 1.0 / observed)


def _limits(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray | float, level: float) -> np.ndarray:
    """Return lower and upper limits, 2 x P."""
    half = stats.t.ppf(0.5 + 0.5 * level, np.minimum(df, _MANY)) * np.sqrt(variance)
    return np.stack([estimate - half, estimate + half])
