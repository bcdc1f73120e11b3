"""Strips above a map: each with colours of its own, which its legend names."""

import numpy as np
import pandas as pd
import pytest
from figures_of_one import RESULT
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba

from pathfa import pl
from pathfa.pl.colours import BLANK, DIVERGING
from pathfa.pl.figures.strips import strips
from pathfa.pl.strip_colours import entries, limits

ORDER = pd.RangeIndex(40)
LEVELS = st.integers(1, 4).map(lambda size: [f"level {place % size}" for place in ORDER])
NUMBERS = st.integers(0, 99).map(lambda seed: np.random.default_rng(seed).normal(size=len(ORDER)).tolist())


def legend(drawn):
    return [(trace.legendgroup, trace.name, trace.marker.color) for trace in drawn.data if trace.showlegend]


@given(st.lists(LEVELS | NUMBERS, min_size=2, max_size=3))
def test_no_two_strips_share_a_colour_with_each_other_or_with_the_map(columns):
    found = strips(pd.DataFrame(dict(enumerate(columns)), index=ORDER), ORDER)
    of_groups = [{colour for _, colour in entries(strip)} for strip in found if strip.levels]
    full = [{entries(strip)[-1][1]} for strip in found if not strip.levels]
    colours = of_groups + full
    assert len(set().union(*colours)) == sum(map(len, colours))
    assert {colour for _, colour in DIVERGING}.isdisjoint(set().union(*colours))


@given(st.integers(0, 999), st.floats(20.0, 1e6), st.sampled_from([-1.0, 1.0]))
def test_what_lies_far_from_the_others_does_not_fill_the_scale(seed, far, sign):
    values = np.random.default_rng(seed).normal(size=len(ORDER))
    values[3] = sign * far
    (strip,) = strips(pd.DataFrame({"rate": values}, index=ORDER), ORDER)
    low, high = limits(strip)
    others = np.delete(values, 3)
    assert others.min() <= low < high <= others.max()
    assert np.ptp(np.clip(others, low, high)) == pytest.approx(high - low)
    words = " ".join(words for words, _ in entries(strip))
    assert f"{sign * far:,.4g}" in words  # the legend tells how far the numbers go


@pytest.mark.parametrize("values", [["a", "b", None] * 8, [1.5, 2.5, np.nan, 4.5] * 6], ids=["groups", "numbers"])
def test_the_legend_names_low_and_high_and_what_is_not_known(values):
    covariates = pd.DataFrame({"known": range(24), "some": values}, index=RESULT.sample_names)
    made = pl.activity(RESULT, covariates=covariates)
    said = legend(made.plotly())
    assert [(group, colour) for group, words, colour in said if words == "not known"] == [("some", BLANK)]
    assert [words for group, words, _ in said if group == "known"] == ["0", "11.5", "23"]
    assert made.plotly().layout.plot_bgcolor == BLANK
    paper = made.matplotlib()
    named = {text.get_text(): patch for text, patch in zip(*parts(paper), strict=True)}
    assert [words if words == "not known" else f"{group}: {words}" for group, words, _ in said] == list(named)
    assert [to_rgba(colour) for *_, colour in said] == [patch.get_facecolor() for patch in named.values()]
    (above,) = paper.axes[0].child_axes
    shade = above.images[1].cmap(np.ma.masked_invalid(above.images[1].get_array()))[0]
    blank = [place for place, known in enumerate(covariates.loc[list(made.x.ids), "some"].notna()) if not known]
    np.testing.assert_allclose(shade[blank], [to_rgba(BLANK)] * len(blank))


@pytest.mark.parametrize(("width", "columns"), [(3.3, 2), (6.5, 4)])
def test_a_legend_of_many_strips_has_columns_as_wide_as_their_names_and_one_entry_for_what_is_not_known(width, columns):
    names = ["stage", "sex", "site", "arm", "plate", "response, central review"]
    levels = np.array(["a", "b", "c", None], dtype=object)
    covariates = pd.DataFrame({name: levels[np.arange(24) % 4] for name in names}, index=RESULT.sample_names)
    paper = pl.activity(RESULT, covariates=covariates).matplotlib(width)
    paper.draw_without_rendering()
    texts, _ = parts(paper)
    assert [text.get_text() for text in texts] == [f"{name}: {level}" for name in names for level in "abc"] + [
        "not known"
    ]
    assert len({round(text.get_window_extent().x0) for text in texts}) == columns
    assert max(text.get_window_extent().x1 for text in texts) <= paper.bbox.x1


def parts(paper):
    (legend,) = paper.legends
    return legend.get_texts(), legend.get_patches()


@given(st.lists(st.text("ab -", min_size=1, max_size=60), min_size=2, max_size=5, unique_by=str.strip))
def test_no_two_groups_or_covariates_have_one_label(names):
    values = [names[place % len(names)] for place in ORDER]
    found = strips(pd.DataFrame({f"{name} with a long name": values for name in names}, index=ORDER), ORDER)
    assert len({strip.name for strip in found}) == len(names)
    assert all(len(set(strip.levels)) == len(names) for strip in found)
