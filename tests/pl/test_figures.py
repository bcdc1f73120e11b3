import inspect
import pkgutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from matplotlib.colors import LinearSegmentedColormap
from random_result import random_checks, random_result

import pathfa as pf
from pathfa import pl
from pathfa.core.errors import ConfigError
from pathfa.core.text import shorten
from pathfa.pl.axes import distinct, short_labels
from pathfa.pl.colours import DIVERGING, SEQUENTIAL, ink_on
from pathfa.pl.figure import Figure
from pathfa.pl.spec import Axis, ColourScale, Heatmap, Line, Points, Rule, Strip
from pathfa.pl.wording import listed, percent
from pathfa.result.summaries import weight_table

RESULT = random_result()
RNG = np.random.default_rng(1)
OBS = pd.DataFrame(
    {
        "stage": RNG.choice(["I", "II", "III"], 24),
        "age": RNG.normal(60, 8, 24),
        "time": RNG.exponential(50.0, 24),
        "event": RNG.integers(0, 2, 24),
    },
    index=RESULT.scores.index,
)
TABLES = {
    "associations": pf.associate(RESULT, OBS[["stage", "age"]], draws=5),
    "survival": pf.survival(RESULT, OBS["time"], OBS["event"]),
    "survival_curves": pf.km_groups(RESULT, "HALLMARK_SET_0", OBS["time"], OBS["event"]),
    "concordance": pf.concordance(RESULT),
}
COHORTS = ("north", "south")
TABLES["replicated"] = pf.meta_analysis(dict.fromkeys(COHORTS, TABLES["associations"]))
TABLES["agreement"] = pf.meta_analysis(dict.fromkeys(COHORTS, TABLES["concordance"]))
CHECKS = random_checks(RESULT).tables
TABLES |= {name: CHECKS[name] for name in ("heldout", "uninformed")} | {"ranks": CHECKS["heldout"]}
ACTIVITIES = dict.fromkeys(COHORTS, RESULT.activity.std().to_dict())
FIGURES = [name for name in pl.__all__ if inspect.isfunction(getattr(pl, name))]


MORE = {
    "sample_activity": ("patient3",),
    "gene_set_card": ("HALLMARK_SET_0",),
    "gene": ("GENE1",),
    "agreement": (dict.fromkeys(COHORTS, TABLES["concordance"]),),
}


def figure(name: str) -> Figure:
    given = ACTIVITIES if name == "spread" else TABLES.get(name, RESULT)
    return getattr(pl, name)(given, *MORE.get(name, ()))


@pytest.mark.parametrize("name", FIGURES)
def test_both_backends_draw_every_figure(name):
    made = figure(name)
    assert made.question.endswith("?")
    assert made.answer.endswith(".")
    assert len(made.alt) > 30
    assert len(made.table) > 0
    assert len(made.plotly().data) >= 1
    axes = made.matplotlib().axes[0]
    assert axes.get_xlabel()
    assert axes.has_data() or axes.images


@pytest.mark.parametrize("name", TABLES)
def test_a_figure_of_a_table_says_which_when_it_is_given_a_model(name):
    with pytest.raises(TypeError, match=rf"pl.{name} was given PathFAResult; expected the table that pathfa\."):
        getattr(pl, name)(RESULT, *MORE.get(name, ()))


def contrast(first: str, second: tuple[float, ...]) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    given = np.array([[int(first[i : i + 2], 16) / 255.0 for i in (1, 3, 5)], second])
    linear = np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [SEQUENTIAL, DIVERGING])
def test_words_can_be_read_on_every_colour_of_a_map(palette):
    colours = LinearSegmentedColormap.from_list("palette", list(palette), N=512)
    assert min(contrast(ink_on(palette, place), colours(place)[:3]) for place in np.linspace(0.0, 1.0, 101)) >= 4.5


def test_both_backends_write_in_the_same_ink():
    made = figure("variance_explained")
    (words,) = (trace for trace in made.plotly().data if trace.type == "scatter")
    drawn = {text.get_text(): text.get_color() for text in made.matplotlib().axes[0].texts}
    assert dict(zip(words.text, words.textfont.color, strict=True)) == drawn
    assert len(set(words.textfont.color)) == 2


def test_heat_map_holds_the_numbers_of_its_table():
    made = pl.variance_explained(RESULT)
    drawn = np.array(made.plotly().data[0].z, dtype=float)
    expected = 100 * RESULT.variance_explained.to_numpy()[:-1]
    np.testing.assert_allclose(drawn, expected, rtol=1e-4)
    axes = made.matplotlib().axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), expected, rtol=1e-6)


