"""Can the fit be trusted? PASS, CAUTION or DO NOT INTERPRET, from the limits in ``thresholds``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pathfa.core.errors import Severity
from pathfa.core.grammar import count
from pathfa.options import LoadingPrior
from pathfa.pl.wording import Certainty, percent, q_value
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict import refits
from pathfa.reporting.verdict import thresholds as limits
from pathfa.reporting.verdict.headline import headline
from pathfa.reporting.verdict.reason import Level, Reason, grade
from pathfa.reporting.verdict.use import Use, uses_of
from pathfa.result.labels import factor_id
from pathfa.result.summaries import coverage_table, mean_member_share, start_agreement, start_likeness


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All checks, the worst of them, and what they leave to use."""

    reasons: tuple[Reason, ...]
    uses: tuple[Use, ...]

    @property
    def level(self) -> Level:
        """The worst level of all checks."""
        order = list(Level)
        return max((reason.level for reason in self.reasons), key=order.index)

    @property
    def headline(self) -> str:
        """What can be used and what cannot, in a line."""
        return headline(self.uses)

    @property
    def certainty(self) -> Certainty:
        """How sure sentences may sound."""
        return list(Certainty)[list(Level).index(self.level)]

    @property
    def concerns(self) -> tuple[Reason, ...]:
        """The checks that did not pass, worst first."""
        order = list(Level)
        return tuple(
            sorted((item for item in self.reasons if item.level is not Level.PASS), key=lambda r: -order.index(r.level))
        )


def judge(study: Study) -> Verdict:
    """Return the verdict on a study."""
    reasons = tuple(reason for check in _CHECKS for reason in check(study))
    return Verdict(reasons=reasons, uses=uses_of(study, reasons))


def _samples(study: Study) -> Iterator[Reason]:
    size = len(study.result.scores)
    level = grade(size < limits.MIN_SAMPLES, size < limits.FEW_SAMPLES)
    text = f"{count(size, 'sample')}; below {limits.MIN_SAMPLES} a factor can be fitted to almost anything, and from "
    text += f"{limits.FEW_SAMPLES} on the number is comfortable."
    yield Reason(code="samples", level=level, text=text, topic=f"only {count(size, 'sample')}", anchor="input")


def _per_factor(study: Study) -> Iterator[Reason]:
    size, factors = len(study.result.scores), len(study.result.factor_names)
    poor = size < limits.MIN_SAMPLES_PER_FACTOR * factors
    text = f"{count(factors, 'factor')} for {count(size, 'sample')}"
    text += (
        f": fewer than {limits.MIN_SAMPLES_PER_FACTOR} samples for each, so a factor can change with every sample."
        if poor
        else f", at least {limits.MIN_SAMPLES_PER_FACTOR} samples for each."
    )
    topic = f"fewer than {limits.MIN_SAMPLES_PER_FACTOR} samples for each factor"
    yield Reason(code="samples-per-factor", level=grade(False, poor), text=text, topic=topic, anchor="fit")


def _shared(study: Study) -> Iterator[Reason]:
    presence = study.result.presence.astype(bool)
    if presence.shape[1] > 1:
        shared = int(presence.all(axis=1).sum())
        yield Reason(
            code="shared-samples",
            level=grade(False, shared < limits.MIN_SHARED),
            text=f"{count(shared, 'sample')} measured in every view; at least {limits.MIN_SHARED} are needed.",
            topic=f"only {count(shared, 'sample')} with every view",
            anchor="input",
        )


def _convergence(study: Study) -> Iterator[Reason]:
    done = study.result.converged
    text = (
        "The fit met its convergence criterion." if done else "The fit stopped before it met its convergence criterion."
    )
    topic = "a fit that did not converge"
    yield Reason(code="convergence", level=grade(False, not done), text=text, topic=topic, anchor="fit")


def _starts(study: Study) -> Iterator[Reason]:
    close, others = start_agreement(study.result)
    if not others:
        return
    text = f"{close} of {count(others, 'other start')} reached an evidence as good as the chosen one"
    alike = start_likeness(study.result)
    poor, topic = close == 0, "no second start that came as near"
    if alike is not None:
        topic = f"starts that end with different factors (agreement {alike:.2f})"
        poor = poor or alike < limits.MIN_START_AGREEMENT
        text += f"; their factors agree with the chosen ones by {alike:.2f} (mean correlation, 1 is identical)"
    yield Reason(code="starts", level=grade(False, poor), text=f"{text}.", topic=topic, anchor="fit")


