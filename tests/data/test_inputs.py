"""What real cohorts bring: one test per kind of flaw, with the message that the user reads."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from pathfa.data import as_cohort, read_cohort, validate
from pathfa.data.gene_sets import GeneSets
from pathfa.errors import ConfigError, Finding, InputError, MissingInputError, Severity


def only(findings, code: str) -> Finding:
    found = [finding for finding in findings if finding.code == code]
    assert len(found) == 1, [str(finding) for finding in findings]
    return found[0]


def refused(source, code: str, **options) -> Finding:
    with pytest.raises(InputError) as caught:
        read_cohort(source, **options)
    finding = only(caught.value.findings, code)
    assert finding.severity is Severity.ERROR
    assert finding.found in str(caught.value)
    return finding


# samples


def test_no_shared_samples_offers_the_rule_that_joins(frame, gene_sets) -> None:
    rna = frame(6, samples=[f"TCGA-OR-A5J{i}-01A-11R-A29S-07" for i in range(6)])
    protein = frame(6, samples=[f"TCGA-OR-A5J{i}-01A-21-A39K-20" for i in range(6)])
    finding = only(validate({"rna": rna, "protein": protein}, gene_sets), "no-shared-samples")
    assert finding.severity is Severity.ERROR
    assert finding.found == "none of its 6 samples was measured in another view"
    assert finding.fix == "set sample_rule: tcga_patient in views 'rna' and 'protein', which joins 6 of them"
    assert "TCGA-OR-A5J0-01A-11R-A29S-07 ~ TCGA-OR-A5J" in finding.examples[0]
    assert validate({"rna": rna}, gene_sets) != []  # the rule is never applied unasked


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [("A.1", "A-1", "dots_to_dashes"), ("X12", "12", "strip_x"), ("ab1", "AB1", "upper")],
)
def test_rules_join_when_asked_for(frame, gene_sets, left, right, rule) -> None:
    views = {
        name: frame(5, samples=[f"{stem}{i}" for i in range(5)]) for name, stem in (("rna", left), ("protein", right))
    }
    finding = only(validate(views, gene_sets), "no-shared-samples")
    assert f"sample_rule: {rule}" in finding.fix
    joined = read_cohort(views, options={name: {"sample_rule": rule} for name in views})
    assert as_cohort(joined).presence.all(axis=None)


def test_samples_in_only_some_views_are_kept(frame, gene_sets) -> None:
    views = {"rna": frame(20), "protein": frame(16, samples=[f"S{i + 7:02d}" for i in range(16)])}
    finding = only(validate(views, gene_sets), "partial-samples")
    assert finding.severity is Severity.WARNING
    assert finding.found == "14 of 22 samples were measured in every view (rna 20, protein 16); all are used"


def test_a_third_view_that_shares_nothing_is_named(frame, gene_sets) -> None:
    views = {"rna": frame(), "protein": frame(), "other": frame(samples=[f"T{i}" for i in range(20)])}
    assert only(validate(views, gene_sets), "no-shared-samples").view == "other"


def test_duplicate_sample_names(frame, gene_sets, write) -> None:
    table = frame(4, samples=["S1", "S2", "S1", "S3"])
    finding = only(validate({"rna": table}, gene_sets), "duplicate-samples")
    assert finding.found == "1 sample names occur more than once"
    assert finding.examples == ("S1",)
    assert refused({"rna": write(table)}, "duplicate-samples").examples == ("S1",)


@pytest.mark.parametrize(("n", "code"), [(1, "too-few-samples"), (14, "few-samples")])
def test_few_samples(frame, gene_sets, n, code) -> None:
    finding = only(validate({"rna": frame(n)}, gene_sets), code)
    assert finding.found == f"{n} samples"
    assert finding.severity is (Severity.ERROR if n < 2 else Severity.WARNING)
    assert not [f for f in validate({"rna": frame(15)}, gene_sets) if f.code == "few-samples"]


# names


def test_names_are_text_and_never_converted(frame, write) -> None:
    samples = ["001", "NA", "1e5", "TRUE", "0x1F", "nan", "+1", "1_000", " padded"]
    features = ["MARCH1", "1e3", "NA", "007", "=1+1", "<b>x</b>", "Ünï→", "inf", "-", "N/A"]
    cohort = as_cohort(read_cohort({"rna": write(frame(samples=samples, features=features))}))
    assert list(cohort.samples) == samples
    assert list(cohort.view("rna").features) == features


def test_excel_dates_name_the_likely_gene(frame, write) -> None:
    path = write(frame(features=["2-Sep", "Mar-01", "2023-03-07", "1-Dec", "STAT1"]))
    finding = refused({"rna": path}, "excel-dates")
    assert finding.found == "4 feature names are dates: a spreadsheet changed them"
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


# files


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"gene S1 S2\nA 1 2\n", "wrong-delimiter", "columns separated by spaces"),
        (b"gene\nA\n", "wrong-delimiter", "its first line holds one column"),
        (b"", "empty-file", "the file is empty"),
        (b"gene\tS1\n", "no-rows", "it has a header and no row"),
        (b"\x89PNG\r\n", "binary-file", "it is an image"),
        (b"PK\x03\x04abc", "binary-file", "a zip archive or an Excel workbook"),
        (b"gene\tS1\nA\t\xff\n", "not-utf8", r"byte 10 (line 2) is not valid UTF-8"),
        (b"gene\tS1\tS2\nA\t1\t2\nB\t1\nC\t1\t2\n", "ragged-rows", "1 lines have another number of cells"),
        (b"gene\tS1\nA\t1.5\nB\thigh\n", "non-numeric", "1 cells in 1 of 1 columns are not numbers"),
        (b"gene;S1\nA;1,5\nB;2,5\n", "non-numeric", "2 cells"),
        (b"gene\tS1\nA\tTrue\nB\tFalse\n", "non-numeric", "2 cells"),
        (b"gene\tS1\nA\t1,000\nB\t3\n", "non-numeric", "1 cells"),
    ],
)
def test_files_that_are_no_table(tmp_path, content, code, message) -> None:
    path = tmp_path / "rna.tsv"
    path.write_bytes(content)
    finding = refused({"rna": path}, code)
    assert message in finding.found
    assert str(path) in finding.place
    assert finding.view == "rna"


def test_decimal_commas_are_named(tmp_path) -> None:
    path = tmp_path / "rna.csv"
    path.write_text("gene;S1\nA;1,5\nB;2,5\n")
    assert refused({"rna": path}, "non-numeric").fix == "write decimal points instead of commas"


def test_truncated_gzip(tmp_path, frame, write) -> None:
    raw = gzip.compress(write(frame()).read_bytes())
    path = tmp_path / "cut.tsv.gz"
    path.write_bytes(raw[: len(raw) // 2])
    assert "damaged or cut short" in refused({"rna": path}, "truncated-gzip").found


def test_missing_file_names_its_neighbours(tmp_path, frame, write) -> None:
    write(frame(), "rna_counts.tsv")
    message = r"rna_count\.tsv: there is no such file; the folder holds rna_counts\.tsv"
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


# orientation


def test_samples_in_rows_are_told_from_the_sheet(tmp_path, frame) -> None:
    table = frame()
    table.to_csv(tmp_path / "rna.tsv", sep="\t")
    sheet = pd.DataFrame({"age": range(20)}, index=table.index)
    mdata = read_cohort({"rna": tmp_path / "rna.tsv"}, samples=sheet)
    pd.testing.assert_frame_equal(mdata["rna"].to_df(), table, check_names=False)
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


# values


def with_kind(frame: pd.DataFrame, kind: str) -> object:
    return read_cohort({"rna": frame}, options={"rna": {"kind": kind}})


def test_negative_and_infinite_counts(frame, gene_sets) -> None:
    finding = only(validate(with_kind(frame() - 9, "counts"), gene_sets), "negative-counts")
    assert "declared as counts but holds negative values (values from -" in finding.found
    table = frame()
    table.iloc[0, 0] = -np.inf
    finding = only(validate({"rna": table}, gene_sets), "infinite-values")
    assert finding.found == "1 values are infinite"
    assert "pseudo-count" in finding.fix


def test_fractional_counts_must_be_declared(frame, gene_sets) -> None:
    table = frame().abs() * 50
    finding = only(validate(with_kind(table, "counts"), gene_sets), "non-integer-counts")
    assert finding.fix.startswith("set kind: estimated_counts")
    assert not [f for f in validate(with_kind(table, "estimated_counts"), gene_sets) if "counts" in f.code]


@pytest.mark.parametrize(
    ("kind", "make", "code", "severity", "fix"),
    [
        ("counts", lambda x: x.abs(), "counts-look-logged", Severity.ERROR, "set kind: log"),
        ("log", lambda x: (x.abs() * 100).round(), "log-looks-linear", Severity.ERROR, "set kind: counts"),
        ("log", lambda x: (x - x.mean()) / x.std(), "already-zscored", Severity.WARNING, "set kind: zscored"),
        ("ratio", lambda x: x.abs(), "ratio-without-negatives", Severity.WARNING, "set kind: log"),
    ],
)
def test_values_that_are_not_what_they_are_declared_to_be(frame, gene_sets, kind, make, code, severity, fix) -> None:
    finding = only(validate(with_kind(make(frame()), kind), gene_sets), code)
    assert finding.severity is severity
    assert fix in finding.fix
    assert "values from" in finding.found or "whole numbers from" in finding.found


def test_a_spike_of_zeros_is_asked_about_and_repaired_when_asked_for(frame, gene_sets) -> None:
    table = frame().clip(lower=4)
    table = table.mask(np.random.default_rng(0).random(table.shape) < 0.3, 0.0)
    finding = only(validate({"protein": table}, gene_sets), "zero-spike")
    assert finding.severity is Severity.WARNING
    assert finding.fix == "set zero_is_missing: true if zero means not detected"
    mdata = read_cohort({"protein": table}, options={"protein": {"zero_is_missing": True}})
    values = as_cohort(mdata).view("protein").values
    np.testing.assert_array_equal(values, table.where(table != 0).to_numpy())


def test_unusable_features_are_listed(frame, gene_sets) -> None:
    table = frame()
    table.iloc[:, 0], table.iloc[:, 1], table.iloc[:15, 2] = np.nan, 3.0, np.nan
    findings = validate({"rna": table}, gene_sets)
    assert only(findings, "all-missing-features").examples == ("STAT1",)
    assert only(findings, "constant-features").found == "1 of 50 features are constant; they are dropped"
    assert only(findings, "mostly-missing-features").examples == ("IFIT1",)


def test_text_among_the_values(frame, gene_sets) -> None:
    table = frame().astype(object)
    table.iloc[2, 3] = "low"
    finding = only(validate({"rna": table}, gene_sets), "non-numeric")
    assert finding.examples == ("IFIT3: low",)


# features


def test_duplicate_counts_are_summed_and_logs_are_refused(frame, write) -> None:
    counts = (frame(features=["A", "B", "A"]) * 10).round().abs()
    mdata = read_cohort({"rna": write(counts)})
    np.testing.assert_array_equal(mdata["rna"][:, "A"].X.ravel(), counts["A"].sum(axis=1))
    assert only(as_cohort(mdata).findings, "duplicates-merged").found == "2 features share 1 names; policy sum"
    path = write(frame(features=["A", "B", "A"]))
    finding = refused({"rna": path}, "duplicate-features")
    assert finding.fix == "set duplicates to mean, median, most_complete, first or drop"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("sum", [4, 2]), ("mean", [2, 2]), ("median", [2, 2]), ("first", [1, np.nan]), ("most_complete", [3, 2])],
)
def test_policies_for_duplicates(policy, expected) -> None:
    table = pd.DataFrame([[1.0, 3.0, 5.0], [np.nan, 2.0, 5.0]], index=["S1", "S2"], columns=["A", "A", "B"])
    mdata = read_cohort({"rna": table}, options={"rna": {"duplicates": policy}})
    np.testing.assert_array_equal(mdata["rna"][:, "A"].X.ravel(), expected)
    dropped = read_cohort({"rna": table}, options={"rna": {"duplicates": "drop"}})
    assert list(dropped["rna"].var_names) == ["B"]


def test_names_made_unique_are_noticed(frame, gene_sets) -> None:
    table = frame(features=["STAT1", "STAT1-1", "NKX2-1", *[f"G{i}" for i in range(10)]])
    finding = only(validate({"rna": table}, gene_sets), "made-unique-names")
    assert finding.examples == ("STAT1-1",)


# gene sets


def test_no_overlap_shows_both_sides(frame, gene_sets) -> None:
    table = frame(features=[f"ENSG{i:011d}" for i in range(30)])
    finding = only(validate({"rna": table}, gene_sets), "no-overlap")
    assert "features look like ensembl (100%), such as ENSG00000000000, ENSG00000000001, " in finding.found
    assert "members of the gene sets look like symbol (100%), such as STAT1, IRF1, IFIT1, IFIT3, ISG15" in finding.found
    assert "id_table" in finding.fix


def test_one_view_of_other_ids_is_an_error_but_antibodies_are_not(frame, gene_sets) -> None:
    uniprot = frame(features=[f"P{i:05d}" for i in range(30)])
    assert only(validate({"rna": frame(), "protein": uniprot}, gene_sets), "no-overlap").view == "protein"
    antibodies = frame(features=[f"anti body {i}" for i in range(30)])
    finding = only(validate({"rna": frame(), "adt": antibodies}, gene_sets), "view-without-gene-sets")
    assert finding.severity is Severity.WARNING


def test_rodent_symbols_are_never_put_in_upper_case(frame, gene_sets) -> None:
    table = frame(features=[name.capitalize() for name in frame().columns])
    finding = only(validate({"rna": table}, gene_sets), "other-species")
    assert finding.severity is Severity.ERROR
    assert "written as mouse and rat symbols are" in finding.found
    assert "orthologues: FILE" in finding.fix


def test_orthologues_on_request(frame, gene_sets, tmp_path) -> None:
    table = frame(features=[name.capitalize() for name in frame().columns])
    pairs = pd.DataFrame({"rat": table.columns, "human": frame().columns})
    pairs.to_csv(tmp_path / "orthologues.tsv", sep="\t", index=False)
    options = {"rna": {"orthologues": str(tmp_path / "orthologues.tsv"), "orthologue_column": "human"}}
    mdata = read_cohort({"rna": table}, options=options)
    assert list(mdata["rna"].var_names) == list(frame().columns)
    assert not [f for f in validate(mdata, gene_sets) if f.severity is Severity.ERROR]


def test_partial_overlap_counts_the_sets(frame, gene_sets) -> None:
    finding = only(validate({"rna": frame().iloc[:, :32]}, gene_sets), "partial-overlap")
    assert finding.severity is Severity.REPAIRED
    assert finding.found == "3 of 5 gene sets have at least 5 measured members in a view (rna 3)"


def test_equal_and_nested_gene_sets(frame, gene_sets) -> None:
    sets = GeneSets({**gene_sets, "AGAIN": gene_sets["STROMA"], "PART": gene_sets["HYPOXIA"][:6]})
    findings = validate({"rna": frame()}, sets)
    assert only(findings, "same-gene-sets").examples == ("STROMA = AGAIN",)
    assert only(findings, "nested-gene-sets").examples == ("PART in HYPOXIA",)


# cohort


def test_unbalanced_views(frame, gene_sets) -> None:
    small = frame(features=frame().columns[:2])
    finding = only(validate({"rna": frame(), "protein": small}, gene_sets), "unbalanced-views")
    assert "rna 50, protein 2" in finding.found
    assert "every feature counts by its own noise" in finding.found


def test_batch_confounded_with_the_condition(frame, gene_sets) -> None:
    batch = np.repeat(["1", "2", "3", "4"], 5)
    sheet = pd.DataFrame(
        {"batch": batch, "arm": np.where(batch < "3", "a", "b"), "sex": ["f", "m"] * 10}, index=frame().index
    )
    finding = only(validate(read_cohort({"rna": frame()}, samples=sheet), gene_sets), "confounded-batch")
    assert finding.examples == ("batch and arm",)
    assert "withheld" in finding.fix


def test_personal_data_are_noticed(frame, gene_sets) -> None:
    sheet = pd.DataFrame(
        {
            "patient_name": ["x"] * 20,
            "date_of_birth": ["1950-01-01"] * 20,
            "contact": ["a.b@c.org"] * 20,
            "years_to_birth": range(20),
            "histology_named": ["y"] * 20,
        },
        index=frame().index,
    )
    mdata = read_cohort({"rna": frame()}, samples=sheet)
    finding = only(validate(mdata, gene_sets), "personal-data")
    assert finding.severity is Severity.WARNING
    assert [text.split(":")[0] for text in finding.examples] == ["patient_name", "date_of_birth", "contact"]
    assert finding.count == 3


def test_the_sheet_must_name_samples(frame) -> None:
    sheet = pd.DataFrame({"age": [1, 2]}, index=["P1", "P2"])
    finding = refused({"rna": frame()}, "sheet-without-samples", samples=sheet)
    assert finding.found == "none of 20 samples is in the sample sheet"
    part = pd.DataFrame({"age": [1]}, index=["S01"])
    finding = only(as_cohort(read_cohort({"rna": frame()}, samples=part)).findings, "samples-without-row")
    assert finding.found.startswith("19 of 20 samples")


def test_every_problem_is_told_at_once(tmp_path, frame, write) -> None:
    (tmp_path / "empty.tsv").write_text("")
    views = {"rna": write(frame(features=["A", "A", "1-Mar"])), "protein": tmp_path / "empty.tsv"}
    with pytest.raises(InputError) as caught:
        read_cohort(views)
    assert {finding.code for finding in caught.value.findings} >= {"excel-dates", "duplicate-features", "empty-file"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pathh": "x"}, "there is no option 'pathh'. Fix: write path"),
        ({"kind": "cuonts"}, "counts"),
        ({"layer": "x", "obsm": "y"}, "exclude each other"),
        ({"sample_table": "x"}, "sample_table needs sample_column"),
        ({"strip_prefix": "("}, "is no regular expression"),
    ],
)
def test_impossible_view_options(frame, options, message) -> None:
    with pytest.raises(ConfigError, match=message.replace("(", r"\(").replace(".", r"\.")):
        read_cohort({"rna": frame()}, options={"rna": options})
    with pytest.raises(InputError, match="options are given for view 'dna'"):
        read_cohort({"rna": frame()}, options={"dna": {}})
