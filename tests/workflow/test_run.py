"""``pathfa run`` does without Snakemake what Snakemake does."""

import json
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.workflow


def test_a_second_run_does_what_a_change_touches(project):
    project.write(cohorts={"good": project.source("good"), "broken": project.source("broken")})
    done = project.pathfa("run", "config.yaml", "--json")
    assert done.returncode == 0, done.stderr
    assert re.search(r"fit good sets main: done in \d+ s", done.stderr)
    outcome = json.loads(done.stdout)
    assert "fit good sets main" in outcome["ran"]
    assert outcome["reports"] == ["results/good/sets/main/report.html"]
    assert [item["cohort"] for item in outcome["skipped"]] == ["broken"]

    before = project.times()
    project.write(report={"title": "Another heading"})
    done = project.pathfa("run", "config.yaml")
    assert done.returncode == 0
    assert re.search(
        r"^(PASS|CAUTION|DO NOT INTERPRET): .+\.\n  open results/good/sets/main/report.html$", done.stdout, re.M
    )
    assert "nothing to do" not in done.stdout
    again = {name for name, time in project.times().items() if time != before[name]}
    assert again == {"gate", "good/sets/main/report", "index"}

    before = project.times()
    done = project.pathfa("run", "config.yaml")
    assert done.returncode == 0
    assert "nothing to do" in done.stdout
    again = {name for name, time in project.times().items() if time != before[name]}
    assert again == {"gate", "index"}


def test_a_job_that_fails_leaves_the_others_alone(project):
    cohort = project.source("good")
    (project.folder / "others.tsv").write_text("sample\tgroup\nnobody\ta\nnowhere\tb\n")
    bad = {**cohort, "covariates": "others.tsv"}
    project.write(cohorts={"bad": bad, "good": cohort})
    done = project.pathfa("run", "config.yaml")
    assert done.returncode == 0
    assert "skipped: bad" in done.stdout
    assert (project.results / "good/sets/main/report.html").is_file()


def test_a_changed_file_under_the_same_name_is_refused(project):
    path = project.folder / "rna.tsv"
    shutil.copy(project.cohorts / "good_rna.tsv", path)
    views = {"rna": {"path": "rna.tsv", "sha256": "0" * 64}}
    done = project.pathfa(
        "validate", "--view", f"rna={json.dumps(views['rna'])}", "--gene-sets", str(project.cohorts / "sets.gmt")
    )
    assert done.returncode == 65
    assert "changed under the same name" in done.stdout


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(project, small_disk):
    (small_disk / "ballast").write_bytes(b"0" * 2_060_000)
    out = small_disk / "cohort.h5mu"
    view = f"rna={project.cohorts / 'good_rna.tsv'}"
    done = project.program("ingest", "--view", view, "--out", str(out))
    assert done.returncode == 78
    message = done.stderr.splitlines()[-1]  # before it HDF5 itself may complain about what it could not close
    assert message.startswith("error: ")
    assert "the disk is full" in message
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_read_only_disk(project, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    project.write(output=str(small_disk / "results"))
    for words in (("run", "config.yaml"), ("simulate", "--out", str(small_disk / "demo"))):
        done = project.pathfa(*words)
        assert done.returncode == 78, done.stderr
        assert "read-only" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_second_run_in_the_folder_is_refused(project):
    from pathfa.workflow.layout import Layout
    from pathfa.workflow.status import take_lock

    with take_lock(Layout(str(project.results))):
        for done in (project.pathfa("run", "config.yaml"), project.snakemake()):
            assert done.returncode != 0
            assert "another run has worked here since" in done.stderr + done.stdout
    assert not (project.results / "good").exists()
