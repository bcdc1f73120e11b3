"""The index page: a line per fit, and what the cohorts have in common."""

import json

import numpy as np
import pandas as pd
import pytest
from random_result import random_result

import pathfa as pf
from pathfa.reporting import files_of, report, status_path, write_index_page

HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script>"
NAMES = ("first", "second", "third")


def cohort(folder, name, seed, effect=2.0):
    """Write the report of a cohort in which a marker moves with a gene set, and return its line on the index page."""
    result = random_result(n_samples=60, seed=seed, rename={"HALLMARK_SET_1": HOSTILE})
    rng = np.random.default_rng(seed)
    planted = result.activity.iloc[:, 0]
    table = pd.DataFrame(
        {
            "marker": effect * planted / planted.std() + rng.normal(size=60),
            "age": rng.normal(size=60),
            "batch": rng.choice(["a", "b", "c"], 60),
            "months": rng.exponential(20.0, 60),
            "died": rng.integers(0, 2, 60),
        },
        index=result.sample_names,
    )
    path = folder / name / "report.html"
    report(result, path, covariates=table, time="months", event="died", title=name)
    status = json.loads(status_path(path).read_text(encoding="utf-8")) | {"verdict": "PASS"}
    return {
        "cohort": name, "title": f"The {name} cohort", "collection": "hallmark", "run": "main",
        "link": f"{name}/report.html", "files": str(files_of(path)), "status": status,
    }  # fmt: skip


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohorts")
    return [cohort(folder, name, seed) for seed, name in enumerate(NAMES)]


def written(entries, folder):
    """Write a page and return its words and its tables."""
    path = write_index_page(entries, folder / "index.html", title="Three cohorts")
    tables = {file.stem: pd.read_csv(file, sep="\t") for file in files_of(path).glob("*.tsv")}
    return path.read_text(encoding="utf-8").split('<script type="application/json"')[0], tables


def test_fits_are_listed_by_title_with_what_was_skipped(entries, tmp_path):
    skipped = {"cohort": "<four>", "state": "skipped", "reason": "no shared samples", "fix": "check the names"}
    html, tables = written([*entries, skipped], tmp_path)
    assert '<a href="first/report.html">The first cohort</a>' in html
    assert "&lt;four&gt;" in html
    assert "no shared samples" in html
    assert "4 fits: 3 PASS, 1 skipped." in html
    assert list(tables["overview"]["title"]) == ["The first cohort", "The second cohort", "The third cohort", "<four>"]
    assert list(tables["overview"]["samples"].dropna()) == [60, 60, 60]


def test_what_is_found_again_is_told_with_its_size(entries, tmp_path):
    html, tables = written(entries, tmp_path)
    planted = random_result().gene_set_names[0]
    found = tables["replicated"].set_index(["covariate", "gene_set_id"])
    assert set(found.index.get_level_values(0)) == {"marker", "age", "batch", "months"}
    row = found.loc[("marker", planted)]
    assert row[["cohorts", "higher_in"]].tolist() == [3, 3]
    assert row["q"] < 0.1
    assert (found.loc["age", "replicated_q"] > 0.05).all()
    assert (found.loc["age", "heterogeneity_p"]).between(0, 1).all()
    # the same numbers as from the tables themselves
    again = pf.meta_analysis(
        {
            entry["title"]: pd.read_csv(f"{entry['files']}/associations-activities.tsv", sep="\t").rename(
                columns={"gene_set_id": "feature"}
            )
            for entry in entries
        }
    ).set_index(["covariate", "feature"])
    assert again.loc[("marker", planted), "effect"] == pytest.approx(row["effect"], rel=1e-5)
    assert "batch: several groups (technical)" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "cannot be compared" in html


def test_agreement_of_views_and_spread_are_shown_per_cohort(entries, tmp_path):
    html, tables = written(entries, tmp_path)
    assert "How far do rna and protein agree, in which cohort?" in html
    one = pd.read_csv(f"{entries[0]['files']}/concordance.tsv", sep="\t")
    pair = tables["agreement-rna-protein"].set_index("gene_set")
    assert set(pair.index) <= set(one["gene_set"])
    assert (pair["cohorts"] == 3).all()
    assert "Which programmes vary in which cohort?" in html
    assert list(tables["spread"].columns) == ["gene_set", *(entry["title"] for entry in entries), "gene_set_id"]


def test_fits_that_must_not_be_interpreted_are_left_out(entries, tmp_path):
    bad = {**entries[0], "status": {**entries[0]["status"], "verdict": "DO NOT INTERPRET"}}
    html, tables = written([bad, *entries[1:]], tmp_path)
    assert "1 fit that must not be interpreted left out." in html
    assert tables["replicated"]["cohorts"].max() == 2
    html, tables = written([bad, entries[1]], tmp_path)
    assert set(tables) == {"overview"}
    assert "Across cohorts" not in html


def test_collections_and_runs_are_kept_apart(entries, tmp_path):
    other = [{**entry, "run": "other"} for entry in entries]
    html, tables = written([*entries, *other], tmp_path)
    assert "Across cohorts: hallmark main" in html
    assert "Across cohorts: hallmark other" in html
    assert tables["replicated"]["cohorts"].max() == 3
    pd.testing.assert_frame_equal(tables["replicated"], tables["replicated-1"])


def test_names_are_text(entries, tmp_path):
    _, tables = written(entries, tmp_path)
    assert "<script>alert" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f"'{HOSTILE}" in set(tables["replicated"]["gene_set"])  # no formula in a spreadsheet, and one apostrophe


def test_index_of_nothing(tmp_path):
    html, _ = written([], tmp_path)
    assert "Nothing was asked for." in html
