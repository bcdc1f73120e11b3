"""The numbered parts of a report, one module each, in the order of the page."""

from pathfa.reporting.page.page import Section
from pathfa.reporting.sections import (
    biology,
    cards,
    factors,
    fit,
    found,
    glossary,
    input_,
    limits,
    prior,
    programmes,
    provenance,
    samples,
    trust,
)
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.verdict import Verdict


def build(study: Study, verdict: Verdict) -> list[Section]:
    """Return the sections of a report in order."""
    return [
        trust.build(verdict),
        found.build(study, verdict.uses),
        input_.build(study),
        fit.build(study),
        factors.build(study),
        biology.build(study),
        programmes.build(study),
        cards.build(study),
        samples.build(study),
        prior.build(study),
        limits.build(study),
        provenance.build(study),
        glossary.build(),
    ]
