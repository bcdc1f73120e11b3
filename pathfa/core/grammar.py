"""Nouns and verbs that follow a number."""

from __future__ import annotations

_IRREGULAR = {"are": "is", "were": "was", "have": "has"}


def count(number: int, noun: str, verb: str = "") -> str:
    """Return a number with its noun, and a verb where there is one, in the right number.

    Parameters
    ----------
    number
        How many.
    noun
        One of them; what stands after "of" stays as it is.
    verb
        As it stands after many, such as "are".

    Examples
    --------
    >>> count(1, "view"), count(1234, "activity"), count(2, "pair of factors"), count(1, "sample", "have")
    ('1 view', '1,234 activities', '2 pairs of factors', '1 sample has')
    """
    head, of, rest = noun.partition(" of ")
    counted = f"{number:,} {noun if number == 1 else _with_s(head) + of + rest}"
    return f"{counted} {inflect(number, verb)}" if verb else counted


def part_of(part: int, whole: int, noun: str, verb: str) -> str:
    """Return how many of a number do something.

    >>> part_of(1, 20, "sample", "have"), part_of(2, 20, "sample", "have"), part_of(0, 1, "sample", "have")
    ('1 of 20 samples has', '2 of 20 samples have', '0 of 1 sample has')
    """
    return f"{part:,} of {count(whole, noun)} {inflect(part if whole > 1 else whole, verb)}"


def inflect(number: int, verb: str) -> str:
    """Return a verb, given as it stands after many, as it stands after a number.

    >>> inflect(1, "are"), inflect(2, "are"), inflect(1, "vary most"), inflect(1, "go with")
    ('is', 'are', 'varies most', 'goes with')
    """
    first, space, rest = verb.partition(" ")
    return verb if number != 1 else (_IRREGULAR.get(first) or _with_s(first)) + space + rest


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("ch", "sh", "s", "x", "o")) else f"{word}s"
