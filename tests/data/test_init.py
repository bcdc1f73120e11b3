import pandas as pd
import pytest
import yaml

from pathfa.data.gmt import write_gmt
from pathfa.data.init import guess_config
from pathfa.data.settings import ViewOptions
from pathfa.errors import ConfigError


def test_guesses_are_a_configuration_that_can_be_read(frame, gene_sets, tmp_path) -> None:
    counts = (frame(seed=1) * 20).round().abs().add_suffix("_rna")
    counts.T.to_csv(tmp_path / "counts.tsv", sep="\t")
    frame(seed=2).rename(index=lambda name: name + "x").T.to_csv(tmp_path / "weird: #.tsv", sep="\t")
    pd.DataFrame({"age": range(20), "arm": "a"}, index=frame().index).to_csv(tmp_path / "samples.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    files = [tmp_path / name for name in ("counts.tsv", "weird: #.tsv", "samples.tsv", "sets.gmt")]
    text = guess_config(files, name="my cohort")
    values = yaml.safe_load(text)
    cohort = values["cohorts"]["my cohort"]
    assert cohort["views"]["counts"] == {
        "path": str(tmp_path / "counts.tsv"),
        "kind": "counts",
        "id_type": "symbol",
        "strip_suffix": "_rna",
    }
    assert cohort["views"]["weird___"]["kind"] == "log"
    assert cohort["samples"] == str(tmp_path / "samples.tsv")
    assert values["gene_sets"] == {"sets": str(tmp_path / "sets.gmt")}
    assert "# GUESS: whole numbers from " in text
    for view in cohort["views"].values():
        ViewOptions.from_mapping(view)


def test_samples_in_rows_and_zeros_are_noticed(frame, tmp_path) -> None:
    table = frame().clip(lower=4)
    table.iloc[::2, ::2] = 0
    table.to_csv(tmp_path / "protein.tsv", sep="\t")
    pd.DataFrame({"age": range(20)}, index=table.index).to_csv(tmp_path / "samples.tsv", sep="\t")
    text = guess_config([tmp_path / "protein.tsv", tmp_path / "samples.tsv"])
    assert "samples_in: rows  # GUESS" in text
    assert "# zero_is_missing: true  # 25% exact zeros" in text


def test_problems_of_a_file_stand_in_the_configuration(frame, tmp_path) -> None:
    frame(features=["2-Sep", "A", "B"]).T.to_csv(tmp_path / "rna.tsv", sep="\t")
    text = guess_config([tmp_path / "rna.tsv"])
    assert "# PROBLEM: view 'rna': 1 feature names are dates" in text
    yaml.safe_load(text)


def test_only_gene_sets_are_no_cohort(gene_sets, tmp_path) -> None:
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    with pytest.raises(ConfigError, match="none of the files holds values"):
        guess_config([tmp_path / "sets.gmt"])
