"""One small made-up table per layout of presets.yaml, with the exact matrix that is read."""

import gzip
import importlib.util
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml

import pathfa
from pathfa.core.errors import ConfigError, InputError
from pathfa.data import as_cohort, read_cohort
from pathfa.data.io.presets import describes_features, format_names, is_no_feature, presets
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.tables import read_numbers, read_sheet

NAN = np.nan


def _rows(*rows: str) -> str:
    """Return lines with tabs in the place of bars."""
    return "\n".join(row.replace(" | ", "\t").replace("| ", "\t").replace(" |", "\t") for row in rows) + "\n"


TABLES = {
    "MaxQuant, proteinGroups.txt": (
        "proteinGroups.txt",
        _rows(
            "Protein IDs | Majority protein IDs | Gene names | Peptides | Peptides P1 | Intensity P1 | Intensity P2 | "
            "LFQ intensity P1 | LFQ intensity P2 | Only identified by site | Reverse | Potential contaminant",
            "Q1;Q2 | Q1;Q2 | MX1;MX2 | 3 | 2 | 9 | 9 | 100 | 0 |  |  | ",
            "Q3 | Q3 |  | 3 | 2 | 9 | 9 | 7 | 5.5 |  |  | ",
            "REV__Q4 | REV__Q4 | OAS1 | 3 | 2 | 9 | 9 | 1 | 1 |  | + | ",
            "CON__Q5 | CON__Q5 | KRT1 | 3 | 2 | 9 | 9 | 1 | 1 |  |  | +",
            "Q6 | Q6 | ISG15 | 1 | 1 | 9 | 9 | 1 | 1 | + |  | ",
        ),
        ["P1", "P2"],
        {"MX1": [100, NAN], "Q3": [7, 5.5]},
    ),
    "DIA-NN, report.pg_matrix.tsv": (
        "report.pg_matrix.tsv",
        _rows(
            "Protein.Group | Protein.Ids | Protein.Names | Genes | First.Protein.Description | "
            r"D:\raw\P1.raw | /raw/P2.mzML",
            "Q1 | Q1 | MX1_HUMAN | MX1;MX2 | text | 100.5 | ",
            "Q2 | Q2 | X_HUMAN |  | text | 3 | 4",
            "Cont_Q3 | Q3 | K_HUMAN | KRT1 | text | 3 | 4",
        ),
        ["P1", "P2"],
        {"MX1": [100.5, NAN], "Q2": [3, 4]},
    ),
    "DIA-NN, report.tsv (PG.MaxLFQ)": (
        "report.tsv",
        _rows(
            "Run | Protein.Group | Genes | PG.MaxLFQ | Precursor.Id",
            "P1 | Q1 | MX1 | 5 | AAK2",
            "P1 | Q1 | MX1 | 5 | CCK2",
            "P2 | Q1 | MX1 | 6 | AAK2",
            "P2 | Q2 | OAS1 | 7 | GGR2",
        ),
        ["P1", "P2"],
        {"MX1": [5, 6], "OAS1": [NAN, 7]},
    ),
    "FragPipe, combined_protein.tsv": (
        "combined_protein.tsv",
        _rows(
            "Protein | Protein ID | Entry Name | Gene | Protein Length | Combined Total Peptides | P1 Spectral Count | "
            "P1 Unique Spectral Count | P2 Spectral Count | P1 Intensity | P2 Intensity | P1 MaxLFQ Intensity | "
            "P2 MaxLFQ Intensity | Indistinguishable Proteins",
            "sp|Q1 | Q1 | MX1_HUMAN | MX1 | 300 | 4 | 1 | 1 | 1 | 8 | 8 | 20 | 0 | ",
            "contam_sp|Q2 | Q2 | K | KRT1 | 300 | 4 | 1 | 1 | 1 | 8 | 8 | 20 | 30 | ",
            "sp|Q3 | Q3 | O | OAS1 | 300 | 4 | 1 | 1 | 1 | 8 | 8 | 2 | 3 | sp;x",
        ),
        ["P1", "P2"],
        {"MX1": [20, NAN], "OAS1": [2, 3]},
    ),
    "FragPipe, abundance_gene_MD.tsv and abundance_protein_MD.tsv of TMT-Integrator": (
        "abundance_gene_MD.tsv",
        _rows(
            "Index | NumberPSM | ProteinID | MaxPepProb | ReferenceIntensity | P1 | P2",
            "MX1 | 4 | Q1 | 1 | 20.5 | -0.5 | NA",
            "OAS1 | 4 | Q2 | 1 | 20.5 | 0.25 | 1",
        ),
        ["P1", "P2"],
        {"MX1": [-0.5, NAN], "OAS1": [0.25, 1]},
    ),
    "Spectronaut, pivot report of protein groups": (
        "pivot.tsv",
        _rows(
            "PG.ProteinGroups | PG.Genes | PG.ProteinDescriptions | [1] P1.raw.PG.Quantity | [2] P2.raw.PG.Quantity | "
            "[1] P1.raw.PG.NrOfStrippedSequencesIdentified",
            "Q1;Q2 | MX1;MX2 | text | 10.5 | Filtered | 3",
            "Q3 | OAS1 | text | 3 | 4 | 2",
        ),
        ["P1", "P2"],
        {"MX1": [10.5, NAN], "OAS1": [3, 4]},
    ),
    "Spectronaut, long report": (
        "report.tsv",
        _rows(
            "R.FileName | PG.ProteinGroups | PG.Genes | PG.Quantity",
            "P1 | Q1 | MX1 | 10",
            "P2 | Q1 | MX1 | Filtered",
            "P1 | Q2 | OAS1 | 3",
            "P2 | Q2 | OAS1 | 4",
        ),
        ["P1", "P2"],
        {"MX1": [10, NAN], "OAS1": [3, 4]},
    ),
    "Olink NPX Manager and Explore, long table": (
        "npx.csv",
        _rows(
            "SampleID;Sample_Type;OlinkID;UniProt;Assay;Panel;QC_Warning;LOD;NPX",
            "P1;SAMPLE;O1;Q1;MX1;INF;Pass;0.1;-1.5",
            "P2;SAMPLE;O1;Q1;MX1;INF;Warning;0.1;2",
            "P1;SAMPLE;O2;Q2;OAS1;INF;Pass;0.1;3",
            "CONTROL_SAMPLE_AS_1;CONTROL;O1;Q1;MX1;INF;Pass;0.1;9",
        ),
        ["P1", "P2"],
        {"MX1": [-1.5, 2], "OAS1": [3, NAN]},
    ),
    "cBioPortal, data_mrna_*.txt and other tables of genes": (
        "data_mrna_seq_v2_rsem.txt",
        _rows(
            "Hugo_Symbol | Entrez_Gene_Id | P1 | P2",
            "MX1 | 4599 | 10.5 | 3",
            " | 100 | 1 | 2",
            "OAS1 | 4938 | [Not Available] | 4",
        ),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "100": [1, 2], "OAS1": [NAN, 4]},
    ),
    "cBioPortal, data_rppa.txt and data_protein_quantification.txt": (
        "data_rppa.txt",
        _rows("Composite.Element.REF | P1 | P2", "MX1|MX1_pS3 | 0.5 | NA", "OAS1|OAS1 | 1 | 2"),
        ["P1", "P2"],
        {"MX1": [0.5, NAN], "OAS1": [1, 2]},
    ),
    "GDC, *.rna_seq.augmented_star_gene_counts.tsv": (
        "x.rna_seq.augmented_star_gene_counts.tsv",
        "# gene-model: GENCODE v36\n"
        + _rows(
            "gene_id | gene_name | gene_type | unstranded | stranded_first | tpm_unstranded",
            "N_unmapped |  |  | 12345 | 12345 | ",
            "ENSG00000157601.14 | MX1 | protein_coding | 10 | 5 | 1.5",
            "ENSG00000089127.13 | OAS1 | protein_coding | 7 | 5 | 2.5",
        ),
        ["unstranded"],
        {"MX1": [10], "OAS1": [7]},
    ),
    "featureCounts (Subread), counts.txt": (
        "counts.txt",
        '# Program:featureCounts v2.0.3; Command:"featureCounts" "-a" "x.gtf"\n'
        + _rows(
            "Geneid | Chr | Start | End | Strand | Length | /bam/P1.sorted.bam | P2_Aligned.sortedByCoord.out.bam",
            "MX1 | chr1;chr1 | 1;5 | 3;9 | +;+ | 1000 | 10 | 3",
            "OAS1 | chr1 | 1 | 9 | + | 900 | 7 | 0",
        ),
        ["P1", "P2"],
        {"MX1": [10, 3], "OAS1": [7, 0]},
    ),
    "nf-core/rnaseq, salmon.merged.gene_counts.tsv": (
        "salmon.merged.gene_counts.tsv",
        _rows("gene_id | gene_name | P1 | P2", "ENSG1 | MX1 | 10.5 | 3", "ENSG2 | MX1 | 1 | 1", "ENSG3 | OAS1 | 7 | 0"),
        ["P1", "P2"],
        {"MX1": [11.5, 4], "OAS1": [7, 0]},
    ),
    "nf-core/rnaseq, salmon.merged.gene_tpm.tsv": (
        "salmon.merged.gene_tpm.tsv",
        _rows("gene_id | gene_name | P1 | P2", "ENSG1 | MX1 | 10.5 | 3", "ENSG3 | OAS1 | 7 | 0"),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0]},
    ),
    "nf-core/rnaseq, rsem.merged.gene_counts.tsv (STAR and RSEM)": (
        "rsem.merged.gene_counts.tsv",
        _rows("gene_id | transcript_id(s) | P1 | P2", "MX1 | T1,T2 | 10.5 | 3", "OAS1 | T3 | 7 | 0"),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0]},
    ),
    "STAR, ReadsPerGene.out.tab": (
        "ReadsPerGene.out.tab",
        _rows("N_unmapped | 9 | 9 | 9", "N_noFeature | 9 | 9 | 9", "MX1 | 10 | 5 | 5", "OAS1 | 7 | 4 | 3"),
        ["unstranded"],
        {"MX1": [10], "OAS1": [7]},
    ),
    "GenePattern, GTEx, Broad, .gct 1.2 and 1.3": (
        "rna.gct",
        "#1.3\n2\t2\t2\t1\n"
        + _rows(
            "id | geneSymbol | level | P1 | P2",
            "sex | na | na | F | M",
            "1_at | MX1 | 3 | 10.5 | 3",
            "2_at | OAS1 | 4 | 7 | ",
        ),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, NAN]},
    ),
    "LinkedOmics, .cct, .cbt and .tsi": (
        "rna.cct",
        _rows("attrib_name | P1 | P2", "MX1 | 10.5 | 3", "OAS1 | 7 | NA"),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, NAN]},
    ),
}
"""By source: name of the file, content, samples, and values by feature."""


