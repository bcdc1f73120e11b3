"""A commented configuration made from files, with guesses that the user confirms."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

import pandas as pd
import yaml
from scipy.io import mminfo

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.files import require_file
from pathfa.core.findings import Severity
from pathfa.core.text import collection_name, count, plain_name
from pathfa.data.cohort.align import as_cohort
from pathfa.data.cohort.orientation import IN_ROWS
from pathfa.data.cohort.read import read_cohort
from pathfa.data.cohort.views import View
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.gmt import read_gmt
from pathfa.data.identifiers.features import strip_affixes
from pathfa.data.identifiers.ids import guess_id_type
from pathfa.data.identifiers.samples import best_rule, describes_samples, feature_join, read_sheets, sample_join
from pathfa.data.io.cells import DECIMAL_COMMAS, MISSING
from pathfa.data.io.containers import read_container
from pathfa.data.io.settings import IdType, ValueKind, ViewOptions
from pathfa.data.io.tables import read_numbers
from pathfa.data.io.text_files import read_text
from pathfa.data.preprocess.scale import summarise
from pathfa.data.validation.values import zeros_stand_apart

_SHEET = re.compile(r"sample|clinic|pheno|covariate|metadata|coldata|annotation|\.tsi", re.IGNORECASE)
_TRANSLATED = (IdType.ENSEMBL, IdType.REFSEQ, IdType.UNIPROT, IdType.ENTREZ)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Guess:
    """What is guessed about one view: its lines of the configuration, and the tables that they name."""

    name: str
    path: Path
    lines: Sequence[str]
    view: View | None = None
    tables: Sequence[Path] = ()


def guess_config(files: Sequence[str | Path], *, name: str = "cohort") -> str:
    """Return the text of a configuration for some files.

    Parameters
    ----------
    files
        Tables (one per view), h5ad or h5mu files, MTX folders, GMT files and a sample sheet, in any order.
    name
        Name of the cohort; what cannot be in the name of a folder becomes ``_``.

    Returns
    -------
    str
        YAML with a comment behind every guess; it can be run as it is if the guesses are right.

    Raises
    ------
    MissingInputError
        When a file does not exist.
    ConfigError
        When no file contains values.
    """
    name = plain_name(name, "cohort")
    paths = [require_file(path) for path in files]
    sets = [path for path in paths if ".gmt" in path.suffixes]
    others = [path for path in paths if path not in sets]
    lists = {path: n for path in others if (n := _names_in(path))}
    sheets = [path for path in others if path not in lists and _is_sheet(path)]
    data = [path for path in others if path not in lists and path not in sheets]
    if not data:
        raise ConfigError("none of the files contains values: expected a table of numbers, an h5ad or an h5mu file")
    known = read_gmt(sets[0]) if sets else None
    if known is not None:
        described = _describing(data, known.all_members)
        sheets, data = [*sheets, *described], [path for path in data if path not in described]
    lines = [
        "# Written by 'pathfa init'. Lines marked GUESS were inferred from the files: check them.",
        "# Every option of a view: pathfa.data.io.settings.ViewOptions.",
        f"title: {_text(name)}",
        f"output: {_text(f'results/{name}')}",
        "",
        "cohorts:",
        f"  {_text(name)}:",
    ]
    whole = [path for path in data if path.suffix.lower() == ".h5mu"]
    if whole:
        lines.append(f"    mudata: {_text(whole[0])}")
    else:
        tables = read_sheets(sheets)
        guesses = [_guess(path, known, tables, lists) for path in data]
        joined = {path for guess in guesses for path in guess.tables}
        sheets = [path for path in sheets if path not in joined]
        rule = _rule(guesses)
        lines.append("    views:")
        for guess in guesses:
            lines += [f"      {_text(guess.name)}:", f"        path: {_text(guess.path)}"]
            lines += [f"        {line}" for line in (*guess.lines, *rule)]
    if sheets:
        lines += [f"    samples: {_text(sheets[0])}  # GUESS: the sample sheet", f"    covariates: {_text(sheets[0])}"]
    else:
        lines.append("    # samples: sample_sheet.tsv  # covariates, one sample a row")
    lines += ["", "gene_sets:"]
    if sets:
        lines += [f"  {_text(collection_name(path))}: {_text(path)}" for path in sets]
    else:
        lines.append("  hallmark: h.all.v2024.1.Hs.symbols.gmt  # change this to the path of your GMT file")
    return "\n".join([*lines, "", "runs:", "  main:", "    seed: 0", ""])


def _text(value: object) -> str:
    """Return a value as a YAML scalar, quoted where needed."""
    text = yaml.safe_dump(str(value), default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n...\n").strip()


def _comment(text: str) -> str:
    """Return text that stays on its line."""
    return " ".join(text.split())


def _is_table(path: Path) -> bool:
    return not (path.is_dir() or path.suffix.lower() in (".h5ad", ".h5mu") or ".mtx" in path.suffixes)


def _is_sheet(path: Path) -> bool:
    """Whether a table describes samples: by its name, or because it contains text."""
    if not _is_table(path):
        return False
    if _SHEET.search(path.name):
        return True
    try:
        read_numbers(path)
    except InputError as reason:
        return any(item.code == "non-numeric" and item.fix != DECIMAL_COMMAS for item in reason.findings)
    return False


def _describing(paths: Sequence[Path], genes: Collection[str]) -> list[Path]:
    """Return the tables of numbers that describe the samples of the others."""
    tables = {}
    for path in paths:
        if _is_table(path):
            with suppress(InputError):  # its errors are reported where it is read as a view
                tables[path] = read_numbers(path)
    return [
        path
        for path, table in tables.items()
        if describes_samples(table, [other for beside, other in tables.items() if beside != path], genes)
    ]


def _names_in(path: Path) -> int:
    """Return the number of names in a file that only lists them, one a line; 0 for any other file."""
    if not _is_table(path):
        return 0
    try:
        rows = read_text(path)[0].split("\n")
    except InputError:
        return 0
    return 0 if any(mark in rows[0] for mark in "\t,; ") else sum(bool(row.strip()) for row in rows)


def _guess(
    path: Path, known: GeneSets | None, tables: Mapping[Path, pd.DataFrame], lists: Mapping[Path, int]
) -> _Guess:
    """Read one view as it is, and say what it looks like."""
    name = re.sub(r"[^A-Za-z0-9-]+", "_", path.name.split(".")[0]).strip("_-") or "view"
    if path.suffix.lower() == ".h5ad":
        layers = ", ".join(getattr(read_container(path), "layers", {}))
        line = f"# layer: NAME  # its layers: {_comment(layers)}"
        return _Guess(name=name, path=path, lines=[line] if layers else [])
    first = []
    options: dict[str, object] = {"duplicates": "first"}
    genes = frozenset(known.all_members) if known is not None else frozenset()
    try:
        if ".mtx" in path.suffixes and not path.is_dir():
            options |= (beside := _names_beside(path, lists))
            first = [f"{option}: {_text(file)}  # GUESS: it has as many names" for option, file in beside.items()]
        elif _has_samples_in_rows(path, tables, genes):
            options["samples_in"] = "rows"
            first = ["samples_in: rows  # GUESS: the names of its rows are in the sample sheet"]
        cohort = as_cohort(read_cohort({name: path}, options={name: options}, gene_sets=known))
        in_rows = [finding for finding in cohort.findings if finding.code == IN_ROWS]
        first += [f"samples_in: rows  # GUESS: {_comment(finding.found)}" for finding in in_rows]
        repeated = sum(finding.count or 0 for finding in cohort.findings if finding.code == "duplicates-merged")
        view = cohort.views[0]
    except InputError as reason:
        problems = [str(item) for item in reason.findings if item.severity is Severity.ERROR] or [str(reason)]
        return _Guess(name=name, path=path, lines=[f"# PROBLEM: {_comment(problem)}" for problem in problems[:5]])
    joins, used = _joins(view, tables, genes)
    lines = [*first, *_lines(view, repeated, translated="id_table" in " ".join(joins)), *joins]
    return _Guess(name=name, path=path, lines=lines, view=view, tables=used)


def _names_beside(path: Path, lists: Mapping[Path, int]) -> dict[str, str]:
    """Return the lists with as many names as a bare MTX file has rows and columns."""
    try:
        n_features, n_samples = mminfo(path)[:2]
    except (ValueError, OSError, EOFError):
        return {}
    sizes = (("features_file", n_features), ("samples_file", n_samples))
    return {option: str(file) for option, size in sizes for file, n in lists.items() if n == size}


def _has_samples_in_rows(path: Path, tables: Mapping[Path, pd.DataFrame], genes: frozenset[str]) -> bool:
    """Whether the tables beside it say that the samples are in the rows of a table."""
    if path.is_dir() or not tables:
        return False
    table = read_numbers(path)
    if guess_id_type(table.rows)[0] in _TRANSLATED or table.rows.isin(genes).mean() > 0.05:
        return False
    names = {name for sheet in tables.values() for name in (*sheet.index, *sheet.columns)}
    return bool(table.rows.isin(names).mean() > max(0.3, table.columns.isin(names).mean()))


def _joins(view: View, tables: Mapping[Path, pd.DataFrame], genes: frozenset[str]) -> tuple[list[str], list[Path]]:
    """Return the lines that translate features and join samples through the tables, and the tables used."""
    lines, used = [], []
    found = (
        ("id", feature_join(view.features, tables, genes), "genes of the gene sets"),
        ("sample", sample_join(view.samples, tables), "samples of the sheet"),
    )
    for names, join, what in found:
        if join is not None:
            used.append(join.path)
            lines.append(f"{names}_table: {_text(join.path)}  # GUESS: leads to {join.n_known} {what}")
            lines += [] if join.key is None else [f"{names}_key: {_text(join.key)}"]
            lines.append(f"{names}_column: {_text(join.column)}")
    return lines, used


def _lines(view: View, merged: int, *, translated: bool) -> list[str]:
    summary = summarise(view)
    pattern = _affix(list(view.features))
    cut = ViewOptions() if pattern is None else ViewOptions.from_mapping({pattern[0]: pattern[1]})
    names = pd.Index(strip_affixes(view.features, cut), dtype=object)
    kind, sure = guess_id_type(names)
    such = _comment(", ".join(names[:2]))
    lines = [] if pattern is None else [f"{pattern[0]}: {_text(pattern[1])}  # GUESS: shared by all names"]
    lines += [
        f"kind: {summary.kind}  # GUESS: {summary}, {summary.missing:.0%} missing",
        f"id_type: {kind}  # GUESS: {sure:.0%} of the names look so, such as {such}",
    ]
    if kind in _TRANSLATED and not translated:
        lines.append("# id_table: hgnc_complete_set.txt  # a table that translates the ids to those of the gene sets")
    repeated = merged + names[names.duplicated() & ~names.isin(MISSING)].nunique()
    if summary.kind is not ValueKind.COUNTS and (repeated or translated):
        why = f"{count(repeated, 'name', 'occur')} more than once" if repeated else "several ids may share a name"
        lines.append(f"duplicates: most_complete  # GUESS: {why}")
    if summary.kind is not ValueKind.COUNTS and zeros_stand_apart(view, summary):
        lines.append(f"# zero_is_missing: true  # {summary.zeros:.0%} exact zeros: do they mean not detected?")
    return lines


def _affix(names: Sequence[str]) -> tuple[str, str] | None:
    """Return a prefix or suffix that all names share, as an option with its regular expression."""
    if len(names) <= 10:
        return None
    if cut := re.match(r".*[_:.|-]", _common(names)):
        return "strip_prefix", re.escape(cut[0])
    if cut := re.search(r"[_:.|-].*", _common([name[::-1] for name in names])[::-1]):
        numbered = all(re.search(rf"_\d+{re.escape(cut[0])}$", name) for name in names)
        return "strip_suffix", (r"_\d+" if numbered else "") + re.escape(cut[0])
    return None


def _common(names: Sequence[str]) -> str:
    """Return the beginning that all names share."""
    return commonprefix(names)  # noqa: RUF071 - characters are what is compared here


def _rule(guesses: Sequence[_Guess]) -> list[str]:
    """Return the line with the rule that joins the first two views, if they share no sample."""
    views = [guess.view for guess in guesses if guess.view is not None]
    if len(views) < 2 or views[0].samples.isin(views[1].samples).any():
        return []
    rule = best_rule(views[0].samples, views[1].samples)
    return [] if rule is None else [f"sample_rule: {rule[0]}  # GUESS: joins the samples of the views"]
