"""What each file of a cohort is: values, gene sets, a table of text, a list of names, or nothing of use."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os.path import commonpath, commonprefix
from pathlib import Path

import pandas as pd

from pathfa.core.errors import InputError
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.formats import format_of
from pathfa.data.gene_sets.libraries import read_gene_sets
from pathfa.data.gene_sets.long_tables import is_long_table
from pathfa.data.identifiers.samples import describes_samples
from pathfa.data.io.cells import DECIMAL_COMMAS
from pathfa.data.io.numbers import NumericTable
from pathfa.data.io.tables import read_numbers, read_sheet
from pathfa.data.io.text_files import read_text

_SHEET = re.compile(
    r"sample|clinic|patient|donor|pheno|covariate|outcome|survival|metadata|coldata|annotation|\.tsi", re.IGNORECASE
)
_OTHER_ONES = ("linkedomics",)  # formats whose tables of patients look like those of values
_NO_TABLE = {
    "no-table",
    "other-table",
    "wrong-delimiter",
    "no-rows",
    "empty-file",
    "binary-file",
}  # findings about what is none
_GENES = 0.05  # share of names of one side that are members of gene sets, in a table of values


@dataclass(eq=False)
class Files:
    """The files of a cohort by what they are, in the order in which they were named.

    Parameters
    ----------
    whole
        Cohorts in one file.
    data
        One view each; a pattern where a view is several files.
    sheets
        Tables of text, by path.
    lists
        Number of names in the files that only list them.
    tables
        Numbers of the views that were read already.
    sets
        Gene sets, by path.
    unused
        Files that are nothing of these, and why.
    """

    whole: list[Path] = field(default_factory=list)
    data: list[Path] = field(default_factory=list)
    sheets: dict[Path, pd.DataFrame] = field(default_factory=dict)
    lists: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, NumericTable] = field(default_factory=dict)
    sets: dict[Path, GeneSets] = field(default_factory=dict)
    unused: dict[Path, str] = field(default_factory=dict)

    @property
    def genes(self) -> frozenset[str]:
        """Members of the gene sets."""
        return frozenset(gene for sets in self.sets.values() for gene in sets.all_members)


def sort_files(paths: Sequence[Path], views: Collection[Path] = ()) -> Files:
    """Tell what each file is.

    Parameters
    ----------
    paths
        The files.
    views
        Those that are known to contain values.
    """
    files = Files()
    others = []
    for path in paths:
        if path not in views and _has_gene_sets(path):
            _add(files, path)
        else:
            others.append(path)
    for path in others:
        if path.suffix.lower() == ".h5mu":
            files.whole.append(path)
        elif path in views or not is_table(path):
            files.data.append(path)
        elif n := _names_in(path):
            files.lists[path] = n
        else:
            _sort_table(files, path)
    _join(files)
    if files.genes:
        tables = dict(files.tables)
        for path, table in tables.items():
            beside = [other for each, other in tables.items() if each != path]
            if describes_samples(table, beside, files.genes):
                files.data.remove(path)
                files.tables.pop(path)
                files.sheets[path] = read_sheet(path)
    return files


def _join(files: Files) -> None:
    """Put a pattern in the place of files that are one sample each: of one format, with one column of one name."""
    alike: dict[tuple[str, str], list[Path]] = {}
    for path in files.data:
        table = files.tables.get(path)
        if table is not None and len(table.columns) == 1:
            alike.setdefault((table.options.format, table.columns[0]), []).append(path)
    for paths in alike.values():
        if len(paths) == 1:
            continue
        top = Path(commonpath([path.parent for path in paths]))
        end = commonprefix([path.name[::-1] for path in paths])[::-1]  # noqa: RUF071 - characters are compared
        deeper = [] if all(path.parent == top for path in paths) else ["**"]
        files.data[files.data.index(paths[0])] = top.joinpath(*deeper, f"*{end}")
        for path in paths:
            files.tables.pop(path)
        files.data = [path for path in files.data if path not in paths]


def is_table(path: Path) -> bool:
    """Whether a file is neither a container, nor a matrix with its names beside it, nor several."""
    return path.is_file() and not (path.suffix.lower() in (".h5ad", ".h5mu") or ".mtx" in path.suffixes)


def _has_gene_sets(path: Path) -> bool:
    if not path.is_file():
        return False
    kind = format_of(path)
    if kind in ("json", "gmx", "grp") or ".gmt" in path.suffixes:
        return True
    if path.suffix.lower() in (".parquet", ".pq", ".xlsx", ".h5ad", ".h5mu"):
        return False
    with suppress(InputError):
        return is_long_table(path)
    return False


def _add(files: Files, path: Path) -> None:
    try:
        files.sets[path] = read_gene_sets(path)
    except InputError as reason:
        files.unused[path] = str(reason)


def _sort_table(files: Files, path: Path) -> None:
    """Add a table to the views or to those that describe samples or features."""
    problem = None
    try:
        files.tables[path] = read_numbers(path)
    except InputError as reason:
        problem = reason
    table = files.tables.get(path)
    programme = table is not None and table.options.format not in ("auto", "none", *_OTHER_ONES)
    if programme:
        files.data.append(path)
        return
    codes = {item.code for item in problem.findings} if problem is not None else set()
    if problem is not None and (codes & _NO_TABLE or ("ragged-rows" in codes and not _has_numbers(path))):
        files.unused[path] = f"no table of values: {problem.findings[0].found}"
        return
    text = problem is not None and any(
        item.code == "non-numeric" and item.fix != DECIMAL_COMMAS for item in problem.findings
    )
    if not _SHEET.search(path.name) and not text:
        files.data.append(path)
        return
    files.tables.pop(path, None)
    try:
        sheet = read_sheet(path)
    except InputError as reason:
        files.unused[path] = str(problem or reason)
        return
    if text and not _SHEET.search(path.name) and _has_genes(sheet, files.genes):
        files.data.append(path)
    else:
        files.sheets[path] = sheet


def _has_numbers(path: Path) -> bool:
    """Whether half of the cells of some line are numbers, as in a table that is damaged, and not in a text."""
    for line in read_text(path)[0].split("\n"):
        cells = pd.Series(re.split("[\t,;]", line), dtype=object).iloc[1:]
        if len(cells) > 1 and pd.to_numeric(cells, errors="coerce").notna().mean() >= 0.5:
            return True
    return False


def _has_genes(sheet: pd.DataFrame, genes: frozenset[str]) -> bool:
    """Whether the names on a side of a table with more numbers than text are members of gene sets."""
    sides = max(sheet.index.isin(genes).mean(), sheet.columns.isin(genes).mean() if sheet.shape[1] else 0.0)
    cells = pd.Series(sheet.to_numpy().ravel()).dropna()
    return bool(sides > _GENES and pd.to_numeric(cells, errors="coerce").notna().mean() > 0.5)


def _names_in(path: Path) -> int:
    """Return the number of names in a file that only lists them, one a line; 0 for any other file."""
    try:
        rows = read_text(path)[0].split("\n")
    except InputError:
        return 0
    return 0 if any(mark in row for row in rows[:20] for mark in "\t,; ") else sum(bool(row.strip()) for row in rows)


def main_sheet(sheets: Mapping[Path, pd.DataFrame], samples: Collection[str]) -> Path | None:
    """Return the table of text that names most of the samples of the views, on either side or in a column."""
    known = set(samples)

    def named(path: Path) -> int:
        sheet = sheets[path]
        sides = [set(map(str, sheet.index)), set(map(str, sheet.columns))]
        return max(len(known & side) for side in sides)

    return max(sheets, key=named, default=None)
