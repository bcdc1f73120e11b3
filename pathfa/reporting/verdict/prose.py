"""The verdict in words: a line below the title, the first section, and what stands where a check was not run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pathfa.pl.wording import listed
from pathfa.reporting.page.blocks import Block, CheckList, PageLink, Section, Text, UseRow, UseTable
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.judgements import REFITS, Reason, reasons_of
from pathfa.reporting.verdict.use import CONTENT, Scope, State, Use, uses_of
from pathfa.result.judgement import Level, worst

_LEADS = {
    Level.PASS: "Yes, as far as these checks can tell. They do not replace a second cohort.",
    Level.CAUTION: "Partly. Read what is marked \u25b2 before you use a result.",
    Level.STOP: "No. What is below must not be interpreted; it is shown so that the reason can be seen.",
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
_ANSWERS = {
    Scope.SAMPLES: {State.YES: "enough", State.CARE: "few", State.NO: "too few"},
    Scope.FACTORS: _USABLE,
    Scope.NAMES: _USABLE,
    Scope.VIEWS: _USABLE,
    Scope.NEW_SAMPLES: {State.YES: "predicted in part", State.CARE: "unclear", State.NO: "not predicted"},
    Scope.BATCH: {State.YES: "not seen", State.CARE: "in some factors", State.NO: "in the main factor"},
}
_MARKS = {State.YES: "pass", State.UNKNOWN: "none", State.CARE: "caution", State.NO: "stop"}
_UNKNOWN = {
    Scope.FACTORS: "whether another fit would give the same factors",
    Scope.NAMES: "whether the names say what is in the factors",
    Scope.NEW_SAMPLES: "whether the factors describe other samples",
    Scope.BATCH: "how much of it is batch",
}
_MOST = 3  # reasons named one by one
_BY_FACTOR = {"stability", "starts"}  # checks that are against single factors


@dataclass(frozen=True, kw_only=True)
class FitVerdict:
    """All checks, the worst of them, and what they leave to use."""

    reasons: tuple[Reason, ...]
    uses: tuple[Use, ...]

    @property
    def level(self) -> Level:
        """The worst level of all checks."""
        return worst(*(reason.level for reason in self.reasons))

    @property
    def headline(self) -> str:
        """What can be used, what needs care and why, what cannot, and what is not known, in a line."""
        return " ".join(_headline({use.scope: use for use in self.uses}))

    @property
    def concerns(self) -> tuple[Reason, ...]:
        """The checks that did not pass, worst first."""
        worst_first = sorted(self.reasons, key=lambda reason: -list(Level).index(reason.level))
        return tuple(reason for reason in worst_first if reason.level is not Level.PASS)


def judge(study: Study) -> FitVerdict:
    """Return the verdict on a study: PASS, CAUTION or DO NOT INTERPRET, and why."""
    reasons = reasons_of(study)
    return FitVerdict(reasons=reasons, uses=uses_of(study, reasons))


def trust_section(verdict: FitVerdict) -> Section:
    """Return the section with the verdict, what can be used, and why."""
    shown = {reason.text for use in verdict.uses for reason in use.points}
    rest = tuple((str(item.level), item.text, item.anchor) for item in verdict.reasons if item.text not in shown)
    content = [use.state for use in verdict.uses if use.scope in CONTENT]
    partly = verdict.level is Level.STOP and any(state is not State.NO for state in content)
    lead = _NOT_ALL if partly else _LEADS[verdict.level]
    content_told = _of_those_that_come_back([use for use in verdict.uses if use.scope in CONTENT])
    some = {told.scope for told, state in zip(content_told, content, strict=True) if told.state is not state}
    blocks: list[Block] = [UseTable("What you can use", tuple(_row(use, some) for use in verdict.uses))]
    if rest:
        blocks.append(CheckList("What else was checked", rest))
    return Section("trust", "Can I trust this?", lead, tuple(blocks))


def _row(use: Use, partly: Collection[Scope]) -> UseRow:
    """Return what is said of one thing; ``partly`` are those that can be used for the factors that come back."""
    return UseRow(
        label=_LABELS[use.scope],
        mark=_MARKS[use.state],
        word="use in part" if use.scope in partly else _ANSWERS[use.scope].get(use.state, "not known"),
        limit=use.limit,
        points=tuple(PageLink(reason.text, reason.anchor) for reason in use.points),
        notes=use.notes,
    )


def not_run(study: Study, check: str, title: str = "") -> tuple[Text, ...]:
    """Return what stands in the place of a check that was not run or could not be done; nothing where it was."""
    if check in study.checks.tables:
        return ()
    why, sentence = study.checks.not_done.get(check), REFITS[check][1]
    rest = "This needs further fits: \u201cpathfa check\u201d runs them."
    if why:
        rest = f"It was tried and could not be done: {why}."
    return (Text((f"{sentence} {rest}",), title=title),)


def _headline(uses: Mapping[Scope, Use]) -> Iterator[str]:
    content = _of_those_that_come_back([uses[scope] for scope in CONTENT if scope in uses])
    parts = {state: [use for use in content if use.state is state] for state in State}
    new, batch = uses[Scope.NEW_SAMPLES], uses[Scope.BATCH]
    if len(parts[State.NO]) == len(content):
        yield f"Nothing here can be used{_why(content)}."
        return
    if batch.state is State.NO:
        yield f"Nothing here can be read as biology{_why([batch])}."
    if parts[State.NO]:
        yield f"Do not use {_nouns(parts[State.NO])}{_why(parts[State.NO])}."
    if parts[State.YES]:
        yield f"Reliable: {_nouns(parts[State.YES])}."
    care = parts[State.CARE]
    if care and batch.state is not State.NO:
        whole = len(care) == len(content) and not any(use.part for use in care)
        yield f"{'Use everything here' if whole else f'Use {_nouns(care)}'} with care{_why(care)}."
    if new.state is State.YES:
        yield f"In samples left out of the fit the model predicts {new.points[0].topic}."
    elif new.state is State.CARE:
        yield f"Unclear whether the factors describe other samples{_why([new])}."
    if batch.state is State.CARE:
        yield f"Part of it may be batch{_why([batch])}."
    unknown = [words for scope, words in _UNKNOWN.items() if uses[scope].state is State.UNKNOWN]
    if unknown:
        yield f"Not known: {listed(unknown, len(unknown))}."


def _of_those_that_come_back(content: Sequence[Use]) -> list[Use]:
    """Return what is shown as it is told of the factors that come back, where that others do not is all against it."""
    factors = content[0]
    against = {reason.topic for reason in factors.points if reason.code in _BY_FACTOR}
    if factors.state is not State.CARE or not factors.part or factors.limit or not against.issuperset(factors.topics):
        return list(content)
    told = []
    for use in content:
        topics = tuple(topic for topic in use.topics if topic not in factors.topics)
        told.append(
            replace(use, topics=topics, state=State.YES if use.state is State.CARE and not topics else use.state)
        )
    return told


def _why(uses: Sequence[Use]) -> str:
    topics = list(dict.fromkeys(topic for use in uses for topic in use.topics))
    rest = f"; {len(topics) - _MOST} more" if len(topics) > _MOST else ""
    return f": {'; '.join(topics[:_MOST])}{rest}" if topics else ""


def _nouns(uses: Sequence[Use]) -> str:
    words = {
        Scope.FACTORS: "the factors",
        Scope.NAMES: "their names" if any(use.scope is Scope.FACTORS for use in uses) else "the names of the factors",
        Scope.VIEWS: "the comparison of views",
    }
    parted = [use for use in uses if use.scope is Scope.FACTORS and use.state is State.YES and use.part]
    for use in parted:
        kept, lost = use.part.split("; ", 1)
        words[use.scope] = f"{'factors' if ' ' in kept else 'factor'} {kept} ({lost})"
    return listed([words[use.scope] + ("" if use in parted else part_words(use)) for use in uses], len(uses))


def part_words(use: Use) -> str:
    """Return in brackets which factors are meant, where it is not all of them."""
    return f" ({use.part})" if use.part and use.state is not State.NO else ""
