"""What each of the files of a cohort is, in the configuration that is guessed."""

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import sparse
from scipy.io import mmwrite

from pathfa.cli import main
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Severity
from pathfa.data import validate
from pathfa.data.gene_sets.gmt import write_gmt
from pathfa.workflow.config import parse_config
from pathfa.workflow.guess import guess_config
from pathfa.workflow.read import read_source
from pathfa.workflow.stages import STAGE, Job, Plan


def test_a_table_of_numbers_that_describes_the_samples_is_no_view(frame, gene_sets, tmp_path) -> None:
    frame().T.to_csv(tmp_path / "rna.tsv", sep="\t")
    frame(seed=2).to_csv(tmp_path / "protein.tsv", sep="\t")  # samples in rows, but of genes
    pd.DataFrame({"age": range(20), "stage": 1}, frame().index).to_csv(tmp_path / "patients.csv")
    write_gmt(gene_sets, tmp_path / "sets.gmt")

    files = [tmp_path / name for name in ("patients.csv", "rna.tsv", "protein.tsv", "sets.gmt")]
    cohort = yaml.safe_load(guess_config(files))["cohorts"]["cohort"]

    assert list(cohort["views"]) == ["rna", "protein"]
    assert cohort["covariates"] == cohort["samples"] == str(tmp_path / "patients.csv")


