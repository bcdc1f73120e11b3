"""The lines of one view in a configuration: what its file looks like."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from pathlib import Path

import pandas as pd
import yaml
from scipy.io import mminfo

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, Severity
from pathfa.core.text import count
from pathfa.data.cohort.align import as_cohort
from pathfa.data.cohort.orientation import IN_ROWS
from pathfa.data.cohort.read import read_cohort
from pathfa.data.cohort.views import Cohort, View
from pathfa.data.identifiers.features import cut_to_members, strip_affixes
from pathfa.data.identifiers.ids import guess_id_type
from pathfa.data.identifiers.samples import feature_join, sample_join
from pathfa.data.io.cells import MISSING
from pathfa.data.io.containers import layer_names, read_container
from pathfa.data.io.presets import presets
from pathfa.data.io.settings import IdType, ValueKind, ViewOptions
from pathfa.data.io.tables import read_numbers
from pathfa.data.preprocess.scale import summarise
from pathfa.data.validation.apart import odd_features
from pathfa.data.validation.values import zeros_stand_apart
from pathfa.workflow.guess.files import Files
from pathfa.workflow.guess.yaml_lines import comment, scalar

_LARGE, _FEATURES = 5_000_000, 3000  # values from which a view is reduced to so many features
_TRANSLATED = (IdType.ENSEMBL, IdType.REFSEQ, IdType.UNIPROT, IdType.ENTREZ)


@dataclass(frozen=True, kw_only=True, eq=False)
class GuessedView:
    """What is guessed about one view: its lines of the configuration, and the tables that they name."""

    name: str
    path: Path
    lines: Sequence[str]
    view: View | None = None
    tables: Sequence[Path] = ()
    n_genes: int = 0  # features that are members of gene sets, or genes, once their names are cut and translated


def guess_view(name: str, path: Path, files: Files, given: Mapping[str, object]) -> GuessedView:
    """Read one view as it is, and say what it looks like.

    Parameters
    ----------
    name, path
        The view and its file.
    files
        What the other files are.
    given
        Options that the user has given, which are not guessed.
    """
    told = [f"{option}: {_value(value)}" for option, value in given.items()]
    if path.suffix.lower() == ".h5ad":
        layers = ", ".join(layer_names(read_container(path)))
        told += [f"# layer: NAME  # its layers: {comment(layers)}"] if layers else []
    first = []
    options: dict[str, object] = {"duplicates": "first", **given}
    genes = files.genes
    try:
        if ".mtx" in path.suffixes and not path.is_dir():
            options |= (beside := _names_beside(path, files.lists))
            first = [f"{option}: {scalar(file)}  # GUESS: it has as many names" for option, file in beside.items()]
        elif "samples_in" not in given and _has_samples_in_rows(path, files, genes):
            options["samples_in"] = "rows"
            first = ["samples_in: rows  # GUESS: the names of its rows are in the sample sheet"]
        cohort = _read(name, path, files, options, given)
    except InputError as reason:
        problems = [str(item) for item in reason.findings if item.severity is Severity.ERROR] or [str(reason)]
        lines = [f"# PROBLEM: {comment(problem)}" for problem in problems[:5]]
        return GuessedView(name=name, path=path, lines=[*told, *lines])
    view = cohort.views[0]
    lines, repeated = _from_findings((*cohort.findings, *odd_features(view, genes)))
    joins, used = _joins(view, files.sheets, genes)
    preset = format_of_findings(cohort.findings)
    translated = "id_table" in " ".join(joins)
    about, names = _lines(view, repeated, bool(preset), genes, translated=translated)
    every = [*first, *lines, *about, *joins]
    kept = [line for line in every if line.lstrip("# ").partition(":")[0] not in given]
    of_genes = translated or guess_id_type(names)[0] in _TRANSLATED  # to be translated: nothing else makes them meet
    n_genes = len(names) if of_genes else int(names.isin(genes).sum())
    return GuessedView(name=name, path=path, lines=[*told, *kept], view=view, tables=used, n_genes=n_genes)


def _read(name: str, path: Path, files: Files, options: Mapping[str, object], given: Mapping[str, object]) -> Cohort:
    """Return a cohort of one view, of the table that was read already where no option says how to read it."""
    sets = [files.genes] if files.genes else None
    table = files.tables.get(path)
    if table is None or given:
        return as_cohort(read_cohort({name: path}, options={name: options}, gene_sets=sets))
    again = replace(table, options=ViewOptions(**{**vars(table.options), **options}))
    return as_cohort(read_cohort({name: again}, gene_sets=sets))


def _value(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("\n...\n").strip()


def format_of_findings(findings: Sequence[Finding]) -> str:
    """Return the name of the format that was recognised when a table was read; nothing if none was."""
    said = next((finding.found for finding in findings if finding.code == "format"), "")
    return next((preset.format for preset in presets() if preset.source in said), "") if said else ""


def _from_findings(findings: Sequence[Finding]) -> tuple[list[str], int]:
    """Return the lines that say what was recognised when a view was read, and how many names occur more than once."""
    lines = []
    for finding in findings:
        if finding.code == "format":
            asks = finding.fix.partition("(")[2].rstrip(")")
            lines.append(f"format: {format_of_findings([finding])}  # GUESS: {comment(finding.found)}")
            lines += [f"# {comment(asks)}"] if asks else []
        elif finding.code == "files-joined":
            lines.append(f"# {comment(finding.found)}: sample_pattern names them in another way")
        elif finding.code == IN_ROWS:
            lines.append(f"samples_in: rows  # GUESS: {comment(finding.found)}")
        elif finding.code == "better-names":
            option, _, column = finding.fix.removeprefix("set ").partition(": ")
            lines.append(f"{option}: {scalar(column)}  # GUESS: {comment(finding.found)}")
        elif finding.code == "odd-features":
            columns = finding.fix.removeprefix("set ").partition("]")[0]
            lines.append(f"# {comment(columns)}]  # {comment(finding.found)}")
        elif finding.code == "odd-sample":
            lines.append(f"# drop_columns: [{scalar(finding.examples[0])}]  # {comment(finding.found)}")
    return lines, sum(finding.count or 0 for finding in findings if finding.code == "duplicates-merged")


def _names_beside(path: Path, lists: Mapping[Path, int]) -> dict[str, str]:
    """Return the lists with as many names as a bare MTX file has rows and columns."""
    try:
        n_features, n_samples = mminfo(path)[:2]
    except (ValueError, OSError, EOFError):
        return {}
    sizes = (("features_file", n_features), ("samples_file", n_samples))
    return {option: str(file) for option, size in sizes for file, n in lists.items() if n == size}


def _has_samples_in_rows(path: Path, files: Files, genes: frozenset[str]) -> bool:
    """Whether the tables beside it say that the samples are in the rows of a table."""
    if not path.is_file() or not files.sheets:
        return False
    table = files.tables.get(path) or read_numbers(path)
    if guess_id_type(table.rows)[0] in _TRANSLATED or table.rows.isin(genes).mean() > 0.05:
        return False
    names = {name for sheet in files.sheets.values() for name in (*sheet.index, *sheet.columns)}
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
            lines.append(f"{names}_table: {scalar(join.path)}  # GUESS: leads to {join.n_known} {what}")
            lines += [] if join.key is None else [f"{names}_key: {scalar(join.key)}"]
            lines.append(f"{names}_column: {scalar(join.column)}")
    return lines, used


def _lines(
    view: View, merged: int, recognised: bool, genes: Collection[str], *, translated: bool
) -> tuple[list[str], pd.Index]:
    """Return the lines about kind, names and duplicates, and the names once they are cut.

    A recognised format has said kind and duplicates.
    """
    summary = summarise(view)
    pattern = _affix(list(view.features))
    if pattern is None and genes and not translated and (cut := cut_to_members(view.features, genes)) is not None:
        pattern = cut
    stripped = ViewOptions() if pattern is None else ViewOptions.from_mapping({pattern[0]: pattern[1]})
    names = pd.Index(strip_affixes(view.features, stripped), dtype=object)
    kind, sure = guess_id_type(names)
    such = comment(", ".join(names[:2]))
    lines = [] if pattern is None else [f"{pattern[0]}: {scalar(pattern[1])}  # GUESS: cut from the names"]
    if not recognised or view.kind == ValueKind.AUTO:
        lines.append(f"kind: {summary.kind}  # GUESS: {summary}, {summary.missing:.0%} missing")
    lines.append(f"id_type: {kind}  # GUESS: {sure:.0%} of the names look so, such as {such}")
    if view.n_present * len(names) > _LARGE and len(names) > _FEATURES:
        size = f"{len(names):,} features of {count(view.n_present, 'sample')}"
        lines.append(f"max_features: {_FEATURES}  # GUESS: those that vary most; a fit of {size} takes long")
    if kind in _TRANSLATED and not translated:
        lines.append("# id_table: hgnc_complete_set.txt  # a table that translates the ids to those of the gene sets")
    repeated = merged + names[names.duplicated() & ~names.isin(MISSING)].nunique()
    if summary.kind is not ValueKind.COUNTS and (repeated or translated) and not recognised:
        why = f"{count(repeated, 'name', 'occur')} more than once" if repeated else "several ids may share a name"
        lines.append(f"duplicates: most_complete  # GUESS: {why}")
    if summary.kind is not ValueKind.COUNTS and not recognised and zeros_stand_apart(view, summary):
        lines.append(f"# zero_is_missing: true  # {summary.zeros:.0%} exact zeros: do they mean not detected?")
    return lines, names


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
