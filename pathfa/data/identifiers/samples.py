"""Names of samples: rules and tables that join the samples of the views to subjects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from pathfa.core.findings import Finding, error, repaired
from pathfa.core.grammar import count, part_of
from pathfa.data.io.settings import SampleRule, ViewOptions
from pathfa.data.io.tables import read_sheet

_TCGA = re.compile(r"(TCGA[-.][A-Z0-9]{2}[-.][A-Z0-9]{4})(?:[-.](\d{2})[A-Z]?)?.*", re.IGNORECASE)


def _tcga(name: str, with_sample: bool) -> str:
    match = _TCGA.fullmatch(name)
    if match is None:
        return name
    patient = match[1].replace(".", "-").upper()
    return f"{patient}-{match[2]}" if with_sample and match[2] else patient


RULES: Mapping[SampleRule, Callable[[str], str]] = {
    SampleRule.TCGA_PATIENT: lambda name: _tcga(name, False),
    SampleRule.TCGA_SAMPLE: lambda name: _tcga(name, True),
    SampleRule.DOTS: lambda name: name.replace(".", "-"),
    SampleRule.STRIP_X: lambda name: re.sub(r"^X(?=\d)", "", name),
    SampleRule.UPPER: str.upper,
}


def join_samples(
    names: pd.Index, options: ViewOptions, sheet: pd.DataFrame | None, view: str
) -> tuple[pd.Index, list[Finding]]:
    """Return the names of the subjects behind the samples of a view.

    Parameters
    ----------
    names
        Names as they stand in the file.
    options
        ``sample_table``, ``sample_key``, ``sample_column`` and ``sample_rule``.
    sheet
        Sample sheet with the subjects as index.
    view
        Name of the view, for the messages.
    """
    findings: list[Finding] = []
    if options.sample_column is not None:
        table, problems = _pairs(options, sheet, view)
        if problems:
            return names, problems
        lookup = table[table.index.notna()].dropna()
        ambiguous = lookup.index[lookup.index.duplicated(keep=False)].unique()
        unknown = names[~names.isin(lookup.index)]
        if len(unknown) or names.isin(ambiguous).any():
            what = unknown if len(unknown) else names[names.isin(ambiguous)]
            problem = "are not in the sample table" if len(unknown) else "stand for several subjects"
            found = error(
                "unknown-samples",
                part_of(len(what), len(names), "sample", problem),
                f"one row for each, such as {lookup.index[0]!r}" if len(lookup) else "one row for each",
                "check sample_key and sample_column, and that the table belongs to this view",
                view=view,
                items=what,
            )
            return names, [found]
        names = pd.Index(lookup[~lookup.index.duplicated()].reindex(names).astype(str), dtype=object)
        findings.append(
            repaired(
                "samples-joined",
                f"{count(len(names), 'sample', 'were')} named by {options.sample_column}",
                view=view,
                count=len(names),
            )
        )
    rule = SampleRule(options.sample_rule)
    if rule is not SampleRule.NONE:
        new = pd.Index([RULES[rule](name) for name in names], dtype=object)
        if changed := int((new != names).sum()):
            findings.append(
                repaired(
                    "samples-renamed",
                    f"{part_of(changed, len(names), 'sample name', 'were')} rewritten by the rule {rule}",
                    view=view,
                    examples=(f"{old} -> {now}" for old, now in zip(names, new, strict=True) if old != now),
                    count=changed,
                )
            )
        names = new
    return names, findings


def _pairs(options: ViewOptions, sheet: pd.DataFrame | None, view: str) -> tuple[pd.Series, list[Finding]]:
    """Return subjects by the names of the samples of this view."""
    column = str(options.sample_column)
    table = read_sheet(Path(options.sample_table)) if options.sample_table is not None else sheet
    if table is None:
        found = error(
            "no-sample-sheet",
            f"sample_column is {column!r} but there is no sample sheet",
            "a sample sheet or a sample_table",
            view=view,
        )
        return pd.Series(dtype=object), [found]
    wanted = [column] if options.sample_key is None else [column, options.sample_key]
    if missing := [name for name in wanted if name not in table.columns]:
        found = error(
            "no-sample-column",
            f"the sample table has no column {missing[0]!r}",
            f"one of {', '.join(map(str, table.columns[:8]))}",
            "name a column that exists",
            place=options.sample_table or "sample sheet",
            view=view,
        )
        return pd.Series(dtype=object), [found]
    if options.sample_table is None:
        return pd.Series(table.index, index=table[column], dtype=object), []
    keys = table.index if options.sample_key is None else table[options.sample_key]
    return pd.Series(table[column].to_numpy(), index=pd.Index(keys, dtype=object), dtype=object), []


def best_rule(left: pd.Index, right: pd.Index) -> tuple[SampleRule, int] | None:
    """Return the rule that joins most names of two views that share none, with the number it joins."""
    joined = {}
    for rule, rewrite in RULES.items():
        joined[rule] = len({rewrite(name) for name in left} & {rewrite(name) for name in right})
    best = max(joined, key=lambda rule: joined[rule])
    return (best, joined[best]) if joined[best] else None