def test_another_table_of_the_same_genes_is_a_view_whoever_its_samples_are(frame, gene_sets, tmp_path) -> None:
    frame().T.to_csv(tmp_path / "tumour.tsv", sep="\t")
    frame(15, samples=[f"N{i}" for i in range(15)]).T.to_csv(tmp_path / "normal.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    text = guess_config([tmp_path / name for name in ("tumour.tsv", "normal.tsv", "sets.gmt")])
    assert list(yaml.safe_load(text)["cohorts"]["cohort"]["views"]) == ["tumour", "normal"]


def test_commas_of_any_meaning_are_a_problem_of_values_and_no_sample_sheet(frame, tmp_path) -> None:
    (frame().T + 1.0).to_csv(tmp_path / "rna.tsv", sep="\t", decimal=",", float_format="%.3f")

    text = guess_config([tmp_path / "rna.tsv"])

    assert "# PROBLEM" in text
    assert "decimal points instead of commas" in text


def test_only_gene_sets_are_no_cohort(gene_sets, tmp_path) -> None:
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    with pytest.raises(ConfigError, match="none of the files contains values"):
        guess_config([tmp_path / "sets.gmt"])


def test_tables_that_translate_features_and_join_samples_are_found(frame, gene_sets, tmp_path) -> None:
    table = frame()
    genes, subjects = list(table.columns), list(table.index)
    ids, vials = [f"ENSG{i:011}.2" for i in range(len(genes))], [f"900{i}" for i in range(len(subjects))]
    table.set_axis(ids, axis=1).set_axis(vials).T.to_csv(tmp_path / "rna.tsv", sep="\t")
    table = pd.DataFrame({"row": range(len(ids)), "ensembl": ids, "gene": genes})
    table.to_csv(tmp_path / "f.tsv", sep="\t", index=False)
    pd.DataFrame({"subject": subjects, "plate": "p1"}, index=vials).to_csv(tmp_path / "vials.tsv", sep="\t")
    pd.DataFrame({"arm": "a"}, index=subjects).to_csv(tmp_path / "subjects.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    names = ("f.tsv", "vials.tsv", "rna.tsv", "subjects.tsv", "sets.gmt")
    text = guess_config([tmp_path / name for name in names])
    cohort = parse_config(yaml.safe_load(text)).cohorts["cohort"]
    options = cohort.views["rna"].options
    assert {key: options[key] for key in ("id_table", "id_key", "id_column")} == {
        "id_table": str(tmp_path / "f.tsv"),
        "id_key": "ensembl",
        "id_column": "gene",
    }
    assert (options["sample_table"], options["sample_column"]) == (str(tmp_path / "vials.tsv"), "subject")
    assert cohort.samples.path == str(tmp_path / "subjects.tsv")
    read = read_source(cohort)
    assert list(read["rna"].var_names) == genes
    assert list(read.obs_names) == subjects


def test_lists_of_names_belong_to_a_bare_mtx_file(tmp_path) -> None:
    counts = sparse.coo_matrix(np.random.default_rng(0).poisson(2.0, (7, 5)))
    mmwrite(tmp_path / "rna.mtx", counts)
    (tmp_path / "genes.txt").write_text("".join(f"G{i}\n" for i in range(7)))
    (tmp_path / "cells.txt").write_text("".join(f"C{i}\n" for i in range(5)))
    text = guess_config([tmp_path / name for name in ("rna.mtx", "cells.txt", "genes.txt")])
    options = yaml.safe_load(text)["cohorts"]["cohort"]["views"]["rna"]
    assert options["features_file"] == str(tmp_path / "genes.txt")
    assert options["samples_file"] == str(tmp_path / "cells.txt")


def _every_file_is_named(text, files) -> bool:
    return all(str(path) in text for path in files)


def test_every_file_is_in_the_configuration_or_in_a_line_that_says_why_not(frame, gene_sets, tmp_path) -> None:
    table = frame().T
    table.to_csv(tmp_path / "rna.tsv", sep="\t")
    head = "#1.2\n50\t20\nName\tDescription\t" + "\t".join(table.columns) + "\n"
    rows = [
        f"{gene}\tna\t" + "\t".join(map(str, row)) + "\n"
        for gene, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    (tmp_path / "rna.gct").write_text(head + "".join(rows))
    groups = table.add_prefix("LFQ intensity ").reset_index(names="Gene names")
    groups.insert(0, "Majority protein IDs", [f"Q{i}" for i in range(len(groups))])
    groups.to_csv(tmp_path / "proteinGroups.txt", sep="\t", index=False)
    for name in ("patients", "more"):
        pd.DataFrame({"arm": "a", "batch": list("xy") * 10}, table.columns).to_csv(tmp_path / f"{name}.csv")
    (tmp_path / "names.txt").write_text("a\nb\nc\n")
    about = "Values of the study, its 20 samples, and, as it were, 50 genes\nread, on\nMonday; as they were.\n\nAsk.\n"
    (tmp_path / "README.txt").write_text(about)
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    (tmp_path / "more.json").write_text('{"A": ["MX1", "OAS1"]}')
    names = (
        "rna.tsv",
        "rna.gct",
        "proteinGroups.txt",
        "patients.csv",
        "more.csv",
        "names.txt",
        "README.txt",
        "sets.gmt",
        "more.json",
    )
    files = [tmp_path / name for name in names]
    text = guess_config(files)
    assert _every_file_is_named(text, files)
    values = yaml.safe_load(text)
    cohort = parse_config(values).cohorts["cohort"]
    assert list(cohort.views) == ["rna", "rna_2", "proteinGroups"]
    assert cohort.views["rna_2"].options["format"] == "gct"
    assert cohort.views["proteinGroups"].options["format"] == "maxquant"
    assert "kind" not in cohort.views["proteinGroups"].options
    assert values["gene_sets"] == {"sets": str(files[7]), "more": str(files[8])}
    assert values["covariates"] == {"technical": ["batch"]}
    assert "# NOT USED" in text
    assert "# checks: [heldout" in text
    read = read_source(cohort, gene_sets.values())
    assert {name: view.shape for name, view in read.mod.items()} == dict.fromkeys(cohort.views, (20, 50))


def test_what_is_known_of_the_files_is_not_guessed(frame, gene_sets, tmp_path) -> None:
    frame().T.to_csv(tmp_path / "rna.tsv", sep="\t")
    frame().add_suffix("_x").T.to_csv(tmp_path / "patients.tsv", sep="\t")
    pd.DataFrame({"age": range(20)}, frame().index).to_csv(tmp_path / "values.tsv", sep="\t")
    views = {"a": {"path": str(tmp_path / "patients.tsv"), "kind": "ratio"}}
    text = guess_config(
        [tmp_path / "rna.tsv"], views=views, samples=tmp_path / "values.tsv", gene_sets=["msigdb:h.all"]
    )
    values = yaml.safe_load(text)
    cohort = values["cohorts"]["cohort"]
    assert list(cohort["views"]) == ["a", "rna"]
    assert cohort["views"]["a"] | {"path": ""} == {
        "path": "",
        "kind": "ratio",
        "strip_suffix": "_x",
        "id_type": "symbol",
    }
    assert cohort["samples"] == str(tmp_path / "values.tsv")
    assert values["gene_sets"] == {"msigdb_h.all": "msigdb:h.all"}


def test_files_of_one_sample_each_become_a_view_named_by_a_pattern(frame, gene_sets, tmp_path) -> None:
    counts = (frame() * 100).round().abs().astype(int)
    for at, (sample, row) in enumerate(counts.iterrows()):
        (tmp_path / "star" / f"run{at}").mkdir(parents=True)
        lines = ["N_unmapped\t9\t9\t9", *(f"{gene}\t{n}\t{n}\t0" for gene, n in row.items())]
        (tmp_path / "star" / f"run{at}" / f"{sample}_ReadsPerGene.out.tab").write_text("\n".join(lines) + "\n")
    frame(seed=2).T.to_csv(tmp_path / "protein.tsv", sep="\t")
    pd.DataFrame({"age": range(20)}, counts.index).to_csv(tmp_path / "patients.csv")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    others = [tmp_path / name for name in ("protein.tsv", "patients.csv", "sets.gmt")]
    for given in ([tmp_path / "star"], sorted(tmp_path.glob("star/*/*.tab"))):
        text = guess_config([*given, *others])
        cohort = parse_config(yaml.safe_load(text)).cohorts["cohort"]
        assert list(cohort.views) == ["star", "protein"]
        assert "# 20 files were joined to 20 samples" in text
        assert cohort.views["star"].options["format"] == "star"
        read = read_source(cohort)
        assert sorted(read["star"].obs_names) == sorted(read["protein"].obs_names) == sorted(counts.index)
        values = read["star"].to_df().loc[counts.index, counts.columns]
        pd.testing.assert_frame_equal(
            values, counts.astype(float), check_names=False, check_index_type=False, check_column_type=False
        )
    job = Job(STAGE["ingest"], Plan(parse_config(yaml.safe_load(text))), "cohort")
    assert len([path for path in job.inputs if path.endswith(".tab")]) == 20


def test_a_view_whose_samples_are_in_no_other_is_set_aside_unless_it_is_named(
    frame, gene_sets, tmp_path, capsys
) -> None:
    for name, samples in (("rna", None), ("protein", None), ("normal", [f"N{i}" for i in range(20)])):
        frame(samples=samples, seed=len(name)).T.to_csv(tmp_path / f"{name}.tsv", sep="\t")
    frame(seed=9).rename(index="{}_met".format).T.to_csv(tmp_path / "metabolites.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    files = sorted(tmp_path.iterdir())
    text = guess_config(files)
    cohort = parse_config(yaml.safe_load(text)).cohorts["cohort"]
    assert list(cohort.views) == ["metabolites", "protein", "rna"]
    unused = f"NOT USED: {tmp_path / 'normal.tsv'}: none of its samples is in another view"
    assert f"# {unused}" in text
    assert main(["init", str(tmp_path / "config.yaml"), *map(str, files)]) == 0
    assert capsys.readouterr().out.startswith(unused)
    assert [finding for finding in validate(read_source(cohort), gene_sets) if finding.severity is Severity.ERROR] == []
    named = yaml.safe_load(guess_config(files, views={"normal": {"path": str(tmp_path / "normal.tsv")}}))
    assert "normal" in named["cohorts"]["cohort"]["views"]
