"""The samples in a plane, groups that the reader makes, and the page of one sample."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from barriers import violations
from judged_fits import sound
from random_result import random_checks, random_result
from waiting import chosen, find, see, until

import pathfa as pf
from pathfa.analysis import Checks
from pathfa.analysis.projections import principal_components
from pathfa.analysis.summaries import low_names
from pathfa.core.names import factor_id, readable
from pathfa.reporting import report, status_path
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.write import write_study

POINTS = """() => Object.fromEntries(document.querySelector('[data-figure=samples]').data
    .filter((trace) => trace.customdata)
    .flatMap((trace) => trace.customdata.map((id, i) => [id, [trace.x[i], trace.y[i]]])))"""


def points(page):
    """Return where the samples are drawn, N x 2."""
    return pd.DataFrame(page.evaluate(POINTS), index=["x", "y"]).T.astype(float)


def choose(page, way, value):
    page.select_option(f"[data-axis={way}]", value)
    title = f"[data-widget=scatter] {'h4'}"
    page.wait_for_selector(title)
    page.wait_for_timeout(300)


def read_table(page, name, tmp_path):
    with page.expect_download() as caught:
        page.click(f"[data-widget=groups] [data-tsv={name}]")
    caught.value.save_as(tmp_path / f"{name}.tsv")
    table = pd.read_csv(tmp_path / f"{name}.tsv", sep="\t")
    return table.set_index("gene_set_id" if "gene_set_id" in table else table.columns[0])


def test_axes_and_colours_are_chosen_and_kept_in_the_url(open_page, page_file, result, covariates):
    page = open_page(page_file).page
    see(page, "scatter", ".main-svg")
    np.testing.assert_allclose(points(page)["x"], result.scores.loc[points(page).index].iloc[:, 0], rtol=1e-4)
    gene_set = result.gene_set_names[2]
    choose(page, "x", f"gene_set:{gene_set}")
    choose(page, "y", "axis:PC2")
    found = points(page)
    assert set(found.index) == set(result.sample_names)
    np.testing.assert_allclose(found["x"], result.activity.loc[found.index, gene_set], rtol=1e-4)
    np.testing.assert_allclose(found["y"], principal_components(result)[0].loc[found.index, "PC2"], rtol=1e-4)
    choose(page, "colour", "covariate:stage")
    names = "document.querySelector('[data-figure=samples]').data.map((trace) => trace.name)"
    assert page.evaluate(names) == [f"stage: {level}" for level in sorted(covariates["stage"].unique())]
    page.fill("[data-gene-colour]", "gene7")
    page.press("[data-gene-colour]", "Enter")
    until(page, "document.querySelector('[data-widget=scatter] h4').textContent.includes('GENE7')")
    again = open_page(page_file, page.url.split("report.html")[1]).page
    see(again, "scatter", ".main-svg")
    pd.testing.assert_frame_equal(points(again).sort_index(), found.sort_index())
    assert "GENE7" in again.locator("[data-widget=scatter] h4").inner_text()
    assert again.input_value("[data-axis=colour]") == "gene"
    assert again.input_value("[data-gene-colour]") == "GENE7 in rna"


def test_a_click_on_a_point_and_the_arrow_keys_select_a_sample(open_page, page_file, result):
    page = open_page(page_file).page
    see(page, "scatter", ".main-svg")
    order = result.scores.iloc[:, 0].sort_values().index
    page.focus("[data-figure=samples]")
    page.keyboard.press("ArrowRight")
    assert chosen(page, "sample") == order[0]
    page.keyboard.press("ArrowRight")
    assert chosen(page, "sample") == order[1]
    assert page.locator("[data-widget=sample] h4").first.inner_text() == order[1]


def test_dragging_around_points_makes_a_group_that_is_said_to_be_circular(open_page, page_file, result):
    page = open_page(page_file).page
    see(page, "scatter", ".main-svg")
    page.locator("[data-figure=samples]").scroll_into_view_if_needed()
    box = page.locator("[data-figure=samples] .xy > .nsewdrag").bounding_box()
    left, top, right, bottom = box["x"] + 2, box["y"] + 2, box["x"] + box["width"] / 2, box["y"] + box["height"] - 2
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    until(page, "document.querySelector('[data-widget=groups] strong').textContent !== 'A: 0 samples'")
    ring = "document.querySelector('[data-figure=samples]').data.find((trace) => trace.name.startsWith('group A'))"
    until(page, f"{ring} !== undefined")
    inside = sorted(page.evaluate(f"{ring}.x"))
    np.testing.assert_allclose(inside, np.sort(result.scores.iloc[:, 0])[: len(inside)], rtol=1e-4)
    assert 0 < len(inside) < len(result.scores)
    said = page.locator("[data-widget=groups] strong").first.inner_text()
    assert said == f"A: {len(inside)} samples"
    page.click("[data-rest]")
    page.wait_for_selector("[data-widget=groups] tbody tr")
    words = page.locator("[data-widget=groups] .warned").inner_text()
    assert "drawn on F1 and F2" in words
    assert "by construction" in words


def test_differences_of_groups_agree_with_python(open_page, page_file, result, covariates, tmp_path):
    page = open_page(page_file).page
    see(page, "groups", "select")
    for covariate in ("batch", "stage", "age"):
        values = covariates[covariate].set_axis(result.scores.index)
        numeric = covariate == "age"
        first = values > values.median() if numeric else values == values.min()
        option = page.locator(
            "[data-levels] option",
            has_text=f"{covariate} above its median" if numeric else f"{covariate}: {values.min()}",
        )
        page.click("[data-empty]")
        page.select_option("[data-levels]", option.first.get_attribute("value"))
        page.click("[data-put=A]")
        page.click("[data-rest]")
        page.wait_for_selector("[data-widget=groups] tbody tr")
        group = pd.Series(np.where(first, "b", "a"), result.scores.index, name="group")
        for name, level in (("groups-gene-sets", "activity"), ("groups-factors", "scores")):
            table = read_table(page, name, tmp_path)
            tested = pf.associate(result, group, level=level, batch=[], draws=0).set_index("feature")
            assert set(tested["test"]) == {"Student t"}
            assert set(tested["contrast"]) == {"b vs a"}
            expected = tested.loc[table.index, ["effect", "lower", "upper", "p", "q"]].astype(float)
            assert len(table) == len(tested)
            np.testing.assert_allclose(table[expected.columns], expected, rtol=0, atol=1e-6)
            assert list(table["p"]) == sorted(table["p"])
    again = open_page(page_file, page.url.split("report.html")[1]).page
    see(again, "groups", "tbody tr")
    told = "[data-widget=groups] [data-told]"
    assert again.locator(told).inner_text() == page.locator(told).inner_text()


def test_all_others_say_how_many_lack_the_covariate_and_moved_samples_are_told(open_page, covariates, tmp_path):
    stage = covariates["stage"].mask(np.arange(24) < 5)
    result = random_result(obs=covariates.assign(stage=stage))
    page = open_page(report(result, tmp_path / "report.html")).page
    see(page, "groups", "select")
    option = page.locator("[data-levels] option", has_text="stage: I (").get_attribute("value")
    page.select_option("[data-levels]", option)
    page.click("[data-put=A]")
    page.click("[data-rest]")
    first = int((stage == "I").sum())
    told = page.locator("[data-widget=groups] .body, [data-widget=groups]").first.inner_text()
    assert f"B: {24 - first} samples (all other samples, 5 of them without a known stage)" in told
    page.select_option("[data-levels]", option)
    page.click("[data-put=B]")
    assert f"{first} samples were moved from A to B." in page.locator("#status").inner_text()
    assert page.locator("[data-widget=groups] strong").all_inner_texts() == ["A: 0 samples", "B: 24 samples"]


def test_small_p_values_agree_with_python(open_page, tmp_path):
    group = pd.Series(["a", "b"] * 20, name="group")
    result = random_result(n_samples=40, obs=pd.DataFrame({"group": group}))
    for k, shift in enumerate((0.5, 4.0, 60.0)):
        result.scores.loc[(group == "b").to_numpy(), result.factor_names[k]] += shift
    page = open_page(report(result, tmp_path / "report.html")).page
    see(page, "groups", "select")
    page.select_option("[data-levels]", "1")
    page.click("[data-put=A]")
    page.click("[data-rest]")
    page.wait_for_selector("[data-widget=groups] tbody tr")
    table = read_table(page, "groups-factors", tmp_path)
    tested = pf.associate(result, "group", level="scores", draws=0).set_index("feature").loc[table.index]
    assert tested["p"].min() < 1e-20
    np.testing.assert_allclose(np.log(table["p"]), np.log(tested["p"].astype(float)), rtol=1e-6)
    np.testing.assert_allclose(np.log(table["q"]), np.log(tested["q"].astype(float)), rtol=1e-6)


def test_groups_are_made_by_name_and_by_the_keyboard_alone(open_page, page_file, result):
    page = open_page(page_file).page
    see(page, "groups", "input")
    for sample, key in ((result.sample_names[4], "A"), (result.sample_names[6], "A"), (result.sample_names[6], "B")):
        page.fill("[data-one-sample]", sample)
        page.focus(f"[data-put={key}]")
        page.keyboard.press("Enter")
    counts = page.locator("[data-widget=groups] strong").all_inner_texts()
    assert counts == ["A: 1 sample", "B: 1 sample"]  # a sample is in one group
    assert "at least 3 samples in each group" in page.locator("[data-widget=groups]").inner_text()
    page.fill("[data-one-sample]", "nobody")
    page.click("[data-put=A]")
    assert "nobody" in page.locator("#status").inner_text()
    page.click("[data-empty]")
    assert page.locator("[data-widget=groups] strong").all_inner_texts() == ["A: 0 samples", "B: 0 samples"]
    assert "group-" not in page.url


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
    assert page.locator(".overview .told li").first.inner_text().lower().startswith(f"{readable(name).lower()} ")
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


def test_an_age_that_cannot_be_in_years_says_so(open_page, covariates, tmp_path):
    result = random_result(obs=covariates.assign(age=covariates["age"] * 12, days_of_age=7000.0 + covariates["age"]))
    page = open_page(report(result, tmp_path / "report.html")).page
    find(page, result.sample_names[0])
    see(page, "sample", ".known")
    told = page.locator(".known").inner_text().split("\n")
    assert [line for line in told if "not years" in line] == [f"{result.obs['age'].iloc[0]:.6g} (not years)"]
    see(page, "groups", "select")
    halves = page.locator("[data-levels] optgroup[label^=age] option").all_inner_texts()
    assert len(halves) == 2
    assert all("median" in half and "not years" in half for half in halves)


def test_a_gene_card_shows_its_values_over_the_samples(open_page, page_file, result):
    page = open_page(page_file).page
    find(page, "GENE7")
    see(page, "gene", ".main-svg")
    traces = page.evaluate(
        "document.querySelector('[data-figure=gene-samples]').data.map((t) => [t.name, t.customdata, t.y])"
    )
    assert [name for name, *_ in traces] == result.view_names
    for view, ids, values in traces:
        own = result.data[view]["GENE7"]
        expected = ((own - own.mean()) / own.std(ddof=0)).loc[ids]
        np.testing.assert_allclose(np.array(values, dtype=float), expected, atol=0.03)
    first = np.array(traces[0][2], dtype=float)
    assert (np.diff(first) >= 0).all()


def test_groups_and_the_page_of_a_sample_are_without_barriers(open_page, page_file, result):
    page = open_page(page_file).page
    find(page, result.sample_names[5])
    see(page, "scatter", ".main-svg")
    see(page, "groups", "select")
    page.select_option("[data-levels]", "0")
    page.click("[data-put=A]")
    page.click("[data-rest]")
    page.wait_for_selector("[data-widget=groups] tbody tr")
    widgets = [f"#widget-{name}" for name in ("scatter", "groups", "sample")]
    assert violations(page, *widgets) == []
    page.click("#theme")
    assert violations(page, *widgets, runOnly=["color-contrast"]) == []
