"""Names of samples: rules and tables that join views, and tables found beside them that translate names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, error, repaired
from pathfa.core.text import count, letters_and_digits, part_of
from pathfa.data.identifiers.ids import strip_versions
from pathfa.data.io.numbers import NumericTable
from pathfa.data.io.presets import describes_features
from pathfa.data.io.roles import sample_name
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
    SampleRule.LETTERS_AND_DIGITS: letters_and_digits,
}


def chosen_samples(adata: ad.AnnData, options: ViewOptions, view: str) -> tuple[ad.AnnData, list[Finding]]:
    """Return the samples whose name matches the option sample_pattern, named by its group."""
    if options.sample_pattern is None:
        return adata, []
    pattern = options.sample_pattern
    names = [sample_name(pattern, str(name)) for name in adata.obs_names]
    keep = np.array([name is not None for name in names], dtype=bool)
    if not keep.any():
        found = f"no sample matches sample_pattern {pattern!r}"
        fix = "correct it; it must match whole names"
        raise InputError.of("no-samples", found, fix=fix, view=view, examples=adata.obs_names)
    chosen = adata[keep].copy()
    chosen.obs_names = pd.Index([name for name in names if name is not None], dtype=object)
    said = f"{part_of(int(keep.sum()), len(keep), 'sample', 'match')} sample_pattern; the others were left out"
    return chosen, [repaired("samples-chosen", said, view=view, items=list(adata.obs_names[~keep]))]


def samples_to_keep(names: pd.Index, view: str) -> tuple[np.ndarray, list[Finding]]:
    """Return which rows of a table in memory are samples, and a finding about those with a name of annotation."""
    strange = np.array([describes_features(name) for name in names], dtype=bool)
    if not strange.any() or (~strange).sum() < 2:
        return np.ones(len(names), dtype=bool), []
    found = f"{count(int(strange.sum()), 'row', 'describe')} the features, not a sample: left out"
    return ~strange, [repaired("annotation-columns", found, view=view, items=list(names[strange]))]


def join_samples(
    names: pd.Index, options: ViewOptions, sheet: pd.DataFrame | None, view: str
) -> tuple[pd.Index, list[Finding]]:
    """Return the names of the subjects behind the samples of a view.

    Parameters
    ----------
    names
        Names as they are in the file.
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
            problem = "are not in the sample table" if len(unknown) else "belong to several subjects"
            expected = "one row for each" + (f", such as {lookup.index[0]!r}" if len(lookup) else "")
            fix = "check sample_key and sample_column, and that the table belongs to this view"
            said = part_of(len(what), len(names), "sample", problem)
            return names, [error("unknown-samples", said, expected, fix, view=view, items=what)]
        names = pd.Index(lookup[~lookup.index.duplicated()].reindex(names).astype(str), dtype=object)
        said = f"{count(len(names), 'sample', 'were')} named by {options.sample_column}"
        findings.append(repaired("samples-joined", said, view=view, count=len(names)))
    rule = SampleRule(options.sample_rule)
    if rule is not SampleRule.NONE:
        new = pd.Index([RULES[rule](name) for name in names], dtype=object)
        changed = [f"{old} -> {now}" for old, now in zip(names, new, strict=True) if old != now]
        if changed:
            said = f"{part_of(len(changed), len(names), 'sample name', 'were')} rewritten by the rule {rule}"
            findings.append(repaired("samples-renamed", said, view=view, items=changed))
        names = new
    return names, findings


def _pairs(options: ViewOptions, sheet: pd.DataFrame | None, view: str) -> tuple[pd.Series, list[Finding]]:
    """Return subjects by the names of the samples of this view."""
    column = str(options.sample_column)
    table = read_sheet(Path(options.sample_table)) if options.sample_table is not None else sheet
    if table is None:
        found = f"sample_column is {column!r} but there is no sample sheet"
        problem = error("no-sample-sheet", found, "a sample sheet or a sample_table", view=view)
        return pd.Series(dtype=object), [problem]
    wanted = [column] if options.sample_key is None else [column, options.sample_key]
    if missing := [name for name in wanted if name not in table.columns]:
        found, expected = (
            f"the sample table has no column {missing[0]!r}",
            f"one of {', '.join(map(str, table.columns[:8]))}",
        )
        place = options.sample_table or "sample sheet"
        fix = "name a column that exists"
        return pd.Series(dtype=object), [error("no-sample-column", found, expected, fix, place=place, view=view)]
    if options.sample_table is None:
        return pd.Series(table.index, index=table[column], dtype=object), []
    keys = table.index if options.sample_key is None else table[options.sample_key]
    return pd.Series(table[column].to_numpy(), index=pd.Index(keys, dtype=object), dtype=object), []


def best_rule(left: pd.Index, right: pd.Index) -> tuple[SampleRule, list[tuple[str, str]]] | None:
    """Return the rule that joins most names of two views that share none, with the pairs of names that it joins.

    A rule that gives two samples of a view the same name is none.

    Examples
    --------
    >>> best_rule(pd.Index(["01CO005", "01CO006"]), pd.Index(["01-co-006", "01-co-008"]))
    (<SampleRule.LETTERS_AND_DIGITS: 'letters_and_digits'>, [('01CO006', '01-co-006')])
    """
    joined = {}
    for rule, rewrite in RULES.items():
        own, theirs = ({rewrite(str(name)): str(name) for name in side} for side in (left, right))
        if len(own) == left.nunique() and len(theirs) == right.nunique():
            joined[rule] = [(own[name], theirs[name]) for name in own if name in theirs]
    best = max(joined, key=lambda rule: len(joined[rule]), default=SampleRule.NONE)
    return (best, joined[best]) if joined.get(best) else None


