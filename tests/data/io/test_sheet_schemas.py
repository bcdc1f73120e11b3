import pytest

from pathfa.data.io.sheet import check_rows


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
