"""Every check of a fit, judged by the limits in ``pathfa.result.judgement``, and what is said of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from pathfa.analysis import Check
from pathfa.core.findings import Severity
from pathfa.core.grammar import count, part_of
from pathfa.pl.figure.words import percent, percent_with, q_value
from pathfa.pl.figures.checks import evidence_gain
from pathfa.reporting.study.study import Study
from pathfa.result.judgement import LIMITS, Judgement, Level, judge_fit, worst
from pathfa.result.labels import factor_id

REFITS = {
    "heldout": (
        "left-out samples",
        "Whether the values of samples that were left out are reproduced was not looked at.",
    ),
    "uninformed": ("a fit without gene sets", "The fit was not compared with one without gene sets."),
    "decoys": (
        "random gene sets",
        "Decoy gene sets were not run: random sets of the same sizes that compete with the real ones.",
    ),
    "stability": ("resamples", "The fit was not repeated on resamples of the cohort."),
}
"""Per check that refits the model what it takes, and the sentence where it was not run."""


@dataclass(frozen=True)
class Reason:
    """How one check came out, in words."""

    code: str  # stable identifier of the check
    level: Level
    text: str  # what was seen, in a sentence
    topic: str  # the same in words that can follow "because of"; may be empty where the check passed
    anchor: str  # section with the evidence


def reasons_of(study: Study) -> tuple[Reason, ...]:
    """Return every check of a study."""
    fit = (Reason(item.code, item.level, *_words(item)) for item in judge_fit(study.result))
    checks = (_batch, _heldout, _uninformed, _decoys, _stability, _not_done, _input)
    return (*fit, *(reason for check in checks for reason in check(study)))


def _words(item: Judgement) -> tuple[str, str, str]:
    """Return what is said of a judgement of the fit alone: text, topic and anchor."""
    limit, value, seen = LIMITS[item.code], item.value, item.seen
    match item.code:
        case "samples":
            samples = count(int(value), "sample")
            text = (
                f"{samples}; below {limit.stop} a factor can be fitted to almost anything, and from {limit.caution} on "
            )
            return f"{text}the number is comfortable.", f"only {samples}", "input"
        case "samples-per-factor":
            text = f"{count(seen['factors'], 'factor')} for {count(seen['samples'], 'sample')}"
            poor = f"fewer than {limit.caution} samples for each"
            if item.level is Level.PASS:
                return f"{text}, at least {limit.caution} samples for each.", "", "fit"
            return f"{text}: {poor}, so a factor can change with every sample.", f"{poor} factor", "fit"
        case "shared-samples":
            samples = count(int(value), "sample")
            text = f"{samples} measured in every view; at least {limit.caution} are needed."
            return text, f"only {samples} with every view", "input"
        case "convergence":
            text = "The fit met its convergence criterion."
            if not value:
                text = "The fit stopped before it met its convergence criterion."
            return text, "a fit that did not converge", "fit"
        case "starts":
            others = count(seen["others"], "other start")
            text = f"{seen['close']} of {others} reached an evidence as good as the chosen one"
            if isnan(value):
                return f"{text}.", "no second start that came as near", "fit"
            text += f"; their factors agree with the chosen ones by {value:.2f} (mean correlation, 1 is identical)."
            return text, f"starts that end with different factors (agreement {value:.2f})", "fit"
        case "explained" if LIMITS["explained-all"].level(value) is Level.STOP:
            text = f"{count(seen['factors'], 'factor')} explain {percent(value)} of a view in "
            text += f"{count(seen['samples'], 'sample')}: they repeat the data, noise and all."
            return text, "factors that repeat the data, noise and all", "factors"
        case "explained":
            text = f"All factors together explain {percent(value)} of the view that they explain best; at least "
            text += f"{percent(limit.stop)} is needed."
            return text, f"factors that explain no more than {percent(value)} of any view", "factors"
        case "annotated-share":
            share = f"{100.0 * value:.1f} %"
            text = (
                f"Gene sets account for {share} of the loadings of their members; below {percent(limit.caution)} the "
            )
            text += "names of the factors say little."
            return text, f"gene sets that account for only {share} of their members' loadings", "factors"
        case "coverage":
            text = f"Half of the gene sets have at least {percent(value)} of their members measured in {seen['view']}."
            return text, f"gene sets of which no view measures more than {percent(value)}", "input"
    raise LookupError(item.code)


def _batch(study: Study) -> Iterator[Reason]:
    if not study.technical or study.factor_tests is None:
        return
    limit, table = LIMITS["batch"], study.factor_tests
    table = table[table["covariate"].isin(study.technical) & (table["q"] <= LIMITS["batch-q"].caution)]
    shares = [(row, explained_by_covariate(row)) for row in table.to_dict("records")]
    strong = [(row, share) for row, share in shares if limit.level(share) is not Level.PASS]
    for row, share in strong:
        factor, covariate = str(row["feature"]), row["covariate"]
        level = limit.level(share) if factor == study.result.factor_names[0] else Level.CAUTION
        text = f"{percent(share)} of the variance of {factor} goes with {covariate} ({q_value(row['q'])})."
        topic = f"{factor_id(factor)}, which goes with {covariate} ({percent(share)})"
        yield Reason("batch", level, text, topic, "biology")
    if not strong:
        text = f"No factor goes strongly with a technical covariate ({', '.join(study.technical)})."
        yield Reason("batch", Level.PASS, text, "", "biology")


def explained_by_covariate(row: Mapping[Hashable, Any]) -> float:
    """Return the share of the variance of a factor that a covariate explains, from one row of the associations."""
    effect = float(row["effect"])
    if str(row["kind"]) == "categorical":
        return effect  # eta squared
    square = effect**2
    return min(1.0, square / (square + 4.0) if str(row["kind"]) == "binary" else square)  # Cohen's d of equal groups


def _heldout(study: Study) -> Iterator[Reason]:
    """Yield whether values of left-out samples are reproduced."""
    if study.heldout is None or study.heldout.empty:
        return
    best = study.heldout.sort_values("r2", kind="stable").iloc[-1]
    r2, lower, upper = (float(best[name]) for name in ("r2", "lower", "upper"))
    level = worst(LIMITS["heldout"].level(r2), LIMITS["heldout-lower"].level(lower))
    text = "In samples that were left out, the values are reproduced no better than by the mean of the other samples."
    if level is not Level.STOP:
        text = f"In samples that were left out, {percent_with(r2, lower, upper)} of the variance of {best['view']} is "
        text += f"reproduced from {best['source']}."
    topics = {
        Level.PASS: f"{percent(r2)} of {best['view']}",
        Level.CAUTION: "left-out samples that are hardly reproduced",
        Level.STOP: "left-out samples that are not reproduced",
    }
    yield Reason("heldout", level, text, topics[level], "fit")


def _uninformed(study: Study) -> Iterator[Reason]:
    """Yield whether the gene sets help the model."""
    if study.uninformed is None:
        return
    gain = evidence_gain(study.uninformed)
    level = LIMITS["uninformed"].level(gain)
    text = f"Gene sets add {gain:,.0f} nats to the evidence of a model without them."
    if level is not Level.PASS:
        text = f"A model without gene sets has {-gain:,.0f} nats more evidence, so they do not describe these data."
    yield Reason("uninformed", level, text, "gene sets that do not help the model", "prior")


def decoy_share(table: pd.DataFrame) -> float:
    """Return the share of the squared contributions that random gene sets take."""
    return float(table["decoy_share"].iloc[0])


def standing_out(table: pd.DataFrame) -> tuple[int, str]:
    """Return how many of the selected gene sets stand out from random ones, as a number and in a sentence."""
    most, selected = LIMITS["decoy-q"].caution, table["selected"].astype(bool)
    number = int((selected & (table["q"] <= most)).sum())
    whole = part_of(number, int(selected.sum()), "selected gene set", "stand")
    return number, f"{whole} out from random ones (q at most {most})."


def _decoys(study: Study) -> Iterator[Reason]:
    """Yield whether the gene sets do better than random ones."""
    if study.decoys is None:
        return
    if not study.decoys["selected"].astype(bool).any():
        text, topic = "No gene set takes part in a factor.", "no gene set that takes part"
        yield Reason("decoys", Level.STOP, text, topic, "prior")
        return
    share = decoy_share(study.decoys)
    level, topic = LIMITS["decoys"].level(share), f"random gene sets that take {percent(share)} of the contributions"
    if level is Level.STOP:
        topic = "random gene sets that do as well"
    elif level is Level.CAUTION and standing_out(study.decoys)[0] == 0:
        level, topic = Level.STOP, "gene sets of which none stands out from random ones"
    text = f"Random gene sets of the same sizes, put among the real ones, take {percent(share)} of the contributions; "
    yield Reason("decoys", level, f"{text}half would be no better than chance.", topic, "prior")


def _stability(study: Study) -> Iterator[Reason]:
    """Yield whether the factors come back in resamples."""
    if study.stability is None:
        return
    median = float(study.stability.loc[study.stability["level"] == "factor", "effect"].median())
    text = f"Refits on resamples give factors with a median similarity of {median:.2f} (1 is identical)."
    topic = f"factors that change in resamples (similarity {median:.2f})"
    yield Reason("stability", LIMITS["stability"].level(median), text, topic, "prior")


def _not_done(study: Study) -> Iterator[Reason]:
    """Yield the checks that could not be done, with the reason."""
    for name, why in study.checks.not_done.items():
        noun, sentence = REFITS[name]
        anchor = "fit" if name == Check.HELDOUT else "prior"
        text, topic = f"{sentence} It could not be done: {why}.", f"{noun} that could not be tried"
        yield Reason(name, Level.CAUTION, text, topic, anchor)


def _input(study: Study) -> Iterator[Reason]:
    numbers = [
        sum(item.severity is kind for item in study.result.findings) for kind in (Severity.WARNING, Severity.REPAIRED)
    ]
    text = f"The input gave {count(numbers[0], 'warning')} and {count(numbers[1], 'repair')}."
    yield Reason("input", Level.PASS, text, "", "input")
