"""The verdict, what can be used, and why."""

from __future__ import annotations

from pathfa.core.text import count
from pathfa.reporting.page.page import Block, Checks, Link, Section, UseRow, Uses
from pathfa.reporting.verdict.reason import Level
from pathfa.reporting.verdict.use import CONTENT, Scope, State, Use
from pathfa.reporting.verdict.verdict import Verdict

_LEADS = {
    Level.PASS: "Yes, as far as these checks can tell. They do not replace a second cohort.",
    Level.CAUTION: "Partly. Read what is marked \u25b2 before using a result; sentences below are careful.",
    Level.STOP: "No. The results below must not be interpreted; they are shown so that the reason can be seen.",
}
_NOT_ALL = "Not as it stands. What is marked \u2716 must not be interpreted; the rest needs care."
_LABELS = {
    Scope.SAMPLES: "Samples",
    Scope.FACTORS: "Factors",
    Scope.NAMES: "Names of the factors",
    Scope.VIEWS: "Comparison of views",
    Scope.NEW_SAMPLES: "Other samples",
    Scope.BATCH: "Batch effects",
}
_USABLE = {State.YES: "use", State.CARE: "use with care", State.NO: "do not use"}
_WORDS = {
    Scope.SAMPLES: {State.YES: "enough", State.CARE: "few", State.NO: "too few"},
    Scope.FACTORS: _USABLE,
    Scope.NAMES: _USABLE,
    Scope.VIEWS: _USABLE,
    Scope.NEW_SAMPLES: {State.YES: "holds in part", State.CARE: "unclear", State.NO: "does not hold"},
    Scope.BATCH: {State.YES: "not seen", State.CARE: "in some factors", State.NO: "in the main factor"},
}
_MARKS = {State.YES: "pass", State.UNKNOWN: "none", State.CARE: "caution", State.NO: "stop"}


def build(verdict: Verdict) -> Section:
    """Return the section."""
    passed = [reason for reason in verdict.reasons if reason.level is Level.PASS]
    shown = {reason.text for use in verdict.uses for reason in use.points}
    rest = tuple((str(item.level), item.text, item.anchor) for item in verdict.reasons if item.text not in shown)
    blocks: tuple[Block, ...] = (Uses(title="What you can use", rows=tuple(_row(use) for use in verdict.uses)),)
    return Section(
        anchor="trust",
        title="Can I trust this?",
        lead=f"{_lead(verdict)} {len(passed)} of {count(len(verdict.reasons), 'check')} passed.",
        blocks=(*blocks, Checks(title="What else was checked", rows=rest)) if rest else blocks,
    )


def _lead(verdict: Verdict) -> str:
    content = [use.state for use in verdict.uses if use.scope in CONTENT]
    if verdict.level is Level.STOP and any(state is not State.NO for state in content):
        return _NOT_ALL
    return _LEADS[verdict.level]


def _row(use: Use) -> UseRow:
    return UseRow(
        label=_LABELS[use.scope],
        mark=_MARKS[use.state],
        word=_WORDS[use.scope].get(use.state, "not known"),
        limit=use.limit,
        points=tuple(Link(text=reason.text, anchor=reason.anchor) for reason in use.points),
        notes=use.notes,
    )