def _matrix(path, **options):
    adata = read_cohort({"v": path}, options={"v": {"samples_in": "columns", **options}})["v"]
    return list(adata.obs_names), {name: adata.X[:, at].tolist() for at, name in enumerate(adata.var_names)}


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.source)
@pytest.mark.parametrize("declared", [False, True])
def test_every_layout_is_recognised_and_gives_its_matrix(preset, declared, tmp_path) -> None:
    name, text, samples, values = TABLES[preset.source]
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    found, read = _matrix(tmp_path / f"{name}.gz", **({"format": preset.format} if declared else {}))
    assert found == samples
    assert list(read) == list(values)
    np.testing.assert_array_equal(list(read.values()), list(values.values()))
    said = [finding for finding in read_numbers(tmp_path / f"{name}.gz").findings if finding.code == "format"]
    assert [preset.source in finding.found for finding in said] == [True]


def test_a_gct_file_that_was_cut_short_is_told(tmp_path) -> None:
    name, text, *_ = TABLES["GenePattern, GTEx, Broad, .gct 1.2 and 1.3"]
    (tmp_path / name).write_text(text.rstrip("\n").rpartition("\n")[0] + "\n")
    with pytest.raises(InputError, match="it has 1 row, its second line says"):
        read_numbers(tmp_path / name)


