"""Axes of factors, gene sets and samples: their names as labels that fit and are told apart, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from os.path import commonprefix

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

from pathfa.core.names import column_words, columns_called, factor_id, readable
from pathfa.core.text import LOOSE, count, shorten
from pathfa.pl.spec import Axis, Entity

LENGTH = 42
"""Most letters of a label beside a figure."""
_NOTED = 48  # most letters of a label with its note
_MOST_LABELS = 50  # samples whose names fit
_MOST_OPTIMAL = 400  # optimal leaf order takes time that grows with the square of the number of rows


def distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels that are told apart: those that occur again get a number."""
    seen: dict[str, int] = {}
    found = []
    taken = set(labels)
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        new = label
        while seen[label] > 1 and new in taken:
            new = f"{label} ({seen[label]})"
            seen[label] += new in taken
        taken.add(new)
        found.append(new)
    return tuple(found)


def short_labels(names: Iterable[object], length: int = LENGTH) -> tuple[str, ...]:
    """Return names as labels that fit and are told apart: by what differs between names whose ends are alike.

    >>> short_labels([f"Institute-of-Pathology-00{place}-in-the-second-run" for place in (1, 2)], 24)
    ('Institute-of…001…', 'Institute-of…002…')
    """
    given = [str(name) for name in names]
    labels = [shorten(name, length) for name in given]
    alike: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        alike.setdefault(label, []).append(place)
    for places in alike.values():
        if len(places) > 1:
            for place, label in zip(places, _differences([given[place] for place in places], length), strict=True):
                labels[place] = shorten(label, length)
    return distinct(labels)


def noted_labels(names: Iterable[object], notes: Sequence[str]) -> tuple[str, ...]:
    """Return names as labels with a note behind each, which is never shortened."""
    given = list(names)
    short = short_labels(given, _NOTED - max(map(len, notes), default=0))
    rows = zip(short_labels(given), short, notes, strict=True)
    return distinct([fitting + note if note else name for name, fitting, note in rows])


def _differences(names: Sequence[str], length: int) -> list[str]:
    """Return of each name what differs between words with which all begin and words with which all end.

    As many of the words with which all begin stand before it as fit.
    """
    # letter by letter, back to where a word begins
    first, last = (
        re.sub(r"[^\W_]*$", "", commonprefix(each))  # noqa: RUF071
        for each in (names, [name[::-1] for name in names])
    )
    ends = [len(name) - len(last) for name in names]
    if not first or any(end <= len(first) for end in ends):
        return list(names)
    own = [name[len(first) : end] + "…" * bool(last) for name, end in zip(names, ends, strict=True)]
    return [_beginning(first, length - len(each)) + each for each in own]


def _beginning(words: str, room: int) -> str:
    """Return the words of a beginning that fit, with a mark where some are left out."""
    if len(words) <= room:
        return words
    return re.sub(r"[^\W_]*$", "", words[: max(room - 1, 0)]).rstrip(LOOSE) + "…"


def factor_axis(names: Sequence[str], title: str = "Factor", *, reverse: bool = False, short: bool = False) -> Axis:
    """Return an axis of factors; ``short`` shows ``F1`` alone."""
    labels = distinct([factor_id(name) for name in names]) if short else short_labels(names)
    return Axis(title=title, entity=Entity.FACTOR, ids=tuple(names), labels=labels, reverse=reverse)


def gene_set_axis(
    gene_sets: Iterable[object], *, reverse: bool = False, copies: Mapping[str, Sequence[str]] | None = None
) -> Axis:
    """Return an axis of gene sets under readable names; ``copies`` has per gene set all that it stands for."""
    ids = tuple(map(str, gene_sets))
    members = tuple(tuple(copies[name]) for name in ids) if copies else ()
    extra = [len(same) - 1 for same in members] or [0] * len(ids)
    more = [f" (+{count(number, 'near copy')})" if number else "" for number in extra]
    labels = noted_labels(map(readable, ids), more)
    return Axis(title="Gene set", entity=Entity.GENE_SET, ids=ids, labels=labels, members=members, reverse=reverse)


def covariates_in_words(table: pd.DataFrame, *lists: Sequence[str]) -> tuple[pd.DataFrame, list[list[str]]]:
    """Return a table of associations, and lists of its covariates, with what people read in the place of their names.

    Names in the lists are taken in every spelling; those that the table does not have are left out.
    """
    words = column_words(table["covariate"].map(str))
    named = [name for name in ("covariate", "adjusted_for") if name in table]
    table = table.assign(**{name: table[name].map(lambda value: words.get(value, value)) for name in named})
    return table, [[words[name] for name in columns_called(each, words).values()] for each in lists]


def sample_axis(names: Iterable[object]) -> Axis:
    """Return an axis of samples; their names are left out where they do not fit."""
    ids = tuple(map(str, names))
    labels = short_labels(ids, 24)
    title, hide = f"Sample (n = {len(ids)})", len(ids) > _MOST_LABELS
    return Axis(title=title, entity=Entity.SAMPLE, ids=ids, labels=labels, hide_labels=hide)


def clustered(values: np.ndarray) -> np.ndarray:
    """Return the order of rows, N x P without NaN, by average linkage of their Euclidean distances."""
    if len(values) < 3:
        return np.arange(len(values))
    tree = linkage(values, method="average")
    return np.asarray(leaves_list(optimal_leaf_ordering(tree, values) if len(values) <= _MOST_OPTIMAL else tree))
