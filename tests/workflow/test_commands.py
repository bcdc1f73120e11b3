"""A part of a configuration survives the way over the command line."""

import shlex

import pytest

from pathfa.cli.inputs import cohort_source, collection, covariate_file, named_collections
from pathfa.core.errors import ConfigError
from pathfa.options import FitOptions
from pathfa.workflow.config import Collection, Gate, OnInvalid, Roles, commands, parse_config
from pathfa.workflow.layout import Layout, demo_seeds, on_disk

SHA = "0" * 64
CONFIG = parse_config(
    {
        "cohorts": {
            "a": {
                "views": {"rna": "my rna's.tsv", "protein": {"path": "p.tsv", "kind": "ratio", "sha256": SHA}},
                "samples": {"path": "sheet.tsv", "sha256": SHA},
                "covariates": {"path": "clinical.tsv", "sha256": SHA},
            },
            "b": {"mudata": {"path": "b.h5mu", "sha256": SHA}, "views": {"rna": {"layer": "counts"}}},
            "c": {"demo": 4},
        },
        "gene_sets": {"h": {"path": "h $x.gmt", "sha256": SHA, "min_size": 3}, "d": {"demo": True}},
    }
)


def _values(text, name):
    words = shlex.split(text)
    return [words[position + 1] for position, word in enumerate(words) if word == f"--{name}"]


def test_cohorts():
    for source in (CONFIG.cohorts["a"], CONFIG.cohorts["b"]):
        text = commands.cohort_options(source)
        samples = _values(text, "samples")
        mudata = _values(text, "mudata")
        read = cohort_source(_values(text, "view"), mudata[0] if mudata else None, samples[0] if samples else None)
        assert (read.views, read.mudata, read.samples) == (source.views, source.mudata, source.samples)


def test_covariates():
    text = commands.covariate_options(CONFIG.cohorts["a"], Roles(technical=("my batch",), time="t", event="e"))
    assert covariate_file(_values(text, "covariates")[0]) == CONFIG.cohorts["a"].covariates
    assert _values(text, "technical") == ["my batch"]
    assert _values(text, "event") == ["e"]
    # those that a cohort brings along have roles too
    assert commands.covariate_options(CONFIG.cohorts["b"], Roles(technical=("batch",))) == "--technical batch"


def test_collections():
    item = CONFIG.gene_sets["h"]
    (text,) = _values(commands.collection_options(item), "gene-sets")
    assert collection(text, item.min_size, item.max_size) == item
    options = commands.validate_options({"h": item}, Layout("results"))
    read = named_collections(_values(options, "gene-sets"), 5, 500)
    assert read == {"h": Collection(path="results/_gene_sets/h.gmt", min_size=3)}


def test_what_was_found_in_collections():
    files = ["results/_gene_sets/h.json", "results/_gene_sets/d.json"]
    assert _values(commands.collection_files(CONFIG, Layout("results")), "collection") == files


def test_a_collection_is_called_after_its_file():
    texts = ["a/h.all.v2024.gmt", "mine=b.gmt", "my sets.tsv.gz"]
    assert list(named_collections(texts, 5, 500)) == ["h.all.v2024", "mine", "my_sets"]
    with pytest.raises(ConfigError, match=r"two collections are called 'h'.*NAME=FILE"):
        named_collections(["a/h.gmt", "b/h.gmt"], 5, 500)


def test_only_what_differs_is_said():
    assert commands.fit_options(FitOptions()) == ""
    assert commands.fit_options(FitOptions(n_factors=4, loading_prior="soft")) == "--n-factors 4 --loading-prior soft"
    assert commands.fit_options(FitOptions(left_censored=("a b", "c"))) == "--left-censored 'a b' --left-censored c"
    assert commands.fit_options(FitOptions(noise_trend=True)) == "--noise-trend"
    assert commands.gate_options(Gate(on_invalid=OnInvalid.FAIL)) == "--on-invalid fail"


def test_a_title_is_of_the_report_only():
    assert commands.report_options(CONFIG, "a") == "--title a"
    titled = parse_config({"cohorts": {"a": {"demo": 1, "title": "A 'b'"}}, "gene_sets": {"d": {"demo": True}}})
    assert _values(commands.report_options(titled, "a"), "title") == ["A 'b'"]
    assert "A" not in commands.cohort_options(titled.cohorts["a"])


def test_simulated_cohorts_become_files():
    config = on_disk(CONFIG)
    assert config.cohorts["c"].views["rna"].path == "results/_demo/4/rna.tsv"
    assert config.cohorts["c"].covariates.path == "results/_demo/4/samples.tsv"
    assert config.gene_sets["d"].path == "results/_demo/4/gene_sets.gmt"
    assert config.cohorts["a"] == CONFIG.cohorts["a"]
    assert demo_seeds(CONFIG) == [4]


def test_checks():
    checks = ("heldout", "stability")
    assert _values(commands.check_options(checks), "check") == list(checks)
    assert _values(commands.checks_file("my results/checks.json"), "checks") == ["my results/checks.json"]
    assert commands.checks_file("") == commands.check_options(()) == ""