def test_names_are_text_and_not_markup():
    name = "<b>bold</b> & <a href='javascript:x'>a</a> $x$"
    made = Figure(
        name="x", question="?", answer=".", alt="", table=pd.DataFrame({"a": [1]}),
        marks=(Heatmap(values=pd.DataFrame([[1.0]]), unit="u", scale=ColourScale.DIVERGING),),
        x=Axis(labels=(name,)), y=Axis(labels=("y",)),
    )  # fmt: skip
    shown = made.plotly().data[0].x[0]
    assert "<" not in shown
    assert "&lt;b&gt;bold" in shown
    made.matplotlib().draw_without_rendering()


def test_missing_numbers_stay_blank():
    marks = (
        Line(x=[0.0, 1.0], y=[np.nan, 2.0], low=[0.0, 0.0], high=[1.0, 1.0]),
        Points(x=[1.0], y=[np.inf], low=[0.5], high=[1.5]),
        Rule(value=1.0, axis="x", label="here"),
    )
    made = Figure(
        name="x", question="?", answer=".", alt="", marks=marks, x=Axis(), y=Axis(log=True), table=pd.DataFrame()
    )
    drawn = made.plotly()
    assert drawn.data[2].y[0] is None
    assert drawn.data[3].y[0] is None
    assert drawn.layout.annotations[0].text == "here"


def test_no_module_hides_a_figure():
    # importing a module of the package makes it an attribute, in the place of what loads when it is used
    modules = {module.name for module in pkgutil.iter_modules(pl.__path__)}
    assert modules.isdisjoint(pl.__all__)


def test_only_figures_and_what_goes_with_them_are_shown():
    assert dir(pl) == sorted(pl.__all__)


@pytest.mark.parametrize("spelling", ["set 0", "Hallmark_set_0", "set_00", "SET  0"])
def test_gene_sets_and_factors_are_found_in_every_spelling(spelling):
    name, factor = "HALLMARK_SET_0", RESULT.factor_names[1]
    label = factor.partition(" ")[2]
    expected = pl.gene_set_card(RESULT, name, factor).answer
    assert {pl.gene_set_card(RESULT, spelling, each).answer for each in (factor, "F2", "f2", label)} == {expected}
    assert pl.activity(RESULT, gene_sets=[spelling]).y.ids == (name,)
    assert pl.samples(RESULT, spelling, "f2").x.title == pl.samples(RESULT, name, factor).x.title
    assert RESULT.rename_factors({label: "F2 new"}).factor_names[1] == "F2 new"


@pytest.mark.parametrize("near", ["HALLMARK_SET0", "sett 0"])
def test_the_nearest_gene_set_is_suggested(near):
    with pytest.raises(ConfigError, match="did you mean 'HALLMARK_SET_0'"):
        pl.gene_set_card(RESULT, near)


def test_unknown_names_are_errors():
    with pytest.raises(ConfigError, match="patient0"):
        pl.sample_activity(RESULT, "nobody")
    with pytest.raises(ConfigError, match="F9"):
        pl.samples(RESULT, "F9")
    with pytest.raises(ConfigError, match="did you mean 'GENE2"):
        pl.samples(RESULT, colour="gene_20")
    with pytest.raises(ConfigError, match="numbers"):
        pl.samples(replace(RESULT, obs=OBS), "stage")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("F2", RESULT.scores.iloc[:, 1]),
        (RESULT.factor_names[1], RESULT.scores.iloc[:, 1]),
        ("age", OBS["age"]),
        ("HALLMARK_SET_3", RESULT.activity["HALLMARK_SET_3"]),
        ("GENE1", RESULT.data["rna"]["GENE1"]),
        ("protein: GENE1", RESULT.data["protein"]["GENE1"]),
    ],
)
def test_samples_are_placed_and_coloured_by_whatever_is_named(name, values):
    result = replace(RESULT, obs=OBS)
    for made in (pl.samples(result, x=name), pl.samples(result, y=name), pl.samples(result, colour=name)):
        (mark,) = made.marks
        shown = next(one for one in (mark.values, mark.x, mark.y) if one is not None and np.allclose(one, values))
        assert len(shown) == len(values)
        assert list(mark.ids) == result.sample_names
        drawn = made.matplotlib().axes[0].collections[0]
        np.testing.assert_allclose(drawn.get_offsets(), np.column_stack([mark.x, mark.y]))


