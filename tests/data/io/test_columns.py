"""Which columns of a table are names, samples, or neither."""

import re

import numpy as np
import pandas as pd
import pytest
from program_tables import TABLES, matrix, rows

from pathfa.core.errors import InputError
from pathfa.data import as_cohort, read_cohort
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.tables import read_numbers


def test_every_column_that_is_left_out_is_said(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(
        rows("gene | Length | Score | P1 | P2", "MX1 | 9 | 1 | 5.5 | 3", "B | 8 | 2 | 1 | 2")
    )
    table = read_numbers(tmp_path / "t.tsv")
    assert list(table.columns) == ["P1", "P2"]
    (said,) = table.findings
    assert said.examples == ("Length", "Score")
    assert list(read_numbers(tmp_path / "t.tsv", ViewOptions(format="none")).columns) == [
        "Length", "Score", "P1", "P2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"feature_column": "Gene"},
            "feature_column names the column 'Gene', which is not.*did you mean 'Genes'",
        ),
        ({"drop_columns": ["x"]}, "drop_columns names the column 'x'"),
        ({"drop_rows": {"x": "y"}}, "drop_rows names the column 'x'"),
    ],
)
def test_columns_that_are_not_there(options, message, tmp_path) -> None:
    name, text, *_ = TABLES["DIA-NN, report.pg_matrix.tsv"]
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_numbers(tmp_path / name, ViewOptions(**options))


def test_a_long_table_of_no_known_program(tmp_path) -> None:
    (tmp_path / "long.tsv").write_text(rows("who | what | level", "P1 | MX1 | 1", "P2 | MX1 | 2", "P2 | OAS1 | <0.5"))
    options = ViewOptions(long_samples="who", long_values="level", feature_column="what")
    with pytest.raises(InputError, match=r"1 cell in 1 of 2 columns contains no number.*<0\.5 .row OAS1, column P2"):
        read_numbers(tmp_path / "long.tsv", options)
    (tmp_path / "long.tsv").write_text(rows("who | what | level", "P1 | MX1 | 1", "P1 | MX1 | 2"))
    with pytest.raises(InputError, match="1 value is given again, otherwise, for the same feature and sample"):
        read_numbers(tmp_path / "long.tsv", options)


def test_annotation_in_the_rows_of_a_table_in_memory(frame) -> None:
    table = frame().T
    table.insert(0, "Entrez_Gene_Id", range(100, 150))
    cohort = as_cohort({"rna": table.T})
    assert list(cohort.samples) == list(frame().index)
    assert [finding.examples for finding in cohort.findings] == [("Entrez_Gene_Id",)]


def test_a_column_of_another_kind_is_a_warning_by_name(frame, tmp_path) -> None:
    table = frame().T
    table.insert(3, "unheard_of", range(1000, 1050))
    table.to_csv(tmp_path / "rna.tsv", sep="\t")
    (said,) = as_cohort(read_cohort({"rna": tmp_path / "rna.tsv"})).findings
    assert said.code == "odd-sample"
    assert said.fix == "set drop_columns: [unheard_of] if it describes the features"
    options = {"rna": {"drop_columns": ["unheard_of"]}}
    assert list(read_cohort({"rna": tmp_path / "rna.tsv"}, options=options).obs_names) == list(frame().index)
    sheet = frame().iloc[:, :1].copy()
    sheet.loc["unheard_of"] = 1
    known = as_cohort(read_cohort({"rna": tmp_path / "rna.tsv"}, samples=sheet))
    assert "odd-sample" not in [finding.code for finding in known.findings]


def test_samples_with_many_zeros_are_no_strangers(frame, tmp_path) -> None:
    table = frame().T
    table.iloc[:30, 5] = 0
    table.to_csv(tmp_path / "rna.tsv", sep="\t")
    assert as_cohort(read_cohort({"rna": tmp_path / "rna.tsv"})).findings == ()


def test_row_numbers_and_names_in_the_second_column(tmp_path) -> None:
    (tmp_path / "r.csv").write_text(',gene,P1,P2\n1,MX1,1.5,2\n2,OAS1,3,"4"\n')
    assert matrix(tmp_path / "r.csv") == (["P1", "P2"], {"MX1": [1.5, 2], "OAS1": [3, 4]})


@pytest.mark.parametrize("header", ["gene", "symbol", "Gene names"])
def test_row_numbers_before_names_of_any_header(header, frame, tmp_path) -> None:
    frame().T.reset_index(names=header).to_csv(tmp_path / "r.csv")
    assert list(read_numbers(tmp_path / "r.csv").rows) == list(frame().columns)
    frame().T.reset_index(names="ncbi").assign(ncbi=range(1, 51)).to_csv(tmp_path / "r.csv", index=False)
    assert list(read_numbers(tmp_path / "r.csv").rows) == [str(number) for number in range(1, 51)]


