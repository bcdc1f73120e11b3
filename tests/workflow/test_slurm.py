"""What the SLURM profile asks of a cluster, shown with a test double of SLURM."""

import json
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = ("--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1")
pytestmark = [pytest.mark.workflow, pytest.mark.slow]


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """The double under the names of the programs of SLURM; returns the function that reads what was submitted."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sbatch", "squeue", "sacct", "srun", "scontrol", "sacctmgr", "sinfo", "scancel"):
        shutil.copy(Path(__file__).with_name("slurm_double.py"), programs / name)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return lambda: [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]


def test_job_arrays_and_resources(project, slurm):
    project.write(
        cohorts={"good": project.source("good"), "other": project.source("other")},
        runs={"main": {**project.config["runs"]["main"], "n_starts": 2}},
        resources={"mem_mb": 3000, "runtime": 60, "threads": 2, "gpu": 1},
    )
    profile = ROOT / "workflows/profiles/slurm"
    done = project.snakemake("--workflow-profile", str(profile), "--latency-wait", "5", *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(project.results.glob("*/sets/main/report.html"))) == 2

    calls = [(call["array"], " ".join(call["words"])) for call in slurm()]
    asked = {
        rule: (array, text) for rule in ("validate", "fit", "report") for array, text in calls if f"rule_{rule}" in text
    }
    assert asked["validate"][0] == "1-2"  # both cohorts in one array; later jobs are ready one after the other
    fit = asked["fit"][1]
    assert "-t 60" in fit
    assert "--cpus-per-task=2" in fit
    assert "--gpus=1" in fit
    memory = int(fit.split("--mem ")[1].split()[0])
    assert 3000 <= memory <= 3010  # the executor adds a little for arrays
    assert "-t 30" in asked["report"][1]
    assert "--gpus" not in asked["report"][1]
    assert "-A default" in fit
