"""The page of one sample: where it lies, what places it there, and what is told of it in a sentence."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judged_fits import sound
from random_result import random_checks
from waiting import find, see

from pathfa.analysis import Checks
from pathfa.analysis.summaries import low_names
from pathfa.core.names import factor_id, readable
from pathfa.reporting import report, status_path
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.write import write_study


def test_the_page_of_a_sample_says_where_it_lies_and_what_places_it_there(open_page, page_file, result):
    page = open_page(page_file).page
    sample = result.sample_names[5]
    find(page, sample)
    see(page, "sample", "tbody tr")
    table = page.locator("[data-widget=sample] [aria-label='What stands out'] tbody tr")
    lower, upper = result.interval("activity")
    for row in range(table.count()):
        line = table.nth(row)
        gene_set = line.locator("[data-pick=gene_set]").get_attribute("data-id")
        values = result.activity[gene_set].drop(sample)
        ends = [frame.loc[sample, gene_set] for frame in (result.activity, lower, upper)]
        expected = [100 * (values < end).mean() for end in ends]
        at, *between = re.findall(r"\d+", line.locator("td").nth(0).inner_text())
        assert [float(at), *map(float, between)] == pytest.approx(expected, abs=0.51 + 100 / len(values))
        parts = [
            float(part.replace("\u2212", "-"))
            for part in re.findall(r"[+\u2212]?\d+\.\d", line.locator("td").nth(2).inner_text())
        ]
        loadings, sd = result.member_loadings.loc[gene_set], result.activity[gene_set].std(ddof=0)
        carried = (result.scores.loc[sample] - result.scores.mean()) * loadings / sd
        largest = carried.loc[carried.abs().sort_values(ascending=False).index]
        own = (result.activity.loc[sample, gene_set] - result.activity[gene_set].mean()) / sd - carried.sum()
        assert parts == pytest.approx([*largest.iloc[:2], own], abs=0.051)
    nearest = page.locator("[data-nearest] [data-pick=sample]").evaluate_all("all => all.map((one) => one.dataset.id)")
    distance = ((result.scores - result.scores.loc[sample]) ** 2).sum(axis=1).drop(sample).sort_values()
    assert nearest == [str(name) for name in distance.index[:5]]
    measured = page.locator("[data-measured]").inner_text()
    for view in result.view_names:
        seen = "measured" if result.presence.loc[sample, view] else "not measured"
        assert f"{view}: {seen}" in measured


def test_a_sample_is_told_in_a_sentence_of_what_is_clear(open_page, page_file, result):
    page = open_page(page_file).page
    lower, upper = result.interval("activity")
    clear = (lower > result.activity.mean()) | (upper < result.activity.mean())
    standard = (result.activity - result.activity.mean()) / result.activity.std(ddof=0)
    by_number = clear.sum(axis=1).sort_values()
    for sample in (by_number.index[0], by_number.index[-1]):  # the one with the fewest clear ones, and with most
        find(page, sample)
        see(page, "sample", "[data-what]")
        said = page.locator("[data-what]")
        own = standard.loc[sample, clear.loc[sample]]
        far = own.loc[own.abs().sort_values(ascending=False).index]
        expected = [*far[far > 0].index[:3], *far[far < 0].index[:3]]
        assert said.locator("[data-pick]").evaluate_all("all => all.map((one) => one.dataset.id)") == expected
        for gene_set in expected:
            values = result.activity[gene_set].drop(sample)
            ends = [frame.loc[sample, gene_set] for frame in (result.activity, lower, upper)]
            at, low, high = (round(100 * float((values < end).mean())) for end in ends)
            assert f"({at} %, {low} to {high})" in said.inner_text()
        if not expected:
            assert "each 95 % interval includes the mean" in said.inner_text()
        drawn = page.locator("[data-figure=sample-activity]")
        assert drawn.count() == bool(len(own))
        if len(own):
            symbols = drawn.evaluate("one => one.data[0].marker.symbol")
            assert symbols == ["circle"] * min(12, len(own))  # no open interval


def test_a_sample_is_placed_in_the_gene_sets_of_the_main_findings(open_page, tmp_path):
    result = sound()
    first = result.activity.iloc[:, 2]
    grade = pd.DataFrame({"grade": np.where(first > first.median(), "high", "low")}, index=first.index)
    asked = {"technical": (), "time": "", "event": "", "checks": Checks(model={}, tables={}), "command": "", "salt": ""}
    study = gather(result, Request(title="A cohort", covariates=grade, **asked))
    study = replace(study, activity_tests=study.activity_tests.assign(competitive_q=0.01))
    write_study(study, tmp_path / "report.html")
    page = open_page(tmp_path / "report.html", "#sample=patient7").page
    see(page, "sample", "[data-told]")
    told = page.locator("[data-told]")
    (name,) = told.locator("[data-pick]").evaluate_all("all => all.map((one) => one.dataset.id)")
    assert f"The strongest, {readable(name)}: " in page.locator(".overview .told li").first.inner_text()
    ends = [frame.loc["patient7", name] for frame in (result.activity, *result.interval("activity"))]
    at, low, high = (round(100 * float((result.activity[name].drop("patient7") < end).mean())) for end in ends)
    assert f"{at} % ({low} to {high})." in told.inner_text()


def test_a_sample_has_no_place_in_findings_where_there_are_none(open_page, result, tmp_path):
    path = report(result, tmp_path / "report.html", covariates=pd.DataFrame(index=result.scores.index))
    page = open_page(path, "#sample=patient7").page
    see(page, "sample", "[data-what]")
    assert page.locator("[data-told]").count() == 0


def test_factors_in_doubt_stand_last_on_the_page_of_a_sample_and_say_why(open_page, result, tmp_path):
    checks = random_checks(result)
    stability = checks.tables["stability"].assign(
        effect=lambda table: (table["feature"] != result.factor_names[1]) * 0.9
    )
    checks = replace(checks, tables={**checks.tables, "stability": stability})
    path = report(result, tmp_path / "report.html", checks=checks)
    page = open_page(path).page
    lost = pd.DataFrame(json.loads(status_path(path).read_text())["factors"]).set_index("factor")["grade"]
    lost = lost == "does not come back"
    doubts = {
        name: [*["(not found by other fits)"] * bool(lost[name]), *["(weak name)"] * weak(result, name)]
        for name in lost.index
    }
    assert list(lost.index[lost]) == result.factor_names[1:2]
    find(page, result.sample_names[3])
    see(page, "sample", ".scores tr")
    rows = page.locator("[data-widget=sample] .scores tbody tr")
    found = {
        row.locator("[data-pick]").get_attribute("data-id"): row.locator(".doubt").all_inner_texts()
        for row in rows.all()
    }
    assert found == doubts
    assert sorted(map(len, found.values())) == list(map(len, found.values()))
    marked = {name.split(" ")[0] for name in lost.index[lost]}
    places = page.locator("[aria-label='What stands out'] td:last-child").all_inner_texts()
    named = re.findall(r"(F\d+)(\u2020?)", " ".join(places))
    assert named
    assert {(name, bool(mark)) for name, mark in named} <= {(name, name in marked) for name, _ in named}


def weak(result, name):
    return factor_id(name) in low_names(result)
