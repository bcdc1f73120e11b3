import pandas as pd
import pytest

from pathfa.core.columns import holds_text, levels_alike
from pathfa.data import as_cohort, read_cohort
from pathfa.data.io.sheet import check_rows
from pathfa.data.io.typed import notes, with_numbers


@pytest.mark.parametrize(
    ("schema", "rows"),
    [
        ("sample_sheet", [{"sample": "001", "age": "71", "arm": None}]),
        ("gene_set_sheet", [{"source": "TNFa", "target": "NFKB1", "weight": 1.5}]),
        (
            "cohort_sheet",
            [{"cohort": "coad", "views.rna": "rna.tsv", "views.rna.kind": "log", "samples.path": "s.tsv"}],
        ),
    ],
)
def test_sheets_as_they_should_be(schema, rows) -> None:
    assert check_rows(rows, schema, "sheet.tsv") == []


@pytest.mark.parametrize(
    ("schema", "row", "message"),
    [
        ("sample_sheet", {"sample": " "}, "column 'sample': ' ' does not match"),
        ("gene_set_sheet", {"source": "A", "target": ""}, "column 'target': "),
        (
            "gene_set_sheet",
            {"source": "A", "target": "G", "weight": "big"},
            "column 'weight': 'big' is not of type 'number'",
        ),
        ("cohort_sheet", {"title": "no name"}, "'cohort' is a required property"),
        ("cohort_sheet", {"cohort": "a", "view.rna": "x.tsv"}, "'view.rna' does not match"),
        ("cohort_sheet", {"cohort": "a b"}, "column 'cohort': 'a b' does not match"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(schema, row, message) -> None:
    right = {
        "sample_sheet": {"sample": "S1"},
        "gene_set_sheet": {"source": "A", "target": "G1"},
        "cohort_sheet": {"cohort": "b"},
    }
    findings = check_rows([right[schema], row], schema, "sheet.tsv")
    assert findings[0].place == "sheet.tsv, line 3"
    assert findings[0].found.startswith(message)


def test_dates_become_days_and_codes_groups_and_both_are_said(frame, tmp_path) -> None:
    sheet = pd.DataFrame(
        {
            "seen": ["2020-01-01", "2020-01-31 00:00:00", None, "2019-12-31"] * 5,
            "centre": ["1", "2", "3", "1"] * 5,
            "amount": ["1.0", "2.0", "3.0", "1.0"] * 5,
            "sex": ["1", "2", "1", "2"] * 5,
            "stage": ["[Not Available]", "Unknown", "'--", "II"] * 5,
        },
        index=frame().index,
    )
    sheet.to_csv(tmp_path / "sheet.tsv", sep="\t")
    cohort = as_cohort(read_cohort({"rna": frame()}, samples=tmp_path / "sheet.tsv"))
    assert cohort.obs["seen"].tolist()[:2] == [1.0, 31.0]
    assert cohort.obs["centre"].tolist()[:3] == ["1", "2", "3"]
    assert cohort.obs["amount"].tolist()[:3] == [1.0, 2.0, 3.0]
    assert cohort.obs["sex"].dtype.kind == "f" or cohort.obs["sex"].dtype.kind == "i"
    assert cohort.obs["stage"].dropna().unique().tolist() == ["II"]
    codes = [finding.code for finding in cohort.findings if finding.place == "sample sheet"]
    assert codes == ["placeholders", "dates-as-days", "codes-as-groups"]


def test_samples_named_in_another_column_than_the_first(frame, tmp_path) -> None:
    names = frame().index
    patients = pd.DataFrame({"SAMPLE_ID": names, "TYPE": ["a", "b"] * 10}, index=[f"patient{i}" for i in range(20)])
    text = "#Patient\tSample\tType\n#STRING\tSTRING\tSTRING\n" + patients.to_csv(sep="\t", index_label="PATIENT_ID")
    (tmp_path / "data_clinical_sample.txt").write_text(text)
    cohort = as_cohort(read_cohort({"rna": frame()}, samples=tmp_path / "data_clinical_sample.txt"))
    assert cohort.obs["TYPE"].tolist() == ["a", "b"] * 10
    assert cohort.obs["PATIENT_ID"].iloc[3] == "patient3"
    (said,) = [finding for finding in cohort.findings if finding.code == "samples-in-column"]
    assert "'SAMPLE_ID'" in said.found


@pytest.mark.parametrize("written", ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d"])
def test_dates_become_days_however_they_are_written(written) -> None:
    days = pd.date_range("2021-03-05", periods=20, freq="D")
    sheet = pd.DataFrame({"seen": [*days.strftime(written), None]})
    assert with_numbers(sheet)["seen"].tolist()[:20] == list(map(float, range(20)))
    assert [finding.code for finding in notes(sheet, "sheet")] == ["dates-as-days"]
    unsure = sheet.iloc[:7]
    if "/%d" in written or "%d/" in written:
        read = with_numbers(unsure)["seen"]
        assert holds_text(read) is (not written.startswith("%Y"))
        codes = [finding.code for finding in notes(unsure, "sheet")]
        assert codes == (["dates-as-days"] if written.startswith("%Y") else ["ambiguous-dates"])


@pytest.mark.parametrize("cell", ["<0.5", ">=90", "50%", "1,200", "high"])
def test_columns_that_are_nearly_numbers_are_told(cell) -> None:
    sheet = pd.DataFrame({"crp": [cell if at % 4 == 0 else str(at) for at in range(20)], "arm": ["a", "b"] * 10})
    (found,) = notes(sheet, "sheet")
    assert (found.code, found.examples) == ("nearly-numbers", (f"crp: 15 are numbers, 5 are not, such as {cell!r}",))
    assert holds_text(with_numbers(sheet)["crp"])
    assert notes(sheet.replace({"crp": {cell: "1"}}), "sheet") == []


@pytest.mark.parametrize(
    ("one", "other"), [("male", "Male"), ("MSI-H", "msi h"), ("stage_ii", "Stage II"), ("b2", "B2")]
)
def test_groups_that_differ_only_in_how_they_are_written_are_told(one, other) -> None:
    sheet = pd.DataFrame({"arm": [one, other, "none", None] * 5, "er": ["ER+", "ER-", "1.5", "15"] * 5})
    (found,) = notes(sheet, "sheet")
    assert (found.code, found.examples) == ("groups-alike", (f"arm: {one!r} and {other!r}",))
    assert notes(sheet.replace({"arm": {other: one}}), "sheet") == []
    assert [each.code for each in levels_alike(sheet.astype("category"), "obs")] == ["groups-alike"]