_MOST_WORDS = 3  # of an affix, such as the two of "RNA-seq "
_AFFIXES = [
    (side, re.compile(pattern % words))
    for words in range(1, _MOST_WORDS + 1)
    for side, pattern in (
        ("prefix", r"((?:[A-Za-z]+\d*[_.\- ]){%d}).+"),
        ("suffix", r".+((?:[_.\- ][A-Za-z]+\d*){%d})"),
    )
]
_SHARED = 0.8  # share of the names of a view that must have an affix for it to be one


def affix_patterns(left: pd.Index, right: pd.Index) -> tuple[str, str, int] | None:
    """Return the values of sample_pattern that join the samples of two views whose names carry an affix, and how many.

    An affix is what most names of a view begin or end with, such as ``_RNA``. Names that lack it stay as they are; an
    affix without which two samples of a view would share a name is none.

    Examples
    --------
    >>> affix_patterns(pd.Index(["P1_RNA", "P2_RNA"]), pd.Index(["P1_prot", "P2_prot"]))
    ('(.+?)(?:_RNA)?', '(.+?)(?:_prot)?', 2)
    """
    found: list[tuple[int, str, str]] = []
    for one in _affixes(left):
        for other in _affixes(right):
            sides = [
                [sample_name(pattern, str(name)) for name in side] for pattern, side in ((one, left), (other, right))
            ]
            if all(len(set(side)) == len(side) for side in sides):
                found.append((len(set(sides[0]) & set(sides[1])), one, other))
    joined, one, other = max(found, key=lambda each: each[0], default=(0, "", ""))
    return (one, other, joined) if joined >= _MOST * min(len(left), len(right)) and joined else None


def _affixes(names: pd.Index) -> list[str]:
    """Return patterns of the names without what most of them begin or end with, and of the names as they are."""
    patterns = ["(.+)"]
    for side, affixes in _AFFIXES:
        shared = Counter(match[1] for name in names if (match := affixes.fullmatch(str(name))))
        affix, n = shared.most_common(1)[0] if shared else ("", 0)
        if n >= _SHARED * len(names):
            optional = f"(?:{re.escape(affix)})?"
            patterns.append(f"{optional}(.+)" if side == "prefix" else f"(.+?){optional}")
    return patterns


_GENES = 0.05  # share of the rows of a table of genes that are members of gene sets, at least
_MOST = 0.5  # share of the names that a table must know


@dataclass(frozen=True, kw_only=True)
class Join:
    """A table, its column with the names of the view, and the column with those to use."""

    path: Path
    key: str | None
    column: str
    n_known: int


def feature_join(features: pd.Index, sheets: Mapping[Path, pd.DataFrame], genes: Collection[str]) -> Join | None:
    """Return the table that translates most features to members of the gene sets.

    Parameters
    ----------
    features
        Names of the features of a view, few of which are members of gene sets.
    sheets
        Tables by path, as :func:`read_sheets` returns them.
    genes
        Members of the gene sets.
    """
    if features.isin(genes).mean() > _MOST / 5:
        return None
    return _best(set(_stable(features)), sheets, genes, len(features), least=_MOST / 5)


def sample_join(samples: pd.Index, sheets: Mapping[Path, pd.DataFrame]) -> Join | None:
    """Return the table that names most samples of a view by rows of another of the tables."""
    found = []
    for path, sheet in sheets.items():
        others = {name for other, table in sheets.items() if other != path for name in table.index}
        if not samples.isin(others).any():
            join = _best(set(samples), {path: sheet}, others, len(samples), least=_MOST)
            found += [] if join is None else [join]
    return max(found, key=lambda join: join.n_known, default=None)


def describes_samples(table: NumericTable, others: Collection[NumericTable], genes: Collection[str]) -> bool:
    """Whether a table of numbers describes the samples of others: its rows are theirs, its columns no genes.

    Parameters
    ----------
    table
        The table.
    others
        The tables beside it.
    genes
        Members of the gene sets.
    """
    sides = [side for other in others for side in (other.rows, other.columns)]
    known = {name for side in sides for name in side}.union(genes)
    return (
        bool(genes)
        and table.rows.isin(genes).mean() < _GENES
        and len(table.columns) < len(table.rows)
        and not table.columns.isin(known).any()
        and any(table.rows.isin(side).mean() > _MOST for side in sides)
    )


def read_sheets(paths: Collection[Path]) -> dict[Path, pd.DataFrame]:
    """Return tables of text by path, with their first column as index."""
    return {path: read_sheet(path) for path in paths}


def _best(
    wanted: set[str], sheets: Mapping[Path, pd.DataFrame], targets: Collection[str], n: int, *, least: float
) -> Join | None:
    """Return the key and column that lead from most of the wanted names to targets."""
    found = []
    for path, sheet in sheets.items():
        keys: dict[str | None, pd.Index] = {None: _stable(sheet.index)}
        keys.update({str(name): _stable(pd.Index(sheet[name])) for name in sheet.columns})
        known = {name: int(values.isin(wanted).sum()) for name, values in keys.items()}
        key = max(known, key=lambda name: known[name])
        if known[key] < _MOST * n:
            continue
        rows = sheet[keys[key].isin(wanted)]
        hits = {name: int(rows[name].isin(targets).sum()) for name in sheet.columns if name != key}
        column = max(hits, key=lambda name: hits[name], default=None)
        if column is not None and hits[column] >= least * len(rows):
            found.append(Join(path=path, key=key, column=str(column), n_known=hits[column]))
    return max(found, key=lambda join: join.n_known, default=None)


def _stable(names: pd.Index) -> pd.Index:
    """Return names as they are looked up: text, without versions of Ensembl."""
    return strip_versions(pd.Index(["" if name is None else str(name) for name in names], dtype=object))
