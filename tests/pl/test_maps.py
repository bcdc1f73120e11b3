"""Maps and dot plots hold the numbers of their tables."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from figures_of_one import OBS, RESULT
from random_result import random_result

from pathfa import pl
from pathfa.core.errors import ConfigError
from pathfa.pl.colours import DIVERGING
from pathfa.pl.spec import Strip
from pathfa.result.summaries import weight_table


def test_heat_map_holds_the_numbers_of_its_table():
    made = pl.variance_explained(RESULT)
    drawn = np.array(made.plotly().data[0].z, dtype=float)
    expected = 100 * RESULT.variance_explained.to_numpy()[:-1]
    np.testing.assert_allclose(drawn, expected, rtol=1e-4)
    axes = made.matplotlib().axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), expected, rtol=1e-6)


def test_dots_are_the_likely_weights():
    table = weight_table(RESULT)
    drawn = pl.gene_set_weights(RESULT, similar=True).plotly().data
    assert len(drawn[0].x) == (table["probability"] >= 0.95).sum()
    assert len(drawn[1].x) == table["probability"].between(0.5, 0.95, inclusive="left").sum()


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


def test_the_share_of_a_silent_factor_is_not_shown():
    explained = RESULT.variance_explained.copy()
    explained.iloc[1, 0] = 0.0
    drawn = pl.annotated_share(replace(RESULT, variance_explained=explained)).marks[0]
    assert np.isnan(drawn.values.to_numpy()[1, 0])
    assert drawn.text.iloc[1, 0] == ""
    assert drawn.values.notna().sum().sum() == drawn.values.size - 1
