"""Configurations are read with messages that a person can act on."""

from pathlib import Path

import pytest
import yaml

from pathfa.core.errors import ConfigError, MissingInputError
from pathfa.core.schemas import schema
from pathfa.workflow.config import OnInvalid, load_config, parse_config
from pathfa.workflow.config.load import write_template
from pathfa.workflow.layout import demo_config
from pathfa.workflow.plan import Plan

GOOD = """\
title: Two cohorts
cohorts:
  first:
    views: {rna: rna.tsv, protein: {path: p.tsv, kind: ratio}}
    covariates: {path: clinical.tsv}
  second:
    mudata: second.h5mu
    gene_sets: [hallmark]
gene_sets:
  hallmark: h.gmt
  own: {path: own.gmt, min_size: 3}
runs:
  strict: {loading_prior: strict, seed: 3}
  soft: {n_factors: 4}
covariates: {technical: [batch], time: months, event: died}
gate: {on_invalid: fail}
"""


def _load(tmp_path: Path, text: str):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_config(path)


def _message(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    return str(caught.value)


def test_values_and_defaults(tmp_path):
    config = _load(tmp_path, GOOD)
    assert config.cohorts["first"].views["rna"].path == "rna.tsv"
    assert config.cohorts["first"].views["protein"].options == {"kind": "ratio"}
    assert config.cohorts["first"].covariates.path == "clinical.tsv"
    assert config.gene_sets["own"].min_size == 3
    assert config.gene_sets["own"].max_size == 500
    assert config.runs["soft"].n_factors == 4
    assert config.gate.on_invalid is OnInvalid.FAIL
    assert config.covariates.technical == ("batch",)
    assert config.output == "results"


def test_every_cohort_meets_its_collections(tmp_path):
    plan = Plan(_load(tmp_path, GOOD))
    assert plan.collections("first") == ("hallmark", "own")
    assert plan.collections("second") == ("hallmark",)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("views: {rna", "veiws: {rna", 4, "did you mean 'views'?"),
        (
            "mudata: second.h5mu",
            "mudata: second.h5mu\n    demo: 3",
            6,
            "either 'views' (one file each), or 'mudata', or 'demo'",
        ),
        ("{path: p.tsv, kind", "{kind", 4, "view 'protein' of cohort 'first' has no path"),
        ("kind: ratio", "kind: ratios", 4, "one of auto, counts, estimated_counts"),
        ("n_factors: 4", "n_factors: many", 14, "a number of factors from 0, or auto"),
        ("loading_prior: strict", "loading_prior: loose", 13, "one of auto, strict, soft"),
        ("gene_sets: [hallmark]", "gene_sets: [halmark]", 8, "did you mean 'hallmark'?"),
        ("min_size: 3", "min_size: 600", 11, "min_size at most max_size"),
        ("time: months, event: died", "time: months", 15, "give both or neither"),
        ("  second:", "  'se cond':", 6, "a name made of letters"),
        ("title: Two cohorts", "title: Two cohorts\nwidth: 3", 2, "unknown key 'width'"),
        ("{path: own.gmt", "{file: own.gmt", 11, "call it 'path' if it is the file"),
        ("  second:", "  first:", 6, "'first' occurs a second time; the first is on line 3"),
        ("gate: {on_invalid: fail}", "gate: {on_invalid: fail", 17, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, old, new, line, said):
    assert old in GOOD
    message = _message(tmp_path, GOOD.replace(old, new))
    assert f"config.yaml, line {line}" in message
    assert said in message


def test_all_mistakes_at_once(tmp_path):
    text = GOOD.replace("seed: 3", "sed: 3").replace("on_invalid", "on_invald")
    lines = _message(tmp_path, text).splitlines()
    assert [line.partition(":")[0].rpartition(" ")[2] for line in lines] == ["13", "16"]


def test_missing_keys_and_files(tmp_path):
    assert "lacks 'gene_sets'" in _message(tmp_path, "cohorts: {a: {demo: 1}}\n")
    assert "contains nothing" in _message(tmp_path, "# nothing\n")
    with pytest.raises(MissingInputError, match="looked in"):
        load_config(tmp_path / "absent.yaml")


def test_the_line_is_that_of_the_last_file(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(GOOD)
    second.write_text("runs:\n  soft: {n_factors: -1}\n")
    with pytest.raises(ConfigError, match=r"second\.yaml, line 2"):
        parse_config(
            {"cohorts": {"a": {"demo": 1}}, "gene_sets": {"h": "h.gmt"}, "runs": {"soft": {"n_factors": -1}}},
            [first, second],
        )


SHEET = (
    "cohort\ttitle\tviews.rna\tviews.protein\tviews.protein.kind\tmudata\tgene_sets\n"
    "# a remark\n"
    "a\tCohort A\ta_rna.tsv\ta_protein.tsv\tratio\t\thallmark,own\n"
    "b\t\t\t\t\tb.h5mu\t\n"
)


def _sheet_config(tmp_path: Path, sheet: str):
    path = tmp_path / "cohorts.tsv"
    path.write_text(sheet)
    return parse_config({"cohorts": str(path), "gene_sets": {"hallmark": "h.gmt", "own": "o.gmt"}})


def test_cohort_sheet(tmp_path):
    config = _sheet_config(tmp_path, SHEET)
    assert list(config.cohorts) == ["a", "b"]
    assert config.cohorts["a"].views["protein"].path == "a_protein.tsv"
    assert config.cohorts["a"].views["protein"].options == {"kind": "ratio"}
    assert config.cohorts["a"].gene_sets == ("hallmark", "own")
    assert config.cohorts["b"].mudata.path == "b.h5mu"
    assert config.cohorts["b"].views == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nb\t", "\na\t", r"line 4: cohort 'a' occurs twice"),
        ("\nb\t", "\n\t", r"line 4: no cohort name"),
        ("b.h5mu\t\n", "b.h5mu\t\tmore\n", r"line 4: 8 cells"),
        ("cohort\t", "name\t", r"tab-separated columns with 'cohort'"),
        ("views.rna\t", "view.rna\t", r"line 1: unknown column 'view\.rna'.*did you mean 'views\.NAME'"),
        ("protein.kind", "protein.kinds", r"line 3: unknown key 'kinds'.*did you mean 'kind'"),
        ("\ttitle", "\tviews.rna", r"line 1: column 'views\.rna' occurs twice"),
        (SHEET[SHEET.index("# a") :], "", r"has column names and no cohort"),
        (SHEET, "", r"is empty"),
        ("hallmark,own", "halmark", r"line 3: .*did you mean 'hallmark'"),
    ],
)
def test_mistakes_in_the_sheet(tmp_path, old, new, said):
    assert old in SHEET
    with pytest.raises(ConfigError, match=said):
        _sheet_config(tmp_path, SHEET.replace(old, new))


