"""What is guessed about the views, covariates and follow-up of a cohort."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml

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


def test_repeated_names_are_noticed_before_a_run(frame, gene_sets, tmp_path) -> None:
    table = frame().T
    pd.concat([table, table.iloc[:2] + 0.1]).to_csv(tmp_path / "rna.tsv", sep="\t")

    text = guess_config([tmp_path / "rna.tsv"])

    assert "duplicates: most_complete  # GUESS: 2 names occur more than once" in text
    view = parse_config(yaml.safe_load(text)).cohorts["cohort"]
    assert [item.code for item in validate(read_source(view), gene_sets) if item.severity is Severity.ERROR] == []


def test_problems_of_a_file_stand_in_the_configuration(frame, tmp_path) -> None:
    frame(features=["2-Sep", "A", "B"]).T.to_csv(tmp_path / "rna.tsv", sep="\t")
    text = guess_config([tmp_path / "rna.tsv"])
    assert "# PROBLEM: view 'rna': 1 feature name" in text
    yaml.safe_load(text)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("files", "shapes"),
    [
        (
            ["cptac_coad/transcriptomics.tsv.gz", "cptac_coad/proteomics_tumor.cct.gz", "cptac_coad/clinical.tsi.gz"],
            {"transcriptomics": (106, 13482), "proteomics_tumor": (97, 8067)},
        ),
        pytest.param(
            [
                f"motrpac_rat_wat/{name}.tsv.gz"
                for name in (
                    "PHENO_WAT",
                    *(f"{view}_EXP{table}" for view in ("TRNSCRPT", "PROT") for table in ("_features", "", "_samples")),
                )
            ],
            {"TRNSCRPT_EXP": (48, 15920), "PROT_EXP": (60, 9433)},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [f"nci60_mcia/{name}.tsv.gz" for name in ("mrna", "miRNA", "prot", "metadata")],
            {"mrna": (21, 12895), "miRNA": (21, 537), "prot": (21, 6459)},
            marks=pytest.mark.slow,
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


@pytest.mark.parametrize("container", ["tsv", "h5ad"])
def test_names_of_genes_in_another_column_are_taken(container, frame, gene_sets, tmp_path) -> None:
    genes, ids = list(frame().columns), [f"ENSG{at:011}" for at in range(frame().shape[1])]
    path = tmp_path / f"rna.{container}"
    if container == "h5ad":
        adata = ad.AnnData(frame(features=ids))
        adata.var["gene_name"] = genes
        adata.write_h5ad(path)
    else:
        table = frame(features=ids).T
        table.insert(0, "gene_name", genes)
        table.to_csv(path, sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    text = guess_config([path, tmp_path / "sets.gmt"])
    read = read_source(parse_config(yaml.safe_load(text)).cohorts["cohort"])
    assert list(read["rna"].var_names) == genes


@pytest.mark.parametrize(("names", "let_through"), [("ENSG{:011d}", False), ("anti body {}", True)])
def test_only_a_view_that_is_not_of_genes_passes_the_gate_without_gene_sets(
    names, let_through, frame, gene_sets, tmp_path
) -> None:
    frame().T.to_csv(tmp_path / "rna.tsv", sep="\t")
    frame(features=[names.format(i) for i in range(30)]).T.to_csv(tmp_path / "protein.tsv", sep="\t")
    write_gmt(gene_sets, tmp_path / "sets.gmt")
    text = guess_config([tmp_path / name for name in ("rna.tsv", "protein.tsv", "sets.gmt")])
    assert ("min_features: 0" in text) is let_through
