"""What ``pathfa run`` does when a job goes wrong."""

import json

import pytest
from random_result import random_result

from pathfa.cli import main
from pathfa.core.errors import MissingInputError
from pathfa.core.findings import Finding, Severity
from pathfa.workflow import actions, validation
from pathfa.workflow.layout import demo_config
from pathfa.workflow.run import place_in_row


@pytest.fixture
def config(tmp_path):
    """The demo cohort, and a collection that is not there."""
    values = demo_config(str(tmp_path / "results"), 0)
    values["gene_sets"]["absent"] = str(tmp_path / "absent.gmt")
    return values


@pytest.fixture
def run(tmp_path, capsys):
    """Return a function that runs a configuration and returns the exit code and the outcome."""

    def run_config(values):
        path = tmp_path / "config.yaml"
        path.write_text(json.dumps(values))
        code = main(["run", str(path), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run_config


def _raise(error):
    def broken(*_, **__):
        raise error

    return broken


def test_a_bug_in_one_fit_is_told_and_does_not_stop_the_run(config, run, monkeypatch, tmp_path):
    monkeypatch.setattr(actions, "fit", _raise(ZeroDivisionError("of nothing")))
    code, outcome = run(config)
    assert code == 65
    assert outcome["failed"] == ["fit demo programmes main"]
    assert outcome["reports"] == []
    assert [(item["cohort"], item["collection"]) for item in outcome["skipped"]] == [("demo", "absent")]
    told = (tmp_path / "results/FAILED.md").read_text()
    assert told.startswith("# 1 failed job\n")
    assert "ZeroDivisionError: of nothing" in told
    assert "raise error\nZeroDivisionError: of nothing" in told  # the end of the log, which has all of the traceback
    assert (tmp_path / "results/_logs/demo/programmes/main/fit.log").read_text().startswith("Traceback")
    page = (tmp_path / "results/index.html").read_text()
    assert "of nothing" in page
    assert "absent.gmt does not exist" in page


def test_a_collection_that_cannot_be_downloaded_is_a_failure_and_the_others_go_on(config, run, monkeypatch, tmp_path):
    finding = Finding(code="no-download", severity=Severity.ERROR, found="no network", fix="try again")
    read = validation.read_collection

    def fetch(item):
        if item.path.endswith("absent.gmt"):
            raise MissingInputError(findings=[finding])
        return read(item)

    monkeypatch.setattr(validation, "read_collection", fetch)
    monkeypatch.setattr(actions, "fit", _raise(ZeroDivisionError("of nothing")))
    _, outcome = run(config)
    assert outcome["failed"] == ["gene_sets absent", "fit demo programmes main"]
    assert outcome["skipped"] == []
    assert "no network" in (tmp_path / "results/index.html").read_text()


def test_stopped_by_the_keyboard(config, run, monkeypatch, tmp_path):
    monkeypatch.setattr(actions, "fit", _raise(KeyboardInterrupt()))
    code, outcome = run(config)
    assert (code, outcome["error"]) == (130, "KeyboardInterrupt")
    told = (tmp_path / "results/FAILED.md").read_text()
    assert "stopped by the keyboard" in told
    assert "start the same command again" in told
    assert "bug" not in told


def test_an_absent_column_skips_its_cohort_and_no_other(run, monkeypatch, tmp_path):
    actions.simulate(tmp_path / "files", 0)
    (tmp_path / "patients.tsv").write_text(
        (tmp_path / "files/samples.tsv").read_text().replace("survival_time", "months", 1)
    )
    values = demo_config(str(tmp_path / "results"), 0)
    views = {view: str(tmp_path / f"files/{view}.tsv") for view in ("rna", "protein")}
    values["cohorts"]["other"] = {"views": views, "covariates": str(tmp_path / "patients.tsv")}
    monkeypatch.setattr(actions, "fit", _raise(ZeroDivisionError("of nothing")))
    _, outcome = run(values)
    assert outcome["failed"] == ["fit demo programmes main"]  # it was the only one to be fitted
    (skipped,) = outcome["skipped"]
    assert skipped["cohort"] == "other"
    assert "'survival_time' is no column of the covariates" in skipped["reason"]


def test_a_run_that_fits_nothing_is_no_success_and_says_what_to_do(tmp_path, capsys):
    (tmp_path / "rna.tsv").write_text("gene\ts1\ts2\nG1\t1.5\thigh\nG2\t2.5\t1.0\n")
    (tmp_path / "sets.gmt").write_text("A\t\tG1\tG2\n")
    values = {
        "output": str(tmp_path / "results"),
        "cohorts": {"bad": {"views": {"rna": str(tmp_path / "rna.tsv")}}},
        "gene_sets": {"sets": str(tmp_path / "sets.gmt")},
    }
    (tmp_path / "config.yaml").write_text(json.dumps(values))
    assert main(["run", str(tmp_path / "config.yaml")]) == 65
    assert "Fix: move descriptions to the sample sheet" in capsys.readouterr().out


def test_collections_none_of_which_can_be_downloaded(config, run, monkeypatch, tmp_path):
    finding = Finding(code="no-download", severity=Severity.ERROR, found="no network", fix="try again")
    monkeypatch.setattr(validation, "read_collection", _raise(MissingInputError(findings=[finding])))
    code, outcome = run(config)
    assert code == 65
    assert outcome["failed"] == ["gene_sets programmes", "gene_sets absent"]
    assert (tmp_path / "results/index.html").read_text().count("no network") >= 2


def test_time_left_from_the_jobs_that_are_done():
    assert place_in_row(0, 3, 0.0) == "1 of 3"
    assert place_in_row(1, 3, 30.0) == "2 of 3, about 60 s left"  # one took 30 s, two are to come
    assert place_in_row(2, 3, 60.0) == "3 of 3, about 30 s left"


def test_a_model_that_was_written_again_is_read_again(tmp_path):
    scores = []
    for seed in (0, 0, 1):
        random_result(seed=seed).save(tmp_path / "model.h5")
        actions.tables(tmp_path / "model.h5", tmp_path / "tables")
        scores.append((tmp_path / "tables/scores.tsv").read_text())
    assert scores[0] == scores[1] != scores[2]
