"""The layouts of presets.yaml: recognised, read, and written down in the document."""

import gzip
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from program_tables import TABLES, matrix

import pathfa
from pathfa.core.errors import ConfigError, InputError
from pathfa.data.io.presets import format_names, presets
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.tables import read_numbers


@pytest.mark.parametrize("preset", [each for each in presets() if not each.instead], ids=lambda preset: preset.source)
@pytest.mark.parametrize("declared", [False, True])
def test_every_layout_is_recognised_and_gives_its_matrix(preset, declared, tmp_path) -> None:
    name, text, samples, values = TABLES[preset.source]
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    found, read = matrix(tmp_path / f"{name}.gz", **({"format": preset.format} if declared else {}))
    assert found == samples
    assert list(read) == list(values)
    np.testing.assert_array_equal(list(read.values()), list(values.values()))
    said = [finding for finding in read_numbers(tmp_path / f"{name}.gz").findings if finding.code == "format"]
    assert [(str(finding.severity), preset.source in finding.found) for finding in said] == [("note", True)]


@pytest.mark.parametrize("preset", [each for each in presets() if each.instead], ids=lambda preset: preset.source)
def test_tables_of_something_else_are_refused_with_the_right_file(preset, tmp_path) -> None:
    header = "\t".join([*preset.header, "P1", "P2"])
    (tmp_path / "t.tsv").write_text(f"{header}\n" + "\t".join(["x"] * len(preset.header)) + "\t1\t2\n")
    with pytest.raises(InputError, match=f"it looks like {re.escape(preset.source)}.* Fix: give {preset.instead}"):
        read_numbers(tmp_path / "t.tsv")


def test_a_format_is_not_looked_for_when_told_so(tmp_path) -> None:
    name, text, *_ = TABLES["LinkedOmics, .cct, .cbt and .tsi"]
    (tmp_path / name).write_text(text)
    assert not read_numbers(tmp_path / name, ViewOptions(format="none")).findings


def test_options_go_before_what_the_format_sets(tmp_path) -> None:
    name, text, *_ = TABLES["MaxQuant, proteinGroups.txt"]
    (tmp_path / name).write_text(text)
    options = {"feature_column": "Protein IDs", "sample_pattern": "Intensity (.+)", "zero_is_missing": False}
    samples, values = matrix(tmp_path / name, **options, drop_features="Q3")
    assert (samples, values) == (["P1", "P2"], {"Q1": [9, 9]})
    assert read_numbers(tmp_path / name, ViewOptions(**options)).options.zero_is_missing is False
    assert read_numbers(tmp_path / name).options.zero_is_missing is True


def test_a_table_of_another_format_is_refused_with_the_right_one(tmp_path) -> None:
    name, text, *_ = TABLES["DIA-NN, report.pg_matrix.tsv"]
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"it is no table of maxquant: it looks like diann.*set format: diann"):
        read_numbers(tmp_path / name, ViewOptions(format="maxquant"))
    with pytest.raises(ConfigError, match="use format='maxquant'"):
        ViewOptions(format="max_quant")


def test_the_file_of_presets_is_wholly_used() -> None:
    assert {preset.source for preset in presets() if not preset.instead} == set(TABLES)
    assert yaml.safe_dump(list(format_names()))


def test_the_document_says_what_the_program_does() -> None:
    root = Path(pathfa.__file__).parents[1]
    spec = importlib.util.spec_from_file_location("update_formats", root / "tools" / "update_formats.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (root / "docs/reference/formats.md").read_text(encoding="utf-8").endswith(tool.made())  # else: make formats
