"""Identifiers of genes and proteins: what they are, and their translation with a report of what was lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathfa.core.findings import Finding, error, repaired
from pathfa.core.text import count, inflect
from pathfa.data.io.cells import MISSING
from pathfa.data.io.settings import IdType

_UNIPROT = r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-\d+)?"
PATTERNS: Mapping[IdType, re.Pattern[str]] = {
    IdType.ENSEMBL: re.compile(r"ENS[A-Z]*[GTP]\d{11}(?:\.\d+)?(?:_PAR_Y)?"),
    IdType.REFSEQ: re.compile(r"(?:[NX][MPR]|AP|YP)_\d+(?:\.\d+)?"),
    IdType.UNIPROT: re.compile(rf"{_UNIPROT}(?:[;,|]{_UNIPROT})*"),
    IdType.ENTREZ: re.compile(r"\d{1,9}"),
    IdType.OTHER: re.compile(r"MI(?:MAT)?\d{7}(?:\.\d+)?|[a-z]{3}-(?:mir|let)-.*", re.IGNORECASE),
    IdType.SYMBOL: re.compile(r"[A-Za-z][A-Za-z0-9.@_/-]{0,24}"),
}
_VERSION = re.compile(r"\.\d+(?=_PAR_Y$|$)")
_MONTHS = {"mar": ("MARCHF", "MARC"), "sep": ("SEPTIN",), "dec": ("DELEC",), "oct": ("POU5F",)}
_EXCEL = re.compile(
    r"(?:(\d{1,2})-([A-Za-z]{3})|([A-Za-z]{3})-(\d{1,2}))(?:-\d{2,4})?|(\d{4})-(\d{2})-(\d{2})(?: 00:00:00)?"
)
MIN_MAPPED = 0.5


def guess_id_type(names: Iterable[str], limit: int = 2000) -> tuple[IdType, float]:
    """Return what names look like, and the share of them (0..1) that do.

    Parameters
    ----------
    names
        Names of features.
    limit
        How many are examined, spread evenly.
    """
    every = list(names)
    looked = every[:: max(1, len(every) // limit)]
    if not looked:
        return IdType.OTHER, 0.0
    counts = Counter(
        next((kind for kind, pattern in PATTERNS.items() if pattern.fullmatch(name)), IdType.OTHER) for name in looked
    )
    kind, count = counts.most_common(1)[0]
    return kind, count / len(looked)


def strip_versions(names: pd.Index) -> pd.Index:
    """Return Ensembl names without version and ``_PAR_Y``; other names as they are."""
    index: pd.Index = pd.Index([strip_version(name) for name in names], dtype=object)
    return index


def strip_version(name: str) -> str:
    """Return an Ensembl name without version and ``_PAR_Y``; any other name as it is."""
    return name.split(".")[0].removesuffix("_PAR_Y") if PATTERNS[IdType.ENSEMBL].fullmatch(name) else name


def excel_dates(names: Iterable[str]) -> dict[str, str]:
    """Return names that a spreadsheet converted to dates, each with the gene that it most likely was."""
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    found = {}
    for name in names:
        match = _EXCEL.fullmatch(name)
        if match is None:
            continue
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        if match[5]:
            day, month = match[7], months[int(match[6]) - 1] if 1 <= int(match[6]) <= 12 else ""
        stems = _MONTHS.get(month.lower(), ())
        if stems or month.lower() in months:
            found[name] = " or ".join(f"{stem}{int(day)}" for stem in stems) or "unknown"
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class IdReport:
    """What became of the names of the features of a view.

    Parameters
    ----------
    view
        Name of the view.
    id_type
        What the names were taken for.
    confidence
        Share of the names that look so, 0..1.
    target
        What they were translated to.
    table
        One row per feature: ``feature``, ``name`` (None if lost), ``status`` (unchanged, mapped, ambiguous, lost)
        and ``candidates``. Ambiguous groups, of proteins or of genes that one id represents, keep the name of their
        first member.
    """

    view: str
    id_type: IdType
    confidence: float
    target: str
    table: pd.DataFrame

    @property
    def merged(self) -> dict[str, list[str]]:
        """New names that several features share, with these features."""
        named = self.table.dropna(subset="name")
        shared = named[named["name"].duplicated(keep=False)]
        return {str(name): list(group["feature"]) for name, group in shared.groupby("name", sort=False)}

    @property
    def counts(self) -> dict[str, int]:
        """Number of features by status, and of new names that are shared."""
        status = self.table["status"].value_counts()
        sizes = {name: int(status.get(name, 0)) for name in ("unchanged", "mapped", "ambiguous", "lost")}
        return {**sizes, "merged": len(self.merged)}

    @property
    def record(self) -> dict[str, object]:
        """What became of the names, as numbers: view, from, to, features, and features by status."""
        names = {"view": self.view, "from": str(self.id_type), "to": self.target}
        return {**names, "features": len(self.table), **self.counts}

    @property
    def summary(self) -> str:
        """What became of the names, in words."""
        counts = ", ".join(f"{count} {status}" for status, count in self.counts.items() if count)
        return f"{self.id_type} to {self.target}: {counts}"

    def findings(self) -> list[Finding]:
        """Return what the reader must know; an error if too few features could be translated."""
        counts, n = self.counts, len(self.table)
        known, status = n - counts["lost"], self.table["status"]
        if n and known < MIN_MAPPED * n:
            found = (
                f"only {known:,} of {count(n, 'feature')} could be translated to {self.target}; "
                f"they look like {self.id_type} ({self.confidence:.0%})"
            )
            fix = "name the table that contains these ids (id_table, id_key, id_column) or the right id_type"
            lost = self.table.loc[status == "lost", "feature"]
            return [error("ids-not-mapped", found, f"at least {MIN_MAPPED:.0%}", fix, view=self.view, items=lost)]
        found = (
            f"{count(n, 'feature')}, taken for {self.id_type} ({self.confidence:.0%}), {inflect(n, 'were')} translated "
            f"to {self.target}: {', '.join(f'{size} {name}' for name, size in counts.items() if size)}"
        )
        changed = self.table[status.isin(["mapped", "ambiguous"])]
        pairs = [f"{old} -> {new}" for old, new in zip(changed["feature"], changed["name"], strict=True)]
        findings = [repaired("ids-mapped", found, view=self.view, examples=pairs, count=len(changed))]
        ambiguous = self.table[status == "ambiguous"]
        if len(ambiguous):
            found = (
                f"{count(len(ambiguous), 'feature', 'have')} several names: groups keep the name of their "
                "first member, others are left out"
            )
            each = [f"{old}: {names}" for old, names in zip(ambiguous["feature"], ambiguous["candidates"], strict=True)]
            findings.append(repaired("ids-ambiguous", found, view=self.view, items=each))
        return findings


def translate(
    features: pd.Index,
    lookup: Mapping[str, tuple[str, ...]],
    *,
    view: str,
    id_type: IdType,
    target: str,
    keep_unknown: bool,
) -> IdReport:
    """Translate names with a table.

    Parameters
    ----------
    features
        Names as they are: ids with or without version, isoforms, and groups joined by ``;``, ``,`` or ``|``.
    lookup
        From ids to their names; several names make an id ambiguous. A name such as ``H3f3b;H3f3a`` is a group.
    view, id_type, target
        For the report; an id type of ``"auto"`` is guessed.
    keep_unknown
        Whether names that the table lacks stay as they are, as symbols do.
    """
    guess, confidence = guess_id_type(features)
    rows = [_translate(feature, lookup, keep_unknown) for feature in features]
    table = pd.DataFrame(rows, columns=["feature", "name", "status", "candidates"], dtype=object)
    kind = guess if id_type is IdType.AUTO else id_type
    return IdReport(view=view, id_type=kind, confidence=confidence, target=target, table=table)


def _translate(
    feature: str, lookup: Mapping[str, tuple[str, ...]], keep_unknown: bool
) -> tuple[str, str | None, str, str]:
    if feature in lookup:
        members = [feature]
    else:
        members = [member for member in re.split(r"[;,|]\s*", feature) if member]
    per_member = [_names_of(member, lookup) for member in members]
    names = list(dict.fromkeys(name for found in per_member for name in found))
    candidates = ";".join(names)
    if not names:
        return (feature, feature, "unchanged", "") if keep_unknown else (feature, None, "lost", "")
    if len(names) == 1 and ";" in names[0]:
        group = [name.strip() for name in names[0].split(";") if name.strip() not in MISSING]
        if not group:
            return feature, None, "lost", ""
        return feature, group[0], "ambiguous" if len(group) > 1 else "mapped", candidates
    if len(names) == 1:
        return feature, names[0], "unchanged" if names[0] == feature else "mapped", candidates
    first = next(found for found in per_member if found)
    return feature, first[0] if len(first) == 1 and len(members) > 1 else None, "ambiguous", candidates


def _names_of(member: str, lookup: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    for form in (member, _VERSION.sub("", member).removesuffix("_PAR_Y"), re.sub(r"-\d+$", "", member)):
        if form in lookup:
            return lookup[form]
    return ()


def is_capitalised_like_rodents(names: Iterable[str]) -> bool:
    """Whether most names are written as mouse and rat symbols are: one capital, then lower case."""
    letters = [name for name in names if sum(map(str.isalpha, name)) >= 3]
    return (
        bool(letters) and float(np.mean([name[0].isupper() and name[1:] == name[1:].lower() for name in letters])) > 0.6
    )
