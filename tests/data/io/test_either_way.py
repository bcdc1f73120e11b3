"""Tables at the edge between two ways of reading them: which one is taken, and from where the other begins."""

import numpy as np
import pandas as pd
import pytest
from finding_checks import only
from program_tables import rows

from pathfa.core.columns import holds_text
from pathfa.core.errors import InputError
from pathfa.data import as_cohort, read_cohort
from pathfa.data.io.containers import read_matrix
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.sheet import oriented
from pathfa.data.io.tables import read_numbers, read_sheet
from pathfa.data.io.typed import notes, with_numbers


@pytest.mark.parametrize(("n_others", "kept"), [(1, True), (2, False)])
def test_a_column_that_counts_the_rows_is_a_sample_where_half_of_them_do(n_others, kept, tmp_path) -> None:
    others = np.random.default_rng(0).normal(8, 2, (12, n_others)).round(2)
    table = pd.DataFrame(others, [f"G{at}" for at in range(12)], [f"P{at}" for at in range(n_others)])
    table.insert(0, "counted", range(1, 13))
    table.to_csv(tmp_path / "t.tsv", sep="\t")
    assert ("counted" in read_numbers(tmp_path / "t.tsv").columns) is kept


def test_of_descriptions_with_one_name_the_first_is_kept(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(
        rows("x | hue | hue | P1 | P2 | P3", "A | red | dim | 1.5 | 2 | 3", "B | blue | dark | 3 | 4 | 5")
    )
    assert read_numbers(tmp_path / "t.tsv").described.to_dict("list") == {"hue": ["red", "blue"]}


@pytest.mark.parametrize("words", [["red", "blue", "", ""], ["red", "", "", ""]])
def test_a_column_with_text_in_half_of_its_cells_describes_the_rows(words, tmp_path) -> None:
    lines = [f"G{at} | {word} | {at + 1.5} | {at + 2.5}" for at, word in enumerate(words)]
    (tmp_path / "t.tsv").write_text(rows("x | hue | P1 | P2", *lines))
    if "blue" in words:
        assert list(read_numbers(tmp_path / "t.tsv").columns) == ["P1", "P2"]
        return
    with pytest.raises(InputError, match="1 cell in 1 of 3 columns contains no number"):
        read_numbers(tmp_path / "t.tsv")


@pytest.mark.parametrize("suffix", ["tsv", "parquet"])
@pytest.mark.parametrize("cells", [[True, False], [True, 1.5]])
def test_true_and_false_are_no_numbers(cells, suffix, tmp_path) -> None:
    table = pd.DataFrame({"P1": [1.5, 2.5], "P2": cells, "P3": [2.5, 3.5]}, index=["A", "B"])
    if suffix == "tsv":
        table.to_csv(tmp_path / "t.tsv", sep="\t")
    elif isinstance(cells[1], bool):
        table.to_parquet(tmp_path / "t.parquet")
    else:  # a column of Parquet has one type
        table.astype({"P2": str}).to_parquet(tmp_path / "t.parquet")
    n_words = sum(isinstance(cell, bool) for cell in cells)
    with pytest.raises(InputError, match=f"{n_words} cells? in 1 of 3 columns contains? no number"):
        read_numbers(tmp_path / f"t.{suffix}")


def test_columns_before_the_names_are_no_samples(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(rows("size | what | P1 | P2", "7.5 | A | 1.5 | 2", "3.25 | B | 3 | 4"))
    table = read_numbers(tmp_path / "t.tsv", ViewOptions(feature_column="what"))
    assert (list(table.rows), list(table.columns)) == (["A", "B"], ["P1", "P2"])


def test_of_columns_with_one_name_an_option_means_the_first(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(rows("what | P1 | P2 | what", "A | 1.5 | 2 | x", "B | 3 | 4 | y"))
    assert list(read_numbers(tmp_path / "t.tsv", ViewOptions(feature_column="what")).rows) == ["A", "B"]


@pytest.mark.parametrize("odd", ["B | 1", "B | 1 | 2 | 3"])
@pytest.mark.parametrize("comments", [0, 2])
def test_a_line_of_another_length_is_named_as_it_is_counted_in_the_file(odd, comments, tmp_path) -> None:
    above = [f"# comment {at}" for at in range(comments)]
    (tmp_path / "t.tsv").write_text(rows(*above, "gene | P1 | P2", "A | 1 | 2", odd, "C | 5 | 6"))
    with pytest.raises(InputError) as caught:
        read_numbers(tmp_path / "t.tsv")
    cells = len(odd.split("|"))
    assert only(caught.value.findings, "ragged-rows").examples == (f"line {comments + 3}: {cells} cells",)


def test_spaces_separate_columns_from_two_rows_on(tmp_path) -> None:
    (tmp_path / "t.txt").write_text("P1 P2\nMX1 1 2\n")
    with pytest.raises(InputError, match="columns separated by spaces"):
        read_numbers(tmp_path / "t.txt")
    (tmp_path / "t.txt").write_text("P1 P2\nMX1 1 2\nOAS1 3 4\n")
    assert read_numbers(tmp_path / "t.txt").values.tolist() == [[1, 2], [3, 4]]


def test_one_commented_line_with_the_cells_of_the_next_is_the_header(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(rows("#sample | arm", "S1 | a", "S2 | b"))
    sheet = read_sheet(tmp_path / "t.tsv")
    assert (list(sheet.columns), list(sheet.index)) == (["arm"], ["S1", "S2"])
    (tmp_path / "t.tsv").write_text(rows("#Sample | Arm", "#STRING | STRING", "SAMPLE | ARM", "S1 | a"))
    sheet = read_sheet(tmp_path / "t.tsv")
    assert (list(sheet.columns), list(sheet.index)) == (["ARM"], ["S1"])


def test_a_single_file_with_one_column_is_a_sample_called_after_the_file(tmp_path) -> None:
    (tmp_path / "P1.txt").write_text(rows("gene | n", "MX1 | 5", "OAS1 | 3"))
    assert list(as_cohort(read_cohort({"v": tmp_path / "*.txt"})).samples) == ["P1"]


def test_a_file_with_two_findings_of_a_kind_is_one_other_file(tmp_path) -> None:
    for name in ("P1", "P2"):
        (tmp_path / f"{name}.tsv").write_text(f"gene\t{name} \nMX1\t 1.5\nOAS1\t2.5\n")
    findings = as_cohort(read_cohort({"v": tmp_path / "*.tsv"})).findings
    assert only(findings, "blanks-cut").place.endswith("P1.tsv and 1 other file")


def test_a_sheet_with_as_many_names_on_both_sides_has_its_samples_in_rows() -> None:
    sheet = pd.DataFrame([[1, 2], [3, 4]], index=["S1", "x"], columns=["S2", "age"])
    assert list(oriented(sheet, [pd.Index(["S1", "S2"])]).index) == ["S1", "x"]
    more = sheet.set_axis(["S2", "S3"], axis=1)
    assert list(oriented(more, [pd.Index(["S1", "S2", "S3"])]).index) == ["S2", "S3"]


def test_samples_stand_in_a_column_that_names_each_once() -> None:
    sheet = pd.DataFrame({"of": ["S1", "S1", "S2", "S2"], "id": ["S1", "S2", "x", "y"]}, index=["p1", "p2", "p3", "p4"])
    assert oriented(sheet, [pd.Index(["S1", "S2"])]).index.name == "id"
    assert list(oriented(sheet[["of"]], [pd.Index(["S1", "S2"])]).index) == ["p1", "p2", "p3", "p4"]


@pytest.mark.parametrize(("numbers", "told"), [("1234", False), ("12345", True)])
def test_a_few_codes_beside_a_word_are_no_numbers(numbers, told) -> None:
    sheet = pd.DataFrame({"stage": [*numbers, "high"] * 6})
    assert ("nearly-numbers" in [finding.code for finding in notes(sheet, "sheet")]) is told


def test_numbers_with_zeros_before_them_are_names() -> None:
    sheet = pd.DataFrame({"plate": [f"{at:03}" for at in range(40)], "dose": [str(at) for at in range(40)]})
    assert {name: holds_text(column) for name, column in with_numbers(sheet).items()} == {"plate": True, "dose": False}


def test_dates_in_two_orders_are_dates_in_none() -> None:
    sheet = pd.DataFrame({"seen": ["31/12/2020", "12/31/2020", "30/11/2020"]})
    assert with_numbers(sheet)["seen"].tolist() == sheet["seen"].tolist()
    assert notes(sheet, "sheet") == []


@pytest.mark.parametrize("last", ["note", ""])
def test_an_empty_last_column_is_left_out_where_it_has_no_name(last, tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(f"sample\tage\t{last}\nS1\t5\t\nS2\t6\t\n")
    assert list(read_sheet(tmp_path / "t.tsv").columns) == ["age", last] if last else ["age"]


def test_some_null_bytes_are_no_utf_16(tmp_path) -> None:
    content = bytearray(b"gene\tP1\nMX1\t1.5\nOAS\t2.5\n")
    content[1::8] = b"\0" * len(content[1::8])
    (tmp_path / "t.tsv").write_bytes(content)
    assert len(content) % 2 == 0
    with pytest.raises(InputError, match="it contains null bytes"):
        read_numbers(tmp_path / "t.tsv")


@pytest.mark.parametrize("n_columns", [1, 2, 3])
def test_features_of_a_matrix_have_what_their_file_says(n_columns, tmp_path) -> None:
    said = {"symbol": ["MX1", "OAS1"], "feature_types": ["Gene Expression", "Antibody Capture"]}
    lines = zip(["G1", "G2"], *said.values(), strict=True)
    (tmp_path / "matrix.mtx").write_text("%%MatrixMarket matrix coordinate integer general\n2 1 2\n1 1 3\n2 1 4\n")
    (tmp_path / "genes.tsv").write_text("".join("\t".join(line[:n_columns]) + "\n" for line in lines))
    (tmp_path / "barcodes.tsv").write_text("AAAC-1\n")
    var = read_matrix(tmp_path, ViewOptions()).adata.var
    assert var.to_dict("list") == dict(list(said.items())[: n_columns - 1])
