import gzip

import anndata as ad
import mudata as md
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.io import mmwrite

from pathfa.core.errors import InputError
from pathfa.core.views_apart import views_apart
from pathfa.data import as_cohort, read_cohort


def test_table_and_parquet_give_the_same_numbers_bit_for_bit(frame, write, tmp_path) -> None:
    table = frame() / 3
    table.iloc[0, 0] = np.nan
    table.T.rename_axis("gene").to_parquet(tmp_path / "a.parquet")
    table.T.rename_axis("gene").reset_index().to_parquet(tmp_path / "b.parquet", index=False)
    table.T.to_csv(tmp_path / "c.csv.gz")
    for path in (write(table), tmp_path / "a.parquet", tmp_path / "b.parquet", tmp_path / "c.csv.gz"):
        again = read_cohort({"rna": path})["rna"].to_df()
        pd.testing.assert_frame_equal(
            again, table, check_exact=True, check_names=False, check_index_type=False, check_column_type=False
        )


def test_r_tables_without_a_corner_cell(tmp_path) -> None:
    (tmp_path / "r.txt").write_text('"S1"\t"S2"\n"A"\t1\t2\n"B"\tNA\t4\n')
    table = read_cohort({"rna": tmp_path / "r.txt"})["rna"].to_df()
    assert table.loc["S2", "B"] == 4
    assert np.isnan(table.loc["S1", "B"])


def test_h5mu_round_trip_keeps_everything(frame, tmp_path) -> None:
    views = {"rna": frame(), "protein": frame(12, seed=1)}
    sheet = pd.DataFrame({"age": range(20), "code": [f"0{i}" for i in range(20)]}, index=frame().index)
    first = read_cohort(views, options={"rna": {"kind": "log", "max_features": 7}}, samples=sheet)
    first.write_h5mu(tmp_path / "c.h5mu")
    one, two = as_cohort(first), as_cohort(read_cohort(tmp_path / "c.h5mu"))
    assert list(one.samples) == list(two.samples)
    for view in one.views:
        np.testing.assert_array_equal(view.values, two.view(view.name).values)
        assert list(view.features) == list(two.view(view.name).features)
        assert (view.kind, view.preprocessing) == (two.view(view.name).kind, two.view(view.name).preprocessing)
    pd.testing.assert_frame_equal(one.obs, two.obs, check_dtype=False, check_index_type=False, check_column_type=False)
    assert two.obs["code"].iloc[3] == "03"
    assert two.inputs[0]["path"].endswith("c.h5mu")


def test_views_in_layers_obsm_and_feature_types(frame, tmp_path) -> None:
    adata = ad.AnnData(frame(), layers={"raw": frame().to_numpy() * 2}, obsm={"protein": frame().iloc[:, :3] + 1})
    adata.write_h5ad(tmp_path / "a.h5ad")
    options = {"rna": {"layer": "raw"}, "protein": {"obsm": "protein"}}
    mdata = read_cohort(tmp_path / "a.h5ad", options=options)
    np.testing.assert_array_equal(mdata["rna"].X, frame().to_numpy() * 2)
    assert list(mdata["protein"].var_names) == ["STAT1", "IRF1", "IFIT1"]
    adata.var["feature_types"] = ["Gene Expression"] * 40 + ["Antibody Capture"] * 10
    split = read_cohort(adata)
    assert {name: part.n_vars for name, part in split.mod.items()} == {"Gene Expression": 40, "Antibody Capture": 10}
    one = read_cohort({"adt": adata}, options={"adt": {"feature_type": "Antibody Capture"}})
    assert one["adt"].n_vars == 10


def test_id_column_of_var(frame) -> None:
    adata = ad.AnnData(frame(features=[f"ENSG{i:011d}.3" for i in range(50)]))
    adata.var["symbol"] = list(frame().columns)
    mdata = read_cohort({"rna": adata}, options={"rna": {"id_column": "symbol"}})
    assert list(mdata["rna"].var_names) == list(frame().columns)
    with pytest.raises(InputError, match="its features have no column 'name'; their columns are symbol"):
        read_cohort({"rna": adata}, options={"rna": {"id_column": "name"}})


def test_mtx_folder(tmp_path) -> None:
    matrix = sparse.random(6, 4, 0.5, random_state=0, data_rvs=lambda n: np.arange(1, n + 1)).astype(int)
    with gzip.open(tmp_path / "matrix.mtx.gz", "wb") as file:
        mmwrite(file, matrix)
    lines = [f"ENSG{i}\tGENE{i}\tGene Expression" for i in range(6)]
    (tmp_path / "features.tsv").write_text("\n".join(lines) + "\n")
    (tmp_path / "barcodes.tsv").write_text("AAAC-1\nAAAG-1\nAACA-1\nAACC-1\n")
    mdata = read_cohort({"rna": tmp_path}, options={"rna": {"id_column": "symbol"}})
    assert sparse.issparse(mdata["rna"].X)
    np.testing.assert_array_equal(mdata["rna"].X.toarray(), matrix.toarray().T)
    assert list(mdata["rna"].var_names) == [f"GENE{i}" for i in range(6)]
    (tmp_path / "barcodes.tsv").write_text("AAAC-1\n")
    with pytest.raises(InputError, match="the matrix is 6 x 4, but there are names of 6 features and 1 sample"):
        read_cohort({"rna": tmp_path})
    (tmp_path / "barcodes.tsv").unlink()
    with pytest.raises(InputError, match=r"the folder has none of barcodes\.tsv\.gz, barcodes\.tsv"):
        read_cohort({"rna": tmp_path})


