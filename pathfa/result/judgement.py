"""The judgement of a fit: every limit with its reason, how a fit compares with them, and the warnings made from that.

The limits say when a reader must be warned, not when a result is true. What needs nothing but the fit is judged here;
what needs covariates or further fits, by the same table, in ``pathfa.analysis.judgement``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, warning
from pathfa.core.names import factor_id
from pathfa.core.text import count
from pathfa.data.validation.matching import MIXED_UP, UNMATCHED
from pathfa.data.validation.samples import FEW
from pathfa.options import LoadingPrior
from pathfa.result.summaries import (
    SIGNIFICANT,
    activity_likeness,
    coverage_table,
    factor_likeness,
    mean_member_share,
    start_agreement,
    start_likeness,
)

if TYPE_CHECKING:
    import pandas as pd

    from pathfa.result.result import PathFAResult

NO_FACTORS = "no-factors"  # code of the finding that there are none
NOT_CONVERGED = "not-converged"  # code of the finding that a fit stopped too early
_SEEN = 0.01  # R2 of a factor in a view from which their common level is looked at


class Level(StrEnum):
    """The verdict on one check or on the whole fit, the best first."""

    PASS = "PASS"  # noqa: S105 - the verdict, not a password
    CAUTION = "CAUTION"
    STOP = "DO NOT INTERPRET"


def worst(*levels: Level) -> Level:
    """Return the worst of some levels."""
    return max(levels, key=list(Level).index)


@dataclass(frozen=True)
class Limit:
    """What is observed, and from where on it is a concern; NaN where there is no such limit."""

    observed: str
    worse: Callable[[float, float], bool]  # how a concern compares with a limit: ``operator.lt`` where small is bad
    reason: str  # why the limits are where they are
    caution: float = np.nan
    stop: float = np.nan  # from where it must not be interpreted

    def level(self, value: float) -> Level:
        """Return the level of an observation; an unknown one (NaN) passes."""
        if self.worse(value, self.stop):
            return Level.STOP
        return Level.CAUTION if self.worse(value, self.caution) else Level.PASS


_BELOW, _AT_MOST, _ABOVE, _AT_LEAST = operator.lt, operator.le, operator.gt, operator.ge
LIMITS: Mapping[str, Limit] = {
    "samples": Limit("number of samples", _BELOW, caution=30, stop=FEW, reason=
        "With fewer than 15 a factor can be fitted to almost anything; published multi-omics factor analyses advise at "
        "least 15. With fewer than 30, correlations have standard errors near 0.2."),
    "factors": Limit("number of factors", _BELOW, stop=1, reason=
        "With none, the data are described as independent noise of every feature."),
    "samples-per-factor": Limit("samples for each factor", _BELOW, caution=3, reason=
        "With fewer, single factors change with every sample."),
    "shared-samples": Limit("samples with every view", _BELOW, caution=10, reason=
        "With fewer, little ties the views together."),
    "convergence": Limit("whether the fit met its criterion (1)", _BELOW, caution=1, reason="It would still change."),
    "close-starts": Limit("other starts whose evidence is as good", _BELOW, caution=1, reason=
        "Without one, the fit may depend on luck."),
    "starts": Limit("mean correlation of the factors of the chosen start with the matched ones of those starts", _BELOW,
        caution=0.8, reason="With less, other factors describe the data as well."),
    "explained": Limit("share that all factors together explain of the view that they explain best", _BELOW,
        stop=0.05, reason="With less, there is next to nothing to describe."),
    "explained-all": Limit("the same share", _ABOVE, stop=0.98, reason="Nothing is left that could be noise, so the "
        "factors repeat the data, as happens when there are nearly as many factors as samples."),
    "annotated-share": Limit("share of the loadings of their members that gene sets account for, weighted by explained "
        "variance", _BELOW, caution=0.15, stop=0.03, reason="Random gene sets on noise reach about 0.02. Below 0.15, "
        "most of what is in the factors is not what the gene sets say."),
    "name-share": Limit("the same share for one factor", _BELOW, caution=0.1, reason="Its name says little."),
    "set-over-others": Limit("mean squared loading on a factor of the members of a gene set over that of the other "
        "features", _BELOW, caution=2.0, reason="The strongest genes of the factor are others, so the set does not "
        "name it."),
    "same-factor": Limit("absolute cosine of the loadings of a factor and those of a fit without gene sets", _BELOW,
        caution=0.8, reason="That fit does not have this factor."),
    "coverage": Limit("median share of measured members, in the best view", _BELOW, caution=0.3, reason=
        "With less, gene sets are judged by few of their genes."),
    "batch": Limit("share of the variance of a factor that is associated with a technical covariate", _AT_LEAST,
        caution=0.25, stop=0.6, reason="From 0.6 in the leading factor, the main finding is the batch; in another "
        "factor that is a caution too."),
    "batch-q": Limit("q of a factor and a technical covariate", _ABOVE, caution=SIGNIFICANT, reason=
        "It may be chance."),
    "heldout": Limit("R2 of left-out samples, from the source that predicts best", _AT_MOST, stop=0.0, reason=
        "The factors describe these samples and no others."),
    "heldout-lower": Limit("lower limit of that R2", _AT_MOST, caution=0.0, reason="They may describe no others."),
    "uninformed": Limit("log evidence (nats) that gene sets add to the same model without them", _BELOW, caution=0.0,
        reason="With less, they do not describe the data."),
    "decoys": Limit("share of the squared contributions that random gene sets take, as many and as large as the real "
        "ones", _ABOVE, caution=0.1, stop=0.5, reason="Where all factors are of gene sets it is below 0.05. On noise, "
        "and where factors are of no gene set, it is 0.3 to 0.6 and no real set stands out: then 0.1 is a stop."),
    "decoy-q": Limit("q of a gene set against random ones", _ABOVE, caution=0.1, reason="It does not stand out."),
    "stability": Limit("similarity of matched factors over resamples", _BELOW, caution=0.5, reason=
        "Other samples would have given other factors."),
    "collinear": Limit("absolute correlation of the scores of two factors", _ABOVE, caution=0.8, reason=
        "They count as one factor."),
    "silent": Limit("sd of the scores of a factor over the samples", _BELOW, caution=0.05, reason=
        "It is the same in all samples: scores of a factor that describes anything have an sd near 1."),
    "one-sample": Limit("share of the squared scores of a factor that a single sample has", _ABOVE, caution=0.8,
        reason="It describes that sample, not the cohort."),
    "noisy": Limit("noise sd of a sample in a view over that of the cohort", _ABOVE, caution=2.0, reason=
        "It was measured worse than others, or is of another kind."),
    "common-level": Limit("share of the squared loadings of a factor in a view that is their common level", _ABOVE,
        caution=0.5, reason="Sample totals that differ look like this."),
    "evidence-fall": Limit("relative fall of the evidence", _ABOVE, caution=1e-6, reason="Less is rounding."),
    "next-to-nothing": Limit("R2 of a factor in its best view", _BELOW, caution=0.005, reason="It is next to nothing."),
    "unspecific": Limit("share of the gene sets that are in a factor", _ABOVE, caution=0.5, reason=
        "A factor of most gene sets is specific to none."),
    "near-copy": Limit("absolute correlation of two activities or scores", _ABOVE, caution=0.95, reason=
        "They say the same and are shown as one."),
    "too-close": Limit("correlation of an activity with a covariate", _AT_LEAST, caution=0.9, reason=
        "That is rarely biology alone."),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How one check of a fit came out."""

    code: str  # stable identifier of the check
    level: Level
    value: float  # what was compared with the limit of that name
    seen: Mapping[str, Any]  # what else is said of it


