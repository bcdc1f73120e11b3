"""The verdict and its reasons."""

from __future__ import annotations

from pathfa.pl.words import count
from pathfa.report.page import Checks, Section
from pathfa.report.verdict import Level, Verdict

_LEADS = {
    Level.PASS: "Yes, as far as these checks can tell. They do not replace a second cohort.",
    Level.CAUTION: "Partly: read the points marked CAUTION before using a result. Sentences below are careful.",
    Level.STOP: "No. At least one check says that the results below must not be interpreted; "
    "they are shown so that the reason can be seen.",
}


def build(verdict: Verdict) -> Section:
    """Return the section."""
    order = list(Level)
    reasons = sorted(verdict.reasons, key=lambda reason: -order.index(reason.level))
    passed = sum(reason.level is Level.PASS for reason in reasons)
    return Section(
        anchor="trust",
        title="Can I trust this?",
        lead=f"{_LEADS[verdict.level]} {passed} of {count(len(reasons), 'check')} passed.",
        blocks=(Checks(rows=tuple((str(item.level), item.text, item.anchor) for item in reasons)),),
    )