def test_groups_as_colour_have_a_legend_of_their_levels():
    made = pl.samples(replace(RESULT, obs=OBS), "PC1", "PC2", colour="stage")
    assert {mark.name for mark in made.marks} == {"stage: I", "stage: II", "stage: III"}
    assert made.x.title.startswith("PC1 of the scores (")


def test_dots_are_the_likely_weights():
    table = weight_table(RESULT)
    drawn = pl.gene_set_weights(RESULT, similar=True).plotly().data
    assert len(drawn[0].x) == (table["probability"] >= 0.95).sum()
    assert len(drawn[1].x) == table["probability"].between(0.5, 0.95, inclusive="left").sum()


def test_labels():
    assert distinct(["a", "a", "b", "a (2)"]) == ("a", "a (3)", "b", "a (2)")
    assert shorten("x" * 30 + "END", 20).endswith("END")
    assert len(shorten("x" * 99, 20)) == 20
    patients = [f"Institute-of-Pathology-2019-{number:03d}-in-the-second-run" for number in (7, 12)]
    assert short_labels(patients, 24) == ("Institute-of…007…", "Institute-of…012…")  # by what differs
    assert short_labels(["a" * 60, "a" * 60, "b"], 24)[2] == "b"
    assert len(set(short_labels(["a" * 60, "a" * 60, "b"], 24))) == 3
    assert listed(["a", "b"]) == "a and b"
    assert percent(0.0999) == "10 %"


def test_each_factor_is_told_apart_by_what_happens_without_gene_sets():
    made = figure("uninformed")
    assert "Also found without gene sets: F1." in made.answer
    assert "Rotated by the gene sets (without them only a mixture of factors): F2." in made.answer
    assert "Not found without gene sets: F3." in made.answer


def test_held_out_words_say_where_gene_sets_help_and_what_is_not_predicted():
    table = CHECKS["heldout"].copy()
    assert "Gene sets help in every line, by up to 5.0 percentage points" in pl.heldout(table).answer
    table.loc[1, ["r2", "gain", "gain_lower"]] = [-0.01, -0.16, -0.2]
    made = pl.heldout(table)
    assert "20 % (10 to 30) of rna and nothing of protein from the other views" in made.answer
    assert "Gene sets help for rna, from other views; no clear difference otherwise." in made.answer


def test_names_that_were_lost_are_counted():
    made = figure("identifiers")
    assert made.table.to_dict("records")[0] == {
        "view": "rna", "from": "ensembl", "to": "symbol", "features": 97, "unchanged": 0, "mapped": 86,
        "ambiguous": 4, "lost": 7, "merged": 1,
    }  # fmt: skip
    assert "7 have no known name; 1 name is shared" in made.answer


def test_the_share_of_a_silent_factor_is_not_shown():
    explained = RESULT.variance_explained.copy()
    explained.iloc[1, 0] = 0.0
    drawn = pl.annotated_share(replace(RESULT, variance_explained=explained)).marks[0]
    assert np.isnan(drawn.values.to_numpy()[1, 0])
    assert drawn.text.iloc[1, 0] == ""
    assert drawn.values.notna().sum().sum() == drawn.values.size - 1


def test_single_features_on_which_views_agree_are_led_by_the_highest():
    table = pd.DataFrame({"rna & protein": [0.1, 0.7, np.nan], "rna & mirna": np.nan}, index=["A", "B", "C"])
    made = pl.residual_correlation(replace(RESULT, residual_correlation=table))
    assert "correlates by 0.40 on average between rna and protein (2 features" in made.answer
    assert "Highest: B and A" in made.answer
    assert made.table["feature"].tolist() == ["B", "A", "C"]
    assert sum(made.marks[0].values) == 2
    none = pl.residual_correlation(replace(RESULT, residual_correlation=0.01 * table))
    assert none.answer == "Beyond the factors, rna and protein share nothing of single features."


