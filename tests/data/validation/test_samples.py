"""What real cohorts bring to the samples: one test per kind of flaw, with the message that the user reads."""

import re

import anndata as ad
import pandas as pd
import pytest
from finding_checks import only, refused

from pathfa.core.findings import Severity
from pathfa.core.text import count
from pathfa.data import as_cohort, read_cohort, validate


def test_no_shared_samples_offers_the_rule_that_joins(frame, gene_sets) -> None:
    rna = frame(6, samples=[f"TCGA-OR-A5J{i}-01A-11R-A29S-07" for i in range(6)])
    protein = frame(6, samples=[f"TCGA-OR-A5J{i}-01A-21-A39K-20" for i in range(6)])
    finding = only(validate({"rna": rna, "protein": protein}, gene_sets), "no-shared-samples")
    assert finding.severity is Severity.ERROR
    assert finding.found == "none of its 6 samples was measured in another view"
    assert finding.fix == "set sample_rule: tcga_patient in views 'rna' and 'protein', which joins 6 of them"
    assert finding.examples[0] == "TCGA-OR-A5J0-01A-11R-A29S-07 = TCGA-OR-A5J0-01A-21-A39K-20"
    assert validate({"rna": rna}, gene_sets) != []  # the rule is never applied unasked


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        ("A.1", "A-1", "dots_to_dashes"),
        ("X12", "12", "strip_x"),
        ("ab1", "AB1", "upper"),
        ("01CO-0", "01_co_0", "letters_and_digits"),
        ("p 1 ", "P1", "letters_and_digits"),
    ],
)
def test_rules_join_when_asked_for(frame, gene_sets, left, right, rule) -> None:
    views = {
        name: frame(5, samples=[f"{stem}{i}" for i in range(5)]) for name, stem in (("rna", left), ("protein", right))
    }
    finding = only(validate(views, gene_sets), "no-shared-samples")
    assert f"sample_rule: {rule}" in finding.fix
    joined = as_cohort(read_cohort(views, options={name: {"sample_rule": rule} for name in views}))
    assert joined.presence.all(axis=None)
    renamed = [found.count for found in joined.findings if found.code == "samples-renamed"]
    assert set(renamed) == {5}  # of each view in which it changed a name


def test_no_rule_is_offered_that_gives_two_samples_one_name(frame, gene_sets) -> None:
    views = {
        "rna": frame(6, samples=[f"TCGA-OR-A5J{i}-{kind}A-11R" for i in range(3) for kind in ("01", "11")]),
        "protein": frame(3, samples=[f"TCGA-OR-A5J{i}-01A-21-A39K-20" for i in range(3)]),
    }
    assert "sample_rule: tcga_sample" in only(validate(views, gene_sets), "no-shared-samples").fix
    alike = {"rna": frame(4, samples=["a-1", "a1", "b-1", "b1"]), "protein": frame(2, samples=["A 1", "B 1"])}
    assert "sample_rule" not in only(validate(alike, gene_sets), "no-shared-samples").fix


@pytest.mark.parametrize("first", ["patient", "rna"])
def test_the_sheet_joins_views_whose_names_stand_in_columns_of_it(frame, first) -> None:
    views = {"rna": frame(), "protein": frame(samples=[f"MS_{i}" for i in range(20)])}
    columns = {"patient": [f"P{i}" for i in range(20)], "rna": views["rna"].index, "protein": views["protein"].index}
    sheet = pd.DataFrame({**columns, "arm": ["a", "b"] * 10}).set_index(first)
    cohort = as_cohort(read_cohort(views, samples=sheet))
    assert list(cohort.samples) == list(columns[first])
    assert cohort.presence.all(axis=None)
    assert cohort.obs["arm"].tolist() == ["a", "b"] * 10
    joined = [finding.found for finding in cohort.findings if finding.code == "samples-joined"]
    named = ["rna", "protein"] if first == "patient" else ["protein"]
    assert joined == [f"20 samples were named by {name}" for name in named]


def test_columns_of_the_sheet_join_nothing_where_views_have_names_in_common(frame) -> None:
    sheet = pd.DataFrame({"patient": [f"P{i}" for i in range(20)], "name": frame().index, "also": frame().index})
    cohort = as_cohort(read_cohort({"rna": frame(), "protein": frame()}, samples=sheet.set_index("patient")))
    assert list(cohort.samples) == list(frame().index)
    assert "samples-joined" not in [finding.code for finding in cohort.findings]


@pytest.mark.parametrize("spelt", ["s-{}", "S_{} ", "S.{}", "s {}"])
def test_a_sheet_with_other_spellings_is_matched_and_told(frame, spelt) -> None:
    names = frame().index
    sheet = pd.DataFrame({"arm": ["a", "b"] * 10}, index=[spelt.format(name[1:]) for name in names])
    cohort = as_cohort(read_cohort({"rna": frame()}, samples=sheet))
    assert cohort.obs["arm"].tolist() == ["a", "b"] * 10
    assert only(cohort.findings, "samples-respelled").count == 20


@pytest.mark.parametrize("rows", [[f"{i}.0" for i in range(1, 21)], [f"S{i}" for i in range(100, 120)]])
def test_a_sheet_of_other_samples_is_not_matched(frame, rows) -> None:
    views = {"rna": frame(samples=[f"{i}" for i in range(1, 21)])}
    refused(views, "sheet-without-samples", samples=pd.DataFrame({"arm": ["a", "b"] * 10}, index=rows))


