"""The samples in a plane, and groups that the reader makes."""

import numpy as np
import pandas as pd
from barriers import violations
from random_result import random_result
from waiting import chosen, find, see, until

import pathfa as pf
from pathfa.analysis.projections import principal_components
from pathfa.reporting import report

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
