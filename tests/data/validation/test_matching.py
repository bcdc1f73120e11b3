"""Samples that are not the same in two views: told where they are, and nothing where they are the same."""

import numpy as np
import pandas as pd
import pytest
from finding_checks import only
from hypothesis import given, settings
from hypothesis import strategies as st

import pathfa as pf
from pathfa.core.findings import Severity
from pathfa.data import as_cohort
from pathfa.data.validation.matching import MIXED_UP, UNMATCHED, check_matching
from pathfa.data.validation.validate import validate

SETS = {"A": [f"G{number}" for number in range(20)]}


def tables(n=40, g=150, *, seed=0, agree=0.7, common=1.0):
    """Return two views that agree on their features by a correlation, beside a few directions of all samples."""
    rng = np.random.default_rng(seed)
    few = common * rng.normal(size=(n, 3)) @ rng.normal(size=(3, g))
    each = rng.normal(size=(n, g))
    names, genes = [f"P{at:02d}" for at in range(n)], [f"G{at}" for at in range(g)]
    return {
        view: pd.DataFrame(few + agree**0.5 * each + (1.0 - agree) ** 0.5 * rng.normal(size=(n, g)), names, genes)
        for view in ("rna", "protein")
    }


def found(views):
    return [item for item in validate(views, SETS) if item.code in (UNMATCHED, MIXED_UP)]


def exchanged(table, one, two):
    """Return a table in which two samples bear each other's name."""
    return table.rename(index={one: two, two: one}).loc[table.index]


UNITS = {
    "as it is": lambda table: table,
    "counts": lambda table: np.exp(2.0 * table).round(),
    "ratios": lambda table: table - table.mean(),
    "opposite": lambda table: -table,
    "missing values": lambda table: table.mask(np.random.default_rng(1).random(table.shape) < 0.3),
    "some opposite": lambda table: table * np.where(np.arange(table.shape[1]) % 2, 1.0, -1.0),
    "own features beside": lambda table: table.assign(**{f"X{at}": table.iloc[:, 0] * at for at in range(1, 4)}),
}


@pytest.mark.parametrize("change", UNITS.values(), ids=UNITS)
def test_two_samples_that_were_exchanged_are_told_in_any_units(change):
    views = tables()
    assert found({**views, "protein": change(views["protein"])}) == []

    item = only(found({**views, "protein": change(exchanged(views["protein"], "P03", "P17"))}), MIXED_UP)

    assert item.severity is Severity.WARNING
    assert item.count == 2
    assert item.examples == ("P03 as if exchanged with P17", "P17 as if exchanged with P03")
    assert item.found.startswith("in 2 of 40 samples protein goes with rna of other samples no less than with that")


def test_a_sample_of_somebody_else_is_told_alone():
    views, other = tables(), tables(seed=1)
    views["protein"].loc["P05"] = other["protein"].loc["P05"]
    item = only(found(views), MIXED_UP)
    assert item.examples == ("P05",)


@pytest.mark.parametrize("agree", [0.3, 0.9])
def test_a_view_in_another_order_is_told(agree):
    views = tables(agree=agree)
    order = np.random.default_rng(0).permutation(40)
    views["protein"] = views["protein"].iloc[order].set_axis(views["protein"].index)
    item = only(found(views), UNMATCHED)
    assert item.severity is Severity.WARNING
    assert "rna and protein of the same sample are no more alike than those of different samples" in item.found
    assert "(150 common features, 40 samples)" in item.found


@settings(max_examples=15)
@given(
    n=st.integers(30, 60),
    g=st.integers(100, 300),
    seed=st.integers(0, 10_000),
    agree=st.floats(0.8, 1.0),
    common=st.floats(0.0, 1.0),
)
def test_samples_that_are_clearly_the_same_are_not_told(n, g, seed, agree, common):
    assert found(tables(n, g, seed=seed, agree=agree, common=common)) == []


@pytest.mark.parametrize(("n", "g", "agree"), [(15, 100, 0.5), (20, 150, 0.4), (30, 100, 0.3)])
def test_by_chance_few_cohorts_are_told(n, g, agree):
    cohorts = (as_cohort(tables(n, g, seed=seed, agree=agree)) for seed in range(60))
    assert sum(bool(list(check_matching(cohort))) for cohort in cohorts) <= 3


@pytest.mark.parametrize("factors", [1, 6])
def test_samples_that_differ_in_a_few_directions_only_match(factors):
    cohort = pf.simulate(40, 2, factors=factors, covariates=())
    assert not {UNMATCHED, MIXED_UP} & {item.code for item in validate(cohort.mdata, cohort.gene_sets)}


@pytest.mark.parametrize(("n", "g"), [(14, 150), (40, 99)])
def test_of_too_little_in_common_nothing_is_said(n, g):
    views = tables(n, g)
    views["protein"] = views["protein"].iloc[::-1].set_axis(views["protein"].index)
    assert found(views) == []


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_features_without_variation_are_not_in_common(fill):
    views = tables()
    views["protein"] = views["protein"].iloc[::-1].set_axis(views["protein"].index)
    views["protein"].iloc[:, 99:] = fill
    assert found(views) == []


def test_three_views_tell_which_one_is_not_of_the_same_samples():
    views = tables()
    more = tables(agree=0.8)["protein"] + 0.1 * np.random.default_rng(3).normal(size=(40, 150))
    views = {**views, "phospho": exchanged(more, "P01", "P02")}
    told = {item.found.split(" samples ")[1].split(" of other")[0]: item.count for item in found(views)}
    assert told == {"phospho goes with rna": 2, "phospho goes with protein": 2}


def test_a_fit_and_its_verdict_know_it():
    views = tables(n=40, common=2.0)
    views["protein"] = exchanged(views["protein"], "P03", "P17")
    with pytest.warns(pf.errors.FitWarning, match="goes with rna of other samples"):
        model = pf.PathFA(n_factors=2, n_starts=1, max_iter=20, tol=1e-3, progress=False).fit(views, SETS)
    only(model.findings_, MIXED_UP)


@pytest.mark.realdata
def test_a_leukaemia_whose_proteins_are_those_of_a_melanoma(shared_data):
    """As published, the proteome of LE.SR has MLANA, TYR and S100B, and that of ME.SK_MEL_2 none of them."""
    folder = shared_data / "nci60_mcia"
    views = {}
    for view, name in (("mrna", "mrna"), ("protein", "prot")):
        table = pd.read_csv(folder / f"{name}.tsv.gz", sep="\t", index_col=0)
        table.columns = table.columns.str.replace(rf"_\d+_{name}$", "", regex=True)
        views[view] = table.loc[:, ~table.columns.duplicated()]
    protein = views["protein"] = views["protein"].replace(0.0, np.nan)
    markers = ["MLANA", "TYR", "S100B"]
    assert protein.loc["LE.SR", markers].notna().all()
    assert protein.loc["ME.SK_MEL_2", markers].isna().all()

    item = only(
        [each for each in validate(views, {"A": list(views["mrna"].columns[:50])}) if each.code == MIXED_UP], MIXED_UP
    )

    assert "LE.SR" in item.examples