def test_the_template_and_the_demo_are_valid(tmp_path):
    write_template(tmp_path / "mine.yaml", force=False)
    assert "#   pathfa run mine.yaml" in (tmp_path / "mine.yaml").read_text()
    config = load_config(tmp_path / "mine.yaml")
    assert config.cohorts["mine"].views["rna"].path == "data/rna.tsv"
    assert parse_config(demo_config("out", 7)).cohorts["demo"].demo == 7


def test_both_demos_are_the_same():
    shipped = load_config(Path(__file__).parents[2] / "workflows" / "config" / "demo.yaml")
    assert parse_config(demo_config("results", 0)) == shipped


@pytest.mark.parametrize("name", ["demo", "coad"])
def test_the_shipped_configurations_are_valid(name):
    load_config(Path(__file__).parents[2] / "workflows" / "config" / f"{name}.yaml")


def test_defaults_of_the_schema_are_those_of_the_code():
    from dataclasses import fields

    from pathfa.workflow.config import Gate, Resources

    defs = schema("config")["$defs"]
    for name, kind in (("gate", Gate), ("resources", Resources)):
        written = {key: value["default"] for key, value in defs[name]["properties"].items()}
        assert written == {item.name: item.default for item in fields(kind)}


def test_options_of_a_view_are_those_of_the_reader():
    from dataclasses import fields

    from pathfa.data.io.presets import format_names
    from pathfa.data.io.settings import _CHOICES, ViewOptions

    written = schema("config")["$defs"]["view"]["properties"]
    assert set(written) - {"sha256"} == {item.name for item in fields(ViewOptions)}
    for name, choices in _CHOICES.items():
        assert written[name]["enum"] == [str(choice) for choice in choices]
    assert written["format"]["enum"] == ["auto", "none", *format_names()]