def judged(code: str, value: float, level: Level | None = None, **seen: Any) -> Judgement:
    """Return how an observation compares with the limit of its name, unless its level is given."""
    return Judgement(code=code, level=LIMITS[code].level(value) if level is None else level, value=value, seen=seen)


def judge_fit(result: PathFAResult) -> Iterator[Judgement]:
    """Yield the judgements that need nothing but the fit.

    Starts are judged by those whose evidence is as good as that of the chosen one: a worse fit says nothing against it.
    """
    size, factors = result.scores.shape
    yield judged("samples", size)
    yield judged("factors", factors, given=result.settings["stopped"] == "given")
    if factors:
        yield judged("samples-per-factor", size / factors, samples=size, factors=factors)
    if len(result.view_names) > 1:
        shared = int(result.presence.astype(bool).all(axis=1).sum())
        apart = [item for item in result.findings if item.code in (UNMATCHED, MIXED_UP)]
        yield judged("shared-samples", shared, Level.CAUTION if apart else None, apart=apart)
    yield judged("convergence", int(result.converged))
    (close, others), alike = start_agreement(result), start_likeness(result)
    if factors and others:
        alike = np.nan if alike is None else alike
        unlike, settled = below(factor_likeness(result), "starts"), activity_likeness(result)
        level = worst(LIMITS["close-starts"].level(close), LIMITS["starts"].level(alike))
        level = worst(level, Level.CAUTION if unlike else Level.PASS, LIMITS["starts"].level(settled))
        yield judged("starts", alike, level, close=close, others=others, unlike=unlike, settled=settled)
    if factors:
        best = float(result.variance_explained.loc["total"].to_numpy(dtype=float).max())
        level = worst(LIMITS["explained"].level(best), LIMITS["explained-all"].level(best))
        yield judged("explained", best, level, samples=size, factors=factors)
    if factors and result.settings["loading_prior"] != LoadingPrior.STRICT:  # there the share is 1 by construction
        yield judged("annotated-share", mean_member_share(result))
    medians = coverage_table(result).groupby("view")["share"].median()
    yield judged("coverage", float(medians.max()), view=str(medians.idxmax()))