def candidates(*rows: tuple[int, str, float, bool]) -> str:
    table = pd.DataFrame(rows, columns=["n_factors", "loading_prior", "log_evidence", "chosen"])
    table = table.assign(start=[f"s{i}" for i in range(len(rows))], finished=True, converged=True)
    return pl.selection(random_result(selection=table)).answer


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(3, "soft", -1000.0, True)], "K = 3 with the soft prior was given, not chosen."),
        ([(3, "soft", -1000.0, True), (4, "soft", -1020.0, False)], "highest evidence, 20.0 nats more than K = 4"),
        ([(3, "soft", -1000.0, True), (4, "soft", -998.0, False)], "further factors add nothing"),
        ([(3, "soft", -1000.0, True), (4, "soft", -990.0, False)], "The further factor is not worth it"),
        ([(3, "strict", -1000.0, True), (3, "soft", -997.0, False)], "the simpler one, the strict prior, is taken"),
        ([(3, "soft", -10000.0, True), (3, "soft", -9999.0, False), (2, "soft", -10100.0, False)],
         "another ended 1.0 nats higher. Over all measured values this is too little to tell them apart"),
    ],
)  # fmt: skip
def test_the_choice_is_explained(rows, words):
    assert words in candidates(*rows)


def test_similar_gene_sets_share_the_row_of_the_strongest():
    probability = RESULT.gene_set_probability * 0.0 + 1.0
    members = {name: [f"GENE{i}" for i in range(10 * p, 10 * p + 10)] for p, name in enumerate(RESULT.gene_set_names)}
    members["HALLMARK_SET_5"] = [*members["HALLMARK_SET_4"][:9], "GENE0"]
    weights = RESULT.gene_set_weights * 0.0 + np.arange(1.0, 7.0)[:, None]
    genes = pd.Index([f"GENE{i}" for i in range(60)])
    loadings = {view: pd.DataFrame(1.0, index=genes, columns=RESULT.factor_names) for view in RESULT.view_names}
    masks = dict.fromkeys(
        loadings, sp.csr_matrix([[float(gene in members[name]) for name in members] for gene in genes])
    )
    noise = {view: pd.Series(1.0, index=genes) for view in loadings}
    packed = dict.fromkeys(loadings, np.zeros((60, RESULT.loadings_cov["rna"].shape[1])))
    tables = {"masks": masks, "loadings": loadings, "loadings_cov": packed, "noise": noise}
    result = random_result(gene_set_weights=weights, gene_set_probability=probability, gene_sets=members, **tables)
    one, own = pl.gene_set_weights(result), pl.gene_set_weights(result, similar=True)
    assert len(one.y.labels) == 5
    assert len(own.y.labels) == 6
    (row,) = [names for names in one.y.members if len(names) > 1]
    assert row == ("HALLMARK_SET_5", "HALLMARK_SET_4")
    assert "set 5 (+1 similar)" in one.y.labels
    shown = [name for mark in one.marks for name in mark.ids]
    assert "HALLMARK_SET_4" not in shown  # the strongest of the row stands for it in every factor
    assert set(one.table.loc[one.table["gene_set"] == "HALLMARK_SET_4", "shown_under"]) == {"HALLMARK_SET_5"}
    assert "stand in one row" in one.answer


def test_covariates_stand_above_the_heat_map():
    made = pl.activity(RESULT, covariates=OBS[["stage", "age"]].assign(name=[f"p{i}" for i in range(24)]))
    strips = [mark for mark in made.marks if isinstance(mark, Strip)]
    assert [strip.name for strip in strips] == ["stage", "age"]  # a level per sample cannot be told apart by colour
    order = list(made.x.ids)
    assert [strips[0].levels[int(code)] for code in strips[0].values] == list(OBS.loc[order, "stage"])
    np.testing.assert_allclose(strips[1].values, OBS.loc[order, "age"])
    drawn = made.plotly()
    assert [trace.yaxis for trace in drawn.data if trace.type == "heatmap"] == [None, "y2", "y2"]
    said = {(trace.legendgroup, trace.name) for trace in drawn.data if trace.showlegend}
    assert said >= {("stage", "I"), ("stage", "II"), ("stage", "III")}
    assert {group for group, _ in said} == {"stage", "age"}
    assert drawn.layout.yaxis.domain[1] < drawn.layout.yaxis2.domain[0]
    below = made.matplotlib().axes[0]
    (above,) = below.child_axes
    assert [label.get_text() for label in above.get_yticklabels()] == ["stage", "age"]
    assert below.images
    map_colours = {colour for _, colour in DIVERGING}
    assert map_colours.isdisjoint(trace.marker.color for trace in drawn.data if trace.showlegend)


def test_the_map_of_some_gene_sets_holds_these_alone():
    some = RESULT.gene_set_names[1:4]
    made = pl.activity(RESULT, gene_sets=some)
    assert sorted(name for row in made.y.members for name in row) == some
    assert list(made.table.columns[1:]) == some
    with pytest.raises(ConfigError, match="SET_1"):
        pl.activity(RESULT, gene_sets=["SET_1x"])
