"""Rows of a sheet against its JSON schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from pathfa.core.findings import Finding, error
from pathfa.core.schemas import schema as load_schema


def check_rows(rows: Sequence[Mapping[Any, object]], schema: str, place: str) -> list[Finding]:
    """Return a finding for every row that the schema refuses, with its line in the file.

    Parameters
    ----------
    rows
        The rows below the header, as mappings from column names to cells.
    schema
        Name of the schema, such as ``"sample_sheet"``.
    place
        The file.
    """
    problems = Draft202012Validator(load_schema(schema)).iter_errors(list(rows))
    findings = []
    for problem in problems:
        path = list(problem.absolute_path)
        where = f"{place}, line {int(path[0]) + 2}" if path else place
        column = f"column {path[1]!r}: " if len(path) > 1 else ""
        findings.append(
            error(
                "sheet-row",
                f"{column}{problem.message}",
                str(problem.schema.get("description", "")).rstrip("."),
                place=where,
            )
        )
    return findings
