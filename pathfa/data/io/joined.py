"""Several tables as one view: those of a folder or a pattern, such as the files that some programs write per sample."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from os.path import commonprefix
from pathlib import Path

import numpy as np
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.files import matching, top_of
from pathfa.core.findings import Finding, note, repaired
from pathfa.core.text import count, part_of
from pathfa.data.io.numbers import NumericTable
from pathfa.data.io.presets import presets
from pathfa.data.io.roles import sample_name
from pathfa.data.io.settings import SamplesIn, ViewOptions
from pathfa.data.io.tables import read_numbers

_ALIKE = re.compile(r"[._/-][A-Za-z].*")  # the end of all names, from where it can be no part of that of a sample


def read_joined(path: str | Path, options: ViewOptions) -> NumericTable:
    """Read the files of a folder, or those that match a pattern, as one table.

    Samples are called as the columns of values. Where each file has one, and it is called alike in several of them, a
    file is a sample, which is called after it: by ``sample_pattern``, by how its program calls its files, or by what is
    not alike in the names of all.

    Parameters
    ----------
    path
        The folder, or a path with ``*``, ``?``, ``[...]`` or ``**`` in it.
    options
        How each of the files is read, as for :func:`pathfa.data.io.tables.read_numbers`.

    Returns
    -------
    NumericTable
        Features in rows. A value is missing where a file lacks the feature.

    Raises
    ------
    InputError
        When there is no such file, one cannot be read or is of another kind than the first, or samples share a name.
    """
    path = Path(path)
    names, said = _files(path)
    if not names:
        raise InputError.of("no-files", "no file is there", "a table per sample", "correct the path", place=path)
    first = read_numbers(names[0][1], options)
    of_files = first.options.sample_pattern  # None where a column matched it
    if of_files is not None:
        options = replace(options, sample_pattern=None)
        first = read_numbers(names[0][1], options)
    tables = [first, *(read_numbers(file, options) for _, file in names[1:])]
    columns, kept = _columns(tables, [name for name, _ in names], of_files, path)
    said += _merged([tables[at] for at in kept])
    keys = [_keys(tables[at].rows) for at in kept]
    every = keys[0]
    for key in keys[1:]:
        every = every if key.equals(every) else every.append(key).unique()
    values = np.full((len(every), len(columns)), np.nan)
    measured = np.zeros(len(every), dtype=int)
    done = 0
    for at, key in zip(kept, keys, strict=True):
        rows, block = every.get_indexer(key), tables[at].values
        values[rows, done : done + block.shape[1]] = block
        measured[rows] += 1
        done += block.shape[1]
    found = (
        f"{count(len(kept), 'file', 'were')} joined to {count(len(columns), 'sample')}, called {columns[0]!r} and so on"
    )
    fix = "set sample_pattern to a regular expression of the names of the files or columns; its group is the sample"
    said.append(repaired("files-joined", found, fix=fix, place=path, items=[names[at][0] for at in kept]))
    if n_partial := int((measured < len(keys)).sum()):
        found = f"{part_of(n_partial, len(every), 'row', 'are')} not in every file: missing where they are not"
        said.append(note("partial-files", found, place=path))
    return NumericTable(
        rows=pd.Index(every.get_level_values(0), dtype=object),
        columns=columns,
        values=values,
        findings=tuple(said),
        options=replace(tables[kept[0]].options, samples_in=SamplesIn.COLUMNS, sample_pattern=None),
        described=tables[kept[0]].described.set_axis(keys[0]).reindex(every).reset_index(drop=True),
    )


def _files(path: Path) -> tuple[list[tuple[str, Path]], list[Finding]]:
    """Return files with their names below the folder; of a folder those of a known program if it has any."""
    folder = path.is_dir()
    files = [file for file in matching(path / "**" / "*" if folder else path) if file.is_file()]
    names = [(file.relative_to(top_of(path)).as_posix(), file) for file in files]
    known = [(name, file) for name, file in names if _by_program(name) is not None]
    if not folder or not known or len(known) == len(names):
        return names, []
    others = [name for name, _ in names if _by_program(name) is None]
    found = f"{count(len(others), 'file', 'are')} not called as those with values: left out"
    fix = "name the files of the view by a pattern, such as 'FOLDER/**/*.tsv'"
    return known, [repaired("other-files", found, fix=fix, place=path, items=others)]


def _by_program(name: str) -> str | None:
    """Return the sample of a file that is called as some program calls its files, one per sample."""
    found = (sample_name(preset.sample_file, name) for preset in presets() if preset.sample_file)
    return next((sample for sample in found if sample is not None), None)


def _columns(
    tables: Sequence[NumericTable], files: Sequence[str], pattern: str | None, path: Path
) -> tuple[pd.Index, list[int]]:
    """Return the names of all samples, and the tables that have them."""
    kept, samples = list(range(len(tables))), [name for table in tables for name in table.columns]
    single = all(len(table.columns) == 1 for table in tables)
    if single and (pattern is not None or len(set(samples)) < len(samples) or len(tables) == 1):
        called = _called(files, pattern)
        kept = [at for at in kept if called[at] is not None]
        samples = [name for name in called if name is not None]
        if not samples:
            found, fix = f"no file matches sample_pattern {pattern!r}", "correct it; it must match whole names"
            raise InputError.of("no-samples", found, fix=fix, place=path, examples=files)
    elif pattern is not None:
        found, fix = f"no column matches sample_pattern {pattern!r}", "correct it; it must match whole names"
        raise InputError.of("no-samples", found, fix=fix, place=path, examples=tables[0].columns)
    if repeated := [name for name, n in Counter(samples).items() if n > 1]:
        found = f"{count(len(repeated), 'column', 'have')} the same name in several files"
        fix = "name those that are no samples in drop_columns: a file with one column is a sample"
        if single:
            found = f"{count(len(repeated), 'sample', 'are')} named by more than one file"
            fix = "set sample_pattern to a regular expression of the names of the files, whose group is the sample"
        raise InputError.of("duplicate-samples", found, "one per sample", fix, place=path, items=repeated)
    return pd.Index(samples, dtype=object), kept


def _called(files: Sequence[str], pattern: str | None) -> list[str | None]:
    """Return the sample of each file, None where a pattern is given that its name does not match."""
    if pattern is not None:
        return [sample_name(pattern, name) or sample_name(pattern, Path(name).name) for name in files]
    by_program = [_by_program(name) for name in files]
    if all(name is not None for name in by_program):
        return by_program
    end = commonprefix([name[::-1] for name in files])[::-1]  # noqa: RUF071 - characters are what is compared here
    alike = _ALIKE.search(end) if len(files) > 1 else _ALIKE.search(Path(files[0]).suffix)
    return [name.removesuffix(alike[0]) if alike else name for name in files]


def _keys(rows: pd.Index) -> pd.MultiIndex:
    """Return names with a number for those that occur again, so that rows of one name are joined in their order."""
    again = rows.to_series().groupby(rows.to_numpy(), sort=False).cumcount()
    return pd.MultiIndex.from_arrays([rows, again.to_numpy()])


def _merged(tables: Sequence[NumericTable]) -> list[Finding]:
    """Return the first finding of every kind, with the number of files that have it."""
    found: dict[str, list[Finding]] = {}
    for table in tables:
        for code, finding in {finding.code: finding for finding in table.findings}.items():
            found.setdefault(code, []).append(finding)
    more = {code: f" and {count(len(same) - 1, 'other file')}" if len(same) > 1 else "" for code, same in found.items()}
    return [replace(same[0], place=f"{same[0].place}{more[code]}") for code, same in found.items()]
