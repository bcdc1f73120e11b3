"""A commented configuration made from files, with guesses that the user confirms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from pathfa.data.check_values import zeros_stand_apart
from pathfa.data.cohort import as_cohort
from pathfa.data.containers import read_container
from pathfa.data.files import require_file
from pathfa.data.gene_sets import GeneSets
from pathfa.data.gmt import read_gmt
from pathfa.data.ids import guess_id_type
from pathfa.data.read import read_cohort
from pathfa.data.samples import best_rule
from pathfa.data.scale import summarise
from pathfa.data.settings import IdType, Kind, SampleRule
from pathfa.data.tables import read_numbers, read_sheet
from pathfa.data.views import View
from pathfa.errors import ConfigError, InputError

_SHEET = re.compile(r"sample|clinic|pheno|covariate|metadata|coldata|annotation|\.tsi", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Guess:
    """What is guessed about one table: its lines of the configuration."""

    name: str
    path: Path
    view: View | None
    lines: tuple[str, ...]


def guess_config(files: Sequence[str | Path], *, name: str = "cohort") -> str:
    """Return the text of a configuration for some files.

    Parameters
    ----------
    files
        Tables (one per view), h5ad or h5mu files, MTX folders, GMT files and a sample sheet, in any order.
    name
        Name of the cohort.

    Returns
    -------
    str
        YAML with a comment behind every guess; it can be run as it is if the guesses are right.

    Raises
    ------
    MissingInputError
        When a file does not exist.
    ConfigError
        When no file holds values.
    """
    paths = [require_file(path) for path in files]
    sets = [path for path in paths if ".gmt" in path.suffixes]
    sheets = [path for path in paths if path not in sets and _is_sheet(path)]
    data = [path for path in paths if path not in sets and path not in sheets]
    if not data:
        raise ConfigError("none of the files holds values: expected a table of numbers, an h5ad or an h5mu file")
    known = read_gmt(sets[0]) if sets else None
    lines = [
        "# Written by 'pathfa init'. Lines marked GUESS were told from the files: check them.",
        "# Every option of a view: pathfa.data.settings.ViewOptions.",
        f"title: {_text(name)}",
        f"output: {_text(f'results/{name}')}",
        "",
        "cohorts:",
        f"  {_text(name)}:",
    ]
    whole = [path for path in data if _is_cohort(path)]
    if whole:
        lines.append(f"    mudata: {_text(whole[0])}")
    else:
        guesses = [_guess(path, known, sheets) for path in data]
        rule = _rule(guesses)
        lines.append("    views:")
        for guess in guesses:
            lines += [f"      {_text(guess.name)}:", f"        path: {_text(guess.path)}"]
            lines += [f"        {line}" for line in guess.lines]
            if rule is not None:
                lines.append(f"        sample_rule: {rule}  # GUESS: joins the samples of the views")
    if sheets:
        lines += [f"    samples: {_text(sheets[0])}  # GUESS: the sample sheet", f"    covariates: {_text(sheets[0])}"]
    else:
        lines.append("    # samples: sample_sheet.tsv  # covariates, one sample a row")
    lines += ["", "gene_sets:"]
    if sets:
        lines += [f"  {_text(path.name.split('.gmt')[0])}: {_text(path)}" for path in sets]
    else:
        lines.append("  hallmark: h.all.v2024.1.Hs.symbols.gmt  # TODO: the path of a GMT file")
    return "\n".join([*lines, "", "runs:", "  main:", "    seed: 0", ""])


def _text(value: object) -> str:
    """Return a value as a YAML scalar, quoted where needed."""
    text = yaml.safe_dump(str(value), default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n...\n").strip()


def _comment(text: str) -> str:
    """Return text that stays on its line."""
    return " ".join(text.split())


def _is_cohort(path: Path) -> bool:
    return path.suffix.lower() == ".h5mu"


def _is_sheet(path: Path) -> bool:
    """Whether a table describes samples: by its name, or because it holds text."""
    if path.is_dir() or path.suffix.lower() in (".h5ad", ".h5mu") or ".mtx" in path.suffixes:
        return False
    if _SHEET.search(path.name):
        return True
    try:
        read_numbers(path)
    except InputError as reason:
        return any(finding.code == "non-numeric" for finding in reason.findings)
    return False


def _guess(path: Path, known: GeneSets | None, sheets: Sequence[Path]) -> _Guess:
    """Read one view as it is, and say what it looks like."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", path.name.split(".")[0]) or "view"
    if path.suffix.lower() == ".h5ad":
        layers = ", ".join(getattr(read_container(path), "layers", {}))
        line = (f"# layer: NAME  # its layers: {_comment(layers)}",) if layers else ()
        return _Guess(name=name, path=path, view=None, lines=line)
    try:
        turned = _is_turned(path, sheets)
        options = {"duplicates": "first", "samples_in": "rows" if turned else "auto"}
        view = as_cohort(read_cohort({name: path}, options={name: options}, gene_sets=known)).views[0]
    except InputError as reason:
        problems = [str(finding) for finding in reason.findings] or [str(reason)]
        return _Guess(name=name, path=path, view=None, lines=tuple(f"# PROBLEM: {_comment(p)}" for p in problems[:5]))
    first = ["samples_in: rows  # GUESS: the names of its rows are in the sample sheet"] if turned else []
    return _Guess(name=name, path=path, view=view, lines=tuple(first + _lines(view)))


def _is_turned(path: Path, sheets: Sequence[Path]) -> bool:
    """Whether the sheet says that the samples are in the rows of a table."""
    if path.is_dir() or ".mtx" in path.suffixes or not sheets:
        return False
    sheet, table = read_sheet(sheets[0]), read_numbers(path)
    names = set(sheet.index) | set(sheet.columns)
    return bool(table.rows.isin(names).mean() > max(0.3, table.columns.isin(names).mean()))


def _lines(view: View) -> list[str]:
    summary = summarise(view)
    kind, sure = guess_id_type(view.features)
    such = _comment(", ".join(view.features[:2]))
    lines = [
        f"kind: {summary.kind}  # GUESS: {summary}, {summary.missing:.0%} missing",
        f"id_type: {kind}  # GUESS: {sure:.0%} of the names look so, such as {such}",
    ]
    if kind not in (IdType.SYMBOL, IdType.OTHER):
        lines.append("# id_table: hgnc_complete_set.txt  # TODO: translate the ids to those of the gene sets")
    pattern = _affix(list(view.features))
    if pattern is not None:
        lines.append(f"{pattern[0]}: {_text(pattern[1])}  # GUESS: shared by all names")
    if summary.kind is not Kind.COUNTS and zeros_stand_apart(view, summary):
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
    """Return the beginning that all names share: that of the first and last in order."""
    first, last = min(names), max(names)
    same = [i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b]
    return first[: same[0]] if same else min(first, last, key=len)


def _rule(guesses: Sequence[_Guess]) -> SampleRule | None:
    """Return the rule that joins the first two views if they share no sample."""
    views = [guess.view for guess in guesses if guess.view is not None]
    if len(views) < 2 or views[0].samples.isin(views[1].samples).any():
        return None
    rule = best_rule(views[0].samples, views[1].samples)
    return None if rule is None else rule[0]