def test_views_of_a_mudata_need_no_path(tmp_path):
    config = _load(tmp_path, GOOD.replace("mudata: second.h5mu", "mudata: s.h5mu\n    views: {rna: {layer: counts}}"))
    assert config.cohorts["second"].views["rna"].options == {"layer": "counts"}


@pytest.fixture
def merged(tmp_path):
    """Return a function that adds to a configuration file what Snakemake reads from ``--config``: numbers are text."""
    path = tmp_path / "config.yaml"
    path.write_text(
        "output: res\ncohorts:\n  a:\n    views: {rna: rna.tsv}\ngene_sets: {s: sets.gmt}\n"
        "runs:\n  main: {n_factors: 3, n_starts: 1}\n"
    )

    def merge(**given):
        values = yaml.safe_load(path.read_text())
        values["runs"]["main"] |= given.pop("main", {})
        return parse_config({**values, **given}, [path])

    return merge


def test_numbers_on_the_command_line_of_snakemake_are_numbers(merged):
    config = merged(main={"n_factors": "2", "tol": "1e-5", "noise_trend": "true"}, gate={"min_samples": "4"})
    run = config.runs["main"]
    assert (run.n_factors, run.tol, run.noise_trend, run.n_starts, config.gate.min_samples) == (2, 1e-5, True, 1, 4)
    assert merged(main={"n_factors": "auto"}, title="2024").title == "2024"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n_factors": "many"}, "runs.main.n_factors is 'many'"),
        ({"n_factors": "2.5"}, "runs.main.n_factors is 2.5"),
        ({"n_factor": "2"}, "unknown key 'n_factor' in runs.main"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_not_blamed_on_the_file(merged, given, said):
    with pytest.raises(ConfigError) as caught:
        merged(main=given)
    (finding,) = caught.value.findings
    assert finding.place == "--config"
    assert finding.found.startswith(said)


def test_every_option_of_a_view_in_a_cohort_sheet(tmp_path):
    cells = {
        "path": "rna.tsv",
        "drop_columns": "Score, Mol. weight [kDa]",
        "regress": "batch",
        "format": "maxquant",
        "zero_is_missing": "true",
        "drop_identical": "false",
        "max_features": "500",
        "min_sd": "1e-3",
        "drop_rows": r"{Reverse: '\+', Potential contaminant: '\+'}",
        "strip_suffix": "_1",
    }
    header, row = "\t".join(f"views.rna.{name}" for name in cells), "\t".join(cells.values())
    (tmp_path / "cohorts.tsv").write_text(f"cohort\t{header}\na\t{row}\n")
    text = f"cohorts: {tmp_path / 'cohorts.tsv'}\ngene_sets: {{s: s.gmt}}\n"
    assert _load(tmp_path, text).cohorts["a"].views["rna"].options == {
        "drop_columns": ["Score", "Mol. weight [kDa]"],
        "regress": ["batch"],
        "format": "maxquant",
        "zero_is_missing": True,
        "drop_identical": False,
        "max_features": 500,
        "min_sd": 0.001,
        "drop_rows": {"Reverse": r"\+", "Potential contaminant": r"\+"},
        "strip_suffix": "_1",
    }
    (tmp_path / "cohorts.tsv").write_text("cohort\tviews.rna.path\tviews.rna.drop_rows\na\trna.tsv\t{Reverse\n")
    with pytest.raises(ConfigError, match=r"cohorts\.a\.views\.rna\.drop_rows is '{Reverse'"):
        _load(tmp_path, text)
