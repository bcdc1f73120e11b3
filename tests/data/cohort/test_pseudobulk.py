"""Sums of the counts of cells, and what is said where samples are cells."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from finding_checks import only
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import pathfa
from pathfa.cli import main
from pathfa.core.errors import InputError
from pathfa.core.findings import Severity
from pathfa.data import as_cohort, read_cohort, validate

GENES = [f"GENE{number}" for number in range(12)]


def cells_of(donors, types, seed=0, dense=False):
    """Cells with counts, of these donors and types."""
    rng = np.random.default_rng(seed)
    values = rng.poisson(2.0, (len(donors), len(GENES))).astype(np.float32)
    obs = pd.DataFrame({"donor": donors, "type": types}, index=[f"cell{number}" for number in range(len(donors))])
    return ad.AnnData(values if dense else sparse.csr_matrix(values), obs=obs, var=pd.DataFrame(index=GENES))


@pytest.fixture
def cells():
    """Five donors with 20 T cells and 15 B cells each, but donor d4 with 2 B cells."""
    donors = [f"d{number}" for number in range(5) for _ in range(35)]
    types = (["T cell"] * 20 + ["B+ cell"] * 15) * 5
    made = cells_of(donors, types)
    made.obs["age"] = made.obs["donor"].map({f"d{number}": 30.0 + number for number in range(5)})
    made.obs["quality"] = np.arange(len(donors))
    few = (made.obs["donor"] == "d4") & (made.obs["type"] == "B+ cell")
    return made[~few | (few.cumsum() <= 2)].copy()


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=1, max_size=60),
    st.integers(1, 4),
    st.booleans(),
)
@settings(max_examples=40)
def test_every_kept_pair_is_the_sum_of_its_cells(pairs, min_cells, dense):
    donors, types = zip(*pairs, strict=True)
    cells = cells_of(donors, types, dense=dense)
    numbers = pd.crosstab(cells.obs["donor"], cells.obs["type"])
    wanted = {name: numbers.index[numbers[name] >= min_cells] for name in numbers}
    wanted = {name: who for name, who in wanted.items() if len(who) >= 2}
    if not wanted:
        with pytest.raises(InputError, match="no cell type has"):
            pathfa.pseudobulk(cells, sample="donor", cell_type="type", min_cells=min_cells)
        return
    bulk = pathfa.pseudobulk(cells, sample="donor", cell_type="type", min_cells=min_cells)
    assert list(bulk.data.mod) == list(wanted)
    for name, view in bulk.data.mod.items():
        assert list(view.obs_names) == list(wanted[name])
        for donor in view.obs_names:
            own = ((cells.obs["donor"] == donor) & (cells.obs["type"] == name)).to_numpy()
            expected = np.asarray(cells.X[own].sum(axis=0)).ravel()
            np.testing.assert_array_equal(view[donor].X.toarray().ravel(), expected)


def test_what_is_left_out_is_said_and_what_all_cells_share_is_kept(cells):
    cells.obs.loc[cells.obs_names[:3], "donor"] = None
    bulk = pathfa.pseudobulk(cells, sample="donor", cell_type="type")
    assert list(bulk.data.mod) == ["B__cell", "T_cell"]
    assert list(bulk.data.obs["age"]) == [30.0, 31.0, 32.0, 33.0, 34.0]
    assert "quality" not in bulk.data.obs
    assert bulk.cells.loc["d4", "B__cell"] == 2
    assert only(bulk.findings, "few-cells").examples == ("d4 in B+ cell",)
    assert only(bulk.findings, "cells-without-sample").found.startswith("3 of 162 cells lack")
    cohort = as_cohort(bulk.data)
    assert cohort.presence["B__cell"].tolist() == [True, True, True, True, False]
    only(validate(bulk.data, {"A": GENES[:8], "B": GENES[4:]}), "few-samples")


def test_a_sample_without_enough_cells_of_any_type_is_named(cells):
    alone = cells[(cells.obs["donor"] != "d0") | (np.arange(len(cells)) < 4)]
    bulk = pathfa.pseudobulk(alone, sample="donor", cell_type="type", min_cells=15)
    assert only(bulk.findings, "absent-samples").examples == ("d0",)
    assert "d0" not in bulk.data.obs_names


@pytest.mark.parametrize("dense", [True, False])
def test_logarithms_are_refused_and_the_layer_with_counts_is_named(cells, dense):
    cells.layers["raw"] = cells.X.copy()
    values = cells.X.log1p()
    cells.X = values.toarray() if dense else values
    with pytest.raises(InputError, match=r"not counts.*--layer raw"):
        pathfa.pseudobulk(cells, sample="donor")
    bulk = pathfa.pseudobulk(cells, sample="donor", layer="raw")
    assert bulk.data.mod["cells"].X.sum() == cells.layers["raw"].sum()


def test_a_column_that_is_not_there_is_told_with_the_nearest(cells):
    with pytest.raises(InputError, match="did you mean 'donor'"):
        pathfa.pseudobulk(cells, sample="Donors")


def test_the_command_writes_what_the_others_read(cells, tmp_path, capsys):
    cells.write_h5ad(tmp_path / "cells.h5ad")
    out = tmp_path / "bulk"
    line = ["pseudobulk", str(tmp_path / "cells.h5ad"), "--sample", "donor", "--cell-type", "type", "--out", str(out)]
    assert main(line) == 0
    said = capsys.readouterr().out
    assert "5 samples, views B__cell, T_cell" in said
    assert f"next: pathfa fit --mudata {out / 'cohort.h5mu'}" in said
    cohort = as_cohort(read_cohort(out / "cohort.h5mu"))
    assert cohort.view_names == ["B__cell", "T_cell"]
    assert "age" in cohort.obs
    assert pd.read_csv(out / "cells.tsv", sep="\t", index_col=0).loc["d0", "T_cell"] == 20


SETS = {"A": GENES[:8], "B": GENES[4:]}


def _said(donors, column="donor_id", n=1200):
    cells = cells_of([f"d{number % donors}" for number in range(n)], ["T"] * n)
    cells.obs = cells.obs.rename(columns={"donor": column, "type": "cell_type"})
    return [item for item in validate({"rna": cells}, SETS) if item.code == "samples-are-cells"]


def test_cells_as_samples_are_told_and_the_command_is_named():
    (finding,) = _said(12)
    assert finding.severity is Severity.WARNING
    assert "1,200 samples come from 12 values of 'donor_id'" in finding.found
    assert "pathfa pseudobulk CELLS.h5ad --sample donor_id --cell-type cell_type" in finding.fix


@pytest.mark.parametrize(
    ("donors", "column", "n"),
    [
        (1200, "patient", 1200),  # a name per sample
        (600, "patient", 1200),  # two samples of each
        (1, "patient", 1200),  # a cell line
        (12, "hospital", 1200),
        (12, "donor_age", 1200),
        (12, "donor_id", 400),
    ],
)
def test_cohorts_of_people_are_no_cells(donors, column, n):
    assert _said(donors, column, n) == []
