"""What the index page says of the jobs of a fit."""

import json
from pathlib import Path

import pytest

from pathfa.workflow.gate import GateDecision, write_decisions
from pathfa.workflow.index import collect
from pathfa.workflow.layout import Layout

NAMES = {"cohort": "a", "collection": "h", "run": "main"}


@pytest.fixture
def layout(tmp_path):
    """Results of one fit whose report began at noon."""
    made = Layout(str(tmp_path))
    write_decisions(tmp_path / "gate.tsv", [GateDecision(cohort="a", collection="h", decision="fit")])
    (tmp_path / "a/h/main/report_files").mkdir(parents=True)
    (tmp_path / "a/h/main/report_files/status.json").write_text("{}")
    (tmp_path / "a/h/main/report.html").write_text("")
    _state(made, "report", "done", 12)
    return made


def _state(layout, stage, state, hour):
    path = Path(layout.status(stage, *NAMES.values()))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = {**NAMES, "stage": stage, "state": state, "started": f"2026-01-01T{hour:02}:00:00+00:00", "message": "bad"}
    path.write_text(json.dumps(text))


@pytest.mark.parametrize("stage", ["fit", "check", "tables"])
def test_a_failure_counts_unless_a_report_was_made_after_it(layout, stage):
    _state(layout, stage, "failed", 11)
    assert [(entry["state"], entry["link"]) for entry in collect(layout)] == [("done", "a/h/main/report.html")]
    _state(layout, stage, "running", 13)
    (entry,) = collect(layout)
    assert entry["state"] == "failed"
    assert entry["reason"] == f"{stage}: bad"
