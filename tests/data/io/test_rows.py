"""Lines and rows of a file that are no features, and what its bytes may be."""

import bz2
import gzip
import io
import lzma
import sys
import warnings
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from program_tables import TABLES, matrix, rows

from pathfa.core.errors import InputError
from pathfa.data import as_cohort, read_cohort
from pathfa.data.io.presets import describes_features, describes_samples, is_no_feature
from pathfa.data.io.tables import read_numbers, read_sheet
from pathfa.data.io.typed import with_numbers


def test_rows_that_are_no_features_leave_before_anything_is_computed(tmp_path, frame) -> None:
    counts = (frame() * 100).round().T
    counts.to_csv(tmp_path / "clean.tsv", sep="\t")
    names = ["N_unmapped", "N_noFeature", "__no_feature", "ERCC-00002", "?|123", "Total", "Unassigned_NoFeatures"]
    more = counts.iloc[: len(names)].set_axis(names) * 1000
    pd.concat([more, counts]).to_csv(tmp_path / "more.tsv", sep="\t")
    clean, read = (as_cohort(read_cohort({"rna": tmp_path / file})) for file in ("clean.tsv", "more.tsv"))
    assert list(read.view("rna").features) == list(clean.view("rna").features)
    np.testing.assert_array_equal(read.view("rna").values, clean.view("rna").values)
    (said,) = [finding for finding in read.findings if finding.code == "no-features"]
    assert said.count == len(names)
    in_memory = as_cohort({"rna": pd.concat([more, counts]).T})
    np.testing.assert_array_equal(in_memory.view("rna").values, clean.view("rna").values)


def test_a_table_is_read_without_a_warning_of_pandas(frame, write) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(read_numbers(write(frame() / 3)).values.T, frame() / 3)


def test_other_lines_above_the_numbers(tmp_path) -> None:
    lines = [
        "Hybridization REF | P1 | P2",
        "gene_id | normalized_count | normalized_count",
        "MX1|4 | 1.5 | 2",
        "?|9 | 1 | 2",
    ]
    (tmp_path / "firehose.txt").write_text(rows(*lines, "OAS1|5 | 3 | 4.25"))
    samples, values = matrix(tmp_path / "firehose.txt", strip_suffix=r"\|.*")
    assert (samples, values) == (["P1", "P2"], {"MX1": [1.5, 2], "OAS1": [3, 4.25]})
    (tmp_path / "excel.csv").write_text("sep=;\ngene;P1;P2\nMX1;1,5;2\n;;\n")
    assert matrix(tmp_path / "excel.csv") == (["P1", "P2"], {"MX1": [1.5, 2]})


def test_patients_called_like_short_words_for_controls_are_kept(tmp_path) -> None:
    lines = [
        f"{name};SAMPLE;O1;Q1;MX1;INF;{at}.5" for at, name in enumerate(["PC1", "SC_2", "NEG3", "Plate control 1"])
    ]
    (tmp_path / "npx.csv").write_text(
        "SampleID;Sample_Type;OlinkID;UniProt;Assay;Panel;NPX\n" + "\n".join(lines) + "\n"
    )
    assert list(read_numbers(tmp_path / "npx.csv").columns) == ["PC1", "SC_2", "NEG3"]


@pytest.mark.parametrize(
    "text", ["gene\tP1\tP2\nMX1\t 1.5\t2\n", "gene,P1,P2\nMX1,1.5 ,NA \n", " gene\tP1 \tP2\nMX1\t1.5\t2\n"]
)
def test_blanks_are_cut_and_said(text, tmp_path) -> None:
    (tmp_path / "t.txt").write_text(text)
    table = read_numbers(tmp_path / "t.txt")
    assert (list(table.columns), table.values[0, 0]) == (["P1", "P2"], 1.5)
    assert "blanks-cut" in [finding.code for finding in table.findings]


