"""Every public figure is drawn by both backends, at small sizes and with short, long and many names."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
from every_figure import CASES, WIDTHS, figures_of

from pathfa import pl
from pathfa.core.errors import ConfigError
from pathfa.pl.figure import Figure

_LITTLE = 0.02  # inches
MADE = {(case, name): make for case, names in CASES.items() for name, make in figures_of(names.result())}


@pytest.fixture(scope="module")
def made():
    kept: dict[tuple[str, str], Figure] = {}

    def figure(case: str, name: str) -> Figure:
        if (case, name) not in kept:
            kept[case, name] = MADE[case, name]()
        return kept[case, name]

    return figure


NARROW, *WIDER = WIDTHS


@pytest.mark.parametrize("widths", [pytest.param([NARROW], id="narrow"), pytest.param(WIDER, marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", sorted({name for _, name in MADE}))
def test_nothing_is_cut_and_no_legend_lies_on_data(made, case, name, widths):
    figure = made(case, name)
    for width in widths:
        drawn = figure.matplotlib(width)
        drawn.draw_without_rendering()
        page = drawn.bbox
        (axes, *_) = drawn.axes
        box = axes.get_window_extent()
        assert box.width > 0.2 * page.width
        assert box.height > 0.2 * page.height
        ink = drawn.get_tightbbox()
        assert min(ink.x0, ink.y0) > -_LITTLE, (width, ink)
        assert ink.x1 < drawn.get_figwidth() + _LITTLE, (width, ink)
        assert ink.y1 < drawn.get_figheight() + _LITTLE, (width, ink)
        for legend in drawn.legends:
            assert legend.get_window_extent().y0 >= axes.get_tightbbox().y1 - 3, width
            assert legend.get_window_extent().x1 <= page.x1 + 2, (width, "legend")
        plt.close(drawn)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", sorted({name for _, name in MADE}))
def test_plotly_draws_every_figure(made, case, name):
    figure = made(case, name)
    drawn = figure.plotly()
    assert json.loads(drawn.to_json())["data"]
    assert drawn.layout.title.text
    for which in "xy":
        axis, mine = getattr(drawn.layout, f"{which}axis"), getattr(figure, which)
        told = [label.replace("<br>", " ") for label in axis.ticktext or axis.categoryarray or ()]
        assert [label.replace("… ", "…") for label in told] == list(mine.rows or mine.labels)


def test_a_panel_of_a_larger_figure(made, tmp_path):
    page, axes = plt.subplots(1, 2, figsize=(10, 4))
    for ax, name in zip(axes, ("activity", "gene_set_weights"), strict=True):
        assert made("few", name).matplotlib(ax=ax, title="A panel") is page
        assert ax.get_legend().get_title().get_text() == "A panel"
    assert made("few", "flow").matplotlib(title=False, save=tmp_path / "flow.svg").legends
    assert "<svg" in (tmp_path / "flow.svg").read_text()
    plt.close(page)


def test_a_figure_shows_itself_in_one_line_and_with_a_picture(made):
    figure = made("many", "activity")
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == repr(figure)
    assert "\n" not in repr(figure)
    assert len(repr(figure)) < 500
    assert bundle["image/png"].startswith("iVBORw0KGgo")
    assert figure.matplotlib(3.3)._repr_png_().startswith(b"\x89PNG")  # as a notebook asks for it


def test_numbers_have_a_scale_and_groups_a_symbol(made):
    numbers, groups = made("few", "samples"), made("few", "samples1")
    assert numbers.marks[0].unit == "age"
    assert np.isfinite(numbers.marks[0].values).all()
    assert [mark.name for mark in groups.marks] == ["stage: I", "stage: II", "stage: III", "other or not known"]
    assert numbers.plotly().data[0].marker.colorbar.title.text == "age"
    assert len(numbers.matplotlib().axes) == 2  # the colour bar


def test_a_factor_and_a_gene_say_what_they_are():
    result = CASES["few"].result()
    card = pl.factor(result, "F2", most=4)
    assert card.table.groupby("view")["gene"].nunique().to_dict() == {"rna": 4, "protein": 4}
    largest = result.loadings["rna"][result.factor_names[1]].abs().idxmax()
    assert largest in card.y.labels
    assert "% of rna" in card.answer
    gene = pl.gene(result, "GENE20")  # rna alone measures it
    assert set(gene.table["view"]) == {"rna"}
    assert list(gene.table["factor"]) == result.factor_names
    with pytest.raises(ConfigError, match="did you mean 'GENE2"):
        pl.gene(result, "gene_20")
    with pytest.raises(ConfigError, match="F9"):
        pl.factor(result, "F9")


@pytest.mark.parametrize("name", ["activity", "agreement", "associations", "concordance", "replicated", "survival"])
def test_a_figure_of_some_rows_says_how_many_there_are(made, name):
    """Whoever counts the rows must not take those that are drawn for all."""
    assert " Drawn are " in made("many", name).answer
    assert " Drawn are " not in made("few", name).answer
