"""Every finding with what it says, read from the code that makes it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reference_tables import cell, table
from reference_words import OPEN, Scope, Words

import pathfa

PACKAGE = Path(pathfa.__file__).parent
ROOMS = {
    "Reading and checking data": ("data", "core"),
    "Gene sets": ("data.gene_sets",),
    "Options, a fit, and new samples": ("options", "fit", "result"),
    "Analyses, figures and reports": ("analysis", "pl", "reporting", "simulation"),
    "Configuration, workflow and commands": ("workflow", "cli"),
}
"""Per heading the modules whose findings stand under it; of several the one with the longest name."""
_HEAD = ["code", "what is found", "what is expected", "what to do"]
_GIVEN = "the value that was given, or the reason in words"  # where nothing else is known before
_MAKERS = ("error", "warning", "repaired", "note")
_ARGUMENTS = ("code", "found", "expected", "fix")


@dataclass(frozen=True, kw_only=True)
class Told:
    """A place that makes a finding.

    Attributes
    ----------
    code, severity
        Of the finding; ``*`` in a code stands for what it is about, such as the kind of a name.
    found, expected, fix
        Its words; what is filled in when it is made (numbers, names) stands as …
    module
        Where it is made.
    """

    code: str
    severity: str
    found: str
    expected: str
    fix: str
    module: str

    @property
    def heading(self) -> str:
        """The heading under which it stands."""
        room = self.module.partition(".")[2]
        fits = [(len(part), heading) for heading, parts in ROOMS.items() for part in parts if room.startswith(part)]
        return max(fits)[1]


@cache
def findings() -> tuple[Told, ...]:
    """Return every place of the package that makes a finding, by code; all its files are read, once."""
    told = [each for path in sorted(PACKAGE.rglob("*.py")) for each in _of_file(path)]
    return tuple(sorted(dict.fromkeys(told), key=lambda each: (each.code, each.module)))


def made() -> str:
    """Return the findings as tables, by where they are made."""
    parts, told = [], findings()
    for heading in ROOMS:
        rows = [
            [f"`{each.code}`<br>{each.severity}", *map(cell, (each.found, each.expected, each.fix))]
            for each in told
            if each.heading == heading
        ]
        parts.append(f"## {heading}\n\n{table(_HEAD, rows)}")
    return "\n".join(parts)


def _of_file(path: Path) -> Iterator[Told]:
    """Yield what a file tells; names that loops give to findings count once for each turn."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for call, severity in ((node, _severity(node)) for node in ast.walk(tree)):
        if severity is None or not isinstance(call, ast.Call):
            continue
        given = dict(zip(_ARGUMENTS, call.args, strict=False)) | {
            item.arg: item.value for item in call.keywords if item.arg
        }
        if "code" not in given or isinstance(given["code"], ast.Starred):
            continue
        scope = Scope(importlib.import_module(name), tree, call)
        for turn in scope.turns():
            words = Words(scope, turn)
            text = {each: words.of(given[each]) if each in given else "" for each in _ARGUMENTS}
            text["found"] = text["found"] if text["found"] != OPEN else _GIVEN
            if text["code"] != OPEN:  # else a helper that is given the code
                yield Told(severity=severity, module=name, **{**text, "code": text["code"].replace(OPEN, "*")})


def _severity(node: ast.AST) -> str | None:
    """Return the severity of the finding that a call makes, if it makes one."""
    match node:
        case ast.Call(func=ast.Name(id=maker)) if maker in _MAKERS:
            return maker
        case ast.Call(func=ast.Attribute(attr="of", value=ast.Name(id=kind))) if kind.endswith("Error"):
            return "error"
    return None
