"""What of a report can be used and what cannot, in a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pathfa.pl.wording import listed
from pathfa.reporting.verdict.use import CONTENT, Scope, State, Use

_UNKNOWN = {
    Scope.FACTORS: "whether another fit would give the same factors",
    Scope.NAMES: "whether the names say what is in the factors",
    Scope.NEW_SAMPLES: "whether it holds in other samples",
    Scope.BATCH: "how much of it is batch",
}
_MOST = 3  # reasons told one by one


def headline(uses: Sequence[Use]) -> str:
    """Return what can be used, what needs care and why, what cannot, and what is not known."""
    return " ".join(_sentences({use.scope: use for use in uses}))


def _sentences(uses: Mapping[Scope, Use]) -> Iterator[str]:
    content = [uses[scope] for scope in CONTENT if scope in uses]
    parts = {state: [use for use in content if use.state is state] for state in State}
    if len(parts[State.NO]) == len(content):
        yield f"Nothing here can be used{_why(content)}."
        return
    if uses[Scope.BATCH].state is State.NO:
        yield f"Nothing here can be read as biology{_why([uses[Scope.BATCH]])}."
    if parts[State.NO]:
        yield f"Do not use {_nouns(parts[State.NO])}{_why(parts[State.NO])}."
    if parts[State.YES]:
        words = _nouns(parts[State.YES])
        yield f"{words[0].upper()}{words[1:]} can be used."
    care = parts[State.CARE]
    if care and uses[Scope.BATCH].state is not State.NO:
        whole = len(care) == len(content) and not any(use.part for use in care)
        yield f"Use {'everything here' if whole else _nouns(care)} with care{_why(care)}."
    new, batch = uses[Scope.NEW_SAMPLES], uses[Scope.BATCH]
    if new.state is State.YES:
        yield f"Samples that were left out are reproduced in part ({new.points[0].topic})."
    elif new.state is State.CARE:
        yield f"Whether it holds in other samples is unclear{_why([new])}."
    if batch.state is State.CARE:
        yield f"A part may be batch{_why([batch])}."
    unknown = [words for scope, words in _UNKNOWN.items() if uses[scope].state is State.UNKNOWN]
    if unknown:
        yield f"Not known: {listed(unknown, len(unknown))}."


def _why(uses: Sequence[Use]) -> str:
    topics = list(dict.fromkeys(topic for use in uses for topic in use.topics))
    return f", because of {listed(topics, _MOST)}" if topics else ""


def _nouns(uses: Sequence[Use]) -> str:
    scopes = [use.scope for use in uses]
    words = {
        Scope.FACTORS: "the factors",
        Scope.NAMES: "their names" if Scope.FACTORS in scopes else "the names of the factors",
        Scope.VIEWS: "the comparison of views",
    }
    return listed([words[use.scope] + part_words(use) for use in uses], len(uses))


def part_words(use: Use) -> str:
    """Return in brackets which factors are meant, where it is not all of them."""
    return f" ({use.part})" if use.part and use.state is not State.NO else ""
