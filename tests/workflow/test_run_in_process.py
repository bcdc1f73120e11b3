"""What ``pathfa run`` does when a job goes wrong."""

import json

import pytest

from pathfa.cli import main
from pathfa.core.errors import MissingInputError
from pathfa.core.findings import error
from pathfa.workflow import gene_sets, stages
from pathfa.workflow.config import parse_config
from pathfa.workflow.config.templates import demo_config
from pathfa.workflow.run import run_config


@pytest.fixture
def config(tmp_path):
    """The demo cohort, and a collection that is not there."""
    values = demo_config(str(tmp_path / "results"), 0)
    values["gene_sets"]["absent"] = str(tmp_path / "absent.gmt")
    return parse_config(values)


def _raise(error):
    def broken(*_, **__):
        raise error

    return broken


def test_a_bug_in_one_fit_is_told_and_does_not_stop_the_run(config, monkeypatch, tmp_path):
    monkeypatch.setattr(stages, "fit", _raise(ZeroDivisionError("of nothing")))
    outcome = run_config(config, progress=False)
    assert outcome.failed == ["fit demo programmes main"]
    assert [(item.cohort, item.collection) for item in outcome.skipped] == [("demo", "absent")]
    told = (tmp_path / "results/FAILED.md").read_text()
    assert told.startswith("# 1 failed job\n")
    assert "ZeroDivisionError: of nothing" in told
    assert "Traceback" in told
    page = (tmp_path / "results/index.html").read_text()
    assert "of nothing" in page
    assert "absent.gmt does not exist" in page


def test_a_collection_that_cannot_be_downloaded_is_a_failure_and_the_others_go_on(config, monkeypatch, tmp_path):
    finding = error("no-download", "no network", fix="try again")
    read = gene_sets.read_collection

    def fetch(item):
        if item.path.endswith("absent.gmt"):
            raise MissingInputError(findings=[finding])
        return read(item)

    monkeypatch.setattr(gene_sets, "read_collection", fetch)
    monkeypatch.setattr(stages, "fit", _raise(ZeroDivisionError("of nothing")))
    outcome = run_config(config, progress=False)
    assert outcome.failed == ["gene_sets absent", "fit demo programmes main"]
    assert outcome.skipped == []
    assert "no network" in (tmp_path / "results/index.html").read_text()


def test_stopped_by_the_keyboard(config, monkeypatch, tmp_path):
    monkeypatch.setattr(stages, "fit", _raise(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run_config(config, progress=False)
    told = (tmp_path / "results/FAILED.md").read_text()
    assert "stopped by the keyboard" in told
    assert "start the same command again" in told
    assert "bug" not in told


def test_an_absent_column_skips_its_cohort_and_no_other(monkeypatch, tmp_path):
    stages.simulate(tmp_path / "files", 0)
    (tmp_path / "patients.tsv").write_text(
        (tmp_path / "files/samples.tsv").read_text().replace("survival_time", "months", 1)
    )
    values = demo_config(str(tmp_path / "results"), 0)
    views = {view: str(tmp_path / f"files/{view}.tsv") for view in ("rna", "protein")}
    values["cohorts"]["other"] = {"views": views, "covariates": str(tmp_path / "patients.tsv")}
    monkeypatch.setattr(stages, "fit", _raise(ZeroDivisionError("of nothing")))
    outcome = run_config(parse_config(values), progress=False)
    assert outcome.failed == ["fit demo programmes main"]  # it was the only one to be fitted
    (skipped,) = outcome.skipped
    assert skipped.cohort == "other"
    assert "'survival_time' is no column of the covariates" in skipped.reason


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
