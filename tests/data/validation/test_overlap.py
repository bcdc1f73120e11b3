"""Features, gene sets and covariates: one test per kind of flaw, with the message that the user reads."""

import itertools

import numpy as np
import pandas as pd
import pytest
from finding_checks import only, refused

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.findings import Severity
from pathfa.data import as_cohort, read_cohort, validate
from pathfa.data.gene_sets.collection import GeneSets


def test_no_overlap_shows_both_sides(frame, gene_sets) -> None:
    table = frame(features=[f"ENSG{i:011d}" for i in range(30)])
    finding = only(validate({"rna": table}, gene_sets), "no-overlap")
    assert "features look like ensembl (100%), such as ENSG00000000000, ENSG00000000001, " in finding.found
    assert "members of the gene sets look like symbol (100%), such as STAT1, IRF1, IFIT1, IFIT3, ISG15" in finding.found
    assert "id_table" in finding.fix
    assert "biomart:hsapiens" in finding.fix


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
    assert finding.severity is Severity.NOTE  # nothing was repaired, and nothing is wrong
    assert finding.found == "3 of 5 gene sets have at least 5 measured members (rna 3)"

    fewer = validate({"rna": frame().iloc[:, :32]}, gene_sets, min_set_size=2)
    assert only(fewer, "partial-overlap").found == "4 of 5 gene sets have at least 2 measured members (rna 4)"
    views = {"rna": frame().iloc[:, :32], "protein": frame().iloc[:, 32:]}  # together every member
    assert "partial-overlap" not in {finding.code for finding in validate(views, gene_sets)}


def test_equal_and_nested_gene_sets(frame, gene_sets) -> None:
    sets = GeneSets({**gene_sets, "AGAIN": gene_sets["STROMA"], "PART": gene_sets["HYPOXIA"][:6]})
    findings = validate({"rna": frame()}, sets)
    assert only(findings, "same-gene-sets").examples == ("STROMA = AGAIN",)
    assert only(findings, "nested-gene-sets").examples == ("PART in HYPOXIA",)


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
        ({"pathh": "x"}, "there is no option 'pathh'. Fix: did you mean 'path'?"),
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


def test_groups_of_names_are_noticed(frame, gene_sets) -> None:
    features = [f"{a};{b}" if i < 3 else a for i, (a, b) in enumerate(itertools.pairwise(frame().columns))]
    table = frame(features=features)
    finding = only(validate({"rna": table}, gene_sets), "grouped-features")
    assert finding.found == "3 features have several names and can match no gene set"
    assert finding.examples == tuple(features[:3])
    read = read_cohort({"rna": table}, options={"rna": {"strip_suffix": ";.*"}})
    assert list(read["rna"].var_names) == list(frame().columns[:-1])


def test_genes_in_the_rows_of_a_table_in_memory(frame, gene_sets) -> None:
    finding = only(validate({"rna": frame(80).T}, gene_sets), "transposed")
    assert finding.found == "the names of the ROWS are genes"
    assert finding.fix == "pass the transpose, table.T"


@pytest.mark.parametrize("names", ["{}_S12", "{}|P1", "{}:NP_1.2:s1s", "{};X"])
def test_the_cut_that_makes_genes_of_names_is_named(frame, gene_sets, names) -> None:
    table = frame().rename(columns=names.format)
    fix = only(validate({"rna": table}, gene_sets), "no-overlap").fix
    cut = fix.partition("'")[2].partition("'")[0]
    mdata = read_cohort({"rna": table}, options={"rna": {"strip_suffix": cut}})
    assert list(mdata["rna"].var_names) == list(frame().columns)


def test_sets_that_are_only_too_small_are_told_the_size(frame) -> None:
    genes = list(frame().columns)
    sets = {"A": genes[:3], "B": [*genes[3:7], "not", "measured"]}
    found = only(validate({"rna": frame()}, sets), "no-gene-sets")
    assert found.fix == "the largest has 4: set min_size (in Python min_set_size) to that or less"
    assert "no-gene-sets" not in [item.code for item in validate({"rna": frame()}, sets, min_set_size=4)]


@pytest.mark.parametrize(
    ("written", "option"),
    [
        ("ENSG{0:011d}|{1}", "strip_prefix: '.*\\|'"),
        ("{1}|x_pS{0}", "strip_suffix: '\\|.*'"),
        ("rna:{1}", "strip_prefix: '.*:'"),
    ],
)
def test_genes_inside_of_names_are_found_with_the_option_that_cuts_them_out(frame, gene_sets, written, option) -> None:
    names = [written.format(at, name) for at, name in enumerate(frame().columns)]
    found = only(validate({"rna": frame(features=names)}, gene_sets), "no-overlap")
    assert found.fix.startswith(f"set {option}, and duplicates")
    key, cut = option.split(": ")
    cohort = read_cohort({"rna": frame(features=names)}, options={"rna": {key: cut.strip("'")}})
    assert list(cohort["rna"].var_names) == list(frame().columns)


def test_one_transposed_view_is_all_that_is_wrong(frame, gene_sets) -> None:
    found = validate({"rna": frame(80), "protein": frame(80).T * 2}, gene_sets)
    assert [(item.code, item.view) for item in found if item.severity is Severity.ERROR] == [("transposed", "protein")]


def test_a_bare_table_is_one_view(frame) -> None:
    assert as_cohort(frame()).view_names == list(read_cohort(frame()).mod) == ["view"]
    assert list(read_cohort(frame(), options={"rna": {}}).mod) == ["rna"]


def test_what_is_no_data_is_told_what_data_are() -> None:
    with pytest.raises(InputError, match="a DataFrame with samples in rows"):
        as_cohort([1.0, 2.0])
