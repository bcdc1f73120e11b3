"""What of a fit can be used: the checks, gathered by what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pathfa.analysis.summaries import low_names, named_after_sets
from pathfa.core.names import factor_id
from pathfa.core.text import part_of
from pathfa.pl.figures.factors import low_words
from pathfa.pl.wording import listed, percent
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.judgements import REFITS, Reason, standing_words
from pathfa.result.judgement import LIMITS, Level
from pathfa.result.summaries import seen_in


class Scope(StrEnum):
    """What a reader may want to use."""

    SAMPLES = "samples"
    FACTORS = "factors"
    NAMES = "names"
    SETS = "gene sets"
    VIEWS = "views"
    NEW_SAMPLES = "new samples"
    BATCH = "batch"


class State(StrEnum):
    """Whether it can be used, the best first."""

    YES = "yes"
    PART = "in part"
    UNKNOWN = "not known"
    CARE = "with care"
    NO = "no"


@dataclass(frozen=True, kw_only=True)
class Use:
    """Whether one thing can be used, and why."""

    scope: Scope
    state: State
    points: tuple[Reason, ...]  # checks that say so: those that did not pass, or else the most telling one that did
    topics: tuple[str, ...]  # why it is no better, in a few words each
    notes: tuple[str, ...]  # what else is known, or was not looked at, in sentences
    limit: str = ""  # what keeps it from being better than its own checks say, in a sentence
    kept: tuple[str, ...] = ()  # ids of the factors of which it can be used, where that is not so of all
    lost: tuple[str, ...] = ()  # those of which it cannot


CONTENT = (Scope.FACTORS, Scope.NAMES, Scope.SETS, Scope.VIEWS)
"""What a report shows; the other scopes say what can be made of it."""

_OF_SETS = ("decoys", "annotated-share", "uninformed", "coverage")
CODES: Mapping[Scope, tuple[str, ...]] = {
    Scope.SAMPLES: ("samples", "samples-per-factor"),
    Scope.FACTORS: ("factors", "stability", "starts", "convergence", "explained"),
    Scope.NAMES: _OF_SETS,
    Scope.SETS: _OF_SETS,
    Scope.VIEWS: ("shared-samples",),
    Scope.NEW_SAMPLES: ("heldout",),
    Scope.BATCH: ("batch",),
}
"""The checks that each scope is about, the most telling first."""

_SUPPORT = {
    "factors",
    "convergence",
    "explained",
    "coverage",
    "samples-per-factor",
}  # needed, but no reason to use something
_RESTS_ON = (
    (Scope.FACTORS, Scope.SAMPLES, "They can be no better than the number of samples."),
    (Scope.NAMES, Scope.FACTORS, "They can be no better than the factors."),
    (Scope.VIEWS, Scope.SAMPLES, "It can be no better than the number of samples."),
)
_BY_FACTOR = {"stability", "starts"}  # checks that are against single factors
_ORDER = list(State)
_WEAK = f"gene sets account for less than {percent(LIMITS['name-share'].caution)} of their members' loadings on each"


def uses_of(study: Study, reasons: Sequence[Reason]) -> tuple[Use, ...]:
    """Return what can be used, in the order of ``Scope``; without the views where there is one.

    Without factors there are no names and no views to compare. Where all are named after genes there are no names to
    judge: what is then against the gene sets is told of them.

    Names can be no better than the factors; factors and the comparison of views, whose activities are means of the
    members in each view, no better than the number of samples. Where all that is against the factors is that some do
    not come back, they can be used in part; where each name of those that come back is weak, no name can be used. Where
    something must not be interpreted, none of the content is better than "with care".
    """
    without = {Scope.VIEWS} if len(study.result.view_names) < 2 else set()
    without |= set() if study.result.factor_names else {Scope.VIEWS}
    if named_after_sets(study.result):
        without.add(Scope.SETS)
    elif any(reason.code in _OF_SETS and reason.level is not Level.PASS for reason in reasons):
        without.add(Scope.NAMES)
    else:
        without |= {Scope.NAMES, Scope.SETS}
    scopes = [scope for scope in Scope if scope not in without]
    found = {scope: _alone(study, scope, reasons) for scope in scopes}
    if found[Scope.SAMPLES].state is State.NO:
        few = "With so few samples nothing can be concluded."
        for scope in (Scope.NEW_SAMPLES, Scope.BATCH):
            found[scope] = replace(found[scope], state=State.UNKNOWN, points=(), topics=(), notes=(), limit=few)
    new, alone = found[Scope.NEW_SAMPLES], "They describe these samples alone."
    if new.state is State.NO:
        for scope in {Scope.FACTORS, Scope.VIEWS} & found.keys():
            found[scope] = _limited(found[scope], State.NO, new.topics, alone)
    for scope, other, note in _RESTS_ON:
        if scope in found and found[other].state in (State.PART, State.CARE, State.NO):
            found[scope] = _limited(found[scope], found[other].state, found[other].topics, note)
        if scope is Scope.FACTORS:
            found[scope] = _in_part(found[scope])
    if any(reason.level is Level.STOP for reason in reasons):
        for scope in CONTENT:
            if scope in found and found[scope].state is not State.NO:
                why = "Something else here must not be interpreted."
                found[scope] = _limited(found[scope], State.CARE, found[scope].topics, why)
    return tuple(found.values())


def _alone(study: Study, scope: Scope, reasons: Sequence[Reason]) -> Use:
    """Return whether a thing can be used, from its own checks."""
    own = sorted((item for item in reasons if item.code in CODES[scope]), key=lambda r: CODES[scope].index(r.code))
    concerns = tuple(item for item in own if item.level is not Level.PASS)
    kept, lost = _kept_and_lost(study, scope)
    telling = [item for item in own if item.level is Level.PASS and item.code not in _SUPPORT]
    tried = [item for item in concerns if item.code not in study.checks.not_done]
    none = scope is Scope.NAMES and bool(lost) and not kept
    if none or any(item.level is Level.STOP for item in concerns):
        state = State.NO
    elif tried or (concerns and telling):
        state = State.CARE
    else:
        state = State.YES if telling else State.UNKNOWN
    topics = tuple(item.topic for item in concerns if state is not State.NO or item.level is Level.STOP)
    return Use(
        scope=scope,
        state=state,
        points=concerns or tuple(telling[:1]),
        topics=topics or (_WEAK,) * none,
        notes=tuple(_notes(study, scope, known={item.code for item in own})),
        kept=kept,
        lost=lost,
    )


def _in_part(use: Use) -> Use:
    """Return the factors as usable in part where all that is against them is that some do not come back."""
    against = {reason.topic for reason in use.points if reason.code in _BY_FACTOR}
    alone = use.state is State.CARE and use.lost and not use.limit and against.issuperset(use.topics)
    return replace(use, state=State.PART) if alone else use


def _limited(use: Use, state: State, topics: Sequence[str], note: str) -> Use:
    """Return what is no better than a state, for the reasons of another."""
    if _ORDER.index(state) < _ORDER.index(use.state):
        return use
    if state is use.state:
        return replace(use, topics=tuple(dict.fromkeys([*topics, *use.topics])))
    return replace(use, state=state, topics=tuple(topics), limit=note)


def _kept_and_lost(study: Study, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the factors that come back and those that do not; of names of gene sets, which of the former say much."""
    names = [factor_id(name) for name in study.result.factor_names]
    lost, partly = list(map(factor_id, study.lost)), False
    if scope is Scope.NAMES:
        found = [name for name in names if name not in lost] or names
        after_sets = list(map(factor_id, named_after_sets(study.result)))
        names = [name for name in found if name in after_sets]
        lost, partly = [name for name in low_names(study.result) if name in names], len(names) < len(found)
    kept = [name for name in names if name not in lost]
    if scope not in (Scope.FACTORS, Scope.NAMES) or not (lost or partly) or (not kept and scope is Scope.FACTORS):
        return (), ()
    return tuple(kept), tuple(lost)


