"""The demo cohort that ships with the package."""

import numpy as np
import pandas as pd
import pytest

from pathfa.simulation.demo import FACTORS, demo_gene_sets, simulate_demo, write_demo


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo") / "new folder", seed=0)


@pytest.fixture(scope="module")
def cohort():
    return simulate_demo(seed=0)


def test_gene_sets_are_of_usable_size_and_factors_use_only_some():
    sets = demo_gene_sets()

    used = {name for members in FACTORS.values() for name in members}
    assert len(sets) >= 16
    assert all(15 <= len(genes) <= 40 and len(set(genes)) == len(genes) for genes in sets.values())
    assert used < set(sets)


def test_files_hold_the_cohort_around_a_level_per_feature(paths, cohort):
    for name in ("rna", "protein"):
        table = pd.read_csv(paths[name], sep="\t", index_col=0).T
        expected = cohort.mdata[name].to_df()
        assert list(table.index) == list(expected.index)
        assert list(table.columns) == list(expected.columns)
        np.testing.assert_array_equal(table.isna(), expected.isna())
        level = (table - expected).mean()
        np.testing.assert_allclose(table, expected + level, atol=2e-4)
        assert level.std() > 1.0


def test_some_samples_have_no_protein_and_low_proteins_are_missing_more_often(cohort):
    protein = cohort.mdata["protein"].to_df()

    assert 0 < cohort.mdata.n_obs - len(protein) < 15
    complete = cohort.truth.complete["protein"].loc[protein.index].to_numpy()
    hidden = protein.isna().to_numpy()
    assert 0.03 < hidden.mean() < 0.1
    assert complete[hidden].mean() < complete[~hidden].mean() - 1.0


def test_some_genes_are_outside_every_set(cohort):
    members = {gene for genes in demo_gene_sets().values() for gene in genes}

    assert len(set(cohort.truth.loadings["rna"].index) - members) > 50


def test_the_sheet_has_covariates_and_survival_that_depend_on_known_activities(paths, cohort):
    sheet = pd.read_csv(paths["samples"], sep="\t", index_col="sample")

    assert list(sheet.index) == list(cohort.truth.scores.index)
    assert {"subtype", "age", "sex", "batch", "stage", "survival_time", "survival_event"} <= set(sheet)
    activity = cohort.truth.activity
    assert np.corrcoef(sheet["ki67_percent"], activity["G2M_CHECKPOINT"])[0, 1] > 0.7
    emt = activity["EPITHELIAL_MESENCHYMAL_TRANSITION"]
    assert emt[sheet["subtype"] == "mesenchymal"].mean() > emt[sheet["subtype"] == "epithelial"].mean()
    assert 10 < sheet["survival_event"].sum() < 60


def test_the_same_seed_writes_the_same_bytes(paths, tmp_path):
    again, other = write_demo(tmp_path / "again", seed=0), write_demo(tmp_path / "other", seed=1)

    assert all(again[name].read_bytes() == paths[name].read_bytes() for name in paths)
    assert other["rna"].read_bytes() != paths["rna"].read_bytes()


def test_the_written_gene_sets_are_those_of_the_package(paths):
    lines = paths["gene_sets"].read_text().splitlines()

    assert {line.split("\t")[0]: line.split("\t")[2:] for line in lines} == demo_gene_sets()
