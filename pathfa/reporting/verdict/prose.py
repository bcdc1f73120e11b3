"""The verdict in words: a line below the title, the first section, and what stands where a check was not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pathfa.pl.wording import listed, spans
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
    Scope.SETS: "Gene sets",
    Scope.VIEWS: "Comparison of views",
    Scope.NEW_SAMPLES: "Other samples",
    Scope.BATCH: "Batch effects",
}
_USABLE = {State.YES: "use", State.PART: "use in part", State.CARE: "use with care", State.NO: "do not use"}
_ANSWERS = {
    Scope.SAMPLES: {State.YES: "enough", State.CARE: "few", State.NO: "too few"},
    Scope.FACTORS: _USABLE,
    Scope.NAMES: _USABLE,
    Scope.SETS: _USABLE,
    Scope.VIEWS: _USABLE,
    Scope.NEW_SAMPLES: {State.YES: "predicted in part", State.CARE: "unclear", State.NO: "not predicted"},
    Scope.BATCH: {State.YES: "not seen", State.CARE: "in some factors", State.NO: "in the main factor"},
}
_MARKS = {State.YES: "pass", State.PART: "caution", State.UNKNOWN: "none", State.CARE: "caution", State.NO: "stop"}
_UNKNOWN = {
    Scope.FACTORS: "whether another fit would give the same factors",
    Scope.NAMES: "whether the names say what is in the factors",
    Scope.SETS: "whether the gene sets describe these data",
    Scope.NEW_SAMPLES: "whether the factors describe other samples",
    Scope.BATCH: "how much of it is batch",
}
_MOST = 3  # reasons named one by one
_SECTIONS = {
    Scope.FACTORS: "factors",
    Scope.BATCH: "biology",
    Scope.NAMES: "programmes",
    Scope.SETS: "programmes",
    Scope.VIEWS: "cards",
    Scope.SAMPLES: "samples",
}
"""The section of the content that stands or falls with each."""


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
    def marks(self) -> dict[str, UseRow]:
        """What each section of the content stands or falls with, by anchor, where that is not simply usable."""
        told = [use for use in self.uses if use.scope in _SECTIONS and use.state is not State.YES]
        return {_SECTIONS[use.scope]: _row(use) for use in told}

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
    blocks: list[Block] = [UseTable("What you can use", tuple(map(_row, verdict.uses)))]
    if rest:
        blocks.append(CheckList("What else was checked", rest))
    return Section("trust", "Can I trust this?", lead, tuple(blocks))


def _row(use: Use) -> UseRow:
    """Return what is said of one thing."""
    return UseRow(
        label=_LABELS[use.scope],
        mark=_MARKS[use.state],
        word=_ANSWERS[use.scope].get(use.state, "not known"),
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
    content = [uses[scope] for scope in CONTENT if scope in uses]
    parts = {state: [use for use in content if use.state is state] for state in State}
    new, batch, names = uses[Scope.NEW_SAMPLES], uses[Scope.BATCH], uses.get(Scope.NAMES)
    if len(parts[State.NO]) == len(content):
        yield f"Nothing here can be used{_why(content)}."
        return
    if batch.state is State.NO:
        yield f"Nothing here can be read as biology{_why([batch])}."
    if parts[State.NO]:
        yield f"Do not use {_nouns(parts[State.NO])}{_why(parts[State.NO])}."
    if fine := [use for use in content if use.state in (State.YES, State.PART)]:
        yield f"Reliable: {_nouns(fine)}."
    if names is not None and names.lost and names.state is State.CARE:
        yield f"Do not use the {'name' if len(names.lost) == 1 else 'names'} of {spans(names.lost)}."
    care = parts[State.CARE]
    if care and batch.state is not State.NO:
        whole = len(care) == len(content) and not any(use.lost for use in care)
        yield f"{'Use everything here' if whole else f'Use {_nouns(care)}'} with care{_why(care)}."
    if new.state is State.YES:
        yield f"In samples left out of the fit the model predicts {new.points[0].topic}."
    elif new.state is State.CARE:
        yield f"Unclear whether the factors describe other samples{_why([new])}."
    if batch.state is State.CARE:
        yield f"Part of it may be batch{_why([batch])}."
    states = {scope: use.state for scope, use in uses.items()}
    unknown = [words for scope, words in _UNKNOWN.items() if states.get(scope) is State.UNKNOWN]
    if unknown:
        yield f"Not known: {listed(unknown, len(unknown))}."


def _why(uses: Sequence[Use]) -> str:
    topics = list(dict.fromkeys(topic for use in uses for topic in use.topics))
    rest = f"; {len(topics) - _MOST} more" if len(topics) > _MOST else ""
    return f": {'; '.join(topics[:_MOST])}{rest}" if topics else ""


def _nouns(uses: Sequence[Use]) -> str:
    """Return what is meant; of factors, those that come back, and which do not."""
    nouns = {Scope.VIEWS: "the comparison of views", Scope.SETS: "the gene sets"}
    scopes = {use.scope for use in uses}
    for use in uses:
        if use.scope is Scope.FACTORS:
            nouns[use.scope] = "the factors"
            if use.lost and use.state is not State.NO:
                word = "factor" if len(use.kept) == 1 else "factors"
                nouns[use.scope] = f"{word} {spans(use.kept)} (other fits do not find {spans(use.lost)})"
        elif use.scope is Scope.NAMES:
            nouns[use.scope] = "their names" if Scope.FACTORS in scopes else "the names of the factors"
            if use.kept and use.state is not State.NO:
                nouns[use.scope] = f"the {'name' if len(use.kept) == 1 else 'names'} of {spans(use.kept)}"
                if use.lost and use.state is State.YES:  # otherwise a sentence of its own says so
                    nouns[use.scope] += f" (not of {spans(use.lost)})"
    return listed([nouns[use.scope] for use in uses], len(uses))
