"""The state of every job is kept, and what failed is told in one place."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.findings import error
from pathfa.workflow.layout import Layout
from pathfa.workflow.status import failures, recorded, states, take_lock, write_failures

NAMES = {"cohort": "a", "collection": "h", "run": "main"}


def test_done(tmp_path):
    path = tmp_path / "fit.status.json"
    with recorded(path, "fit", NAMES) as details:
        assert json.loads(path.read_text())["state"] == "running"
        details["converged"] = True
    state = json.loads(path.read_text())
    assert state["state"] == "done"
    assert state["converged"] is True
    assert state["run"] == "main"
    assert state["seconds"] >= 0


def test_failed(tmp_path):
    finding = error("x", "bad", fix="mend it")
    with pytest.raises(InputError), recorded(tmp_path / "fit.status.json", "fit", NAMES):
        raise InputError(findings=[finding])
    (state,) = states(tmp_path)
    assert (state["state"], state["error"]) == ("failed", "InputError")
    assert state["findings"][0]["fix"] == "mend it"


def test_nothing_is_kept_without_a_file():
    with recorded(None, "fit") as details:
        details["x"] = 1


def test_failed_jobs_are_told(tmp_path):
    since = datetime.now(UTC)
    logs = tmp_path / "_logs"
    with recorded(logs / "a" / "ingest.status.json", "ingest", {"cohort": "a"}):
        pass
    with pytest.raises(InputError), recorded(logs / "a" / "fit.status.json", "fit", NAMES):
        raise InputError("the input is bad")
    (logs / "a" / "fit.log").write_text("".join(f"line {number}\n" for number in range(100)))
    running = {**NAMES, "stage": "report", "state": "running", "started": since.isoformat()}
    (logs / "a" / "report.status.json").write_text(json.dumps(running))
    old = {**NAMES, "stage": "old", "state": "failed", "started": "2020-01-01T00:00:00+00:00"}
    (logs / "a" / "old.status.json").write_text(json.dumps(old))

    broken = failures(logs, since)
    assert {item["stage"]: item["state"] for item in broken} == {"fit": "failed", "report": "killed"}
    write_failures(Layout(str(tmp_path)), since)
    text = (tmp_path / "FAILED.md").read_text()
    assert text.startswith("# 2 failed jobs")
    assert "## fit: cohort `a`, collection `h`, run `main`" in text
    assert "InputError: the input is bad" in text
    assert "line 99" in text
    assert "line 79\n" not in text
    assert "too much memory" in text
    assert text.count("**Fix:**") == 2


HOLD = """
import sys, time
from pathfa.workflow.layout import Layout
from pathfa.workflow.status import take_lock
lock = take_lock(Layout(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_run_in_a_folder_is_refused_until_the_first_is_gone(tmp_path):
    layout = Layout(str(tmp_path / "results"))
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, layout.output],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert other.stdout.readline() == "held\n"
        deadline = time.monotonic() + 10
        while not Path(f"{layout.lock}.json").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(ConfigError, match=f"process {other.pid}"):
            take_lock(layout)
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        other.stdout.close()
    with take_lock(layout):
        assert json.loads(Path(f"{layout.lock}.json").read_text())["pid"] == os.getpid()
