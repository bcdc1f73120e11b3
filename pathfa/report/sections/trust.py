"""The verdict and its reasons."""

from __future__ import annotations

from pathfa.pl.words import count, listed
from pathfa.report.page import Checks, Section
from pathfa.report.reason import Level
from pathfa.report.verdict import Verdict

_LEADS = {
    Level.PASS: "Yes, as far as these checks can tell. They do not replace a second cohort.",
    Level.CAUTION: "Partly, because of {topics}. Read the points marked CAUTION before using a result; sentences below "
    "are careful.",
    Level.STOP: "No, because of {topics}. The results below must not be interpreted; they are shown so that the reason "
    "can be seen.",
}
TOPICS = {
    "samples": "too few samples",
    "samples-per-factor": "many factors for the samples",
    "shared-samples": "few samples with every view",
    "convergence": "a fit that did not converge",
    "starts": "starts that end differently",
    "explained": "factors that explain too little or all",
    "annotated-share": "gene sets that say little of the factors",
    "coverage": "gene sets of which little was measured",
    "batch": "factors that go with a technical covariate",
    "heldout": "left-out samples that are not clearly reproduced",
    "uninformed": "gene sets that do not help the model",
    "decoys": "random gene sets that do nearly as well",
    "stability": "factors that do not come back in resamples",
}
"""What each check that did not pass is about, by its code."""


def build(verdict: Verdict) -> Section:
    """Return the section."""
    order = list(Level)
    reasons = sorted(verdict.reasons, key=lambda reason: -order.index(reason.level))
    passed = sum(reason.level is Level.PASS for reason in reasons)
    return Section(
        anchor="trust",
        title="Can I trust this?",
        lead=f"{_lead(verdict)} {passed} of {count(len(reasons), 'check')} passed.",
        blocks=(Checks(rows=tuple((str(item.level), item.text, item.anchor) for item in reasons)),),
    )


def _lead(verdict: Verdict) -> str:
    """Return the answer in a sentence, with what is behind it; only the worst points count."""
    worst = [reason for reason in verdict.concerns if reason.level is verdict.level]
    topics = list(dict.fromkeys(TOPICS[reason.code] for reason in worst))
    return _LEADS[verdict.level].format(topics=listed(topics, 4))
