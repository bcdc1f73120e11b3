"""Axes over the factors, gene sets and samples of a result."""

from __future__ import annotations

from collections.abc import Sequence

from pathfa.core.findings import Finding, error
from pathfa.core.text import count, did_you_mean
from pathfa.pl.figure.spec import Axis, Entity, distinct, shorten
from pathfa.result.labels import factor_id, readable

_MOST_LABELS = 50


def factor_axis(names: Sequence[str], title: str = "Factor", *, reverse: bool = False, short: bool = False) -> Axis:
    """Return an axis of factors; ``short`` shows ``F1`` alone."""
    labels = [factor_id(name) if short else shorten(name) for name in names]
    return Axis(title=title, entity=Entity.FACTOR, ids=tuple(names), labels=distinct(labels), reverse=reverse)


def gene_set_axis(names: Sequence[str], title: str = "Gene set", *, reverse: bool = False) -> Axis:
    """Return an axis of gene sets under readable names."""
    labels = [shorten(readable(name)) for name in names]
    return Axis(title=title, entity=Entity.GENE_SET, ids=tuple(names), labels=distinct(labels), reverse=reverse)


def sample_axis(names: Sequence[str], title: str = "Sample", *, reverse: bool = False) -> Axis:
    """Return an axis of samples; their names are left out where they do not fit."""
    return Axis(
        title=f"{title} (n = {len(names)})",
        entity=Entity.SAMPLE,
        ids=tuple(names),
        labels=distinct([shorten(name, 24) for name in names]),
        reverse=reverse,
        hide_labels=len(names) > _MOST_LABELS,
    )


def unknown(what: str, name: str, known: Sequence[str]) -> Finding:
    """Return the finding that a name is none of those known, with the nearest; case and prefixes do not count."""
    return error(
        f"unknown-{what.replace(' ', '-')}",
        f"{name!r}",
        f"the name of a known {what}",
        did_you_mean(name, known, f"take one of {count(len(known), 'name')}", readable),
        place=what,
        examples=known,
    )
