"""A command that is given a file of another command says what the file is, and which command takes it."""

import json

import h5py
import pytest

from pathfa.cli import main
from pathfa.cli.console import Exit
from pathfa.cli.main import COMMANDS
from pathfa.workflow.config.kinds import FileKind, kind_of

NAMES = [command.__name__ for commands in COMMANDS.values() for command in commands if command.__name__ != "init"]
TAKEN = {  # what a command takes without an option
    **dict.fromkeys(("report", "check", "tables", "predict"), (FileKind.MODEL,)),
    **dict.fromkeys(("run", "validate"), (FileKind.CONFIGURATION,)),
    "pseudobulk": (FileKind.ANNDATA, FileKind.COHORT),
    "gate": (FileKind.VALIDATION,),
    "index": (FileKind.RESULTS,),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a file of every kind, with nothing in it but what tells its kind."""
    folder = tmp_path_factory.mktemp("kinds")
    made = {
        FileKind.CONFIGURATION: folder / "config.yaml",
        FileKind.MODEL: folder / "model.h5",
        FileKind.RESULTS: folder / "results",
        FileKind.VALIDATION: folder / "validation.json",
        FileKind.COLLECTION: folder / "collection.json",
        FileKind.CHECKS: folder / "checks.json",
        FileKind.COHORT: folder / "cohort.h5mu",
        FileKind.ANNDATA: folder / "cells.h5",
        FileKind.GENE_SETS: folder / "sets.gmt",
        FileKind.TABLE: folder / "rna.tsv.gz",
    }
    for name in (FileKind.CONFIGURATION, FileKind.GENE_SETS, FileKind.TABLE):
        made[name].write_text("")
    made[FileKind.RESULTS].mkdir()
    (made[FileKind.RESULTS] / "gate.tsv").write_text("")
    made[FileKind.COHORT].write_bytes(b"MuData (format-version=0.1.0)")
    for name, key, value in (
        (FileKind.MODEL, "format", "pathfa-model"),
        (FileKind.ANNDATA, "encoding-type", "anndata"),
    ):
        with h5py.File(made[name], "w") as file:
            file.attrs[key] = value
    contents = {
        FileKind.VALIDATION: {"cohort": "a", "collections": {}, "findings": []},
        FileKind.COLLECTION: {"collection": "h", "n_gene_sets": 2, "findings": []},
        FileKind.CHECKS: {"model": {}, "not_done": {}, "tables": {}},
    }
    for name, content in contents.items():
        made[name].write_text(json.dumps(content))
    return made


@pytest.mark.parametrize("kind", list(FileKind), ids=lambda kind: kind.name)
def test_every_kind_is_told_from_the_file(kind, files):
    assert kind_of(files[kind]) is kind


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\x89HDF\r\n\x1a\n broken", b"text"])
@pytest.mark.parametrize("suffix", [".json", ".h5", "", ".md"])
def test_what_is_not_known_is_not_guessed(content, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert kind_of(path) is None


@pytest.mark.parametrize("kind", list(FileKind), ids=lambda kind: kind.name)
@pytest.mark.parametrize("command", NAMES)
def test_a_file_of_another_command(command, kind, files, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setenv("TERMINAL_WIDTH", "1000")
    if kind in TAKEN.get(command, ()):
        return
    path = str(files[kind])
    what, belongs = kind.value

    assert main([command, path]) in (Exit.USAGE, Exit.BAD_DATA)

    said = " ".join(capsys.readouterr().err.replace("│", " ").split())
    squeezed = said.replace(" ", "")
    assert f"{path} is {what}".replace(" ", "") in squeezed
    assert belongs.format(path).replace(" ", "") in squeezed


@pytest.mark.parametrize("option", ["--view", "--mudata", "--samples", "--covariates", "--gene-sets"])
@pytest.mark.parametrize("kind", [FileKind.CONFIGURATION, FileKind.MODEL, FileKind.RESULTS, FileKind.CHECKS])
def test_a_file_of_pathfa_is_no_data(option, kind, files, capsys, tmp_path):
    (tmp_path / "rna.tsv").write_text("gene\ts1\ts2\nA\t1.5\t2\nB\t2\t3\n")
    (tmp_path / "sets.gmt").write_text("S\t\tA\tB\n")
    given = {"--view": f"rna={tmp_path}/rna.tsv", "--gene-sets": f"{tmp_path}/sets.gmt"}
    given[option] = f"rna={files[kind]}" if option == "--view" else str(files[kind])
    if option == "--mudata":
        del given["--view"]

    assert main(["validate", *(word for pair in given.items() for word in pair)]) == Exit.BAD_DATA

    out = capsys.readouterr().out
    assert f"{files[kind]} is {kind.value[0]}; expected " in out


def test_the_gate_refuses_what_no_stage_wrote(tmp_path, capsys):
    (tmp_path / "a.json").write_text("{}")
    assert main(["gate", str(tmp_path / "a.json"), "--out", str(tmp_path / "gate.tsv")]) == Exit.BAD_DATA
    assert main(["gate", str(tmp_path / "absent.json"), "--out", str(tmp_path / "gate.tsv")]) == Exit.MISSING_INPUT
    assert "'pathfa validate --out'" in capsys.readouterr().err
    assert not (tmp_path / "gate.tsv").exists()


@pytest.mark.parametrize("there", [True, False])
def test_no_index_of_a_folder_without_results(there, tmp_path, capsys):
    folder = tmp_path / "folder"
    if there:
        folder.mkdir()
    assert main(["index", str(folder)]) == Exit.MISSING_INPUT
    assert "has no results" in capsys.readouterr().err
    assert not (folder / "index.html").exists()


def test_a_configuration_is_validated_as_a_whole(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header = "gene\t" + "\t".join(f"s{i}" for i in range(6)) + "\n"
    rows = (f"G{k}\t" + "\t".join(f"{(k * 7 + i * i) % 11}.5" for i in range(6)) + "\n" for k in range(12))
    (tmp_path / "rna.tsv").write_text(header + "".join(rows))
    (tmp_path / "sets.gmt").write_text("A\t\t" + "\t".join(f"G{k}" for k in range(6)) + "\nB\t\tG6\tG7\tG8\tG9\tG10\n")
    cohorts = "cohorts: {good: {views: {rna: rna.tsv}}, bad: {views: {rna: absent.tsv}}, drawn: {demo: 1}}\n"
    (tmp_path / "config.yaml").write_text(f"{cohorts}gene_sets: {{own: sets.gmt}}\n")
    before = sorted(tmp_path.iterdir())

    assert main(["validate", "config.yaml", "--json"]) == Exit.BAD_DATA
    found = json.loads(capsys.readouterr().out)["cohorts"]
    assert set(found) == {"good", "bad"}  # nothing can be said of a cohort that is drawn later
    assert found["good"]["n_samples"] == 6
    assert [each["code"] for each in found["bad"]["findings"]] == ["missing-file"]
    assert main(["validate", "config.yaml"]) == Exit.BAD_DATA
    lines = capsys.readouterr().out.splitlines()
    assert {"good:", "bad:", "nothing can be fitted: 1 error"} <= set(lines)
    assert sum(line.startswith("no cohort could be made of it") for line in lines) == 1  # of the bad one
    assert main(["validate", "config.yaml", "--view", "rna=rna.tsv"]) == Exit.BAD_CONFIGURATION
    assert sorted(tmp_path.iterdir()) == before

    runs = "runs: {few: {n_factors: 4}, many: {n_factors: 5, left_censored: [protein]}}\n"
    (tmp_path / "config.yaml").write_text(f"{cohorts}gene_sets: {{own: sets.gmt}}\n{runs}")
    main(["validate", "config.yaml", "--json"])
    found = json.loads(capsys.readouterr().out)["cohorts"]["good"]["findings"]
    wrong = {each["found"] for each in found if each["severity"] == "error" and each["place"] == "run 'many'"}
    assert wrong == {"n_factors=5", "left_censored=['protein']"}
    assert not [each for each in found if each.get("place") == "run 'few'"]


@pytest.mark.parametrize(("line", "word"), [([], "--view"), (["--view", "rna=rna.tsv"], "--gene-sets")])
def test_validate_says_which_input_it_lacks(line, word, capsys):
    assert main(["validate", *line]) == Exit.BAD_CONFIGURATION
    assert f"{word}" in capsys.readouterr().err
