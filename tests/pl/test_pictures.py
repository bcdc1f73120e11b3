"""Every figure looks as it did when it was looked at; ``make pictures`` renews what is compared."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import matplotlib as mpl
import pytest
from every_figure import CASES, WIDTHS, figures_of
from matplotlib import rc_context
from pictures import FOLDER, PAPER, changed, on_paper, read, sheet

MIDDLE = WIDTHS[1:2]
PINNED = re.search(r"^matplotlib==(\d+\.\d+)", (Path(__file__).parents[2] / "constraints.txt").read_text(), re.M)[1]
as_stored = pytest.mark.skipif(
    not mpl.__version__.startswith(f"{PINNED}."),
    reason=f"matplotlib {mpl.__version__} lays out figures otherwise than {PINNED}, which drew what is compared",
)


@as_stored
def test_on_paper_of_one_width():
    stored = {name: pictures[1:2] for name, pictures in read(FOLDER / "one-paper.png").items()}
    assert changed(stored, sheet("one", partial(on_paper, widths=MIDDLE)), PAPER) == {}


def test_what_other_packages_set_of_legends_changes_nothing():
    figure = dict(figures_of(CASES["few"].result()))["survival"]()
    spacing = (
        "borderpad",
        "labelspacing",
        "handlelength",
        "handleheight",
        "handletextpad",
        "columnspacing",
        "fontsize",
    )
    with rc_context({**{f"legend.{name}": 3.0 for name in spacing}, "legend.frameon": False}):
        other = on_paper(figure, MIDDLE)
    assert (other[0] == on_paper(figure, MIDDLE)[0]).all()


@as_stored
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_on_paper(case):
    assert changed(read(FOLDER / f"{case}-paper.png"), sheet(case, on_paper), PAPER) == {}


def test_what_is_cut_hidden_or_absent_is_seen():
    stored = read(FOLDER / "few-paper.png")
    made = dict(figures_of(CASES["few"].result()))["survival"]()
    nameless = replace(made, y=replace(made.y, hide_labels=True))
    emptied = replace(made, marks=())
    for figure, same in ((made, True), (nameless, False), (emptied, False)):
        found = changed({"survival": stored["survival"][1:2]}, {"survival": on_paper(figure, MIDDLE)}, PAPER)
        assert (found == {}) is same
    assert changed(stored, {}, PAPER).keys() == stored.keys()
    assert changed({}, {"new": stored["survival"]}, PAPER) == {"new": "no stored picture"}