def test_samples_in_only_some_views_are_kept(frame, gene_sets) -> None:
    views = {"rna": frame(20), "protein": frame(16, samples=[f"S{i + 7:02d}" for i in range(16)])}
    finding = only(validate(views, gene_sets), "partial-samples")
    assert finding.severity is Severity.NOTE
    assert finding.found == "14 of 22 samples were measured in every view (rna 20, protein 16); all are used"


def test_a_third_view_that_shares_nothing_is_named(frame, gene_sets) -> None:
    views = {"rna": frame(), "protein": frame(), "other": frame(samples=[f"T{i}" for i in range(20)])}
    assert only(validate(views, gene_sets), "no-shared-samples").view == "other"


def test_duplicate_sample_names(frame, gene_sets, write) -> None:
    table = frame(4, samples=["S1", "S2", "S1", "S3"])
    finding = only(validate({"rna": table}, gene_sets), "duplicate-samples")
    assert finding.found == "1 sample name occurs more than once"
    assert finding.examples == ("S1",)
    assert refused({"rna": write(table)}, "duplicate-samples").examples == ("S1",)


@pytest.mark.parametrize(("n", "code"), [(1, "too-few-samples"), (14, "few-samples")])
def test_few_samples(frame, gene_sets, n, code) -> None:
    finding = only(validate({"rna": frame(n)}, gene_sets), code)
    assert finding.found == count(n, "sample")
    assert finding.severity is (Severity.ERROR if n < 2 else Severity.WARNING)
    assert not [f for f in validate({"rna": frame(15)}, gene_sets) if f.code == "few-samples"]


@pytest.mark.parametrize("rna", ["RNA-seq {}", "{}_T_RNA", "{}"])
@pytest.mark.parametrize("protein", ["DIA MS run {}", "{}.tumour-prot"])
def test_affixes_of_several_words_are_cut(frame, gene_sets, rna, protein) -> None:
    names = [f"P{i:02}" for i in range(20)]
    spelt = {"rna": list(map(rna.format, names)), "protein": list(map(protein.format, names))}
    views = {view: frame(samples=samples, seed=len(view)) for view, samples in spelt.items()}
    fix = only(validate(views, gene_sets), "no-shared-samples").fix
    patterns = re.findall("'([^']*[(][^']*)'", fix)
    options = {name: {"sample_pattern": pattern} for name, pattern in zip(views, patterns, strict=True)}
    read = read_cohort(views, options=options)
    assert list(read["rna"].obs_names) == list(read["protein"].obs_names) == names


def test_affixes_of_the_views_are_named_and_never_pair_two_patients(frame, gene_sets) -> None:
    names = [f"P{i:02}" for i in range(20)]
    views = {
        "rna": frame(samples=[*(f"{name}_RNA" for name in names[:-1]), names[-1]]),
        "protein": frame(samples=[f"{name}_prot" for name in names], seed=1),
    }
    fix = only(validate(views, gene_sets), "no-shared-samples").fix
    patterns = re.findall("'([^']*[(][^']*)'", fix)
    options = {name: {"sample_pattern": pattern} for name, pattern in zip(views, patterns, strict=True)}
    read = read_cohort(views, options=options)
    assert list(read["rna"].obs_names) == list(read["protein"].obs_names) == names
    assert "which joins 20 of them" in fix


def test_codes_of_groups_are_asked_about_wherever_they_stand(frame, gene_sets) -> None:
    adata = ad.AnnData(frame())
    adata.obs["arm"], adata.obs["age"], adata.obs["dose"] = [1, 2, 3, 4] * 5, range(20), [1.0, 2.0, 3.0, 4.0] * 5
    assert only(validate({"rna": adata}, gene_sets), "codes-as-groups").examples == ("arm: 1, 2, 3, 4",)
    sheet = pd.DataFrame({"arm": list("1234") * 5}, frame().index)
    cohort = read_cohort({"rna": frame()}, samples=sheet)
    assert only(validate(cohort, gene_sets), "codes-as-groups").examples == ("arm: 1, 2, 3, 4",)


@pytest.mark.parametrize("name", ["Age", "patient_age", "AgeAtDiagnosis", "AGE"])
@pytest.mark.parametrize(("values", "told"), [((395, 948.0), True), ((-1, 60), True), ((0, 120), False)])
def test_an_age_that_cannot_be_in_years_is_told_with_its_range(frame, gene_sets, name, values, told) -> None:
    low, high = values
    sheet = pd.DataFrame({name: [low, high] * 10, "age_months": 948, "Stage": 300}, frame().index)
    found = [each for each in validate(read_cohort({"rna": frame()}, samples=sheet), gene_sets) if "age" in each.code]
    assert [each.code for each in found] == ["age-not-in-years"] * told
    assert [each.examples for each in found] == [(f"{name}: {low:g} to {high:g}",)] * told


def test_columns_of_a_sheet_that_hold_no_text_are_no_names(frame) -> None:
    odd = pd.DataFrame({"lists": [[i] for i in range(20)], "number": range(20)}, index=[f"P{i}" for i in range(20)])
    views = {"rna": frame(), "protein": frame(samples=[f"MS_{i}" for i in range(20)])}
    assert refused(views, "sheet-without-samples", samples=odd).place == "sample sheet"
