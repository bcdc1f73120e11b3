import json
from dataclasses import replace

import pytest
from random_result import random_checks, random_result

from pathfa.core.errors import InputError
from pathfa.reporting import files_of, report, status_path
from pathfa.reporting.sections import build
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.verdict.prose import judge
from pathfa.result.judgement import Level

GOOD = random_result(n_samples=60, loadings=random_result(n_samples=60).prior_loadings)
CHECKS = random_checks(GOOD)


def judged(checks):
    study = gather(
        GOOD,
        Request(title="t", covariates=None, technical=(), time="", event="", checks=checks, command="", salt=""),
    )
    verdict = judge(study)
    return {reason.code: reason for reason in verdict.reasons}, {s.anchor: s for s in build(study)}


def changed(name, **values):
    return replace(CHECKS, tables={**CHECKS.tables, name: CHECKS.tables[name].assign(**values)})


@pytest.mark.parametrize(
    ("r2", "lower", "level"), [(0.2, 0.1, Level.PASS), (0.02, -0.01, Level.CAUTION), (-0.01, -0.1, Level.STOP)]
)
def test_samples_that_are_not_predicted_stop_the_reader(r2, lower, level):
    reasons, sections = judged(changed("heldout", r2=r2, lower=lower))
    assert reasons["heldout"].level is level
    assert "heldout" in sections["fit"].tables()


@pytest.mark.parametrize(("without", "level"), [(-10_000.0, Level.PASS), (0.0, Level.CAUTION)])
def test_gene_sets_that_are_worth_nothing_are_named(without, level):
    reasons, sections = judged(changed("uninformed", without_gene_sets=without))
    assert reasons["uninformed"].level is level
    assert ("prefers the model without gene sets" in sections["prior"].lead) is (level is Level.CAUTION)


def texts(section):
    return " ".join(" ".join(block.paragraphs) for block in section.blocks if hasattr(block, "paragraphs"))


def test_what_was_not_run_is_said_and_so_is_why_a_check_failed():
    _, sections = judged(replace(CHECKS, tables={}, not_done={"heldout": "too few samples"}))
    assert "could not be done: too few samples" in texts(sections["fit"])
    for words in ("one without gene sets", "Decoys were not run", "not repeated on resamples"):
        assert words in texts(sections["prior"])
    _, sections = judged(CHECKS)
    assert texts(sections["prior"]) == ""


def test_the_report_takes_the_file_of_checks(tmp_path):
    CHECKS.save(tmp_path / "checks.json")
    path = report(GOOD, tmp_path / "report.html", checks=tmp_path / "checks.json")
    names = {file.name for file in files_of(path).iterdir()}
    figures = json.loads(status_path(path).read_text(encoding="utf-8"))["figures"]
    assert figures["held-out R2 of rna"] == 0.2
    assert {"heldout.tsv", "uninformed.tsv", "decoys.tsv", "stability.tsv", "identifiers.tsv"} <= names


def test_checks_of_another_model_are_refused(tmp_path):
    with pytest.raises(InputError, match="run the checks on this model again"):
        report(random_result(seed=5), tmp_path / "report.html", checks=CHECKS)
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_could_not_be_done_is_a_concern():
    reasons, _ = judged(replace(CHECKS, tables={}, not_done={"heldout": "7 factors, 6 samples"}))
    assert reasons["heldout"].level is Level.CAUTION
    assert reasons["heldout"].text.endswith("It could not be done: 7 factors, 6 samples.")
