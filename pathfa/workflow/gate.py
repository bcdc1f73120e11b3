"""Which pairs of cohort and collection are fitted, and why the others are not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from pathfa.core.errors import InputError, MissingInputError
from pathfa.core.files import write_text
from pathfa.core.findings import Finding, Severity, error
from pathfa.core.text import count
from pathfa.workflow.config import Gate, OnInvalid
from pathfa.workflow.config.kinds import FileKind, json_of


@dataclass(frozen=True, kw_only=True)
class GateDecision:
    """Whether one pair of cohort and collection is fitted."""

    cohort: str
    collection: str
    decision: str  # "fit" or "skip"
    reason: str = ""
    fix: str = ""


def decide(validation: dict[str, Any], gate: Gate, collections: Mapping[str, dict[str, Any]]) -> list[GateDecision]:
    """Judge one cohort.

    Parameters
    ----------
    validation
        What ``pathfa validate`` found, as in ``data_schemas/validation.schema.json``.
    gate
        What the cohort needs.
    collections
        What ``pathfa genesets`` found, by name, as in ``data_schemas/collection.schema.json``.
    """
    decisions = []
    for collection, found in validation["collections"].items():
        unread = list(_errors(collections.get(collection, {}).get("findings", [])))
        problems = [*_errors(validation["findings"]), *(unread or _errors(found["findings"]))]
        if not problems:
            problems = list(_too_small(validation, found, gate))
        decisions.append(
            GateDecision(
                cohort=validation["cohort"],
                collection=collection,
                decision="skip" if problems else "fit",
                reason="; ".join(reason for reason, _ in problems),
                fix="; ".join(dict.fromkeys(fix for _, fix in problems if fix)),
            )
        )
    return decisions


def _errors(findings: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for values in findings:
        if values["severity"] == Severity.ERROR:
            yield str(Finding.from_dict({**values, "fix": ""})), str(values["fix"])


def _too_small(validation: dict[str, Any], found: dict[str, Any], gate: Gate) -> Iterator[tuple[str, str]]:
    counts = [
        (validation["n_samples"], gate.min_samples, "sample", "", "min_samples"),
        (validation["n_shared"], gate.min_shared, "sample", " in every view", "min_shared"),
        (found["n_gene_sets"], gate.min_gene_sets, "gene set", " with enough measured members", "min_gene_sets"),
        *(
            (n, gate.min_features, "feature", f" of '{view}' in a gene set", "min_features")
            for view, n in found["n_features"].items()
        ),
    ]
    for n, least, what, which, name in counts:
        if n < least:
            yield f"{count(n, what)}{which}, at least {least} needed", f"add more, or lower '{name}' under 'gate'"


def write_decisions(path: Path, decisions: Sequence[GateDecision]) -> None:
    """Write decisions as a tab-separated table."""
    rows = [[" ".join(str(value).split()) for value in asdict(decision).values()] for decision in decisions]
    text = io.StringIO()
    header = [item.name for item in fields(GateDecision)]
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows([header, *rows])
    write_text(path, text.getvalue())


def read_decisions(path: Path) -> list[GateDecision]:
    """Read decisions back."""
    with path.open(encoding="utf-8", newline="") as file:
        return [GateDecision(**row) for row in csv.DictReader(file, delimiter="\t")]


def passed(path: Path) -> frozenset[tuple[str, str]]:
    """Return the pairs of cohort and collection that are fitted; the table is read again when it has changed."""
    return _passed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _passed(path: Path, written: int) -> frozenset[tuple[str, str]]:  # noqa: ARG001, the key of the cache
    return frozenset((item.cohort, item.collection) for item in read_decisions(path) if item.decision == "fit")


def _read(path: Path, kind: FileKind) -> dict[str, Any]:
    """Return what a stage before the gate wrote."""
    what, _ = kind.value
    if not path.is_file():
        raise MissingInputError.of("missing-file", f"{path} does not exist", what, "correct the path")
    found, content = json_of(path)
    if found is not kind:
        raise InputError.of(
            "wrong-kind", f"{path} cannot be read so", what, "name the file that was written", place="gate"
        )
    return content


def pass_gate(
    validations: Sequence[Path], gate: Gate, out: Path, collections: Sequence[Path] = ()
) -> list[GateDecision]:
    """Judge every cohort and write the decisions.

    Parameters
    ----------
    validations
        What ``pathfa validate`` wrote, one file per cohort.
    gate
        What the cohorts need.
    out
        Table to write.
    collections
        What ``pathfa genesets --found`` wrote, one file per collection. Nothing is fitted with one that cannot be read.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If a file is absent.
    pathfa.core.errors.InputError
        If a file is none of these; if a cohort does not pass and the gate says ``on_invalid: fail``, after the table is
        written.
    """
    known = {item["collection"]: item for item in (_read(path, FileKind.COLLECTION) for path in collections)}
    decisions = []
    for path in validations:
        decisions += decide(_read(path, FileKind.VALIDATION), gate, known)
    write_decisions(out, decisions)
    bad = [decision for decision in decisions if decision.decision == "skip"]
    if bad and gate.on_invalid is OnInvalid.FAIL:
        raise InputError(findings=[_refusal(decision) for decision in bad])
    return decisions


def _refusal(decision: GateDecision) -> Finding:
    fix = f"{decision.fix}; or 'on_invalid: skip' under 'gate' lets the other cohorts go on".removeprefix("; or ")
    return error("gate", decision.reason, fix=fix, place=f"cohort '{decision.cohort}' with '{decision.collection}'")
