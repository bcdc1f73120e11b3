"""The help of every command is for people who do not write Python."""

import os
import re
from datetime import datetime

import pytest

from pathfa.cli.console import there_before
from pathfa.cli.main import COMMANDS, main

NAMES = [command.__name__ for commands in COMMANDS.values() for command in commands]


_TYPES = re.compile(r"<(list\[|int|float|str|path|bool)|\b(INTEGER|FLOAT|RANGE|BOOLEAN)\b")  # of any version of typer


def help_of(command: str, capsys, monkeypatch) -> str:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERMINAL_WIDTH", "120")
    assert main([*command.split(), "--help"]) == 0
    return capsys.readouterr().out


def test_the_program_names_every_command_and_no_types_of_python(capsys, monkeypatch):
    shown = help_of("", capsys, monkeypatch)
    assert [name for name in NAMES if not re.search(rf"^│ {name} ", shown, re.M)] == []
    assert _TYPES.findall(shown) == []


@pytest.mark.parametrize("command", NAMES)
def test_a_command_has_an_example_and_no_types_of_python(command, capsys, monkeypatch):
    shown = help_of(command, capsys, monkeypatch)
    assert f"Example: pathfa {command}" in re.sub(r"\s+", " ", shown)
    options = [line for line in shown.splitlines() if re.match(r"│ [ *]*--", line)]
    assert [line for line in options if _TYPES.search(line)] == []


def test_options_stand_in_panels_in_one_order(capsys, monkeypatch):
    shown = help_of("fit", capsys, monkeypatch)
    panels = re.findall(r"^╭─ (\w+) ─", shown, re.M)
    assert [name for name in panels if name != "Options"] == ["Data", "Model", "Search", "Output"]
    parts = dict(zip(panels, re.split(r"^╭─ \w+ ─", shown, flags=re.M)[1:], strict=True))
    assert re.findall(r"--[a-z-]+", parts["Options"]) == ["--help"]
    for option, panel in {"--view": "Data", "--sign": "Model", "--n-starts": "Search", "--out": "Output"}.items():
        assert option in parts[panel]


def test_what_is_replaced_is_said(tmp_path):
    file, folder = tmp_path / "model.h5", tmp_path / "tables"
    folder.mkdir()
    assert there_before(None) == there_before(file) == there_before(folder) == []
    file.write_text("x")
    os.utime(file, (0, datetime(2026, 5, 4, 12, 30).timestamp()))
    assert there_before(file) == [f"replaced the file {file} of 2026-05-04 12:30"]
    (folder / "scores.tsv").write_text("x")
    (said,) = there_before(folder)
    assert "files of the same names" in said
