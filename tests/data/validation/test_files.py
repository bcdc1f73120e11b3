"""Names, files and orientation: one test per kind of flaw, with the message that the user reads."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from finding_checks import only, refused

from pathfa.core.errors import InputError, MissingInputError
from pathfa.core.findings import Severity
from pathfa.data import as_cohort, read_cohort, validate
from pathfa.data.io.tables import read_numbers
from pathfa.data.io.typed import with_numbers


def test_names_are_text_and_never_converted(frame, write) -> None:
    samples = ["001", "NA", "1e5", "TRUE", "0x1F", "nan", "+1", "1_000", "pad ded"]
    features = ["MARCH1", "1e3", "NA", "007", "=1+1", "<b>x</b>", "Ünï→", "inf", "-", "N/A"]
    cohort = as_cohort(read_cohort({"rna": write(frame(samples=samples, features=features))}))
    assert list(cohort.samples) == samples
    assert list(cohort.view("rna").features) == features


def test_excel_dates_name_the_likely_gene(frame, write) -> None:
    path = write(frame(features=["2-Sep", "Mar-01", "2023-03-07", "1-Dec", "STAT1"]))
    finding = refused({"rna": path}, "excel-dates")
    assert finding.found == "4 feature names were converted to a date by a spreadsheet"
    assert finding.examples == (
        "2-Sep (likely SEPTIN2)",
        "Mar-01 (likely MARCHF1 or MARC1)",
        "2023-03-07 (likely MARCHF7 or MARC7)",
    )
    assert '"2-Sep": "SEPTIN2"' in finding.fix
    repaired = {"2-Sep": "SEPTIN2", "Mar-01": "MARCHF1", "2023-03-07": "MARCHF7", "1-Dec": "DELEC1"}
    cohort = as_cohort(read_cohort({"rna": path}, options={"rna": {"rename": repaired}}))
    assert list(cohort.view("rna").features) == [*repaired.values(), "STAT1"]


def test_html_in_names_is_only_text(frame, gene_sets) -> None:
    table = frame(samples=[f"<script>alert({i})</script>" for i in range(20)])
    findings = validate({"<img src=x>": table}, gene_sets)
    assert not [finding for finding in findings if finding.severity is Severity.ERROR]
    assert as_cohort({"<img src=x>": table}).samples[3] == "<script>alert(3)</script>"


def test_missing_names(frame, gene_sets) -> None:
    table = frame(3, samples=["S1", None, " "])
    assert only(validate({"rna": table}, gene_sets), "missing-names").found == "2 of 3 samples have no name"


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"gene S1 S2\nA 1 2\n", "wrong-delimiter", "columns separated by spaces"),
        (b"gene\nA\n", "wrong-delimiter", "its first line contains one column"),
        (b"", "empty-file", "the file is empty"),
        (b"gene\tS1\n", "no-rows", "it has a header and no row"),
        (b"\x89PNG\r\n", "binary-file", "it is an image"),
        (b"PK\x03\x04abc", "truncated-zip", "the zip file is damaged or cut short"),
        (b"gene\tS1\nA\t\xff\n", "not-utf8", r"byte 10 (line 2) is not valid UTF-8"),
        (b"gene\tS1\tS2\nA\t1\t2\nB\t1\nC\t1\t2\n", "ragged-rows", "1 line has another number of cells"),
        (b"gene\tS1\nA\t1.5\nB\thigh\n", "non-numeric", "1 cell in 1 of 1 column contains no number"),
        (b"gene\tS1\nA\tTrue\nB\tFalse\n", "non-numeric", "2 cells"),
        (b"gene\tS1\nA\t1,000\nB\t3\n", "non-numeric", "1 cell"),
    ],
)
def test_files_that_are_no_table(tmp_path, content, code, message) -> None:
    path = tmp_path / "rna.tsv"
    path.write_bytes(content)
    finding = refused({"rna": path}, code)
    assert message in finding.found
    assert str(path) in finding.place
    assert finding.view == "rna"


@pytest.mark.parametrize(
    "text",
    [
        "gene;S1;S2\nA;1,5;3\nB;NA;-0,125\nC;1,234;2e3\n",
        'gene,S1,S2\nA,"1,5",3\nB,NA,"-0,125"\nC,"1,234",2e3\n',
    ],
)
def test_decimal_commas_are_read_as_such(tmp_path, text) -> None:
    path = tmp_path / "rna.csv"
    path.write_text(text)
    table = read_numbers(path)
    np.testing.assert_array_equal(table.values, [[1.5, 3.0], [np.nan, -0.125], [1.234, 2000.0]])
    assert [(each.code, each.severity) for each in table.findings if each.code == "decimal-commas"] == [
        ("decimal-commas", Severity.REPAIRED)
    ]


@pytest.mark.parametrize("cells", ["1,234;2,345", "1,5;1.5", "1,234,567;0,5", "1,5;high"])
def test_commas_that_may_mean_thousands_are_named(tmp_path, cells) -> None:
    path = tmp_path / "rna.csv"
    path.write_text(f"gene;S1;S2\nA;{cells}\nB;1;2\n")
    assert "no number" in refused({"rna": path}, "non-numeric").found


def test_covariates_with_decimal_commas_are_numbers() -> None:
    sheet = pd.DataFrame({"bmi": ["26,1", None, "30"], "codes": ["1,2", "a", "3"], "reads": ["1,200", "3,400", None]})
    read = with_numbers(sheet)
    assert read["bmi"].tolist()[::2] == [26.1, 30.0]
    assert list(read.dtypes.map(lambda dtype: dtype.kind)) == ["f", "O", "O"]


def test_truncated_gzip(tmp_path, frame, write) -> None:
    raw = gzip.compress(write(frame()).read_bytes())
    path = tmp_path / "cut.tsv.gz"
    path.write_bytes(raw[: len(raw) // 2])
    assert "damaged or cut short" in refused({"rna": path}, "truncated-gzip").found


def test_missing_file_names_its_neighbours(tmp_path, frame, write) -> None:
    write(frame(), "rna_counts.tsv")
    message = r"rna_count\.tsv: there is no such file; the folder contains rna_counts\.tsv"
    with pytest.raises(MissingInputError, match=message):
        read_cohort({"rna": tmp_path / "rna_count.tsv"})


def test_missing_layer_lists_those_that_exist(tmp_path, frame) -> None:
    adata = ad.AnnData(frame(), layers={"counts": frame().to_numpy()})
    adata.write_h5ad(tmp_path / "a.h5ad")
    finding = refused({"rna": tmp_path / "a.h5ad"}, "missing-layer", options={"rna": {"layer": "raw"}})
    assert finding.found == "there is no layer 'raw'"
    assert finding.expected == "one of counts"


def test_cut_hdf5(tmp_path, frame) -> None:
    ad.AnnData(frame()).write_h5ad(tmp_path / "a.h5ad")
    raw = (tmp_path / "a.h5ad").read_bytes()
    (tmp_path / "a.h5ad").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(InputError, match=r"it is no HDF5 file or is cut short|no complete AnnData"):
        read_cohort(tmp_path / "a.h5ad")


def test_a_table_in_the_place_of_a_cohort_is_told_to_be_a_view(tmp_path, frame) -> None:
    frame().to_csv(tmp_path / "rna.tsv", sep="\t")
    finding = refused(tmp_path / "rna.tsv", "not-hdf5")
    assert finding.found == "it is no HDF5 file"
    assert finding.expected == "a whole cohort in one .h5mu or .h5ad file"
    assert "--view NAME=rna.tsv" in finding.fix


def test_samples_in_rows_are_told_from_the_sheet(tmp_path, frame) -> None:
    table = frame()
    table.to_csv(tmp_path / "rna.tsv", sep="\t")
    sheet = pd.DataFrame({"age": range(20)}, index=table.index)
    mdata = read_cohort({"rna": tmp_path / "rna.tsv"}, samples=sheet)
    pd.testing.assert_frame_equal(
        mdata["rna"].to_df(), table, check_names=False, check_index_type=False, check_column_type=False
    )
    finding = only(as_cohort(mdata).findings, "samples-in-rows")
    assert finding.severity is Severity.REPAIRED
    assert "20 names of its rows are among the known samples" in finding.found


def test_samples_in_rows_are_told_from_the_gene_sets(tmp_path, frame, gene_sets) -> None:
    frame(80, samples=[f"P{i}" for i in range(80)]).to_csv(tmp_path / "rna.tsv", sep="\t")
    mdata = read_cohort({"rna": tmp_path / "rna.tsv"}, gene_sets=gene_sets)
    assert mdata.n_obs == 80


def test_wrong_declared_orientation_is_an_error(tmp_path, frame, gene_sets) -> None:
    frame().to_csv(tmp_path / "rna.tsv", sep="\t")
    finding = refused(
        {"rna": tmp_path / "rna.tsv"},
        "wrong-orientation",
        options={"rna": {"samples_in": "columns"}},
        gene_sets=gene_sets,
    )
    assert finding.fix == "set samples_in: rows"


def test_an_assumed_orientation_is_said(tmp_path, frame) -> None:
    frame(5, samples=[f"T{i}" for i in range(5)], features=[f"m{i}" for i in range(9)]).to_csv(
        tmp_path / "x.tsv", sep="\t"
    )
    finding = only(as_cohort(read_cohort({"x": tmp_path / "x.tsv"})).findings, "orientation-assumed")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("cell", "fix"),
    [
        ("1,234,567", "write numbers without commas between thousands"),
        ("<LOD", "write NA where a value is beyond a limit"),
        ("below LOQ", "write NA where a value is beyond a limit"),
        ("50 %", "write numbers without the percent sign"),
    ],
)
def test_cells_that_are_nearly_numbers_are_told_how_to_write_them(tmp_path, cell, fix) -> None:
    (tmp_path / "rna.tsv").write_text(f"gene\tS1\tS2\nA\t{cell}\t{cell}\nB\t1\t2\n")
    assert refused({"rna": tmp_path / "rna.tsv"}, "non-numeric").fix.startswith(fix)
