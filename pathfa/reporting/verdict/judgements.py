"""Every check of a fit, judged by the limits in ``pathfa.result.judgement``, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import pandas as pd

from pathfa.analysis.judgement import judge_batch, judge_checks, standing_out
from pathfa.core.findings import Finding, Severity
from pathfa.core.names import factor_id
from pathfa.core.text import capital, count, inflect, part_of
from pathfa.data.validation.matching import UNMATCHED
from pathfa.pl.wording import listed, percent, percent_with, q_value, spans
from pathfa.reporting.study.study import Study
from pathfa.result.judgement import LIMITS, Judgement, Level, judge_fit

REFITS = {
    "heldout": (
        "left-out samples",
        "Whether the model predicts samples left out of the fit was not looked at.",
    ),
    "uninformed": ("a fit without gene sets", "The fit was not compared with one without gene sets."),
    "decoys": (
        "random gene sets",
        "Decoys were not run: random gene sets of the same sizes that compete with the real ones.",
    ),
    "stability": ("resamples", "The fit was not repeated on resamples of the cohort."),
}
"""Per check that refits the model what it takes, and the sentence where it was not run."""

_MOST_FOUND = 6  # findings that are told one by one


@dataclass(frozen=True)
class Reason:
    """How one check came out, in words."""

    code: str  # stable identifier of the check
    level: Level
    text: str  # what was seen, in a sentence
    topic: str  # the same in a clause that can follow a colon; may be empty where the check passed
    anchor: str  # section with the evidence


def reasons_of(study: Study) -> tuple[Reason, ...]:
    """Return every check of a study."""
    judgements = list(judge_fit(study.result))
    if study.technical and study.factor_tests is not None:
        judgements += judge_batch(study.result, study.factor_tests, study.technical)
    judgements += judge_checks(study.checks)
    reasons = (Reason(item.code, item.level, *_words(item)) for item in judgements)
    return (*reasons, Reason("input", Level.PASS, _input_words(study.findings), "", "input"))


def _input_words(findings: Sequence[Finding]) -> str:
    """Return what was wrong with the input and what was repaired, as a list."""
    words = {Severity.WARNING: "Warnings", Severity.REPAIRED: "Repaired"}
    parts = []
    for severity, title in words.items():
        if found := list(dict.fromkeys(item.found for item in findings if item.severity is severity)):
            rest = f"; {len(found) - _MOST_FOUND} more" if len(found) > _MOST_FOUND else ""
            parts.append(f"{title}: {'; '.join(found[:_MOST_FOUND])}{rest}.")
    return " ".join(parts) or "The input gave no warning, and nothing was repaired."


def _words(item: Judgement) -> tuple[str, str, str]:
    """Return what is said of a judgement: text, topic and anchor."""
    limit, value, seen = LIMITS[item.code], item.value, item.seen
    match item.code:
        case "heldout" | "uninformed" | "decoys" | "stability" if "why" in seen:
            noun, sentence = REFITS[item.code]
            text, topic = f"{sentence} It could not be done: {seen['why']}.", f"{noun} could not be tried"
            return text, topic, "fit" if item.code == "heldout" else "prior"
        case "samples":
            samples = count(int(value), "sample")
            text = f"{samples}. {limit.caution} or more are comfortable; below {limit.stop} a factor can be fitted to "
            return f"{text}almost anything.", f"only {samples}", "input"
        case "factors" if seen["given"]:
            text = f"{count(int(value), 'factor', 'were')} asked for."
            return text, "a fit without factors", "fit"
        case "factors" if item.level is Level.PASS:
            text = f"{count(int(value), 'factor', 'describe')} the data better than independent noise of every feature."
            return text, "", "fit"
        case "factors":
            text = "No factor is supported by the data: independent noise of every feature has as much evidence."
            return text, "the data support no factor", "fit"
        case "samples-per-factor":
            text = f"{count(seen['factors'], 'factor')} for {count(seen['samples'], 'sample')}"
            poor = f"fewer than {limit.caution} samples for each"
            if item.level is Level.PASS:
                return f"{text}, at least {limit.caution} samples for each.", "", "fit"
            return f"{text}: {poor}, so a factor can change with every sample.", f"{poor} factor", "fit"
        case "shared-samples":
            samples = count(int(value), "sample")
            text = f"{samples} measured in every view; at least {limit.caution} are needed."
            topics = [f"only {samples} with every view"] * (limit.level(value) is not Level.PASS)
            for finding in seen["apart"]:
                text += f" {capital(finding.found)}."
                mixed_up = f"{count(finding.count or 0, 'sample')} may be mixed up between views"
                topics.append("the views of a sample do not go together" if finding.code == UNMATCHED else mixed_up)
            return text, "; ".join(topics), "input"
        case "convergence":
            text = "The fit met its convergence criterion."
            if not value:
                text = "The fit stopped before it met its convergence criterion."
            return text, "the fit did not converge", "fit"
        case "starts":
            others = count(seen["others"], "other start")
            text = f"{seen['close']} of {others} ended as good as the chosen one"
            if isnan(value):
                return f"{text}.", "no other start ended as good", "fit"
            whose = "its" if seen["close"] == 1 else "their"
            text += f"; {whose} factors correlate with the chosen ones by {value:z.2f} on average"
            if unlike := spans(seen["unlike"]):
                less = f"less than {limit.caution}"
                return f"{text}, by {less} on {unlike}.", f"other starts agree by {less} on {unlike}", "fit"
            return f"{text}.", f"other starts end with other factors (agreement {value:z.2f})", "fit"
        case "explained" if LIMITS["explained-all"].level(value) is Level.STOP:
            text = f"{count(seen['factors'], 'factor')} explain {percent(value)} of a view in "
            text += f"{count(seen['samples'], 'sample')}: they repeat the data, noise and all."
            return text, "the factors repeat the data, noise and all", "factors"
        case "explained":
            text = f"The factors explain {percent(value)} of the view that they explain best; {percent(limit.stop)} is "
            topic = f"the factors explain little ({percent(value)} of the view that they explain best)"
            return f"{text}the least.", topic, "factors"
        case "annotated-share":
            share = f"{100.0 * value:.1f} %"
            text = f"Gene sets account for {share} of the loadings of their members; below {percent(limit.caution)} "
            text += "they say little of the factors."
            return text, f"gene sets account for only {share} of their members' loadings", "factors"
        case "coverage":
            text = f"Half of the gene sets have at least {percent(value)} of their members measured in {seen['view']}."
            return text, f"half of the gene sets are measured to {percent(value)} or less", "input"
        case "batch" if item.level is Level.PASS:
            text = f"No factor is strongly associated with a technical covariate ({', '.join(seen['technical'])})."
            return text, "", "biology"
        case "batch":
            share, factor, covariate = percent(value), seen["factor"], seen["covariate"]
            text = f"{share} of the variation of {factor} is associated with {covariate} ({q_value(seen['q'])})."
            return text, f"{factor_id(factor)} is associated with {covariate} ({share})", "biology"
        case "heldout":
            if item.level is Level.STOP:
                text = "In samples left out of the fit the model predicts no more than the mean of the others does."
                return text, "samples left out of the fit are not predicted", "fit"
            share = percent_with(value, seen["lower"], seen["upper"])
            text = f"In samples left out of the fit the model predicts {share} of {seen['view']} variation from "
            text += f"{seen['source']}."
            if item.level is Level.CAUTION:
                return text, "samples left out of the fit are hardly predicted", "fit"
            views = [f"{percent(r2)} of {view}" for view, r2 in seen["views"].items()]
            topic = f"{listed(views, len(views))} variation from {seen['source']}"
            unclear = seen["unclear"]
            return text, f"{topic}, not clearly {listed(unclear, len(unclear))}" if unclear else topic, "fit"
        case "uninformed":
            text = f"Gene sets add {value:,.0f} nats to the evidence of a model without them."
            if item.level is not Level.PASS:
                text = f"A model without gene sets has {-value:,.0f} nats more evidence"
                text += ", so they do not describe these data."
            return text, "gene sets do not help the model", "prior"
        case "decoys" if not seen["selected"]:
            return "No gene set takes part in a factor.", "no gene set takes part in a factor", "prior"
        case "decoys":
            share = f"{percent(value)} of the contributions"
            text = f"Random gene sets of the same sizes, put among the real ones, take {share}; by chance they would "
            text += "take half."
            if item.level is not Level.STOP:
                return text, f"random gene sets take {share}", "prior"
            if limit.level(value) is Level.STOP:
                return text, "random gene sets do as well", "prior"
            return text, "no gene set stands out from random ones", "prior"
        case "stability":
            text = f"Refits on resamples give factors with a median similarity of {value:z.2f} (1 is identical)"
            if not seen["lost"]:
                return f"{text}.", "", "prior"
            lost = f"{spans(seen['lost'])} {inflect(len(seen['lost']), 'do')} not come back"
            return f"{text}; {lost} (similarity below {limit.caution}).", f"{lost} in resamples", "prior"
    raise LookupError(item.code)


def standing_words(table: pd.DataFrame) -> str:
    """Return how many of the selected gene sets stand out from random ones, in a sentence."""
    standing, selected = standing_out(table)
    whole = part_of(standing, selected, "selected gene set", "stand")
    return f"{whole} out from random ones (q at most {LIMITS['decoy-q'].caution})."
