"""A commented configuration made from files, with guesses that the user confirms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.files import require_file, top_of
from pathfa.core.text import collection_name, count, plain_name
from pathfa.data.gene_sets.libraries import is_library
from pathfa.data.io.sheet import load_sheet, oriented
from pathfa.workflow.guess.files import Files, main_sheet, sort_files
from pathfa.workflow.guess.joining import rule_lines, unjoined
from pathfa.workflow.guess.roles import role_lines
from pathfa.workflow.guess.view import GuessedView, guess_view
from pathfa.workflow.guess.yaml_lines import comment, scalar

NOT_USED = "NOT USED:"
"""What stands before a file of which nothing is made."""
_CHECKS = "# checks: [heldout, uninformed, decoys, stability]  # each refits the model many times to see what holds"
_MANY = 3000  # gene sets from which a fit takes long
_FEWEST = 10  # features in gene sets that the gate asks of a view unless it is told otherwise


def guess_config(
    files: Sequence[str | Path],
    *,
    name: str = "cohort",
    views: Mapping[str, Mapping[str, Any]] | None = None,
    samples: str | Path | None = None,
    gene_sets: Sequence[str | Path] = (),
) -> str:
    """Return the text of a configuration for some files.

    Parameters
    ----------
    files
        Tables (one per view, or one per sample), h5ad or h5mu files, MTX folders, gene sets and a sample sheet, in any
        order.
    name
        Name of the cohort; what cannot be in the name of a folder becomes ``_``.
    views
        Views that are known: by name their options, ``path`` among them.
    samples
        The sample sheet, if it is known.
    gene_sets
        Files or names of collections that are known to be gene sets.

    Returns
    -------
    str
        YAML with a comment behind every guess; it can be run as it is if the guesses are right. Every file is in it, if
        only in a line that says why it is not used.

    Raises
    ------
    MissingInputError
        When a file does not exist.
    ConfigError
        When no file contains values.
    """
    name, views = plain_name(name, "cohort"), views or {}
    named = {view: require_file(entry["path"]) for view, entry in views.items()}
    libraries = [str(item) for item in gene_sets if is_library(item)]
    known = [require_file(path) for path in (*gene_sets, *([samples] if samples else ())) if str(path) not in libraries]
    paths = dict.fromkeys([*named.values(), *(require_file(path) for path in files), *known])
    found = sort_files(list(paths), set(named.values()))
    if samples is not None:
        _declare(found, Path(samples))
    if not found.data and not found.whole:
        raise ConfigError("none of the files contains values: expected a table of numbers, an h5ad or an h5mu file")
    guesses = [] if found.whole else _guesses(found, named, views)
    for guess in unjoined(guesses, list(named)):
        found.unused[guess.path] = "none of its samples is in another view; name it with --view to use it all the same"
        guesses.remove(guess)
    sheet = _the_sheet(found, guesses, samples)
    lines = [
        "# Written by 'pathfa init'. Lines marked GUESS were inferred from the files: check them.",
        "# Every option of a view: https://pathfa.readthedocs.io/en/latest/reference/configuration.html",
        f"title: {scalar(name)}",
        f"output: {scalar(f'results/{name}')}",
        "",
        "cohorts:",
        f"  {scalar(name)}:",
        f"    title: {scalar(name)}",
        *_view_lines(found, guesses),
        *_sheet_lines(sheet),
        *_unused(found, guesses, sheet),
        "",
        *_gene_set_lines(found, libraries),
        "",
        *_roles(sheet, guesses),
        "",
        *_gate(found, guesses),
        _CHECKS,
    ]
    return "\n".join([*lines, "", "runs:", "  main:", "    seed: 0", ""])


def _declare(found: Files, samples: Path) -> None:
    """Take a table for the sample sheet, whatever it looks like."""
    if samples in found.data:
        found.data.remove(samples)
    if samples not in found.sheets:
        found.unused.pop(samples, None)
        found.sheets[samples] = load_sheet(samples)


def _guesses(found: Files, named: Mapping[str, Path], views: Mapping[str, Mapping[str, Any]]) -> list[GuessedView]:
    by_path = {path: view for view, path in named.items()}
    taken = set(named)
    guesses = []
    for path in found.data:
        view = by_path.get(path) or _free_name(path, taken)
        taken.add(view)
        given = {option: value for option, value in views.get(view, {}).items() if option != "path"}
        guesses.append(guess_view(view, path, found, given))
    return guesses


def _free_name(path: Path, taken: set[str]) -> str:
    """Return the name of a file as that of a view, with a number where another view is called so."""
    stem = (path if path.exists() else top_of(path).resolve()).name.split(".")[0]
    name = re.sub(r"[^A-Za-z0-9-]+", "_", stem).strip("_-") or "view"
    names = (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def _the_sheet(
    found: Files, guesses: Sequence[GuessedView], samples: str | Path | None
) -> tuple[Path, pd.DataFrame] | None:
    """Return the sample sheet, samples in rows."""
    joined = {path for guess in guesses for path in guess.tables}
    free = {path: sheet for path, sheet in found.sheets.items() if path not in joined}
    known = {name for guess in guesses if guess.view is not None for name in guess.view.samples}
    path = Path(samples) if samples is not None else main_sheet(free, known)
    if path is None:
        return None
    sides = [side for guess in guesses if guess.view is not None for side in (guess.view.samples, guess.view.features)]
    try:
        return path, oriented(load_sheet(path), sides)
    except InputError as reason:
        found.unused[path] = str(reason)
        return None


def _view_lines(found: Files, guesses: Sequence[GuessedView]) -> list[str]:
    if found.whole:
        return [f"    mudata: {scalar(found.whole[0])}"]
    lines, rule = ["    views:"], rule_lines(guesses)
    for guess in guesses:
        lines += [f"      {scalar(guess.name)}:", f"        path: {scalar(guess.path)}"]
        lines += [f"        {line}" for line in (*guess.lines, *rule.get(guess.name, ()))]
    return lines


def _sheet_lines(sheet: tuple[Path, pd.DataFrame] | None) -> list[str]:
    if sheet is None:
        return ["    # samples: sample_sheet.tsv  # covariates, one sample a row"]
    path = scalar(sheet[0])
    return [f"    samples: {path}  # GUESS: the sample sheet", f"    covariates: {path}"]


def _unused(found: Files, guesses: Sequence[GuessedView], sheet: tuple[Path, pd.DataFrame] | None) -> list[str]:
    """Return a line for every file that is not in the configuration, with the reason."""
    said = "\n".join(line for guess in guesses for line in guess.lines)
    reasons = dict(found.unused)
    if found.whole:
        reasons |= dict.fromkeys([*found.whole[1:], *found.data], "the cohort is read from one file already")
    for path in found.sheets:
        joined = any(path in guess.tables for guess in guesses)
        if not joined and (sheet is None or path != sheet[0]):
            reasons.setdefault(path, "a table of text beside the sample sheet; join the two, or name it with --samples")
    for path, n in found.lists.items():
        if str(path) not in said:
            reasons[path] = f"a list of {count(n, 'name')}, as no matrix here has"
    return [f"    # {NOT_USED} {comment(path)}: {comment(reason)}" for path, reason in reasons.items()]


def _gene_set_lines(found: Files, libraries: Sequence[str]) -> list[str]:
    paths = [*map(str, found.sets), *libraries]
    lines = []
    for path in paths:
        lines.append(f"  {scalar(collection_name(path))}: {scalar(path)}")
        n = len(found.sets.get(Path(path), ()))
        if n > _MANY:
            advice = "{path: ..., min_size: 15, max_size: 200} keeps fewer"
            lines.append(f"  # {count(n, 'gene set')}: a fit takes long; {advice}")
    if not lines:
        lines = ["  hallmark: msigdb:h.all  # downloaded by name; or the path of a file: GMT, JSON, GMX, GRP, a table"]
    return ["gene_sets:", *lines]


def _roles(sheet: tuple[Path, pd.DataFrame] | None, guesses: Sequence[GuessedView]) -> list[str]:
    if sheet is None:
        return ["# covariates:", "#   technical: []  # such as the batch"]
    known = {name for guess in guesses if guess.view is not None for name in guess.view.samples}
    rows = sheet[1]
    return role_lines(rows[rows.index.isin(known)] if rows.index.isin(known).any() else rows)


def _gate(found: Files, guesses: Sequence[GuessedView]) -> list[str]:
    """Return the lines that let a view pass the gate that is not made of genes."""
    read = [guess for guess in guesses if guess.view is not None]
    few = [guess.name for guess in read if guess.n_genes < _FEWEST] if found.genes else []
    if not few or len(few) == len(guesses):
        return []
    return ["gate:", f"  min_features: 0  # GUESS: {', '.join(few)} is not made of the genes of the gene sets", ""]
