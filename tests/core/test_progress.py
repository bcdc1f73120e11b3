"""Progress is one line on a terminal, and a line now and then in a log."""

import io
import logging
import subprocess
import sys

import pytest

from pathfa.core import progress

STEPS = [("strict, 2 factors", 1, -90.0), ("strict, 2 factors", 2, -80.0), ("soft, 2 factors", 1, -85.0)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def on_terminal(monkeypatch):
    """Put a terminal in the place of stderr; within a test, since pytest puts its own there before."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return made


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by 20 seconds whenever it is looked at."""
    now = iter(range(0, 10_000, 20))
    monkeypatch.setattr(progress, "perf_counter", lambda: next(now))


def _tell():
    with progress.show_progress(True, "up to 3 factors") as report:
        for step in STEPS:
            report(*step)


def test_a_terminal_sees_fits_evidence_and_time(monkeypatch):
    terminal = on_terminal(monkeypatch)
    _tell()
    said = terminal.getvalue()
    assert "fit: up to 3 factors" in said
    assert "fit 2, iteration 1, best log evidence -80: soft, 2 factors" in said
    assert "0:00:0" in said


@pytest.mark.parametrize("name", ["soft, 11 factors, start 'activities'", "strict, 200 factors, start 'random 12'"])
def test_a_narrow_terminal_cuts_no_number(monkeypatch, name):
    terminal = on_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "80")
    with progress.show_progress(True, "up to 200 factors") as report:
        report(name, 1, -123_456_789.0)
        report(name, 1234, -23_456_789.0)
    assert "fit 1, iteration 1234, best log evidence -23,456,789: s" in terminal.getvalue()


def test_a_log_has_whole_lines_twice_a_minute_at_most(clock, caplog):
    with caplog.at_level(logging.INFO, "pathfa"):
        _tell()
    assert [record.getMessage() for record in caplog.records] == [
        "fit: up to 3 factors",
        "fit 1, iteration 2, best log evidence -80: strict, 2 factors (40 s so far)",
    ]


def test_items_of_a_kind_have_a_time_left(clock, caplog):
    with caplog.at_level(logging.INFO, "pathfa"):
        assert list(progress.counted("abc", "refits", 3, wanted=True)) == ["a", "b", "c"]
    assert [record.getMessage() for record in caplog.records] == [
        "refits: 1 of 3, about 80 s left (40 s so far)",
        "refits: 2 of 3, about 40 s left (80 s so far)",
    ]


def test_items_on_a_terminal(monkeypatch):
    terminal = on_terminal(monkeypatch)
    assert list(progress.counted("abc", "refits", 3, wanted=True)) == ["a", "b", "c"]
    assert "refits: 3 of 3" in terminal.getvalue()


def test_nothing_is_shown_unless_wanted(monkeypatch, caplog):
    terminal = on_terminal(monkeypatch)
    with progress.show_progress(False, "up to 3 factors") as report:
        assert report is None
    assert list(progress.counted("abc", "refits", 3, wanted=False)) == ["a", "b", "c"]
    assert terminal.getvalue() == ""
    assert caplog.records == []


FIT = """
import pathfa, pathfa.core.progress
from pathfa.cli.console import set_up_logging
set_up_logging()
pathfa.core.progress.EVERY = 0.0
drawn = pathfa.simulate(n_samples=12, gene_sets=6, seed=0)
pathfa.PathFA(n_factors=1, loading_prior="strict", n_starts=2).fit(drawn.mdata, drawn.gene_sets)
"""


def test_a_log_of_a_fit_is_plain():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FIT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, *lines = done.stderr.splitlines()
    assert first == "fit: with 1 factor"
    assert all(line.startswith("fit ") for line in lines)
    assert "fit 2, iteration 1, best log evidence " in done.stderr
    assert not {"\r", "\x1b"} & set(done.stderr)
