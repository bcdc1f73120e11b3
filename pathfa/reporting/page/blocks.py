"""What a page is made of, before it is HTML."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pathfa.pl.figure import Figure
from pathfa.reporting.page.tables import leading_columns


@dataclass(frozen=True)
class PageLink:
    """Words that lead to a place on the page."""

    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Text:
    """Paragraphs, or the points of a list."""

    paragraphs: tuple[str, ...]
    title: str = ""
    as_list: bool = False
    copyable: bool = False
    links: tuple[PageLink, ...] = ()  # where to read on
    kind: str = field(default="text", init=False)


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """Findings in words, each with a link to where it is shown."""

    points: tuple[PageLink, ...]
    link: str  # the word that leads there, such as "Figure"
    title: str = ""
    kind: str = field(default="sentences", init=False)


@dataclass(frozen=True)
class CheckList:
    """Conditions with how they turned out: icon, word, what was seen, link to the evidence."""

    title: str
    rows: tuple[tuple[str, str, str], ...]  # level, sentence, anchor
    kind: str = field(default="checks", init=False)


@dataclass(frozen=True, kw_only=True)
class UseRow:
    """Whether one thing can be used."""

    label: str  # what it is about
    mark: str  # how it looks: "pass", "none", "caution" or "stop"
    word: str  # the answer in a word or two
    limit: str  # what keeps it from being better, where that is something else
    points: tuple[PageLink, ...]  # what says so
    notes: tuple[str, ...]  # what else is known of it


@dataclass(frozen=True)
class UseTable:
    """What can be used: a row each with icon, word, reasons and links to the evidence."""

    title: str
    rows: tuple[UseRow, ...]
    kind: str = field(default="uses", init=False)


@dataclass(frozen=True)
class Pairs:
    """Names with values or explanations."""

    rows: tuple[tuple[str, str], ...]
    title: str = ""
    kind: str = field(default="pairs", init=False)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A word of the page and what it means."""

    name: str
    words: str  # as which it stands on the page, separated by ", "
    meaning: str


@dataclass(frozen=True)
class Glossary:
    """What the words of the page mean; they carry it wherever they stand."""

    entries: tuple[Entry, ...]
    kind: str = field(default="glossary", init=False)


@dataclass(frozen=True)
class Plot:
    """A figure with its table."""

    figure: Figure
    more: Figure | None = None  # the same with more rows, which readers can ask for
    more_label: str = ""  # what they ask for
    filtered: bool = False  # whether readers can filter its rows by words
    table: str = ""  # the table of the page that readers see in place of its own
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The first screen: the main findings in words, each with its figure, beside one map of them all."""

    points: Sentences
    figure: Figure
    whole: str  # name of the figure that shows more, with its table and downloads
    told: tuple[str, ...] = ()  # gene sets that the findings name
    kind: str = field(default="overview", init=False)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What readers can ask of the rows of a table: a level of a column, or all rows in place of some."""

    column: str
    label: str
    start: str = ""  # the level that is asked for at first
    most: float | None = None  # rows with a number above this are hidden until they are asked for
    blank: bool = False  # rows with a text in the column are hidden until they are asked for


@dataclass(frozen=True)
class TableBlock:
    """A table that stands alone."""

    name: str  # stable identifier; the name of its file
    title: str
    table: pd.DataFrame
    note: str = ""  # what it says, in a sentence
    open: bool = False  # whether it shows without a click
    filters: tuple[Filter, ...] = ()
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Widget:
    """A part that the browser makes from the data of the page, such as a gene-set card."""

    name: str
    title: str
    note: str
    kind: str = field(default="widget", init=False)


Block = Text | Sentences | CheckList | UseTable | Pairs | Glossary | Plot | Overview | TableBlock | Widget


@dataclass(frozen=True)
class Section:
    """One of the numbered parts of a report."""

    anchor: str  # stable identifier, for links
    title: str  # the question that it answers
    lead: str  # the answer in a sentence or two
    blocks: tuple[Block, ...]

    def figures(self) -> list[Figure]:
        """Return every figure of the section, with those that readers can ask for."""
        found = [block.figure for block in self.blocks if isinstance(block, Plot | Overview)]
        return found + [block.more for block in self.blocks if isinstance(block, Plot) and block.more is not None]

    def tables(self, *, hidden: bool = False) -> dict[str, pd.DataFrame]:
        """Return every table of the section by name, ``hidden`` ones too; of figures the columns that matter first."""
        found = {}
        for block in self.blocks:
            if isinstance(block, Plot) and (hidden or not block.table):
                found[block.figure.name] = leading_columns(block.figure.table)
            elif isinstance(block, TableBlock):
                found[block.name] = block.table
        return found

    def filters(self) -> dict[str, tuple[Filter, ...]]:
        """Return what can be asked of the rows of each table, by name."""
        return {block.name: block.filters for block in self.blocks if isinstance(block, TableBlock)}
