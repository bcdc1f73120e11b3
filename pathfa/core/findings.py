"""Short ways to make findings, and to stop on the errors among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pathfa.core.errors import Finding, InputError, Severity


def examples(values: Iterable[object], limit: int = 3, width: int = 80) -> tuple[str, ...]:
    """Return the first values as text, cut to ``width`` characters."""
    texts: list[str] = []
    for value in values:
        if len(texts) == limit:
            break
        text = str(value)
        texts.append(text if len(text) <= width else f"{text[: width - 3]}...")
    return tuple(texts)


def error(code: str, found: str, **details: object) -> Finding:
    """Return a finding that stops the run."""
    return _finding(code, Severity.ERROR, found, details)


def repaired(code: str, found: str, **details: object) -> Finding:
    """Return a finding about something that was put right."""
    return _finding(code, Severity.REPAIRED, found, details)


def warning(code: str, found: str, **details: object) -> Finding:
    """Return a finding that the reader must know."""
    return _finding(code, Severity.WARNING, found, details)


def _finding(code: str, severity: Severity, found: str, details: dict[str, object]) -> Finding:
    return Finding(code=code, severity=severity, found=found, **details)  # type: ignore[arg-type]


def stop_on_errors(findings: Sequence[Finding], kind: type[InputError] = InputError) -> None:
    """Raise ``kind`` with all the errors among ``findings``, if there are any.

    Parameters
    ----------
    findings
        Whatever was found so far.
    kind
        The exception to raise.

    Raises
    ------
    InputError
        Or its child given as ``kind``, with every finding, errors first in its message.
    """
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise kind("\n".join(str(finding) for finding in errors), findings=findings)


def findings_to_json(findings: Iterable[Finding]) -> str:
    """Return findings as JSON text, as kept in files."""
    return json.dumps([finding.to_dict() for finding in findings])


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """Return the findings that :func:`findings_to_json` wrote."""
    return tuple(Finding.from_dict(entry) for entry in json.loads(text))