def test_every_column_that_is_left_out_is_said(tmp_path) -> None:
    (tmp_path / "t.tsv").write_text(
        _rows("gene | Length | Score | P1 | P2", "MX1 | 9 | 1 | 5.5 | 3", "B | 8 | 2 | 1 | 2")
    )
    table = read_numbers(tmp_path / "t.tsv")
    assert list(table.columns) == ["P1", "P2"]
    (said,) = table.findings
    assert said.examples == ("Length", "Score")
    assert list(read_numbers(tmp_path / "t.tsv", ViewOptions(format="none")).columns) == [
        "Length", "Score", "P1", "P2",
    ]  # fmt: skip


def test_a_format_is_not_looked_for_when_told_so(tmp_path) -> None:
    name, text, *_ = TABLES["LinkedOmics, .cct, .cbt and .tsi"]
    (tmp_path / name).write_text(text)
    assert not read_numbers(tmp_path / name, ViewOptions(format="none")).findings


def test_options_go_before_what_the_format_sets(tmp_path) -> None:
    name, text, *_ = TABLES["MaxQuant, proteinGroups.txt"]
    (tmp_path / name).write_text(text)
    options = {"feature_column": "Protein IDs", "sample_pattern": "Intensity (.+)", "zero_is_missing": False}
    samples, values = _matrix(tmp_path / name, **options, drop_features="Q3")
    assert (samples, values) == (["P1", "P2"], {"Q1": [9, 9]})


