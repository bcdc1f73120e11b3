"""The workflow from tables to reports: complete, incremental, and patient with broken cohorts."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
import yaml

from pathfa.core.schemas import schema
from pathfa.workflow.gate import read_decisions

pytestmark = pytest.mark.workflow
ROOT = Path(__file__).parents[2]


def _changed(before, after):
    return {name.rpartition("/")[2] for name in after if after[name] != before.get(name)}


def _complete(project):
    """Run a good and a broken cohort, and see what there is of both."""
    project.write(
        title="Two cohorts",
        cohorts={"good": project.source("good") | {"title": "The good one"}, "broken": project.source("broken")},
    )
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    results = project.results
    assert "The good one" in (results / "good/sets/main/report.html").read_text()
    page = (results / "index.html").read_text()
    assert "good/sets/main/report.html" in page
    assert "broken" in page
    assert "no number" in page  # the reason
    assert not (results / "broken/sets").exists()
    assert not (results / "FAILED.md").exists()
    assert {state["state"] for state in project.states().values()} == {"done"}
    for state in project.states().values():
        jsonschema.validate(state, schema("status"))
    for cohort in ("good", "broken"):
        jsonschema.validate(json.loads((results / cohort / "validation.json").read_text()), schema("validation"))


def test_complete_as_without_it_then_only_what_a_change_touches(project):
    _complete(project)
    project.write(output="without")
    assert project.pathfa("run", "config.yaml").returncode == 0
    results, without = project.results, project.folder / "without"
    own = {path for path in project.files(results) if path.parts[0] == "_benchmarks" or path.suffix == ".log"}
    assert project.files(without) == {path for path in project.files(results) - own if "snakemake" not in path.name}
    assert len(project.numbers(results)) > 10
    assert project.numbers(without) == project.numbers(results)

    main = project.config["runs"]["main"]
    project.write(output="results", runs={"main": {**main, "seed": 2}})
    assert project.planned() == {"fit", "tables", "report", "index"}
    _what_pathfa_run_did_otherwise_is_not_taken_for_up_to_date(project)


def _what_pathfa_run_did_otherwise_is_not_taken_for_up_to_date(project):
    """Of the jobs of ``pathfa run`` Snakemake does not know with which options they were done."""
    for job in ("stage", "cohort"):
        project.write(output="without", resources={"job": job})
        told = project.snakemake("--dry-run")
        assert told.returncode != 0
        assert "'pathfa run' did 1 job here with other options" in told.stdout + told.stderr
        assert "such as fit good sets main" in told.stdout + told.stderr
        assert project.snakemake("--dry-run", "--forceall").returncode == 0
    assert project.pathfa("run", "config.yaml").returncode == 0
    assert project.planned() == set()


@pytest.mark.slow
def test_every_change_makes_what_depends_on_it_and_no_more(project):
    project.write(checks=["uninformed"])
    _complete(project)
    results = project.results
    report = results / "good/sets/main/report.html"
    assert "uninformed" in json.loads((results / "good/sets/main/checks.json").read_text())["settings"]["seconds"]
    done = project.snakemake("--report", "report.zip")  # Snakemake's own
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(project.folder / "report.zip") as archive:
        assert any(name.endswith("report.html") for name in archive.namelist())

    assert project.planned() == set()
    before = project.times()
    project.write(title="New title", report={"title": "Another heading"})
    assert project.snakemake().returncode == 0
    assert _changed(before, project.times()) == {"report", "index"}
    assert "Another heading" in report.read_text()
    project.write(checks=[])
    assert project.planned() == {"report", "index"}


def test_one_job_does_all_of_a_cohort_and_tells_what_failed_in_it(project):
    taken = project.results / "good/sets/main/tables"
    taken.parent.mkdir(parents=True)
    taken.write_text("a file where a folder must be")
    project.write(resources={"job": "cohort"})
    assert project.snakemake().returncode == 1
    failed = (project.results / "FAILED.md").read_text()
    assert "## tables: cohort `good`, collection `sets`, run `main`" in failed
    assert (project.results / "good/sets/main/report.html").is_file()
    assert not (project.results / "good/outcome.json").exists()

    before = project.times()
    taken.unlink()
    assert project.snakemake().returncode == 0
    assert _changed(before, project.times()) == {"cohort", "tables", "index"}
    assert json.loads((project.results / "good/outcome.json").read_text())["failed"] == []
    assert "good/sets/main/report.html" in (project.results / "index.html").read_text()
    assert project.planned() == set()


@pytest.mark.slow
def test_a_job_of_a_cohort_is_done_again_where_a_change_or_a_lost_file_touches_it(project):
    project.write(resources={"job": "cohort"})
    _complete(project)
    results = project.results
    assert json.loads((results / "good/outcome.json").read_text())["failed"] == []
    assert not (results / "broken/outcome.json").exists()

    before = project.times()
    project.write(title="Another page", report={"title": "Another heading"})
    assert project.planned() == {"cohort", "index"}
    assert project.snakemake().returncode == 0
    assert _changed(before, project.times()) == {"cohort", "report", "index"}

    before = project.times()
    for name in ("good/sets/main/report.html", "index.html"):
        (results / name).unlink()
    assert project.snakemake().returncode == 0
    assert _changed(before, project.times()) == {"cohort", "report", "index"}
    assert (results / "good/sets/main/report.html").is_file()


def test_on_invalid_fail_fits_nothing_and_says_why_of_cohorts_and_collections(project):
    project.write(
        cohorts={"good": project.source("good"), "broken": project.source("broken") | {"gene_sets": ["sets"]}},
        gene_sets={**project.config["gene_sets"], "absent": "nowhere.gmt"},
        gate={"on_invalid": "fail"},
    )
    done = project.snakemake()
    assert done.returncode == 1
    failed = (project.results / "FAILED.md").read_text()
    assert "## gate" in failed
    assert "cohort 'broken' with 'sets'" in failed
    assert "nowhere.gmt does not exist" in failed
    assert "on_invalid: skip" in failed
    assert not list(project.results.rglob("model.h5"))


@pytest.mark.slow
def test_what_cannot_be_read_does_not_stop_the_others(project):
    (project.folder / "page.gmt").write_text("<html><body>Not found</body></html>\n")
    bad = {"page": "page.gmt", "absent": "nowhere.gmt"}
    lost = {"views": {"rna": "nowhere/rna.tsv"}}
    other = project.source("other") | {"gene_sets": ["page"]}
    project.write(
        cohorts={"good": project.source("good"), "other": other, "lost": lost},
        gene_sets={**project.config["gene_sets"], **bad},
    )
    done = project.snakemake("--until", "gate")
    assert done.returncode == 0, done.stderr
    assert not (project.results / "FAILED.md").exists()
    for name in bad:
        jsonschema.validate(json.loads((project.results / f"_gene_sets/{name}.json").read_text()), schema("collection"))
    verdicts = {(item.cohort, item.collection): item for item in read_decisions(project.results / "gate.tsv")}
    assert {names for names, item in verdicts.items() if item.decision == "fit"} == {("good", "sets")}
    assert "nowhere.gmt does not exist" in verdicts["good", "absent"].reason
    assert "the file is a web page" in verdicts["good", "page"].reason
    assert verdicts["other", "page"].reason == verdicts["good", "page"].reason
    assert "nowhere/rna.tsv does not exist" in verdicts["lost", "sets"].reason

    before = project.times()
    (project.folder / "nowhere.gmt").write_bytes((project.cohorts / "sets.gmt").read_bytes())
    assert project.snakemake("--until", "gate").returncode == 0
    assert _changed(before, project.times()) == {"gene_sets", "validate", "gate"}
    verdicts = {(item.cohort, item.collection): item for item in read_decisions(project.results / "gate.tsv")}
    assert verdicts["good", "absent"].decision == "fit"


def test_an_output_that_is_a_file_is_told(project):
    (project.folder / "taken").write_text("mine")
    project.write(output="taken")
    done = project.snakemake()
    assert done.returncode != 0
    assert "taken is a file" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert (project.folder / "taken").read_text() == "mine"


def test_a_bad_configuration_stops_before_anything_runs(project):
    project.write(runz={})
    done = project.snakemake()
    assert done.returncode != 0
    assert "config.yaml, line" in done.stdout + done.stderr
    assert "did you mean 'runs'?" in done.stdout + done.stderr
    assert not project.results.exists()


@pytest.mark.slow
def test_a_fit_that_is_killed_leaves_nothing_half_and_a_rerun_completes(project):
    project.write(runs={"main": {"n_factors": 6, "loading_prior": "soft", "n_starts": 40, "tol": 1e-12, "seed": 1}})
    assert project.snakemake("--until", "ingest").returncode == 0
    _, code = project.kill_job(["good/sets/main/fit"], seconds=60)
    assert code == 1
    assert not (project.results / "good/sets/main/model.h5").exists()
    failed = (project.results / "FAILED.md").read_text()
    assert "## fit: cohort `good`, collection `sets`, run `main`" in failed
    assert "too much memory" in failed
    assert "failed" in (project.results / "index.html").read_text()

    project.write(runs={"main": {"n_factors": 2, "loading_prior": "strict", "n_starts": 1}})
    assert project.snakemake("--until", "fit").returncode == 0
    assert (project.results / "good/sets/main/model.h5").is_file()
    assert not (project.results / "FAILED.md").exists()
    assert project.leftovers() == []


@pytest.mark.slow
def test_lint_and_format():
    for words in (["snakemake", "--lint"], ["snakefmt", "--check", "Snakefile", "workflow", "workflows"]):
        program = Path(sys.executable).with_name(words[0])
        done = subprocess.run([program, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_shim_of_the_catalogue_finds_the_workflow(project):
    done = project.snakemake("--dry-run", snakefile=ROOT / "workflow/Snakefile")
    assert done.returncode == 0, done.stderr
    assert "checkpoint gate" in done.stdout


def test_use_as_a_module(project):
    snakefile = project.folder / "Snakefile"
    snakefile.write_text(
        f'configfile: "config.yaml"\nmodule pathfa:\n    snakefile: "{ROOT}/workflow/Snakefile"\n'
        "    config: config\nuse rule * from pathfa as pathfa_*\n"
    )
    done = project.snakemake("--dry-run", "pathfa_all", snakefile=snakefile)
    assert done.returncode == 0, done.stderr
    assert "checkpoint pathfa_gate" in done.stdout


def test_the_layout_that_snakedeploy_makes(project):
    (project.folder / "workflow").mkdir()
    shutil.copytree(ROOT / "config", project.folder / "config")
    (project.folder / "workflow/Snakefile").write_text(
        f'configfile: "config/config.yaml"\nmodule pathfa:\n    snakefile: "{ROOT}/workflow/Snakefile"\n'
        "    config: config\nuse rule * from pathfa\n"
    )
    done = project.call([Path(sys.executable).with_name("snakemake"), "--cores", "1", "--dry-run"])
    assert done.returncode == 0, done.stderr
    assert "simulate" in done.stdout
    assert "checkpoint gate" in done.stdout


def test_the_configuration_that_is_deployed_is_that_of_the_demo():
    deployed, demo = (
        yaml.safe_load((ROOT / path).read_text()) for path in ("config/config.yaml", "workflows/config/demo.yaml")
    )
    assert deployed == demo


def test_the_command_prints_the_workflow_of_this_installation(project):
    done = project.pathfa("snakefile")
    assert Path(done.stdout.strip()) == ROOT / "Snakefile"
    assert json.loads(project.pathfa("snakefile", "--json").stdout) == {"snakefile": str(ROOT / "Snakefile")}