def below(values: pd.Series[float], code: str) -> list[str]:
    """Return the ids of the factors whose value, by their name, does not pass a limit; an unknown one passes."""
    return [factor_id(str(name)) for name, value in values.items() if LIMITS[code].level(value) is not Level.PASS]


def require_factors(result: PathFAResult) -> None:
    """Raise ConfigError where there is no factor to speak of."""
    if not result.factor_names:
        raise ConfigError.of(NO_FACTORS, "a model without factors", "one or more", "fit with n_factors of 1 or more")


def with_findings(result: PathFAResult) -> PathFAResult:
    """Return the result with what ``fit_findings`` returns among its findings."""
    return replace(result, findings=(*result.findings, *fit_findings(result)))


def fit_findings(result: PathFAResult) -> tuple[Finding, ...]:
    """Return warnings about convergence, number of samples, starts, evidence and factors."""
    found = [finding for item in judge_fit(result) if item.level is not Level.PASS for finding in _told(result, item)]
    return (*found, *_evidence(result), *_collinear(result), *_silent(result), *_common_level(result))


def _told(result: PathFAResult, item: Judgement) -> Iterator[Finding]:
    """Yield the warning of a judgement that did not pass; samples and gene sets have theirs before the fit."""
    seen, least = item.seen, f"{LIMITS[item.code].caution}"
    if item.code == "factors":
        unsupported = "no factor is supported by the data: independent noise of every feature has as much evidence"
        found = "a fit without factors was asked for" if seen["given"] else unsupported
        yield warning(NO_FACTORS, found, expected="one or more", fix="interpret no gene set of it; see pathfa validate")
    elif item.code == "convergence":
        found = f"the fit stopped after {count(result.n_iter, 'iteration')} while the log evidence still rose"
        yield warning(NOT_CONVERGED, found, expected="a change below tol per iteration", fix="raise max_iter")
    elif item.code == "samples-per-factor":
        found = f"{count(seen['factors'], 'factor')} for {count(seen['samples'], 'sample')}"
        yield warning("many-factors", found, expected=f"at least {least} samples per factor", fix="lower n_factors")
    elif item.code == "starts":
        others, expected = count(seen["others"], "other start"), "one or more"
        found = f"none of {others} reached an evidence as good as the chosen one"
        if seen["close"]:
            found = f"starts that are as good agree by {item.value:z.2f} on average (correlation of matched factors)"
            found += f", by less than {least} on {', '.join(seen['unlike'])}" if seen["unlike"] else ""
            settled = f"; factor activities of gene sets, which depend on the axes, by {seen['settled']:z.2f}"
            found += "" if np.isnan(seen["settled"]) else settled  # models of earlier versions do not tell
            expected = f"{least} or more"
        yield warning("starts-disagree", found, expected=expected, fix="read single factors with care; raise n_starts")


