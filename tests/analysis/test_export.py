import json

import numpy as np
import pandas as pd
import pytest

from pathfa.analysis import export, fitted_scores, refined_gene_sets, to_anndata, to_long
from pathfa.data import read_gmt


def test_long_table_holds_every_number(result):
    table = to_long(result)
    scores = table[table["quantity"] == "scores"].pivot_table(index="sample", columns="factor", values="value")
    pd.testing.assert_frame_equal(
        scores.loc[result.sample_names, result.factor_names], result.scores, check_names=False
    )
    loadings = table[(table["quantity"] == "loadings") & (table["view"] == "protein")]
    row = loadings[(loadings["feature"] == "g7") & (loadings["factor"] == "F2 f1")].iloc[0]
    assert row["value"] == result.loadings["protein"].loc["g7", "F2 f1"]
    assert row["sd"] == pytest.approx(0.05)
    weights = table[table["quantity"] == "gene_set_weights"]
    assert (weights["lower"] <= weights["upper"]).all()
    assert set(weights["probability"]) == {0.0, 1.0}
    fitted = table[(table["quantity"] == "fitted_scores") & (table["view"] == "rna")]
    row = fitted[(fitted["sample"] == "s3") & (fitted["gene_set"] == "set5")].iloc[0]
    mean, sd = fitted_scores(result, "rna", return_std=True)
    assert (row["value"], row["sd"]) == (mean.loc["s3", "set5"], sd.loc["s3", "set5"])
    sources = 12 * (4 + 2)
    expected = sources + 80 * 4 + 6 * 80 * 12 + 12 * 4 + 2 * 80 * 4 + 2 * 60 * 4 + 2 * 60 + 5 * 2 + 4 * 2 + 1
    assert len(table) == expected


def test_refined_sets_drop_members_that_do_not_load(result):
    result.loadings["rna"].loc["g0", "F1 f0"] = 0.01
    result.loadings["protein"].loc["g0", "F1 f0"] = -1.0
    table = refined_gene_sets(result)
    rows = table[(table["source"] == "set0") & (table["factor"] == "F1 f0")].set_index(["view", "target"])
    assert not rows.loc[("rna", "g0"), "kept"]
    assert not rows.loc[("protein", "g0"), "kept"]
    assert rows.drop(index="g0", level="target")["kept"].all()
    assert set(rows.loc["rna"].index) == set(result.gene_sets["set0"])


@pytest.mark.parametrize(("table_format", "read"), [("tsv", pd.read_csv), ("parquet", pd.read_parquet)])
def test_export_reads_back(result, tmp_path, table_format, read):
    files = export(result, tmp_path / "out", table_format)
    assert all(path.stat().st_size > 0 for path in files)
    options = {"sep": "\t"} if table_format == "tsv" else {}
    long = read(files[0], **options)
    assert len(long) == len(to_long(result))
    np.testing.assert_allclose(long["value"], to_long(result)["value"])
    samples = read(files[1], **options)
    np.testing.assert_allclose(samples["set3"], result.activity["set3"])
    refined = read_gmt(tmp_path / "out" / "refined_gene_sets.gmt")
    assert set(refined.members("set2")) == set(result.gene_sets["set2"])
    assert json.loads((tmp_path / "out" / "model.json").read_text())["log_evidence"] == -1000.0


def test_scanpy_works_on_the_scores(make_result):
    import scanpy as sc

    scores = np.random.default_rng(0).normal(size=(60, 3)) + 6 * (np.arange(60) % 2)[:, None]
    result = make_result(n=60, factors=3, sets=6, scores=scores)
    adata = to_anndata(result)
    np.testing.assert_array_equal(adata.layers["fitted_scores"], fitted_scores(result))
    sc.pp.neighbors(adata, use_rep="X_pathfa", n_neighbors=8, method="gauss")  # umap would be compiled first
    # neighbours are of the same group
    rows, columns = adata.obsp["connectivities"].nonzero()
    assert (rows % 2 == columns % 2).all()
