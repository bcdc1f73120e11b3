"""Runs whose starts are jobs of their own."""

import json
import shutil

import pytest

import pathfa as pf

pytestmark = pytest.mark.workflow
JOBS = [f"good/sets/apart/{start}/fit_start" for start in (1, 2, 3)]


@pytest.fixture
def apart(project):
    """The same fit as one job, and with a job per start."""
    options = {"n_factors": 2, "loading_prior": "strict", "n_starts": 3}
    project.write(runs={"whole": options, "apart": {**options, "job_per_start": True}})
    return project


def _models(project):
    return {run: pf.PathFA.load(project.results / f"good/sets/{run}/model.h5") for run in ("whole", "apart")}


def test_the_same_model_with_snakemake_and_without(apart):
    done = apart.snakemake()
    assert done.returncode == 0, done.stderr
    fits = {name for name in apart.states() if name.rpartition("/")[2] in ("fit", "fit_start", "select")}
    assert fits == {*JOBS, "good/sets/apart/select", "good/sets/whole/fit"}
    models = _models(apart)
    assert models["apart"].log_evidence_ == pytest.approx(models["whole"].log_evidence_, abs=0.01)
    assert sorted(models["apart"].selection_["seed"]) == sorted(models["whole"].selection_["seed"])
    command = models["apart"].provenance_["command"].splitlines()
    assert [line.split()[:2] for line in command] == [["pathfa", "fit"]] * 3 + [["pathfa", "select"]]
    assert "--only-start 2" in command[1]

    before = apart.times()
    shutil.rmtree(apart.results / "good/sets/apart/starts")  # they may be deleted
    assert apart.snakemake().returncode == 0
    assert apart.times() == before
    runs = apart.config["runs"]
    apart.write(runs={"apart": runs["whole"], "whole": runs["apart"]})  # the other way round
    planned = apart.snakemake("--dry-run").stdout
    assert [planned.count(f"\nrule {name}:") for name in ("fit", "fit_start", "select")] == [1, 3, 1]
    apart.write(runs=runs)

    theirs = models["apart"].scores_
    shutil.rmtree(apart.results)
    done = apart.pathfa("run", "config.yaml", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["reports"]) == 2
    assert {name for name in apart.states() if name.startswith("good/sets/apart")} == {
        *JOBS,
        *(f"good/sets/apart/{stage}" for stage in ("select", "tables", "report")),
    }
    assert _models(apart)["apart"].scores_.equals(theirs)

    before = apart.times()
    (apart.results / "good/sets/apart/starts/2.h5").unlink()
    apart.write(runs={**runs, "whole": {**runs["whole"], "job_per_start": True}})
    assert apart.pathfa("run", "config.yaml").returncode == 0
    again = {name for name, written in apart.times().items() if written != before.get(name)}
    starts = {f"good/sets/whole/{start}/fit_start" for start in (1, 2, 3)}
    ends = {f"good/sets/whole/{stage}" for stage in ("select", "tables", "report")}
    assert again == {"gate", *starts, *ends, "index"}
    assert "good/sets/whole/fit" not in apart.states()


@pytest.mark.slow
def test_a_start_that_is_killed_is_fitted_again_alone(apart):
    long = {"n_factors": 6, "loading_prior": "soft", "n_starts": 3, "tol": 1e-12, "max_iter": 4000}
    apart.write(runs={"apart": {**long, "job_per_start": True}})
    assert apart.snakemake("--until", "ingest").returncode == 0
    killed, code = apart.kill_job(JOBS, seconds=120)
    assert code == 1
    failed = (apart.results / "FAILED.md").read_text()
    assert f"## fit_start: cohort `good`, collection `sets`, run `apart`, start `{killed.split('/')[3]}`" in failed
    assert "fit_start" in (apart.results / "index.html").read_text()
    assert not list(apart.results.rglob("model.h5"))

    quick = {"n_factors": 2, "loading_prior": "strict", "n_starts": 3, "max_iter": 30}
    apart.write(runs={"apart": {**quick, "job_per_start": True}})
    assert apart.snakemake().returncode == 0
    assert (apart.results / "good/sets/apart/report.html").is_file()
    assert not (apart.results / "FAILED.md").exists()

    shutil.rmtree(apart.results / "good/sets/apart/tables")
    for name in ("index.html", "good/sets/apart/model.h5", "good/sets/apart/starts/2.h5"):
        (apart.results / name).unlink()
    before = apart.times()
    assert apart.snakemake().returncode == 0
    again = {name for name, written in apart.times().items() if written != before[name]}
    assert again == {JOBS[1], *(f"good/sets/apart/{stage}" for stage in ("select", "tables", "report")), "index"}
    assert apart.leftovers() == []