def _explained(study: Study) -> Iterator[Reason]:
    best = float(study.result.variance_explained.loc["total"].to_numpy(dtype=float).max())
    if best > limits.MAX_EXPLAINED:
        text = (
            f"{count(len(study.result.factor_names), 'factor')} explain {percent(best)} of a view in "
            f"{count(len(study.result.scores), 'sample')}: they repeat the data, noise and all."
        )
        topic = "factors that repeat the data, noise and all"
        yield Reason(code="explained", level=Level.STOP, text=text, topic=topic, anchor="factors")
        return
    yield Reason(
        code="explained",
        level=grade(best < limits.MIN_EXPLAINED, False),
        text=f"All factors together explain {percent(best)} of the view that they explain best; at least "
        f"{percent(limits.MIN_EXPLAINED)} is needed.",
        topic=f"factors that explain no more than {percent(best)} of any view",
        anchor="factors",
    )


def _annotated(study: Study) -> Iterator[Reason]:
    if study.result.settings["loading_prior"] == LoadingPrior.STRICT:
        return  # loadings follow the gene sets by construction, so the share is 1 whatever the data
    share = mean_member_share(study.result)
    yield Reason(
        code="annotated-share",
        level=grade(share < limits.MIN_ANNOTATED, share < limits.LOW_ANNOTATED),
        text=f"Gene sets account for {100.0 * share:.1f} % of the loadings of their members; below "
        f"{percent(limits.LOW_ANNOTATED)} the names "
        "of the factors say little.",
        topic=f"gene sets that account for only {100.0 * share:.1f} % of their members' loadings",
        anchor="factors",
    )


def _coverage(study: Study) -> Iterator[Reason]:
    medians = coverage_table(study.result).groupby("view")["share"].median()
    best = float(medians.max())
    yield Reason(
        code="coverage",
        level=grade(False, best < limits.MIN_COVERAGE),
        text=f"Half of the gene sets have at least {percent(best)} of their members measured in {medians.idxmax()}.",
        topic=f"gene sets of which no view measures more than {percent(best)}",
        anchor="input",
    )


def _batch(study: Study) -> Iterator[Reason]:
    if not study.technical or study.factor_tests is None:
        return
    table = study.factor_tests
    table = table[table["covariate"].isin(study.technical) & (table["q"] <= limits.BATCH_Q)]
    leading = study.result.factor_names[0]
    strong = [(row, share) for row in table.to_dict("records") if (share := variance_share(row)) >= limits.BATCH_EFFECT]
    for row, share in strong:
        bad = row["feature"] == leading and share >= limits.BATCH_LEADING
        text = (
            f"{percent(share)} of the variance of {row['feature']} goes with {row['covariate']} ({q_value(row['q'])})."
        )
        topic = f"{factor_id(str(row['feature']))}, which goes with {row['covariate']} ({percent(share)})"
        yield Reason(code="batch", level=grade(bad, True), text=text, topic=topic, anchor="biology")
    if not strong:
        text = f"No factor goes strongly with a technical covariate ({', '.join(study.technical)})."
        yield Reason(code="batch", level=Level.PASS, text=text, topic="", anchor="biology")


def variance_share(row: Mapping[Hashable, Any]) -> float:
    """Return the share of the variance of a factor that goes with a covariate, from one row of the associations."""
    effect = float(row["effect"])
    if str(row["kind"]) == "categorical":
        return effect
    if str(row["kind"]) == "binary":
        return min(1.0, effect**2 / (effect**2 + 4.0))  # Cohen's d of two equal groups as r squared
    return min(1.0, effect**2)


def _input(study: Study) -> Iterator[Reason]:
    warnings = [item for item in study.result.findings if item.severity is Severity.WARNING]
    repaired = [item for item in study.result.findings if item.severity is Severity.REPAIRED]
    text = f"The input gave {count(len(warnings), 'warning')} and {count(len(repaired), 'repair')}."
    yield Reason(code="input", level=Level.PASS, text=text, topic="", anchor="input")


_CHECKS: tuple[Callable[[Study], Iterator[Reason]], ...] = (
    _samples,
    _per_factor,
    _shared,
    _convergence,
    _starts,
    _explained,
    _annotated,
    _coverage,
    _batch,
    refits.heldout,
    refits.uninformed,
    refits.decoys,
    refits.stability,
    refits.not_done,
    _input,
)
