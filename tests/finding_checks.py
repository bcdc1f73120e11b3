"""Helpers for tests of findings."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, Severity
from pathfa.data import read_cohort


def only(findings: Sequence[Finding], code: str) -> Finding:
    """Return the one finding with this code."""
    found = [finding for finding in findings if finding.code == code]
    assert len(found) == 1, [str(finding) for finding in findings]
    return found[0]


def refused(source: object, code: str, **options: object) -> Finding:
    """Return the error with this code that reading raises."""
    with pytest.raises(InputError) as caught:
        read_cohort(source, **options)
    finding = only(caught.value.findings, code)
    assert finding.severity is Severity.ERROR
    assert finding.found in str(caught.value)
    return finding