def test_a_workbook_needs_its_library_and_says_so(tmp_path, monkeypatch) -> None:
    with zipfile.ZipFile(tmp_path / "rna.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"an Excel workbook.*pip install 'openpyxl>=3\.1'"):
        read_numbers(tmp_path / "rna.xlsx")


@pytest.mark.realdata
def test_no_symbol_of_a_gene_is_taken_for_anything_else(shared_data) -> None:
    symbols = read_sheet(shared_data / "idmap" / "hgnc_complete_set.txt.gz")["symbol"].dropna()
    assert [name for name in symbols if describes_features(name)] == ["CHR"]  # a phenotype without a gene
    assert not any(is_no_feature(symbols))
    assert [name for name in symbols if describes_samples(name)] == []


def test_a_gct_file_that_was_cut_short_is_told(tmp_path) -> None:
    name, text, *_ = TABLES["GenePattern, GTEx, Broad, .gct 1.2 and 1.3"]
    (tmp_path / name).write_text(text.rstrip("\n").rpartition("\n")[0] + "\n")
    with pytest.raises(InputError, match="it has 1 row, its second line says"):
        read_numbers(tmp_path / name)


@pytest.mark.parametrize("title", ["Table S1. Proteins", '"Table S1, of the text"', "Table S1\t\t\n\t\t"])
def test_a_title_above_the_header_is_left_out_and_said(title, tmp_path) -> None:
    delimiter = "," if '"' in title else "\t"
    table = ["gene\tP1\tP2", "MX1\t1.5\t2", "OAS1\t3\t4"]
    (tmp_path / "s1.txt").write_text("\n".join([title, "", *(line.replace("\t", delimiter) for line in table)]) + "\n")
    assert matrix(tmp_path / "s1.txt") == (["P1", "P2"], {"MX1": [1.5, 2], "OAS1": [3, 4]})
    assert "comment-lines" in [finding.code for finding in read_numbers(tmp_path / "s1.txt").findings]


@pytest.mark.parametrize("first", ["MX1\t5\t0\t5", "MX1\t1.2345\t3\t4", "\t\t\t\nMX1\t-1\t3\t4"])
def test_a_table_without_a_header_is_told(first, tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(f"{first}\nOAS1\t7\t8\t9\n")
    with pytest.raises(InputError, match="its first line has only numbers behind the first cell"):
        read_numbers(tmp_path / "t.tsv")
    (tmp_path / "t.tsv").write_text("gene\t101\t102\t1.1\nOAS1\t7\t8\t9\n")
    assert list(read_numbers(tmp_path / "t.tsv").columns) == ["101", "102", "1.1"]


def test_a_workbook_is_read_as_its_first_sheet(tmp_path) -> None:
    values = pd.DataFrame({"gene": ["MX1", "OAS1", "2-Sep"], 101: [1, 2, 3], "P2": [0.5, None, -3.25]})
    with pd.ExcelWriter(tmp_path / "rna.xlsx") as book:
        values.to_excel(book, sheet_name="values", index=False, startrow=2)
        book.sheets["values"]["A1"] = "Table S1. Values"
        values.to_excel(book, sheet_name="other")
    table = read_numbers(tmp_path / "rna.xlsx")
    assert list(table.rows) == list(values["gene"])
    assert list(table.columns) == ["101", "P2"]
    np.testing.assert_array_equal(table.values, values[[101, "P2"]].to_numpy())
    pd.DataFrame({"seen": pd.to_datetime(["2020-01-01", "2020-01-31"]), "arm": ["a", None]}, ["P1", "P2"]).to_excel(
        tmp_path / "patients.xlsx"
    )
    sheet = with_numbers(read_sheet(tmp_path / "patients.xlsx"))
    assert sheet["seen"].tolist() == [0.0, 30.0]
    assert sheet["arm"].isna().tolist() == [False, True]


def _zipped(*names: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in names:
                archive.writestr(name, content)
        return stream.getvalue()

    return pack


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": _zipped("rna.tsv")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("packed", PACKED)
def test_packed_and_encoded_files_are_read_as_they_stand(packed, encoding, tmp_path) -> None:
    text = rows("gene | P1 | Pé2", "MX1 | 1.5 | 2", "OAS1 | 3 | 4")
    (tmp_path / f"rna.tsv.{packed}").write_bytes(PACKED[packed](text.encode(encoding)))
    table = read_numbers(tmp_path / f"rna.tsv.{packed}")
    assert (list(table.columns), table.values.tolist()) == (["P1", "Pé2"], [[1.5, 2], [3, 4]])
    damaged = PACKED[packed](text.encode(encoding))[:40]
    (tmp_path / f"cut.tsv.{packed}").write_bytes(damaged)
    with pytest.raises(InputError, match="is damaged or cut short"):
        read_numbers(tmp_path / f"cut.tsv.{packed}")


def test_an_archive_of_several_files_is_told(tmp_path) -> None:
    (tmp_path / "both.zip").write_bytes(_zipped("rna.tsv", "protein.tsv")(b"x"))
    with pytest.raises(InputError, match=r"the archive has 2 files \(for example 'rna.tsv', 'protein.tsv'\)"):
        read_numbers(tmp_path / "both.zip")
    (tmp_path / "rna.tsv").write_bytes(_zipped("[Content_Types].xml", "xl/workbook.xml")(b"x"))
    with pytest.raises(InputError, match="it is an Excel workbook without its suffix"):
        read_numbers(tmp_path / "rna.tsv")
