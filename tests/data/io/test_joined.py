"""Several tables as one view: one file per sample, in a folder or by a pattern."""

import numpy as np
import pandas as pd
import pytest
from finding_checks import only
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program_tables import TABLES, rows

from pathfa.core.errors import InputError
from pathfa.data import as_cohort, read_cohort
from pathfa.data.io.presets import presets
from pathfa.data.io.text_files import sha256_of

ONE_PER_FILE = [preset for preset in presets() if preset.sample_file]
FILES = {
    "GDC, *.rna_seq.augmented_star_gene_counts.tsv": "{0}-{1}/{1}.rna_seq.augmented_star_gene_counts.tsv",
    "STAR, ReadsPerGene.out.tab": "{1}ReadsPerGene.out.tab",
    "RSEM, *.genes.results": "rsem/{1}.genes.results",
    "salmon, quant.sf and quant.genes.sf": "{1}/quant.sf",
    "kallisto, abundance.tsv": "{1}/abundance.tsv",
    "StringTie, gene_abund.tab (option -A)": "{1}/{1}.gene_abund.tab",
}


SAMPLES = st.from_regex(r"[A-Za-z0-9]{1,4}([._-]\d{1,3})?", fullmatch=True)


def _view(path, **options):
    data = as_cohort(read_cohort({"v": path}, options={"v": options}))
    return data, pd.DataFrame(data.view("v").values, data.samples, data.view("v").features)


@pytest.mark.parametrize("preset", ONE_PER_FILE, ids=lambda preset: preset.source)
def test_the_files_of_a_program_in_its_folders_are_one_table(preset, tmp_path) -> None:
    _, text, _, values = TABLES[preset.source]
    samples = ["P1", "P2", "TCGA-A6-01"]
    for sample in samples:
        file = tmp_path / "data" / FILES[preset.source].format("uuid", sample)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "data" / "MANIFEST.txt").write_text("id\tname\n1\tx\n")
    data, read = _view(tmp_path / "data")
    assert [name.removesuffix(".rna_seq.augmented_star_gene_counts.tsv") for name in read.index] == samples
    np.testing.assert_array_equal(read, [[each for (each,) in values.values()]] * 3)
    assert list(read.columns) == list(values)
    assert only(data.findings, "other-files").examples == ("MANIFEST.txt",)
    assert only(data.findings, "files-joined").found.startswith("3 files were joined to 3 samples")
    assert "and 2 other files" in only(data.findings, "format").place


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(SAMPLES, min_size=2, max_size=6, unique=True),
    end=st.sampled_from([".txt", ".counts.tsv", "_counts.txt.tsv", ".htseq.out"]),
    header=st.booleans(),
    lacks=st.booleans(),
)  # fmt: skip
def test_files_of_no_known_name_are_called_by_what_differs(names, end, header, lacks, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("counts")
    table = pd.DataFrame(np.random.default_rng(0).integers(1, 99, (6, len(names))), [f"G{i}" for i in range(6)], names)
    for at, name in enumerate(names):
        column = table[name].iloc[1:] if lacks and at == 0 else table[name]
        column.rename("count").to_csv(folder / f"{name}{end}", sep="\t", header=header)
    data, read = _view(folder / f"*{end}")
    expected = table.astype(float)
    if lacks:
        expected.loc["G0", names[0]] = np.nan
        assert only(data.findings, "partial-files").found.startswith("1 of 6 rows is not in every file")
    pd.testing.assert_frame_equal(
        read.T.loc[table.index, names], expected, check_names=False, check_index_type=False, check_column_type=False
    )


def test_the_names_of_the_files_are_taken_apart_by_sample_pattern(tmp_path) -> None:
    for name in ("GSM1_P1_tumour", "GSM2_P2_tumour", "GSM3_control_x"):
        (tmp_path / f"{name}.txt").write_text(rows("gene | n", "MX1 | 5", "MX1 | 7", "OAS1 | 3"))
    _, read = _view(tmp_path / "*.txt", sample_pattern=r"GSM\d+_(P\d+)_.*")
    assert read.to_dict() == {"MX1": {"P1": 12.0, "P2": 12.0}, "OAS1": {"P1": 3.0, "P2": 3.0}}
    with pytest.raises(InputError, match="no file matches sample_pattern 'x'"):
        _view(tmp_path / "*.txt", sample_pattern="x")
    with pytest.raises(InputError, match="1 sample is named by more than one file"):
        _view(tmp_path / "*.txt", sample_pattern=r"(GSM).*")


def test_files_with_several_samples_keep_their_names(tmp_path) -> None:
    (tmp_path / "batch1.tsv").write_text(rows("gene | P1 | P2", "MX1 | 5.5 | 7", "OAS1 | 3 | 1"))
    (tmp_path / "batch2.tsv").write_text(rows("gene | P3 | x", "OAS1 | 4 | 1", "MX1 | 6 | 1"))
    _, read = _view(tmp_path, sample_pattern=r"P\d")
    assert read["MX1"].to_dict() == {"P1": 5.5, "P2": 7.0, "P3": 6.0}
    (tmp_path / "batch3.tsv").write_text(rows("gene | P3 | y", "OAS1 | 4 | 1", "MX1 | 6 | 1"))
    with pytest.raises(InputError, match="1 column has the same name in several files"):
        _view(tmp_path, sample_pattern=r"P\d")


def test_a_pattern_has_the_checksum_of_its_files(tmp_path) -> None:
    for name in ("a.tsv", "b.tsv", "c.txt"):
        (tmp_path / name).write_text(name)
    before = sha256_of(tmp_path / "*.tsv")
    (tmp_path / "c.txt").write_text("other")
    assert sha256_of(tmp_path / "*.tsv") == before != sha256_of(tmp_path)
    (tmp_path / "b.tsv").write_text("other")
    assert sha256_of(tmp_path / "*.tsv") != before
    with pytest.raises(InputError, match="there is no such file"):
        _view(tmp_path / "*.xyz")
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="no file is there"):
        _view(tmp_path / "none")