def _notes(study: Study, scope: Scope, known: set[str]) -> Iterator[str]:
    """Yield what else is known of a thing, and which of its checks were not run."""
    telling = known - _SUPPORT
    missing = [code for code in CODES[scope] if code in REFITS and code not in known]
    if scope is Scope.FACTORS:
        if not telling and study.result.factor_names:
            yield "No second start ran to its end, so nothing says whether another fit would give the same factors."
    elif scope in (Scope.NAMES, Scope.SETS):
        if low := low_names(study.result):
            yield low_words(low)
        if study.decoys is not None:
            yield standing_words(study.decoys)
        if not telling:
            yield "The loadings follow the gene sets by construction, so nothing here says whether the data do."
    elif scope is Scope.VIEWS:
        shared, size = int((seen_in(study.result).sum(axis=1) > 1).sum()), len(study.result.factor_names)
        yield f"{part_of(shared, size, 'factor', 'are')} seen in more than one view."
    elif scope is Scope.BATCH and not known:
        yield "No technical covariate was given, so a batch would look like biology."
    elif scope is Scope.NEW_SAMPLES:
        yield from (REFITS[code][1] for code in missing)
        if study.heldout is not None:
            low_rows = study.heldout[study.heldout["lower"] <= LIMITS["heldout-lower"].caution].to_dict("records")
            words = listed([f"{row['view']} from {row['source']}" for row in low_rows], 6)
            yield from [f"Not clearly predicted: {words}."] if 0 < len(low_rows) < len(study.heldout) else []
    if missing and scope is not Scope.NEW_SAMPLES:
        yield f"Not looked at: {listed([REFITS[code][0] for code in missing])}."
