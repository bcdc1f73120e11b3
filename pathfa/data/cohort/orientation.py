"""Which side of a table the samples are on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from pathfa.core.findings import Finding, error, repaired, warning
from pathfa.core.text import count, inflect
from pathfa.data.identifiers.features import strip_affixes
from pathfa.data.identifiers.ids import PATTERNS, strip_versions
from pathfa.data.identifiers.samples import RULES
from pathfa.data.io.settings import IdType, SampleRule, SamplesIn, ViewOptions

IN_ROWS = "samples-in-rows"
"""Code of the finding that a table was transposed."""
TRANSPOSED = "transposed"
"""Code of the finding that a table in memory has to be."""


def transposed(view: str, rows: Collection[str]) -> Finding:
    """Return the error that the rows of a table in memory are genes, where samples are expected."""
    found, expected = "the names of the ROWS are genes", "samples in rows, features in columns"
    return error(TRANSPOSED, found, expected, "pass the transpose, table.T", view=view, examples=rows)


_SURE = 0.3  # share of the names of one side that must be recognised


def samples_in_rows(
    rows: pd.Index,
    columns: pd.Index,
    options: ViewOptions,
    known: tuple[Collection[str], Collection[str]],
    others: Mapping[str, tuple[pd.Index, pd.Index]],
    view: str,
) -> tuple[bool, list[Finding]]:
    """Tell whether the rows of a table are samples.

    Parameters
    ----------
    rows, columns
        Names on the two sides, as they are in the file.
    options
        ``samples_in``, and the patterns that are cut from names of features.
    known
        Names of samples (in the sample sheet, the sample tables, and views whose sides are known), and members of the
        gene sets.
    others
        Rows and columns of the other tables.
    view
        Name of the view, for the messages.
    """
    declared = SamplesIn(options.samples_in)
    evidence = _evidence(rows, columns, options, known)
    if declared is not SamplesIn.AUTO:
        in_rows = declared is SamplesIn.ROWS
        if evidence is not None and evidence[0] != in_rows:
            right = SamplesIn.ROWS if evidence[0] else SamplesIn.COLUMNS
            found, fix = f"samples_in is {declared}, but {evidence[1]}", f"set samples_in: {right}"
            return in_rows, [error("wrong-orientation", found, fix=fix, view=view, examples=rows)]
        return in_rows, []
    if evidence is not None:
        in_rows, reason = evidence
    else:
        in_rows, reason = _from_others(rows, columns, others)
    if in_rows:
        found, fix = f"samples are in the rows of the table: {reason}", "set samples_in to be sure"
        return True, [repaired(IN_ROWS, found, fix=fix, view=view, examples=rows)]
    if evidence is None and len(rows) < len(columns):
        found = (
            f"no name shows whether samples are in rows or in columns; the {count(len(rows), 'row', 'were')} taken as "
            f"features, the {count(len(columns), 'column')} for samples"
        )
        fix = "set samples_in to rows or columns"
        return False, [warning("orientation-assumed", found, fix=fix, view=view, examples=rows)]
    return False, []


def _evidence(
    rows: pd.Index, columns: pd.Index, options: ViewOptions, known: tuple[Collection[str], Collection[str]]
) -> tuple[bool, str] | None:
    """Return whether the samples are in the rows, and why; None if no name shows it."""
    rule = SampleRule(options.sample_rule)
    for names, what, rows_are_samples in zip(known, ("the known samples", "the gene sets"), (True, False), strict=True):
        if not names:
            continue
        sides = []
        for side in (rows, columns):
            cleaned = _as_samples(side, rule) if rows_are_samples else _as_features(side, options)
            sides.append(float(cleaned.isin(names).mean()) if len(side) else 0.0)
        floor = _SURE if rows_are_samples else 0.05
        if max(sides) >= floor and max(sides) > 2 * min(sides):
            first = sides[0] > sides[1]
            known_names = round(max(sides) * len(rows if first else columns))
            side_name = "rows" if first else "columns"
            said = f"{count(known_names, 'name')} of its {side_name} {inflect(known_names, 'are')} among {what}"
            return first is rows_are_samples, said
    for kind in (IdType.ENSEMBL, IdType.REFSEQ):
        shares = [
            sum(bool(PATTERNS[kind].fullmatch(name)) for name in side[:200]) / max(1, len(side[:200]))
            for side in (rows, columns)
        ]
        if max(shares) > 0.5 and min(shares) == 0:
            return shares[1] > shares[0], f"its {'columns' if shares[1] > shares[0] else 'rows'} are {kind} ids"
    return None


def _as_samples(side: pd.Index, rule: SampleRule) -> pd.Index:
    return side if rule is SampleRule.NONE else pd.Index([RULES[rule](name) for name in side], dtype=object)


def _as_features(side: pd.Index, options: ViewOptions) -> pd.Index:
    return strip_versions(pd.Index(strip_affixes(side, options), dtype=object))


def _from_others(
    rows: pd.Index, columns: pd.Index, others: Mapping[str, tuple[pd.Index, pd.Index]]
) -> tuple[bool, str]:
    """Few rows that are just the rows of another view, while no column is shared, are samples."""
    for name, (other_rows, other_columns) in others.items():
        same = set(rows) == set(other_rows) and not set(columns) & set(other_columns)
        if same and len(rows) < len(columns):
            return True, f"its {count(len(rows), 'row', 'are')} those of view '{name}', and no column is shared"
    return False, ""
