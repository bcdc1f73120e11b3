"""Axes of factors, gene sets and samples: their names as labels that fit and are told apart, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

from pathfa.core.text import count, shorten
from pathfa.pl.spec import Axis, Entity
from pathfa.result.labels import factor_id, readable

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


def factor_axis(names: Sequence[str], title: str = "Factor", *, reverse: bool = False, short: bool = False) -> Axis:
    """Return an axis of factors; ``short`` shows ``F1`` alone."""
    labels = distinct([factor_id(name) if short else shorten(name) for name in names])
    return Axis(title=title, entity=Entity.FACTOR, ids=tuple(names), labels=labels, reverse=reverse)


def gene_set_axis(
    names: Iterable[object], *, reverse: bool = False, copies: Mapping[str, Sequence[str]] | None = None
) -> Axis:
    """Return an axis of gene sets under readable names; ``copies`` has per gene set all that it stands for."""
    ids = tuple(map(str, names))
    members = tuple(tuple(copies[name]) for name in ids) if copies else ()
    extra = [len(same) - 1 for same in members] or [0] * len(ids)
    more = [f" (+{count(number, 'near copy')})" if number else "" for number in extra]
    labels = distinct([shorten(readable(name)) + text for name, text in zip(ids, more, strict=True)])
    return Axis(title="Gene set", entity=Entity.GENE_SET, ids=ids, labels=labels, members=members, reverse=reverse)


def sample_axis(names: Iterable[object]) -> Axis:
    """Return an axis of samples; their names are left out where they do not fit."""
    ids = tuple(map(str, names))
    labels = distinct([shorten(name, 24) for name in ids])
    title, hide = f"Sample (n = {len(ids)})", len(ids) > _MOST_LABELS
    return Axis(title=title, entity=Entity.SAMPLE, ids=ids, labels=labels, hide_labels=hide)


def clustered(values: np.ndarray) -> np.ndarray:
    """Return the order of rows, N x P without NaN, by average linkage of their Euclidean distances."""
    if len(values) < 3:
        return np.arange(len(values))
    tree = linkage(values, method="average")
    return np.asarray(leaves_list(optimal_leaf_ordering(tree, values) if len(values) <= _MOST_OPTIMAL else tree))