def _evidence(result: PathFAResult) -> Iterator[Finding]:
    steps = np.diff(trace := result.trace["log_evidence"].to_numpy())
    for number in result.settings.get("refined_after", ()):  # another model may begin below the one before
        steps[number - 1 : number + 1] = 0.0
    falls = int((-steps > LIMITS["evidence-fall"].caution * np.abs(trace[1:])).sum())
    if falls:
        found = f"the log evidence fell in {falls} of {count(len(steps), 'iteration')}"
        found += f", at most by {-steps.min():.1f} nats"
        expected = "a rise; it may fall where a gene set enters or leaves a factor, since that step is greedy"
        yield warning("evidence-fell", found, expected=expected)
    if result.settings["stopped"] == "limit":
        found = f"the log evidence still rose at {count(result.settings['n_factors'], 'factor')}, the most tried"
        expected = "a peak; real residuals always have structure"
        yield warning("factor-limit", found, expected=expected, fix="raise max_factors")


def _collinear(result: PathFAResult) -> Iterator[Finding]:
    with np.errstate(divide="ignore", invalid="ignore"):  # scores that are all 0 correlate with none
        correlation = np.abs(np.atleast_2d(np.corrcoef(result.scores.to_numpy().T)))
    most = LIMITS["collinear"].caution
    if len(pairs := np.argwhere(np.triu(correlation, k=1) > most)):
        found = f"{count(len(pairs), 'pair of factors', 'correlate')} by more than {most} over the samples"
        names = tuple(f"{result.factor_names[a]} and {result.factor_names[b]}" for a, b in pairs[:3])
        fix = "read them together, or fit fewer factors"
        yield warning("collinear-factors", found, expected="factors that differ", fix=fix, examples=names)


def _silent(result: PathFAResult) -> Iterator[Finding]:
    """Yield warnings of factors that are the same in all samples, or of one sample alone."""
    scores = result.scores - result.scores.mean()
    sd = result.scores.std(ddof=0)
    silent = [name for name in result.factor_names if LIMITS["silent"].level(sd[name]) is not Level.PASS]
    if silent:
        found = f"{count(len(silent), 'factor', 'have')} the same score in all samples: nothing is described by them"
        fix = "fit fewer factors; look for samples that stand apart (pathfa validate)"
        yield warning("silent-factors", found, "scores that vary", fix, items=silent)
    if len(scores) < FEW:
        return  # so few samples that one always has much of a factor
    share = scores**2 / (scores**2).sum()
    alone = [name for name in result.factor_names if name not in silent and _alone(share[name])]
    if alone:
        found = f"{count(len(alone), 'factor', 'are')} of a single sample each"
        items = [f"{name}: {share[name].idxmax()}" for name in alone]
        fix = "look at the quality of the sample, and fit without it to see what it changes"
        yield warning("one-sample-factors", found, "factors of several samples", fix, items=items)


def _alone(share: pd.Series[float]) -> bool:
    return LIMITS["one-sample"].level(float(share.max())) is not Level.PASS


def _common_level(result: PathFAResult) -> Iterator[Finding]:
    """Yield a warning per view in which a factor raises or lowers most features alike."""
    most = LIMITS["common-level"].caution
    for view, table in result.loadings.items():
        squares = (table.to_numpy() ** 2).sum(axis=0)
        level = len(table) * result.loading_intercepts[view].to_numpy() ** 2
        share = np.divide(level, squares, out=np.zeros_like(level), where=squares > 0)
        seen = result.variance_explained[view].drop(index="total").to_numpy() >= _SEEN
        if names := tuple(map(str, table.columns[(share > most) & seen])):
            found = f"{count(len(names), 'factor', 'move')} most features of {view} alike: their common level is "
            found += f"more than {100 * most:.0f} % of the squared loadings"
            expected = "factors in which features differ"
            fix = "check the normalisation of the samples in this view: sample totals that differ look like this"
            yield warning("common-level", found, expected=expected, fix=fix, examples=names, view=view)
