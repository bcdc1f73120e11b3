"""How commands end."""

import json
import os
import subprocess
import sys

import pytest
import yaml

from pathfa.cli import main
from pathfa.cli.console import Exit, exit_code
from pathfa.core import errors
from pathfa.data.gene_sets.gmt import write_gmt


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InputError("x"), 65),
        (errors.AlignmentError("x"), 65),
        (errors.GeneSetError("x"), 65),
        (errors.NotPositiveDefiniteError("x"), 65),
        (errors.MissingInputError("x"), 66),
        (errors.ConfigError("x"), 78),
        (errors.OutputError("x"), 78),
        (ZeroDivisionError("x"), 70),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_codes(error, code):
    assert exit_code(error) == code


def test_a_view_without_a_file_is_shown_how_it_is_written(capsys):
    assert main(["fit", "--view", "rna", "--gene-sets", "h.gmt", "--out", "m.h5"]) == Exit.BAD_CONFIGURATION
    assert "Example: --view rna=rna.tsv" in capsys.readouterr().err


def test_gene_sets_are_not_called_unusable_when_no_view_could_be_read(tmp_path, capsys):
    (tmp_path / "sets.gmt").write_text("A\t\tG1\tG2\tG3\tG4\tG5\n")
    (tmp_path / "rna.tsv").write_text("gene\tS1\nG1\thigh\n")

    found = ["validate", "--view", f"rna={tmp_path}/rna.tsv", "--gene-sets", f"{tmp_path}/sets.gmt"]

    assert main(found) == Exit.BAD_DATA
    out = capsys.readouterr()
    assert "usable" not in out.out + out.err
    assert "no number" in out.out + out.err


def test_every_error_has_a_code_of_its_own_kind():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PathFAError)]
    assert {exit_code(kind("x")) for kind in kinds} <= set(Exit)
    assert len(kinds) > 5


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    assert "validate" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("pathfa ")


@pytest.mark.parametrize(
    "line",
    [
        ["nonsense"],
        ["fit"],
        ["fit", "--gene-sets", "a", "--out", "b", "--sign", "up"],
        ["gate", "a.json", "--out", "b", "--min-samples", "1"],
    ],
)
def test_usage_errors(line, capsys):
    assert main(line) == Exit.USAGE
    assert capsys.readouterr().out == ""


def test_errors_go_to_stderr_without_a_traceback(tmp_path, capsys):
    assert main(["run", str(tmp_path / "absent.yaml")]) == Exit.MISSING_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "absent.yaml" in err
    assert "Traceback" not in err


def test_errors_for_machines(tmp_path, capsys):
    path = tmp_path / "c.yaml"
    path.write_text("cohorts: {a: {demo: 1}}\ngene_sets: {h: h.gmt}\nrun: {}\n")
    assert main(["run", str(path), "--json"]) == Exit.BAD_CONFIGURATION
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == 78
    assert found["findings"][0]["code"] == "unknown-key"
    assert found["findings"][0]["fix"] == "did you mean 'runs'?"


def test_a_bug_says_that_it_is_one(monkeypatch, capsys):
    def broken(path):
        raise ZeroDivisionError(f"in {path}")

    monkeypatch.setattr("pathfa.workflow.config.load_config", broken)
    assert main(["run", "x.yaml"]) == Exit.BUG
    err = capsys.readouterr().err
    assert "ZeroDivisionError: in x.yaml" in err
    assert "This is a bug in PathFA" in err
    kept = err.split("with the file ")[1].strip()
    with open(kept) as file:
        assert "in broken" in file.read()


