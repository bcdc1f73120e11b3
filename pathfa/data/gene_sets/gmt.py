"""Read GMT files: one gene set per line, tab-separated name, description and members."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pathfa.core.errors import GeneSetError
from pathfa.core.findings import Finding, Severity, error, repaired, warning
from pathfa.core.text import count
from pathfa.data.gene_sets.collection import GeneSets, Members
from pathfa.data.io.text_files import read_text

MISSING_MEMBERS = frozenset({"", "NA", "NaN", "nan", "null", "None", "#N/A"})
HUGE_SET = 2000
_EXPECTED = "name, description and members, separated by tabs"
_PROBLEMS = (
    (error, "no-tabs", ("line", "contain no tab"), _EXPECTED, "save it with tabs between them"),
    (error, "unnamed-sets", ("gene set", "have no name")),
    (
        error,
        "conflicting-sets",
        ("gene set", "come again under the same name with other members"),
        "one line per gene set",
        "rename or remove one of them",
    ),
    (repaired, "empty-sets", ("gene set", "were left out: without members")),
    (repaired, "repeated-sets", ("line", "were left out: the same gene set again")),
    (repaired, "missing-members", ("member", "were left out: empty or NA")),
    (repaired, "repeated-members", ("member", "were counted once: twice in the set")),
    (warning, "huge-sets", ("gene set", f"have more than {HUGE_SET} members"), "", "filter them with max_size"),
)


def read_gmt(path: str | Path) -> GeneSets:
    r"""Read a GMT file, plain or gzipped.

    Members may carry a weight after a comma (``STAT1,0.8``). Blank lines, empty members and ``NA`` are left
    out and listed in ``findings``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    GeneSets
        With the path, the SHA-256 of the file and what was repaired.

    Raises
    ------
    MissingInputError
        When there is no such file.
    GeneSetError
        When it is no GMT: empty, binary, HTML, without tabs, or with two different sets of one name.

    Examples
    --------
    >>> _ = open("sets.gmt", "w").write("HYPOXIA\t\tVEGFA\tCA9\tLDHA\n")
    >>> pf.read_gmt("sets.gmt")
    GeneSets(1 set, 3 genes, sets.gmt)
    """
    text, raw = read_text(path, kind=GeneSetError)
    return parse_gmt(text, place=str(path), sha256=hashlib.sha256(raw).hexdigest())


def write_gmt(gene_sets: GeneSets, path: str | Path) -> None:
    """Write a collection as a GMT file; weights follow the member after a comma.

    Raises
    ------
    GeneSetError
        When a name or member contains a tab or a line end, which a GMT file cannot.
    """
    lines = []
    for name in gene_sets:
        weights = gene_sets.weights(name)
        members = [f"{m},{w!r}" for m, w in weights.items()] if gene_sets.weighted else list(gene_sets[name])
        cells = [name, gene_sets.descriptions.get(name, ""), *members]
        if strange := [cell for cell in cells if any(mark in cell for mark in "\t\r\n")]:
            why = f"tabs or line ends, which no GMT can, such as {strange[0]!r}"
            raise GeneSetError(f"gene set '{name}' contains {why}")
        lines.append("\t".join(cells))
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


@dataclass
class _Reading:
    """What was read so far, and what was repaired on the way."""

    sets: dict[str, dict[str, float]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    weighted: bool = False
    n_blank: int = 0


def parse_gmt(text: str, *, place: str, sha256: str = "") -> GeneSets:
    """Parse the text of a GMT file; see :func:`read_gmt`."""
    if text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        fix = "download the file itself, not the page that shows it; MSigDB asks for a login first"
        first = text.strip().splitlines()
        expected = f"a GMT file: {_EXPECTED}"
        raise GeneSetError.of("gmt-is-html", "the file is a web page", expected, fix, place=place, examples=first)
    reading = _Reading()
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        _read_line(reading, number, line)
    findings = _findings(reading, place, windows="\r" in text)
    GeneSetError.stop_on(findings)
    sets: dict[str, Members] = {
        name: members if reading.weighted else tuple(members) for name, members in reading.sets.items()
    }
    return GeneSets(sets, source=place, sha256=sha256, descriptions=reading.descriptions, findings=findings)


def _read_line(reading: _Reading, number: int, line: str) -> None:
    if not line.strip():
        reading.n_blank += bool(line)
        return
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < 2:
        reading.problems["no-tabs"].append(f"line {number}: {line.strip()}")
        return
    name, description, members = cells[0], cells[1], cells[2:]
    if not name:
        reading.problems["unnamed-sets"].append(f"line {number}")
        return
    weights: dict[str, float] = {}
    for cell in members:
        member, weight = _weight(cell)
        if weight is not None:
            reading.weighted = reading.weighted or weight != 1.0
        if member in MISSING_MEMBERS:
            reading.problems["missing-members"].append(f"line {number}: {cell!r}")
        elif member in weights:
            reading.problems["repeated-members"].append(f"line {number}: {cell}")
        else:
            weights[member] = 1.0 if weight is None else weight
    if not weights:
        reading.problems["empty-sets"].append(name)
    elif name not in reading.sets:
        reading.sets[name] = weights
        reading.descriptions[name] = description
    elif reading.sets[name] == weights:
        reading.problems["repeated-sets"].append(name)
    else:
        reading.problems["conflicting-sets"].append(f"line {number}: {name}")


def _weight(cell: str) -> tuple[str, float | None]:
    """Split ``GENE,0.5`` into its parts; a cell without a number after the last comma is a name."""
    member, comma, tail = cell.rpartition(",")
    if not comma or not tail.strip():
        return cell.rstrip(",").strip(), None
    try:
        return member.strip(), float(tail)
    except ValueError:
        return cell, None


def _findings(reading: _Reading, place: str, *, windows: bool) -> list[Finding]:
    huge = [f"{name} ({len(members)})" for name, members in reading.sets.items() if len(members) > HUGE_SET]
    problems = reading.problems | {"huge-sets": huge}
    findings = [
        make(f"gmt-{code}", count(len(problems[code]), *found), *advice, place=place, items=problems[code])
        for make, code, found, *advice in _PROBLEMS
        if problems.get(code)
    ]
    if not reading.sets and not any(finding.severity is Severity.ERROR for finding in findings):
        found = "the file contains no gene set with members"
        findings.append(error("gmt-empty", found, f"at least one line: {_EXPECTED}", "check the download", place=place))
    if reading.n_blank:
        found = f"{count(reading.n_blank, 'blank line', 'were')} skipped"
        findings.append(repaired("gmt-blank-lines", found, place=place))
    if windows:
        findings.append(repaired("gmt-line-ends", "Windows line ends were removed", place=place))
    return findings
