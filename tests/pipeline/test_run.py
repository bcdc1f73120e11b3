"""What ``pathfa run`` does when a job goes wrong."""

import pytest

from pathfa.config import parse_config
from pathfa.pipeline import stages
from pathfa.pipeline.run import run_config
from pathfa.pipeline.templates import demo_config


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
    assert outcome.failed == ["gene_sets absent", "fit demo programmes main"]
    told = (tmp_path / "results/FAILED.md").read_text()
    assert told.startswith("# 2 failed jobs")
    assert "ZeroDivisionError: of nothing" in told
    assert "Traceback" in told
    assert "absent.gmt does not exist" in told
    page = (tmp_path / "results/index.html").read_text()
    assert "of nothing" in page
    assert "absent.gmt does not exist" in page


def test_stopped_by_the_keyboard(config, monkeypatch, tmp_path):
    monkeypatch.setattr(stages, "fit", _raise(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run_config(config, progress=False)
    told = (tmp_path / "results/FAILED.md").read_text()
    assert "stopped by the keyboard" in told
    assert "start the same command again" in told
    assert "bug" not in told
