"""What figures take by name: gene sets, factors, samples, covariates, genes."""

from dataclasses import replace

import numpy as np
import pytest
from figures_of_one import OBS, RESULT

import pathfa as pf
from pathfa import pl
from pathfa.core.errors import ConfigError
from pathfa.pl.spec import Strip


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


def test_covariates_are_read_with_blanks_and_taken_in_every_spelling():
    obs = OBS.assign(T_stage=OBS["stage"], batch_no=["x", "y"] * (len(OBS) // 2))
    result = replace(RESULT, obs=obs)
    for spelling in ("T_stage", "t stage"):
        assert {mark.name for mark in pl.samples(result, colour=spelling).marks} >= {"T stage: I"}
        tests = pf.associate(result, [spelling, "batch no"], batch=["batch no"])
        assert set(tests["covariate"]) == {"T_stage", "batch_no"}
    figure = pl.associations(tests, technical=["batch no"])
    assert set(figure.x.labels) == {"T stage", "batch no (technical)"}
    assert {mark.name for mark in pl.samples(result, colour=obs["T_stage"]).marks} >= {"T stage: I"}
    above = pl.activity(result, covariates=obs[["T_stage"]])
    assert [mark.name for mark in above.marks if isinstance(mark, Strip)] == ["T stage"]