def test_a_long_table_is_told_its_options(frame, tmp_path) -> None:
    long = frame().T.reset_index(names="gene").melt("gene", var_name="who", value_name="level")
    long.to_csv(tmp_path / "long.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match="feature_column, long_samples and long_values"):
        read_numbers(tmp_path / "long.tsv")
    options = ViewOptions(feature_column="gene", long_samples="who", long_values="level")
    np.testing.assert_array_equal(read_numbers(tmp_path / "long.tsv", options).values, frame().T)


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_a_column_that_follows_from_the_others_is_a_warning_by_name(frame, tmp_path, statistic) -> None:
    table = (frame() * 100).round().abs().T
    table["all of them"] = table.agg(statistic, axis=1).round(2)
    table.to_csv(tmp_path / "rna.tsv", sep="\t")
    (said,) = as_cohort(read_cohort({"rna": tmp_path / "rna.tsv"})).findings
    assert said.found == f"'all of them' may be no sample: its values are the {statistic} of the others"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{}_counts", "{}_TPM"),
        ("Intensity {}", "LFQ intensity {}"),
        ("{}.Raw.Count", "{}.FPKM"),
        ("tpm:{}", "{} reads"),
    ],
)
def test_several_quantities_of_each_sample_are_refused_with_a_pattern(frame, tmp_path, first, second) -> None:
    table = frame().T
    both = pd.concat([table.rename(columns=first.format), table.rename(columns=second.format) * 2], axis=1)
    both.to_csv(tmp_path / "rna.tsv", sep="\t")
    with pytest.raises(InputError, match="its columns hold 2 values of each sample") as caught:
        read_cohort({"rna": tmp_path / "rna.tsv"})
    (found,) = caught.value.findings
    patterns = re.findall("'([^']+)'", found.fix)
    for pattern, factor in zip(patterns, (1, 2), strict=True):
        read = read_cohort({"rna": tmp_path / "rna.tsv"}, options={"rna": {"sample_pattern": pattern}})
        np.testing.assert_allclose(read["rna"].to_df().loc[table.columns, table.index], table.T * factor)
    for one in (first, "{}_tumour"):
        table.rename(columns=one.format).to_csv(tmp_path / "one.tsv", sep="\t")
        assert read_cohort({"rna": tmp_path / "one.tsv"}).n_obs == 20
    paired = pd.concat([table.add_suffix("_tumour"), table.add_suffix("_normal")], axis=1)
    paired.to_csv(tmp_path / "paired.tsv", sep="\t")
    assert read_cohort({"rna": tmp_path / "paired.tsv"}).n_obs == 40


@pytest.mark.parametrize("measures", [["FPKM", "TPM"], ["coverage", "FPKM", "TPM"], ["raw_count", "Norm", "RPKM"]])
def test_several_quantities_of_one_sample_are_no_samples(measures, frame, tmp_path) -> None:
    table = frame().T.iloc[:, : len(measures)].set_axis(measures, axis=1)
    table.rename_axis("gene_id").to_csv(tmp_path / "P1.tsv", sep="\t")
    with pytest.raises(InputError, match=f"its columns are {len(measures)} values of one sample") as caught:
        read_cohort({"rna": tmp_path / "P1.tsv"})
    (found,) = caught.value.findings
    pattern = re.search(r"sample_pattern: (\(.*\));", found.fix).group(1)
    read = read_cohort({"rna": tmp_path / "P1.tsv"}, options={"rna": {"sample_pattern": pattern}})
    np.testing.assert_allclose(read["rna"].to_df().loc[measures[-1], table.index], table[measures[-1]])


@pytest.mark.parametrize(
    ("labels", "rows_called"),
    [
        (["MX1", "OAS1", "OAS1", "CA9"], ["MX1", "OAS1", "OAS1", "CA9"]),  # a few share a name
        (["low", "low", "low", "high"], ["0", "1", "2", "3"]),  # groups are no names
    ],
)
def test_rows_that_are_counted_take_their_names_from_the_column_beside(labels, rows_called, tmp_path) -> None:
    lines = [f"{at} | {label} | {at + 1.5} | {at + 2.25}" for at, label in enumerate(labels)]
    (tmp_path / "t.tsv").write_text(rows(" | what | P1 | P2", *lines))
    table = read_numbers(tmp_path / "t.tsv")
    assert list(table.rows) == rows_called
    assert list(table.columns) == ["P1", "P2"]
    assert ("row-numbers" in {finding.code for finding in table.findings}) is (rows_called == labels)


def test_text_among_numbers_is_no_description(tmp_path) -> None:
    cells = [(f"P{at}", f"{at + 50.5}", f"{at + 20.25}", "mf"[at % 2]) for at in range(6)]
    (tmp_path / "beside.tsv").write_text(rows("x | a | c | b", *[" | ".join(row) for row in cells]))
    assert list(read_numbers(tmp_path / "beside.tsv").columns) == ["a", "c"]
    (tmp_path / "among.tsv").write_text(rows("x | a | b | c", *[f"{p} | {a} | {b} | {c}" for p, a, c, b in cells]))
    with pytest.raises(InputError, match=r"6 cells in 1 of 3 columns contain no number"):
        read_numbers(tmp_path / "among.tsv")


@pytest.mark.parametrize(("words", "read"), [(["TMT", "TMT", "iBAQ", "iBAQ"], True), (list("stuv"), False)])
def test_a_row_of_few_words_is_a_second_header(words, read, tmp_path) -> None:
    numbers = [f"G{at} | {at + 1.5} | {at + 2.5} | {at + 3.5} | {at + 4.5}" for at in range(4)]
    (tmp_path / "t.tsv").write_text(rows("x | P1 | P2 | P3 | P4", " | ".join(["kind", *words]), *numbers))
    if read:
        assert list(read_numbers(tmp_path / "t.tsv").rows) == ["G0", "G1", "G2", "G3"]
        return
    with pytest.raises(InputError, match="4 cells in 4 of 4 columns contain no number"):
        read_numbers(tmp_path / "t.tsv")


def test_commas_are_no_decimal_commas_beside_decimal_points(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(rows("x | P1 | P2", "A | 1.5 | 0,5", "B | 2.5 | 1,75"))
    with pytest.raises(InputError, match="2 cells in 1 of 2 columns contain no number"):
        read_numbers(tmp_path / "t.tsv")
    (tmp_path / "t.tsv").write_text(rows("x | P1 | P2", "A | 1 | 0,5", "B | 2 | 1,75"))
    assert read_numbers(tmp_path / "t.tsv").values.tolist() == [[1.0, 0.5], [2.0, 1.75]]
