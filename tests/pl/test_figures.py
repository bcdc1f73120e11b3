"""Both backends draw every figure, in the same ink, and names stay text."""

import pkgutil

import numpy as np
import pandas as pd
import pytest
from figures_of_one import FIGURES, MORE, RESULT, TABLES, figure
from matplotlib.colors import LinearSegmentedColormap

from pathfa import pl
from pathfa.core.text import shorten
from pathfa.pl.axes import distinct, short_labels
from pathfa.pl.colours import DIVERGING, SEQUENTIAL, ink_on
from pathfa.pl.figure import Figure
from pathfa.pl.spec import Axis, ColourScale, Heatmap, Line, Points, Rule
from pathfa.pl.wording import listed, percent


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


def test_a_map_is_never_so_narrow_that_the_words_of_its_cells_meet():
    words = pd.DataFrame({"a": ["22 (17 to 27)"], "b": ["1"]}, index=["row"])
    maps = [
        Heatmap(values=words.map(lambda _: 1.0), unit="u", text=text)
        for text in (words, words.replace(r".+", "*", regex=True))
    ]
    axes = {"x": Axis(labels=tuple(f"c{i}" for i in range(6))), "y": Axis(labels=("row",))}
    blank = {"name": "n", "question": "q?", "answer": "a.", "alt": "alt", "table": words}
    long, short = (Figure(marks=(drawn,), **axes, **blank).least_width for drawn in maps)
    assert long - short >= 13 * 5  # px that the longest words take more


def test_both_backends_write_in_the_same_ink():
    made = figure("variance_explained")
    (words,) = (trace for trace in made.plotly().data if trace.type == "scatter")
    drawn = {text.get_text(): text.get_color() for text in made.matplotlib().axes[0].texts}
    assert dict(zip(words.text, words.textfont.color, strict=True)) == drawn
    assert len(set(words.textfont.color)) == 2


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
