"""A part of a configuration survives the way over the command line."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from pathfa.cli.inputs import cohort_source, collection_of, covariate_inputs, named_collections
from pathfa.core.errors import ConfigError
from pathfa.options import FitOptions
from pathfa.workflow.config import Gate, OnInvalid, Roles, parse_config
from pathfa.workflow.config import words as options
from pathfa.workflow.config.options import make_config, plain
from pathfa.workflow.job import Job
from pathfa.workflow.layout import demo_seeds, on_disk
from pathfa.workflow.plan import Plan
from pathfa.workflow.stages import STAGE

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


def _values(words, name):
    return [words[position + 1] for position, word in enumerate(words) if word == f"--{name}"]


def test_cohorts():
    for source in (CONFIG.cohorts["a"], CONFIG.cohorts["b"]):
        words = options.cohort_words(source)
        samples = _values(words, "samples")
        mudata = _values(words, "mudata")
        read = cohort_source(_values(words, "view"), mudata[0] if mudata else None, samples[0] if samples else None)
        assert (read.views, read.mudata, read.samples) == (source.views, source.mudata, source.samples)


def test_covariates():
    words = options.covariate_words(CONFIG.cohorts["a"], Roles(technical=("my batch",), time="t", event="e"))
    (text,), (time,), (event,) = (_values(words, name) for name in ("covariates", "time", "event"))
    file, roles = covariate_inputs(text, None, _values(words, "technical"), time, event)
    assert file == CONFIG.cohorts["a"].covariates
    assert roles == Roles(technical=("my batch",), time="t", event="e")
    # those that a cohort brings along have roles too
    assert options.covariate_words(CONFIG.cohorts["b"], Roles(technical=("batch",))) == ["--technical", "batch"]


def test_collections():
    item = CONFIG.gene_sets["h"]
    (text,) = _values(options.collection_words(item), "gene-sets")
    assert collection_of(text, item.min_size, item.max_size) == item
    kept = replace(item, path="results/_gene_sets/h.gmt", sha256="")
    words = options.named_collection_words({"h": kept})
    assert named_collections(_values(words, "gene-sets"), 5, 500) == {"h": kept}


def test_the_gate_sees_every_cohort_and_every_collection():
    words = Job(STAGE["gate"], Plan(CONFIG)).command
    assert words[:4] == ["gate", *(f"results/{cohort}/validation.json" for cohort in "abc")]
    assert _values(words, "collection") == ["results/_gene_sets/h.json", "results/_gene_sets/d.json"]


def test_a_collection_is_called_after_its_file():
    texts = ["a/h.all.v2024.gmt", "mine=b.gmt", "my sets.tsv.gz"]
    assert list(named_collections(texts, 5, 500)) == ["h.all.v2024", "mine", "my_sets"]
    with pytest.raises(ConfigError, match=r"two collections are called 'h'.*NAME=FILE"):
        named_collections(["a/h.gmt", "b/h.gmt"], 5, 500)


def test_only_what_differs_is_said():
    assert options.changed_words(FitOptions()) == []
    changed = FitOptions(n_factors=4, loading_prior="soft")
    assert options.changed_words(changed) == ["--n-factors", "4", "--loading-prior", "soft"]
    views = options.changed_words(FitOptions(left_censored=("a b", "c")))
    assert views == ["--left-censored", "a b", "--left-censored", "c"]
    assert options.changed_words(FitOptions(noise_trend=True)) == ["--noise-trend"]
    assert options.changed_words(Gate(on_invalid=OnInvalid.FAIL)) == ["--on-invalid", "fail"]


def test_a_fit_is_repeated_by_its_command():
    source, item = CONFIG.cohorts["b"], CONFIG.gene_sets["h"]
    text = options.fit_command(source, item, FitOptions(seed=2), Path("my model.h5"))
    words = shlex.split(text)
    assert words[:2] == ["pathfa", "fit"]
    assert cohort_source(_values(words, "view"), _values(words, "mudata")[0]).mudata == source.mudata
    assert words[-4:] == ["--seed", "2", "--out", "my model.h5"]


def _report(config, cohort):
    return Job(STAGE["report"], Plan(config), cohort, "d", "main").command


def test_a_title_is_of_the_report_only():
    assert _values(_report(CONFIG, "a"), "title") == ["a"]
    titled = parse_config({"cohorts": {"a": {"demo": 1, "title": "A 'b'"}}, "gene_sets": {"d": {"demo": True}}})
    assert _values(_report(titled, "a"), "title") == ["A 'b'"]
    assert "A" not in " ".join(options.cohort_words(titled.cohorts["a"]))


def test_simulated_cohorts_become_files():
    config = on_disk(CONFIG)
    assert config.cohorts["c"].views["rna"].path == "results/_demo/4/rna.tsv"
    assert config.cohorts["c"].covariates.path == "results/_demo/4/samples.tsv"
    assert config.gene_sets["d"].path == "results/_demo/4/gene_sets.gmt"
    assert config.cohorts["a"] == CONFIG.cohorts["a"]
    assert demo_seeds(CONFIG) == [4]


def test_checks():
    checks = ("heldout", "stability")
    checked = replace(CONFIG, checks=checks)
    job = Job(STAGE["check"], Plan(checked), "a", "d", "main")
    assert _values(job.command, "check") == list(checks)
    assert job.stage.wanted(job)
    assert _values(_report(checked, "a"), "checks") == job.outputs == ["results/a/d/main/checks.json"]
    assert "--checks" not in _report(CONFIG, "a")


def test_a_part_of_a_plan():
    config = parse_config(
        {
            "cohorts": {"a": {"mudata": "a.h5mu"}, "b": {"mudata": "b.h5mu", "gene_sets": ["own"]}, "c": {"demo": 1}},
            "gene_sets": {"hallmark": "h.gmt", "own": "own.gmt"},
        }
    )
    part = Plan(config).only({"a", "b"}, ["hallmark"])
    assert list(part.config.cohorts) == ["a"]  # the other one has no collection left
    assert part.collections("a") == ("hallmark",)


def test_a_configuration_made_plain_is_the_same_again():
    for config in (CONFIG, on_disk(CONFIG), replace(CONFIG, runs={"m": FitOptions(left_censored=("a",), tol=1e-9)})):
        assert make_config(json.loads(json.dumps(plain(config)))) == config
