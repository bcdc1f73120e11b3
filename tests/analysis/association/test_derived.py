"""Covariates that look computed from the fitted data, by their names or by what they follow."""

import numpy as np
import pandas as pd
import pytest

from pathfa.analysis.association.derived import derived_covariates


@pytest.mark.parametrize(
    "name", ["StromalScore", "ImmuneScore", "ESTIMATE", "TumorPurity", "tumor_purity", "CMS", "xCell"]
)
def test_scores_of_programs_are_told_by_their_names(result, name):
    table = pd.DataFrame({name: np.random.default_rng(0).normal(size=80)}, index=result.sample_names)
    assert derived_covariates(result, table) == {name: "by the name"}


@pytest.mark.parametrize(
    "name",
    ["age", "stage", "hypoxia", "immune_phenotype", "subtype", "absolute neutrophils", "estimated dose", "MSI", "T"],
)
def test_others_are_not(result, name):
    table = pd.DataFrame({name: np.random.default_rng(0).normal(size=80)}, index=result.sample_names)
    assert derived_covariates(result, table) == {}


@pytest.mark.parametrize(("noise", "derived"), [(0.1, True), (1.0, False)])
@pytest.mark.parametrize("view", [None, "protein"])
def test_numbers_that_follow_an_activity_are_told_by_that(result, noise, derived, view):
    activity = (result.activity if view is None else result.view_activity[view])["set2"]
    result.view_activity["rna"].iloc[:10] = np.nan  # samples that lack a view do not matter
    values = -3.0 * activity / activity.std() + 3.0 * noise * np.random.default_rng(1).normal(size=80)
    found = derived_covariates(result, pd.DataFrame({"x": values.where(values.index != "s5")}))
    assert list(found) == ["x"] * derived
    assert all("follows set" in reason for reason in found.values())


def test_groups_and_few_values_are_not(result):
    activity = result.activity["set2"]
    table = pd.DataFrame({"few": activity.where(np.arange(80) < 8), "two": (activity > 0).astype(float), "text": "a"})
    assert derived_covariates(result, table) == {}
