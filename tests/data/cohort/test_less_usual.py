"""What is read less often: sides that other names tell, tables beside a view, parts of a container."""

import datetime as dt

import anndata as ad
import mudata as md
import numpy as np
import pandas as pd
import pytest
from finding_checks import only, refused
from scipy import sparse

import pathfa
from pathfa.core.errors import ConfigError, InputError
from pathfa.data import as_cohort, read_cohort
from pathfa.data.gene_sets.gmt import read_gmt
from pathfa.data.identifiers.tables import pairs
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.tables import read_numbers, read_sheet


def written(path, table):
    table.to_csv(path, sep="\t")
    return path


def drawn(samples, features):
    values = np.random.default_rng(0).normal(8, 2, (len(samples), len(features))).round(2)
    return pd.DataFrame(values, list(samples), list(features))


@pytest.mark.parametrize("turned", [False, True])
def test_ensembl_ids_are_features_on_either_side(turned, tmp_path):
    table = drawn([f"P{at}" for at in range(6)], [f"ENSG{at:011d}" for at in range(9)])
    path = written(tmp_path / "rna.tsv", table.T if turned else table)
    assert list(read_cohort({"rna": path}).obs_names) == list(table.index)


def test_few_rows_that_two_views_share_are_samples(tmp_path):
    samples = ["north", "south", "east", "west"]
    source = {
        view: written(tmp_path / f"{view}.tsv", drawn(samples, [f"{view} {at}" for at in range(9)]))
        for view in ("liquid", "solid")
    }
    read = read_cohort(source)
    assert list(read.obs_names) == samples
    assert read["solid"].shape == (4, 9)


def test_a_sample_of_another_size_is_a_warning_by_name(tmp_path):
    table = drawn([f"P{at}" for at in range(9)], [f"G{at}" for at in range(20)])
    table.loc["P3"] *= 500.3
    findings = as_cohort(read_cohort({"rna": written(tmp_path / "rna.tsv", table.T)})).findings
    assert only(findings, "odd-sample").found.startswith("'P3' may be no sample: its values are about")


@pytest.mark.parametrize(("duplicates", "merge"), [("sum", np.sum), ("mean", np.mean)])
def test_repeated_features_of_sparse_counts_are_merged_as_of_dense_ones(duplicates, merge):
    counts = np.random.default_rng(0).poisson(2.0, (5, 3)).astype(float)
    cells = ad.AnnData(sparse.csr_matrix(counts), obs=pd.DataFrame(index=list("abcde")))
    cells.var_names = ["MX1", "CA9", "MX1"]
    read = read_cohort({"rna": cells}, options={"rna": ViewOptions(duplicates=duplicates)})["rna"]
    np.testing.assert_allclose(read[:, "MX1"].X.toarray()[:, 0], merge(counts[:, [0, 2]], axis=1))
    np.testing.assert_allclose(read[:, "CA9"].X.toarray()[:, 0], counts[:, 1])


@pytest.mark.parametrize(
    ("sheet", "code", "words"),
    [
        (None, "no-sample-sheet", "sample_column is 'who' but there is no sample sheet"),
        (pd.DataFrame({"age": [1.5]}, ["a"]), "no-sample-column", "the sample table has no column 'who'"),
    ],
)
def test_a_column_of_samples_needs_its_sheet(sheet, code, words):
    options = {"rna": ViewOptions(sample_column="who")}
    assert (
        refused({"rna": ad.AnnData(drawn("abc", ["MX1", "CA9"]))}, code, options=options, samples=sheet).found == words
    )


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (pd.MultiIndex.from_product([["a"], [1, 2, 3]]), "names-with-levels"),
        (pd.Index([dt.date(2020, 1, day) for day in (1, 2, 3)]), "dates-as-names"),
    ],
)
def test_names_that_are_no_text_are_refused(names, code):
    with pytest.raises(InputError) as caught:
        as_cohort({"rna": drawn("abc", ["MX1", "CA9"]).set_axis(names)})
    assert only(caught.value.findings, code).view == "rna"


@pytest.mark.filterwarnings("ignore")
def test_covariates_of_the_cohort_go_before_those_of_its_views():
    view = ad.AnnData(drawn("abc", ["MX1", "CA9"]))
    view.obs["age"] = [1.0, 2.0, 3.0]
    both = md.MuData({"rna": view})
    both.obs["age"] = [10.0, 20.0, 30.0]
    assert as_cohort(both).obs["age"].tolist() == [10.0, 20.0, 30.0]


def test_an_array_of_obsm_is_a_view_with_numbered_features():
    cells = ad.AnnData(drawn("abcd", ["MX1", "CA9"]))
    cells.obsm["X_pca"] = np.arange(8.0).reshape(4, 2) ** 1.5
    read = read_cohort({"pca": cells}, options={"pca": ViewOptions(obsm="X_pca")})["pca"]
    assert list(read.var_names) == ["X_pca_1", "X_pca_2"]
    np.testing.assert_array_equal(read.X, cells.obsm["X_pca"])


@pytest.mark.filterwarnings("ignore")
def test_a_cohort_in_the_place_of_one_table_is_told(tmp_path):
    views = {view: ad.AnnData(drawn("abc", [f"{view}1", f"{view}2"])) for view in ("rna", "protein")}
    md.MuData(views).write_h5mu(tmp_path / "both.h5mu")
    with pytest.raises(InputError, match="it contains the views rna, protein; expected one view"):
        read_cohort({"rna": tmp_path / "both.h5mu"})
    with pytest.raises(InputError, match="it contains rna, protein; expected cells x features of one kind"):
        pathfa.pseudobulk(tmp_path / "both.h5mu", sample="donor")


@pytest.mark.parametrize("text", ["gene\tP1\tP2\t\nA\t1\t2\nB\t3\t4\n", "gene\tP1\tP2\nA\t1\t2\t\nB\t3\t4\t\n"])
def test_a_delimiter_at_the_end_is_no_column(text, tmp_path):
    (tmp_path / "t.tsv").write_text(text)
    table = read_numbers(tmp_path / "t.tsv")
    assert (list(table.columns), table.values.tolist()) == (["P1", "P2"], [[1, 2], [3, 4]])


def test_a_table_without_a_column_of_values_is_told(tmp_path):
    (tmp_path / "t.tsv").write_text("gene\t\nA\t\nB\t\n")
    with pytest.raises(InputError, match=r"no column contains values .*expected a column of numbers for every sample"):
        read_numbers(tmp_path / "t.tsv")


def test_columns_of_a_sheet_with_one_name_are_told(tmp_path):
    (tmp_path / "t.tsv").write_text("sample\tage\tage\nS1\t1\t2\n")
    with pytest.raises(InputError, match="1 column shares a name"):
        read_sheet(tmp_path / "t.tsv")


def test_a_folder_is_no_collection_of_gene_sets(tmp_path):
    with pytest.raises(InputError, match="it is a folder; expected a text file"):
        read_gmt(tmp_path)


def test_a_name_that_stands_twice_beside_its_key_counts_once():
    keys, names = ["ENSG00000157601.2", "ENSG00000157601.3", "OAS1", None], ["MX1", "MX1", " ", "CA9"]
    assert pairs(keys, names) == {"ENSG00000157601": ("MX1",)}


def test_a_table_of_samples_needs_the_column_of_the_subjects():
    with pytest.raises(ConfigError, match="sample_table needs sample_column"):
        ViewOptions(sample_table="samples.tsv")
