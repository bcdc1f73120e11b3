"""What real cohorts bring in their values: one test per kind of flaw, with the message that the user reads."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from finding_checks import only, refused
from scipy.sparse import csr_matrix

from pathfa.core.errors import InputError
from pathfa.core.findings import Severity
from pathfa.data import as_cohort, read_cohort, validate


def with_kind(frame: pd.DataFrame, kind: str) -> object:
    return read_cohort({"rna": frame}, options={"rna": {"kind": kind}})


def test_negative_and_infinite_counts(frame, gene_sets) -> None:
    finding = only(validate(with_kind(frame() - 9, "counts"), gene_sets), "negative-counts")
    assert "declared as counts but contains negative values (values from -" in finding.found
    table = frame()
    table.iloc[0, 0] = -np.inf
    finding = only(validate({"rna": table}, gene_sets), "infinite-values")
    assert finding.found == "1 value is infinite"
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
    assert only(findings, "constant-features").found == "1 of 50 features is constant; dropped"
    assert only(findings, "mostly-missing-features").examples == ("IFIT1",)


def test_text_among_the_values(frame, gene_sets) -> None:
    table = frame().astype(object)
    table.iloc[2, 3] = "low"
    finding = only(validate({"rna": table}, gene_sets), "non-numeric")
    assert finding.examples == ("IFIT3: low",)


def test_duplicate_counts_are_summed_and_logs_are_refused(frame, write) -> None:
    counts = (frame(features=["A", "B", "A"]) * 10).round().abs()
    mdata = read_cohort({"rna": write(counts)})
    np.testing.assert_array_equal(mdata["rna"][:, "A"].X.ravel(), counts["A"].sum(axis=1))
    assert only(as_cohort(mdata).findings, "duplicates-merged").found == "2 features share 1 name; policy sum"
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


def test_huge_values_are_an_error_with_their_place(frame, gene_sets) -> None:
    """Their squares would be infinite, and a standard deviation of infinity passes every check of a variance."""
    table = frame()
    table.iloc[3, 5] = -1e200
    finding = only(validate({"rna": table}, gene_sets), "huge-values")
    assert finding.severity is Severity.ERROR
    assert finding.found == "1 value is beyond 1e+30, which no instrument gives"
    assert finding.examples == (f"S04, {table.columns[5]}",)
    with pytest.raises(InputError, match="beyond 1e"):
        as_cohort({"rna": ad.AnnData(csr_matrix(table.abs()), obs=table[[]], var=table.T[[]])})


def test_places_of_infinite_values_are_named(frame, gene_sets) -> None:
    table = frame()
    table.iloc[0, 2] = -np.inf
    assert only(validate({"rna": table}, gene_sets), "infinite-values").examples == (f"S01, {table.columns[2]}",)
