"""Text: nouns and verbs after numbers, names made of those of files, and the nearest of known names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path

LOOSE = " …+,_-"  # what says nothing beside a cut
_IRREGULAR = {"are": "is", "were": "was", "have": "has"}


def capital(text: str) -> str:
    """Return a text as it begins a sentence.

    >>> capital("hypoxia by CIN"), capital("")
    ('Hypoxia by CIN', '')
    """
    return text[:1].upper() + text[1:]


def letters_and_digits(name: str) -> str:
    """Return the letters and digits of a name in capitals, with the points between digits.

    >>> letters_and_digits("01-co_005"), letters_and_digits("X1.5 b")
    ('01CO005', 'X1.5B')
    """
    return re.sub(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_", "", name).upper()


def count(number: int, noun: str, verb: str = "") -> str:
    """Return a number with its noun, and a verb where there is one, in the right number.

    Parameters
    ----------
    number
        How many.
    noun
        One of them; what follows "of" does not change.
    verb
        In the plural, such as "are".

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
    """Return a verb, given in the plural, as it is used after a number.

    >>> inflect(1, "are"), inflect(2, "are"), inflect(1, "vary most"), inflect(1, "go with")
    ('is', 'are', 'varies most', 'goes with')
    """
    first, space, rest = verb.partition(" ")
    return verb if number != 1 else (_IRREGULAR.get(first) or _with_s(first)) + space + rest


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("ch", "sh", "s", "x", "o")) else f"{word}s"


def shorten(name: str, length: int = 42) -> str:
    """Return a name that fits beside a figure; the middle of a long one is left out, because both ends tell.

    Parameters
    ----------
    name
        The name; white space of any kind counts as one space.
    length
        Most characters. Words stay whole, but for those that are longer than two thirds of it.

    Examples
    --------
    >>> shorten("regulation of the innate immune response to viruses", 30)
    'regulation of the…to viruses'
    """
    name = re.sub(r"\s+", " ", name)
    if len(name) <= length:
        return name
    last = re.search(r"[^\W_]*$", name)
    ending = len(last[0]) if last and len(last[0]) <= 2 * length // 3 else 0  # the last word comes first
    head = min((length - 1) * 2 // 3, length - 1 - ending)
    longest = 2 * length // 3
    start = _whole(name[:head], name[head:], longest)
    tail = name[len(name) - (length - 1 - len(start)) :]
    end = _whole(tail[::-1], name[: len(name) - len(tail)][::-1], longest)[::-1]
    return f"{start.lstrip().rstrip(LOOSE)}…{end.lstrip(LOOSE).rstrip()}"


def _whole(cut: str, rest: str, longest: int) -> str:
    """Return the whole words of the beginning of a text that was cut; a word that is longer than this stays cut."""
    begun, ended = re.search(r"[^\W_]*$", cut), re.match(r"[^\W_]*", rest)
    word = (begun.group() if begun else "", ended.group() if ended else "")
    return cut.removesuffix(word[0]) if all(word) and len("".join(word)) <= longest else cut


def plain_name(text: str, default: str) -> str:
    """Return a text as a name that can also be that of a folder, or the default where nothing is left of it.

    >>> plain_name("my cohort (2)", "cohort")
    'my_cohort__2_'
    """
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip("._-") or default


def collection_name(path: str | Path) -> str:
    """Return how the gene sets of a file are called: as the file, without what says its format.

    >>> collection_name("data/h.all.v2024.1.Hs.symbols.gmt.gz")
    'h.all.v2024.1.Hs.symbols'
    """
    stem = re.sub(r"(\.(gmt|gmx|grp|json|tsv|csv|txt|parquet))?(\.gz)?$", "", Path(path).name, flags=re.IGNORECASE)
    return plain_name(stem, "gene_sets")


def did_you_mean(name: str, known: Iterable[str], otherwise: str, key: Callable[[str], str] = str) -> str:
    """Return the question whether the nearest of some names was meant, or other advice where none is near.

    Parameters
    ----------
    name
        What was given.
    known
        The names that there are.
    otherwise
        The other advice.
    key
        What of the names is compared; case, underscores and zeros in front of numbers never count.

    Examples
    --------
    >>> did_you_mean("bach", ["age", "batch"], "remove it"), did_you_mean("x", ["age", "batch"], "remove it")
    ("did you mean 'batch'?", 'remove it')
    """

    def plain(text: str) -> str:
        return re.sub(r"(?<!\d)0+(?=\d)", "", key(text).casefold().replace("_", " "))

    written = {plain(each): each for each in known}
    near = get_close_matches(plain(name), written, n=1)
    return f"did you mean '{written[near[0]]}'?" if near else otherwise