def test_a_table_of_another_format_is_refused_with_the_right_one(tmp_path) -> None:
    name, text, *_ = TABLES["DIA-NN, report.pg_matrix.tsv"]
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"it is no table of maxquant: it looks like diann.*set format: diann"):
        read_numbers(tmp_path / name, ViewOptions(format="maxquant"))
    with pytest.raises(ConfigError, match="use format='maxquant'"):
        ViewOptions(format="max_quant")


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
    (tmp_path / "long.tsv").write_text(_rows("who | what | level", "P1 | MX1 | 1", "P2 | MX1 | 2", "P2 | OAS1 | <0.5"))
    options = ViewOptions(long_samples="who", long_values="level", feature_column="what")
    with pytest.raises(InputError, match=r"1 cell in 1 of 2 columns contains no number.*<0\.5 .row OAS1, column P2"):
        read_numbers(tmp_path / "long.tsv", options)
    (tmp_path / "long.tsv").write_text(_rows("who | what | level", "P1 | MX1 | 1", "P1 | MX1 | 2"))
    with pytest.raises(InputError, match="1 value is given again, otherwise, for the same feature and sample"):
        read_numbers(tmp_path / "long.tsv", options)


def test_rows_that_are_no_features_leave_before_anything_is_computed(tmp_path, frame) -> None:
    counts = (frame() * 100).round().T
    counts.to_csv(tmp_path / "clean.tsv", sep="\t")
    names = ["N_unmapped", "N_noFeature", "__no_feature", "ERCC-00002", "?|123", "Total", "Unassigned_NoFeatures"]
    more = counts.iloc[: len(names)].set_axis(names) * 1000
    more._append(counts).to_csv(tmp_path / "more.tsv", sep="\t")
    clean, read = (as_cohort(read_cohort({"rna": tmp_path / file})) for file in ("clean.tsv", "more.tsv"))
    assert list(read.view("rna").features) == list(clean.view("rna").features)
    np.testing.assert_array_equal(read.view("rna").values, clean.view("rna").values)
    (said,) = [finding for finding in read.findings if finding.code == "no-features"]
    assert said.count == len(names)
    in_memory = as_cohort({"rna": more._append(counts).T})
    np.testing.assert_array_equal(in_memory.view("rna").values, clean.view("rna").values)


