"""The pages that follow from the program: nothing that they are made from lacks its words."""

import inspect
import json
import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from pathfa.data.io.settings import ViewOptions
from pathfa.result.judgement import LIMITS
from pathfa.workflow.stages import STAGES

ROOT = Path(__file__).parents[2]
SCHEMAS = sorted((ROOT / "data_schemas").glob("*.json"))
IN_CODE = re.compile(r'\b(?:error|warning|repaired|note|Error\.of)\(\s*"([a-z0-9-]+)"')


@pytest.fixture(autouse=True, scope="module")
def tools():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield
    for name in [name for name in sys.modules if name.startswith("reference")]:
        del sys.modules[name]


def _undescribed(part, place=""):
    """Yield the places of keys without a description, apart from those of a view, which its options describe."""
    if isinstance(part, dict):
        for name, value in part.get("properties", {}).items() if isinstance(part.get("properties"), dict) else ():
            if isinstance(value, dict) and "description" not in value and "$ref" not in value:
                yield f"{place}.{name}"
        for name, value in part.items():
            if name not in ("view", "if", "then", "allOf"):
                yield from _undescribed(value, f"{place}.{name}")
    elif isinstance(part, list):
        for value in part:
            yield from _undescribed(value, place)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_every_key_of_a_schema_is_described(path):
    assert list(_undescribed(json.loads(path.read_text(encoding="utf-8")))) == []


def test_every_option_of_a_view_is_described():
    named = re.findall(r"^([a-z_, ]+)$", inspect.getdoc(ViewOptions), re.M)
    assert {item.name for item in fields(ViewOptions)} <= {name for line in named for name in line.split(", ")}


def test_every_finding_of_the_code_is_listed_with_its_words():
    import reference_findings

    told = reference_findings.findings()
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "pathfa").rglob("*.py")]
    assert {code for text in sources for code in IN_CODE.findall(text)} <= {each.code for each in told}
    assert [each for each in told if not each.found] == []
    page = reference_findings.made()
    assert all(f"`{each.code}`" in page for each in told)


def test_what_is_filled_in_and_what_depends_is_told_as_such():
    import reference_findings

    told = {each.code: each for each in reference_findings.findings()}
    assert told["few-samples"].found == "… samples"
    assert told["constant-samples"].fix == "leave it out, or write NA where nothing was measured"
    assert told["bad-time"].severity == told["infinite-values"].severity == "error"  # codes that a loop gives
    assert " / " in told["bad-event"].found  # one or the other


def test_limits_and_stages_are_complete():
    import reference_limits
    import reference_stages

    limits, stages = reference_limits.made(), reference_stages.made()
    assert all(f"| `{code}` |" in limits for code in LIMITS)
    assert all(f"| `{stage.name}` |" in stages for stage in STAGES)
    assert "| `results/COHORT/COLLECTION/RUN/model.h5` | The fitted model |" in stages


def test_every_command_is_listed_with_its_options():
    import reference_commands

    page = reference_commands.made()
    assert "### `pathfa fit`" in page
    assert "`--n-starts` NUMBER | 4 |" in page
    assert "| `MODEL.h5` | needed |" in page


def test_the_configuration_is_described_key_by_key():
    pytest.importorskip("numpydoc")
    import reference_schemas

    page = reference_schemas.configuration()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows
    assert [line for line in rows if line.endswith("|  |")] == []
