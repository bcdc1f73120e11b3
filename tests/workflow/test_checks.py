"""The names of the checks are the same wherever they stand."""

from pathfa.analysis.refits.checks import Check
from pathfa.cli import model
from pathfa.core.schemas import schema


def test_names():
    names = tuple(str(item) for item in Check)
    assert tuple(str(item) for item in model.CheckName) == names
    assert tuple(schema("config")["properties"]["checks"]["items"]["enum"]) == names