def test_the_file_of_presets_is_wholly_used() -> None:
    assert {preset.source for preset in presets()} == set(TABLES)
    assert yaml.safe_dump(list(format_names()))
    assert all(preset.feature_column for preset in presets())


def test_the_document_says_what_the_program_does() -> None:
    root = Path(pathfa.__file__).parents[1]
    spec = importlib.util.spec_from_file_location("update_formats", root / "tools" / "update_formats.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (root / "docs" / "formats.md").read_text(encoding="utf-8").endswith(tool.made())  # else: make formats


def test_a_workbook_needs_its_library_and_says_so(tmp_path, monkeypatch) -> None:
    with zipfile.ZipFile(tmp_path / "rna.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"needs openpyxl.*pip install 'pathfa\[excel\]'"):
        read_numbers(tmp_path / "rna.xlsx")


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


def test_other_lines_above_the_numbers(tmp_path) -> None:
    rows = [
        "Hybridization REF | P1 | P2",
        "gene_id | normalized_count | normalized_count",
        "MX1|4 | 1.5 | 2",
        "?|9 | 1 | 2",
    ]
    (tmp_path / "firehose.txt").write_text(_rows(*rows, "OAS1|5 | 3 | 4.25"))
    samples, values = _matrix(tmp_path / "firehose.txt", strip_suffix=r"\|.*")
    assert (samples, values) == (["P1", "P2"], {"MX1": [1.5, 2], "OAS1": [3, 4.25]})
    (tmp_path / "excel.csv").write_text("sep=;\ngene;P1;P2\nMX1;1,5;2\n;;\n")
    assert _matrix(tmp_path / "excel.csv") == (["P1", "P2"], {"MX1": [1.5, 2]})


def test_row_numbers_and_names_in_the_second_column(tmp_path) -> None:
    (tmp_path / "r.csv").write_text(',gene,P1,P2\n1,MX1,1.5,2\n2,OAS1,3,"4"\n')
    assert _matrix(tmp_path / "r.csv") == (["P1", "P2"], {"MX1": [1.5, 2], "OAS1": [3, 4]})


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


def test_patients_called_like_short_words_for_controls_are_kept(tmp_path) -> None:
    rows = [f"{name};SAMPLE;O1;Q1;MX1;INF;{at}.5" for at, name in enumerate(["PC1", "SC_2", "NEG3", "Plate control 1"])]
    (tmp_path / "npx.csv").write_text("SampleID;Sample_Type;OlinkID;UniProt;Assay;Panel;NPX\n" + "\n".join(rows) + "\n")
    assert list(read_numbers(tmp_path / "npx.csv").columns) == ["PC1", "SC_2", "NEG3"]


@pytest.mark.parametrize(
    "text", ["gene\tP1\tP2\nMX1\t 1.5\t2\n", "gene,P1,P2\nMX1,1.5 ,NA \n", " gene\tP1 \tP2\nMX1\t1.5\t2\n"]
)
def test_blanks_are_cut_and_said(text, tmp_path) -> None:
    (tmp_path / "t.txt").write_text(text)
    table = read_numbers(tmp_path / "t.txt")
    assert (list(table.columns), table.values[0, 0]) == (["P1", "P2"], 1.5)
    assert "blanks-cut" in [finding.code for finding in table.findings]


@pytest.mark.realdata
def test_no_symbol_of_a_gene_is_taken_for_anything_else(shared_data) -> None:
    symbols = read_sheet(shared_data / "idmap" / "hgnc_complete_set.txt.gz")["symbol"].dropna()
    assert [name for name in symbols if describes_features(name)] == ["CHR"]  # a phenotype without a gene
    assert not any(is_no_feature(symbols))
