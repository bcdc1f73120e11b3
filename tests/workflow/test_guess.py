import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import sparse
from scipy.io import mmwrite

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Severity
from pathfa.data import validate
from pathfa.data.gene_sets.gmt import write_gmt
from pathfa.data.io.settings import ViewOptions
from pathfa.workflow.config import parse_config
from pathfa.workflow.guess import guess_config
from pathfa.workflow.read import read_collection, read_source


def test_guesses_are_a_configuration_that_can_be_read(frame, gene_sets, tmp_path) -> None:
    counts = (frame(seed=1) * 20).round().abs().add_suffix("_rna")
    counts.T.to_csv(tmp_path / "counts.tsv", sep="\t")
    frame(seed=2).rename(index=lambda name: name + "x").T.to_csv(tmp_path / "weird: #.tsv", sep="\t")
    pd.DataFrame({"age": range(20), "arm": "a"}, index=frame().index).to_csv(tmp_path / "samples.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "my sets.v1.gmt")
    files = [tmp_path / name for name in ("counts.tsv", "weird: #.tsv", "samples.tsv", "my sets.v1.gmt")]
    text = guess_config(files, name="my cohort")
    values = yaml.safe_load(text)
    assert parse_config(values).cohorts["my_cohort"].samples.path == str(tmp_path / "samples.tsv")
    cohort = values["cohorts"]["my_cohort"]
    assert cohort["views"]["counts"] == {
        "path": str(tmp_path / "counts.tsv"),
        "kind": "counts",
        "id_type": "symbol",
        "strip_suffix": "_rna",
    }
    assert cohort["views"]["weird"]["kind"] == "log"
    assert cohort["samples"] == str(tmp_path / "samples.tsv")
    assert values["gene_sets"] == {"my_sets.v1": str(tmp_path / "my sets.v1.gmt")}
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


def test_a_table_that_the_gene_sets_turn_is_turned_in_the_configuration(frame, gene_sets, tmp_path) -> None:
    frame().to_csv(tmp_path / "rna.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")

    text = guess_config([tmp_path / "rna.tsv", tmp_path / "sets.gmt"])

    view = parse_config(yaml.safe_load(text)).cohorts["cohort"]
    assert read_source(view).shape == frame().shape
    assert "samples_in: rows  # GUESS" in text


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


def test_repeated_names_are_noticed_before_a_run(frame, gene_sets, tmp_path) -> None:
    table = frame().T
    pd.concat([table, table.iloc[:2] + 0.1]).to_csv(tmp_path / "rna.tsv", sep="\t")

    text = guess_config([tmp_path / "rna.tsv"])

    assert "duplicates: most_complete  # GUESS: 2 names occur more than once" in text
    view = parse_config(yaml.safe_load(text)).cohorts["cohort"]
    assert [item.code for item in validate(read_source(view), gene_sets) if item.severity is Severity.ERROR] == []


def test_commas_of_any_meaning_are_a_problem_of_values_and_no_sample_sheet(frame, tmp_path) -> None:
    (frame().T + 1.0).to_csv(tmp_path / "rna.tsv", sep="\t", decimal=",", float_format="%.3f")

    text = guess_config([tmp_path / "rna.tsv"])

    assert "# PROBLEM" in text
    assert "decimal points instead of commas" in text


def test_problems_of_a_file_stand_in_the_configuration(frame, tmp_path) -> None:
    frame(features=["2-Sep", "A", "B"]).T.to_csv(tmp_path / "rna.tsv", sep="\t")
    text = guess_config([tmp_path / "rna.tsv"])
    assert "# PROBLEM: view 'rna': 1 feature name" in text
    yaml.safe_load(text)


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


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("files", "shapes"),
    [
        (
            ["cptac_coad/transcriptomics.tsv.gz", "cptac_coad/proteomics_tumor.cct.gz", "cptac_coad/clinical.tsi.gz"],
            {"transcriptomics": (106, 13482), "proteomics_tumor": (97, 8067)},
        ),
        (
            [
                f"motrpac_rat_wat/{name}.tsv.gz"
                for name in (
                    "PHENO_WAT",
                    *(f"{view}_EXP{table}" for view in ("TRNSCRPT", "PROT") for table in ("_features", "", "_samples")),
                )
            ],
            {"TRNSCRPT_EXP": (48, 15920), "PROT_EXP": (60, 9433)},
        ),
        (
            [f"nci60_mcia/{name}.tsv.gz" for name in ("mrna", "miRNA", "prot", "metadata")],
            {"mrna": (21, 12895), "miRNA": (21, 537), "prot": (21, 6459)},
        ),
        (
            [f"citeseq_citefuse/{name}" for name in ("RNA.mtx.gz", "RNA_genes.txt", "RNA_cells.txt", "ADT.tsv.gz")],
            {"RNA": (500, 19521), "ADT": (500, 49)},
        ),
        (
            [f"tcga_acc_miniacc/{name}.tsv.gz" for name in ("RNASeq2GeneNorm", "RPPAArray", "colData")],
            {"RNASeq2GeneNorm": (79, 198), "RPPAArray": (46, 33)},
        ),
    ],
)
def test_the_guesses_about_real_cohorts_can_be_read_as_they_are(files, shapes, shared_data) -> None:
    organism = "msigdb2023.2_go_rat_symbols" if "motrpac" in files[0] else "h.all.v2024.1.Hs.symbols"
    paths = [shared_data / file for file in (*files, f"genesets/{organism}.gmt")]
    config = parse_config(yaml.safe_load(guess_config(paths)))
    mdata = read_source(config.cohorts["cohort"])
    assert {name: view.shape for name, view in mdata.mod.items()} == shapes
    sets = read_collection(next(iter(config.gene_sets.values())))
    assert [finding for finding in validate(mdata, sets) if finding.severity is Severity.ERROR] == []


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
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    (tmp_path / "more.json").write_text('{"A": ["MX1", "OAS1"]}')
    names = (
        "rna.tsv",
        "rna.gct",
        "proteinGroups.txt",
        "patients.csv",
        "more.csv",
        "names.txt",
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
    assert values["gene_sets"] == {"sets": str(files[6]), "more": str(files[7])}
    assert values["covariates"] == {"technical": ["batch"]}
    assert "# NOT USED" in text
    assert "# checks: [heldout" in text
    read = read_source(cohort, gene_sets.values())
    assert {name: view.shape for name, view in read.mod.items()} == dict.fromkeys(cohort.views, (20, 50))


@pytest.mark.parametrize(
    ("time", "event", "events"),
    [("OS_MONTHS", "OS_STATUS", ["1:DECEASED", "0:LIVING"]), ("days_to_death", "vital_status", ["Dead", "Alive"])],
)
def test_follow_up_is_recognised(time, event, events, frame, tmp_path) -> None:
    frame().T.to_csv(tmp_path / "rna.tsv", sep="\t")
    sheet = pd.DataFrame({time: range(1, 21), event: events * 10, "age": 50}, frame().index)
    sheet.to_csv(tmp_path / "patients.tsv", sep="\t")
    values = yaml.safe_load(guess_config([tmp_path / "rna.tsv", tmp_path / "patients.tsv"]))
    assert values["covariates"] == {"technical": [], "time": time, "event": event}
    only_dead = sheet.assign(**{time: [5, None] * 10})
    only_dead.to_csv(tmp_path / "patients.tsv", sep="\t")
    text = guess_config([tmp_path / "rna.tsv", tmp_path / "patients.tsv"])
    assert yaml.safe_load(text)["covariates"] == {"technical": []}
    assert f"where {time} is known {event} is always the same" in text
    sheet[event] = [1, 2] * 10
    sheet.to_csv(tmp_path / "patients.tsv", sep="\t")
    text = guess_config([tmp_path / "rna.tsv", tmp_path / "patients.tsv"])
    assert yaml.safe_load(text)["covariates"] == {"technical": []}
    assert "the values 1 and 2, as R codes censored and dead" in text


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


def test_affixes_of_samples_and_sites_behind_genes_are_proposed(frame, gene_sets, tmp_path) -> None:
    rna, sites = frame(seed=1).add_suffix("").rename(index="{}_RNA".format), frame(seed=2)
    rna.T.to_csv(tmp_path / "rna.tsv", sep="\t")
    sites.columns = [f"{name}_S{10 + at}" for at, name in enumerate(sites)]
    sites.rename(index="{}_prot".format).T.to_csv(tmp_path / "phospho.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    text = guess_config([tmp_path / name for name in ("rna.tsv", "phospho.tsv", "sets.gmt")])
    read = read_source(parse_config(yaml.safe_load(text)).cohorts["cohort"])
    assert read.shape[0] == 20
    assert list(read["phospho"].obs_names) == list(read["rna"].obs_names) == list(frame().index)
    assert list(read["phospho"].var_names) == list(frame().columns)


def test_what_takes_long_is_said(tmp_path) -> None:
    values = np.random.default_rng(0).normal(8, 1, (4000, 1300)).round(1)
    table = pd.DataFrame(values, [f"G{i}" for i in range(4000)], [f"S{i}" for i in range(1300)])
    table.to_parquet(tmp_path / "rna.parquet")
    (tmp_path / "sets.gmt").write_text("".join(f"A{i}\tx\tG{i}\tG{i + 1}\n" for i in range(3500)))
    text = guess_config([tmp_path / "rna.parquet", tmp_path / "sets.gmt"])
    assert yaml.safe_load(text)["cohorts"]["cohort"]["views"]["rna"]["max_features"] == 3000
    assert "# 3,500 gene sets: a fit takes long; {path: ..., min_size: 15" in text


def test_an_h5ad_file_is_looked_into_as_a_table_is(frame, gene_sets, tmp_path) -> None:
    adata = ad.AnnData(frame(), layers={"raw": frame().to_numpy()})
    adata.write_h5ad(tmp_path / "rna.h5ad")
    frame(seed=1).rename(index="{}_prot".format).T.to_csv(tmp_path / "protein.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    text = guess_config([tmp_path / name for name in ("rna.h5ad", "protein.tsv", "sets.gmt")])
    assert "# layer: NAME  # its layers: raw" in text
    cohort = parse_config(yaml.safe_load(text)).cohorts["cohort"]
    assert cohort.views["rna"].options == {"kind": "log", "id_type": "symbol"}
    assert read_source(cohort).shape[0] == 20
