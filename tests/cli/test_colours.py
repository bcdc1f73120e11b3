"""Colour is for terminals: files and pipes get plain text."""

import io
import logging
import warnings

import pytest

from pathfa.cli import console
from pathfa.cli.colours import painted
from pathfa.core.errors import ConfigError, FitWarning


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def colours(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize("line", ["error: no file", "warning: few samples", "CAUTION: with care", "PASS: all"])
def test_the_first_words_have_a_colour_on_a_terminal_alone(line, monkeypatch):
    said = painted(line, Terminal())
    assert said.startswith("\x1b[")
    assert said.endswith(line.partition(":")[2])
    assert painted(line, io.StringIO()) == line
    monkeypatch.setenv("NO_COLOR", "1")
    assert painted(line, Terminal()) == line


@pytest.mark.parametrize("line", ["note: nothing is wrong", "fit 1 of 3", "", "ready to fit"])
def test_other_lines_stay_as_they_are(line):
    assert painted(line, Terminal()) == line


def test_errors_warnings_and_the_log_reach_a_terminal_in_colour(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    console.tell(ConfigError("bad option"), as_json=False)
    with warnings.catch_warnings():
        console.set_up_warnings()
        warnings.warn("of the fit", FitWarning, stacklevel=1)
    logger = logging.getLogger("pathfa")
    kept = logger.handlers, logger.level, logger.propagate
    console.set_up_logging()
    try:
        logger.error("fit a b main: no memory")
        logger.info("fit 1 of 3")
    finally:
        logger.handlers, logger.level, logger.propagate = kept
    lines = terminal.getvalue().splitlines()
    assert [line.startswith("\x1b[") for line in lines] == [True, True, True, False]
    assert ["bad option" in lines[0], "of the fit" in lines[1], "no memory" in lines[2]] == [True] * 3
