"""Glossary."""

from __future__ import annotations

from pathfa.reporting.page.page import Pairs, Section
from pathfa.reporting.prose.paragraphs import lines


def build() -> Section:
    """Return the section."""
    terms = [tuple(line.split(": ", 1)) for line in lines("glossary")]
    return Section(
        anchor="glossary",
        title="Glossary",
        lead="Words used on this page.",
        blocks=(Pairs(rows=tuple((term, words) for term, words in terms)),),
    )