def test_sample_columns_of_the_sheet_join_the_views(frame) -> None:
    rna, protein = frame(3, samples=["r1", "r2", "r3"]), frame(2, samples=["p3", "p1"])
    sheet = pd.DataFrame(
        {"rna_id": ["r1", "r2", "r3"], "prot_id": ["p1", None, "p3"], "age": [1, 2, 3]}, index=["a", "b", "c"]
    )
    options = {"rna": {"sample_column": "rna_id"}, "protein": {"sample_column": "prot_id"}}
    cohort = as_cohort(read_cohort({"rna": rna, "protein": protein}, options=options, samples=sheet))
    assert list(cohort.samples) == ["a", "b", "c"]
    assert cohort.presence["protein"].tolist() == [True, False, True]
    np.testing.assert_array_equal(cohort.view("protein").values[2], protein.loc["p3"])
    assert cohort.obs["age"].tolist() == [1, 2, 3]
    with pytest.raises(InputError, match=r"1 of 3 samples is not in the sample table .for example 'r2'"):
        read_cohort(
            {"rna": rna},
            options=options | {"protein": {}} if False else {"rna": options["rna"]},
            samples=sheet.drop("b"),
        )


def test_a_sheet_with_samples_in_columns_and_one_with_a_nameless_sample(frame, tmp_path) -> None:
    sheet = pd.DataFrame({"age": range(20), "arm": ["a", "b"] * 10}, index=frame().index)
    sheet.T.to_csv(tmp_path / "sheet.tsv", sep="\t")
    cohort = as_cohort(read_cohort({"rna": frame()}, samples=tmp_path / "sheet.tsv"))
    assert cohort.obs["age"].tolist() == list(range(20))
    assert cohort.obs["arm"].iloc[1] == "b"
    (tmp_path / "nameless.tsv").write_text("sample\tage\nS01\t1\n\t2\n")
    with pytest.raises(InputError, match=r"nameless\.tsv, line 3: column 'sample': "):
        read_cohort({"rna": frame()}, samples=tmp_path / "nameless.tsv")


def test_the_data_given_are_not_changed(frame) -> None:
    with views_apart():
        mdata = md.MuData({"rna": ad.AnnData(frame()), "protein": ad.AnnData(frame(seed=1))})
        before = mdata.copy()
    sheet = pd.DataFrame({"age": range(20)}, index=frame().index)
    read_cohort(mdata, samples=sheet, options={"rna": {"rename": {"STAT1": "X"}}})
    assert list(mdata.obs.columns) == list(before.obs.columns)
    assert not mdata.uns
    np.testing.assert_array_equal(mdata["rna"].X, before["rna"].X)
    assert list(mdata["rna"].var_names) == list(before["rna"].var_names)


def test_conflicting_covariates_of_views_keep_the_name_of_the_view(frame) -> None:
    rna, protein = ad.AnnData(frame(3)), ad.AnnData(frame(3, seed=1))
    rna.obs["batch"], protein.obs["batch"] = ["x", "y", "x"], ["1", "1", "2"]
    rna.obs["sex"], protein.obs["sex"] = ["f", "m", "f"], ["f", "m", "f"]
    cohort = as_cohort({"rna": rna, "protein": protein})
    assert set(cohort.obs.columns) == {"rna:batch", "protein:batch", "sex"}


def test_order_of_views_and_samples_changes_nothing_but_the_order(frame) -> None:
    rna, protein = frame(), frame(12, seed=1)
    one = as_cohort({"rna": rna, "protein": protein})
    two = as_cohort({"protein": protein.iloc[::-1], "rna": rna.iloc[::-1]})
    order = two.samples.get_indexer(one.samples)
    for view in one.views:
        np.testing.assert_array_equal(view.values, two.view(view.name).values[order])


def test_checksums_survive_a_container(write, frame, tmp_path) -> None:
    """What was read into a file is still known when that file is read."""
    raw = write(frame())
    first = read_cohort({"rna": raw})
    first.write(tmp_path / "cohort.h5mu")
    again = as_cohort(read_cohort(tmp_path / "cohort.h5mu"))
    assert [entry["path"] for entry in again.inputs] == [str(raw), str(tmp_path / "cohort.h5mu")]
    assert again.inputs[0] == as_cohort(first).inputs[0]
    assert as_cohort(read_cohort(first)).inputs == as_cohort(first).inputs


def test_a_sheet_with_an_empty_column_can_be_written(frame, write, tmp_path) -> None:
    samples = frame().index
    sheet = pd.DataFrame({"empty": "", "age": range(len(samples))}, index=samples)
    sheet.to_csv(tmp_path / "sheet.tsv", sep="\t")
    cohort = read_cohort({"rna": write(frame())}, samples=tmp_path / "sheet.tsv")
    cohort.write(tmp_path / "cohort.h5mu")
    assert md.read_h5mu(tmp_path / "cohort.h5mu").obs["empty"].isna().all()