def test_a_stop_by_the_keyboard_is_told(monkeypatch, capsys):
    def stopped(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathfa.workflow.config.load_config", stopped)
    assert main(["run", "x.yaml"]) == Exit.INTERRUPTED
    assert "stopped by the keyboard; nothing half-written was left" in capsys.readouterr().err


def test_init_writes_once(tmp_path, capsys):
    path = tmp_path / "config.yaml"
    assert main(["init", str(path)]) == 0
    before = path.read_text()
    path.write_text(before + "# mine\n")
    assert main(["init", str(path)]) == Exit.BAD_CONFIGURATION
    assert "--force" in capsys.readouterr().err
    assert path.read_text().endswith("# mine\n")
    assert main(["init", str(path), "--force"]) == 0
    assert path.read_text() == before


def test_init_guesses_from_files(tmp_path, capsys):
    table = tmp_path / "rna.tsv"
    table.write_text("\ts1\ts2\ts3\nTP53\t1\t5\t0\nEGFR\t20\t3\t7\n")
    path = tmp_path / "mine.yml"
    assert main(["init", str(path), str(table)]) == 0
    assert "kind: counts  # GUESS: whole numbers from 0 to 20" in path.read_text()
    assert "Check the lines marked GUESS" in capsys.readouterr().out
    assert main(["init", str(tmp_path / "other.yaml"), str(tmp_path / "absent.tsv")]) == Exit.MISSING_INPUT
    assert not (tmp_path / "other.yaml").exists()
    assert main(["init", str(path), str(tmp_path / "b.yaml")]) == Exit.USAGE


def test_init_takes_views_as_every_other_command_does(tmp_path, capsys):
    (tmp_path / "p.tsv").write_text("gene\tS1\tS2\nA\t1.5\t2.5\nB\t3\t4\n")
    view = f"protein={{path: {tmp_path / 'p.tsv'}, kind: log}}"
    path = tmp_path / "c.yaml"
    assert main(["init", str(path), "--view", view, "--gene-sets", "msigdb:h.all"]) == 0
    values = yaml.safe_load(path.read_text())
    assert values["cohorts"]["cohort"]["views"]["protein"]["kind"] == "log"
    assert values["gene_sets"] == {"msigdb_h.all": "msigdb:h.all"}
    assert "GUESS" in capsys.readouterr().out
    assert main(["init", str(path), "--force", "--view", "p.tsv"]) == Exit.BAD_CONFIGURATION


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "either --view NAME=FILE, once per view, or --mudata FILE"),
        (["--view", "rna=a.tsv", "--mudata", "b.h5mu"], "contains the views already"),
        (["--view", "rna={kind: counts}"], "view 'rna' has no path"),
        (["--view", "a.tsv"], "does not name a view; expected NAME=FILE. Example: --view a=a.tsv"),
        (["--view", "rna=a.tsv", "--view", "rna=b.tsv"], "occurs twice"),
        (["--view", "rna={path: a.tsv, kinds: log}"], "did you mean 'kind'?"),
        (["--view", "rna={path: a.tsv"], "cannot be read"),
        (["--mudata", "b.h5mu", "--min-size", "9", "--max-size", "8"], "--min-size 9 is more than --max-size 8"),
        (
            ["--mudata", "b.h5mu", "--n-factors", "-1"],
            "n_factors is '-1'; expected a number of factors from 0, or auto",
        ),
    ],
)
def test_options_that_cannot_be(options, said, capsys, tmp_path):
    out = tmp_path / "model.h5"
    assert main(["fit", "--gene-sets", "h.gmt", "--out", str(out), *options]) == Exit.BAD_CONFIGURATION
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_missing_file_suggests_its_neighbour(tmp_path, capsys):
    (tmp_path / "protein.tsv").write_text("x\n")
    line = ["fit", "--gene-sets", "h.gmt", "--out", str(tmp_path / "m.h5"), "--view"]
    assert main([*line, f"protein={tmp_path}/protien.tsv"]) == Exit.MISSING_INPUT
    assert f"did you mean {tmp_path}/protein.tsv?" in capsys.readouterr().err


def test_python_m_pathfa():
    done = subprocess.run([sys.executable, "-m", "pathfa", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such command" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell, monkeypatch, capsys):
    monkeypatch.setenv("_PATHFA_COMPLETE", f"source_{shell}")
    assert main([]) == 0
    assert "pathfa" in capsys.readouterr().out


def test_roles_of_covariates_are_names_of_columns(tmp_path, capsys):
    line = ["report", str(tmp_path / "absent.h5"), "--biological", "grade", "--technical", "batch"]
    assert main(line) == Exit.MISSING_INPUT
    assert "absent.h5" in capsys.readouterr().err


def test_a_collection_that_cannot_be_read_is_an_error_unless_it_is_to_be_written_down(tmp_path, capsys):
    line = ["genesets", "--gene-sets", str(tmp_path / "absent.gmt"), "--out", str(tmp_path / "h.gmt")]
    assert main(line) == Exit.MISSING_INPUT
    assert not (tmp_path / "h.gmt").exists()
    assert main([*line, "--found", str(tmp_path / "h.json"), "--name", "h"]) == Exit.DONE
    found = json.loads((tmp_path / "h.json").read_text())
    assert (found["collection"], found["n_gene_sets"]) == ("h", 0)
    assert "absent.gmt does not exist" in found["findings"][0]["found"]
    assert (tmp_path / "h.gmt").read_text() == ""
    assert "0 gene sets, 1 error" in capsys.readouterr().out
    assert main(["genesets", "--gene-sets", "h.gmt", "--found", "h.json"]) == Exit.USAGE


@pytest.mark.parametrize(
    ("limits", "usable"),
    [([], True), (["--min-size", "11"], False), (["--max-size", "9"], False), (["--min-size", "10"], True)],
)
def test_validate_and_fit_agree_on_the_sizes_of_gene_sets(limits, usable, frame, write, gene_sets, tmp_path, capsys):
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    given = ["--view", f"rna={write(frame(20))}", "--gene-sets", str(tmp_path / "sets.gmt"), *limits]
    quick = ["--n-factors", "1", "--n-starts", "1", "--max-iter", "2", "--out", str(tmp_path / "model.h5")]

    codes = [main(["validate", *given]), main(["fit", *given, *quick])]

    assert codes == ([0, 0] if usable else [65, 65])
    said = capsys.readouterr()
    assert ("ready to fit" in said.out) is usable
    if not usable:
        assert "none of 5 gene sets has at least" in said.out
        assert "none of 5 gene sets has at least" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("how", ["flag", "variable"])
def test_python_without_docstrings_runs(how, tmp_path):
    flag, variable = (["-OO"], {}) if how == "flag" else ([], {"PYTHONOPTIMIZE": "2"})
    command = [sys.executable, *flag, "-m", "pathfa", "tables", "absent.h5", "--out", "tables"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, **variable}, capture_output=True, text=True)
    assert done.returncode == Exit.MISSING_INPUT, done.stderr
    assert "absent.h5: no such file" in done.stderr
