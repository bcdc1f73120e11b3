"""The names of the checks are the same wherever they stand."""

from pathfa.analysis.run_checks import Check
from pathfa.cli.report import CHECKS
from pathfa.schemas import schema


def test_names():
    names = tuple(str(item) for item in Check)
    assert names == CHECKS
    assert tuple(schema("config")["properties"]["checks"]["items"]["enum"]) == names
