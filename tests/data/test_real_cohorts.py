"""The real cohorts are read from their raw files with one mapping of options each."""

from pathlib import Path

import anndata as ad
import numpy as np
import pytest

from pathfa.data import as_cohort, read_cohort, read_gmt, validate
from pathfa.errors import Finding, Severity

pytestmark = pytest.mark.realdata
HALLMARK = "genesets/h.all.v2024.1.Hs.symbols.gmt"


def _findings(mdata, gene_sets) -> dict[str, Finding]:
    found = {f"{finding.code}:{finding.view}": finding for finding in validate(mdata, gene_sets)}
    assert not [finding for finding in found.values() if finding.severity is Severity.ERROR]
    return found


def test_colon_cancer_with_text_covariates(shared_data: Path) -> None:
    folder, sets = shared_data / "cptac_coad", read_gmt(shared_data / HALLMARK)
    mdata = read_cohort(
        {"rna": folder / "transcriptomics.tsv.gz", "protein": folder / "proteomics_tumor.cct.gz"},
        samples=folder / "clinical.tsi.gz",
        gene_sets=sets,
    )
    cohort = as_cohort(mdata)
    assert cohort.presence.sum().tolist() == [106, 97]
    assert int(cohort.presence.all(axis=1).sum()) == 96
    assert [len(view.features) for view in cohort.views] == [13482, 8067]
    assert cohort.obs.loc["01CO001", "Gender"] == "Male"
    assert cohort.obs.loc["05CO002", "Age"] != cohort.obs.loc["05CO002", "Age"]
    assert cohort.obs["Age"].dtype == np.float64
    assert cohort.view("protein").values[cohort.samples.get_loc("01CO005"), 0] == -1.1
    assert "partial-samples:" in _findings(mdata, sets)
    assert len(cohort.inputs) == 3


def test_rat_adipose_tissue_joined_by_animal(shared_data: Path) -> None:
    folder = shared_data / "motrpac_rat_wat"
    options = {
        view: {
            "path": str(folder / f"{name}.tsv.gz"),
            "id_table": str(folder / f"{name}_features.tsv.gz"),
            "id_key": "feature_ID",
            "id_column": "gene_symbol",
            "duplicates": duplicates,
            "sample_table": str(folder / f"{name}_samples.tsv.gz"),
            "sample_column": "pid",
        }
        for view, name, duplicates in (("rna", "TRNSCRPT_EXP", "sum"), ("protein", "PROT_EXP", "most_complete"))
    }
    sets = read_gmt(shared_data / "genesets/msigdb2023.2_go_rat_symbols.gmt")
    mdata = read_cohort(options=options, samples=folder / "PHENO_WAT.tsv.gz", gene_sets=sets)
    cohort = as_cohort(mdata)
    assert cohort.presence.sum().tolist() == [48, 60]
    assert int(cohort.presence.all(axis=1).sum()) == 48
    found = _findings(mdata, sets)
    assert "13 lost" in found["ids-mapped:rna"].found
    assert "ensembl (100%)" in found["ids-mapped:rna"].found
    assert "refseq (100%)" in found["ids-mapped:protein"].found
    assert cohort.view("rna").features.is_unique


def test_nci60_with_samples_in_rows_and_zeros_as_missing(shared_data: Path) -> None:
    folder, sets = shared_data / "nci60_mcia", read_gmt(shared_data / HALLMARK)
    options = {
        "mrna": {"path": str(folder / "mrna.tsv.gz"), "strip_suffix": r"_\d+_mrna"},
        "mirna": {"path": str(folder / "miRNA.tsv.gz"), "strip_suffix": "_miRNA", "id_type": "other"},
        "protein": {
            "path": str(folder / "prot.tsv.gz"),
            "strip_suffix": r"_\d+_prot",
            "zero_is_missing": True,
            "duplicates": "most_complete",
        },
    }
    mdata = read_cohort(options=options, samples=folder / "metadata.tsv.gz", gene_sets=sets)
    cohort = as_cohort(mdata)
    assert len(cohort.samples) == 21
    assert {"samples-in-rows:mrna", "unnamed-features:protein", "duplicates-merged:protein"} <= set(
        _findings(mdata, sets)
    )
    protein = cohort.view("protein")
    assert not (protein.values == 0).any()
    assert "NA" not in protein.features
    assert "STAU1" in protein.features


def test_cite_seq_stays_sparse(shared_data: Path) -> None:
    folder = shared_data / "citeseq_citefuse"
    options = {
        "rna": {
            "path": str(folder / "RNA.mtx.gz"),
            "features_file": str(folder / "RNA_genes.txt"),
            "samples_file": str(folder / "RNA_cells.txt"),
            "strip_prefix": "hg19_",
        },
        "adt": {"path": str(folder / "ADT.tsv.gz"), "id_type": "other"},
    }
    sets = read_gmt(shared_data / HALLMARK)
    mdata = read_cohort(options=options, gene_sets=sets)
    assert isinstance(mdata["rna"], ad.AnnData)
    cohort = as_cohort(mdata)
    assert not isinstance(cohort.view("rna").values, np.ndarray)
    assert cohort.view("rna").values.nnz == 663563
    assert cohort.presence.all(axis=None)
    _findings(mdata, sets)


def test_adrenocortical_carcinoma_joined_by_patient(shared_data: Path) -> None:
    folder, sets = shared_data / "tcga_acc_miniacc", read_gmt(shared_data / HALLMARK)
    options = {"rna": {"sample_rule": "tcga_patient"}, "rppa": {"sample_rule": "tcga_patient"}}
    source = {"rna": folder / "RNASeq2GeneNorm.tsv.gz", "rppa": folder / "RPPAArray.tsv.gz"}
    mdata = read_cohort(source, options=options, samples=folder / "colData.tsv.gz", gene_sets=sets)
    cohort = as_cohort(mdata)
    assert cohort.presence.sum().tolist() == [79, 46]
    assert int(cohort.presence.all(axis=1).sum()) == 46
    assert cohort.obs.loc["TCGA-OR-A5J1", "days_to_death"] == 1355
    _findings(mdata, sets)
