"""Benchmarks as they are run from a shell, each once, with a cohort small enough for a test."""

import io
import runpy
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView

EXPECTED = ("INTERFERON_GAMMA_RESPONSE", "EPITHELIAL_MESENCHYMAL_TRANSITION", "ALLOGRAFT_REJECTION", "E2F_TARGETS")
SETS = (*EXPECTED, *(f"SET_{number}" for number in range(8)))
COLLECTIONS = ("h.all.v2024.1.Hs", "c2.cp.reactome.v7.5.1", "msigdb2023.2_go_human")
N_SAMPLES, N_GENES, N_FACTORS = 48, 120, 3


class Ended(NamedTuple):
    """What a script printed, the status it ended with, and the folder it ran in."""

    printed: str
    status: int
    folder: Path


@pytest.fixture(scope="session")
def scripts() -> Path:
    """Return the folder of the benchmarks."""
    return Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="session")
def ended(tmp_path_factory: pytest.TempPathFactory, scripts: Path) -> Callable[[str, str], Ended]:
    """Return what runs a benchmark with some options, once with the same, in a folder of its own."""

    @cache
    def run(script: str, options: str) -> Ended:
        folder, printed = tmp_path_factory.mktemp(script), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
            patch.chdir(folder)
            patch.syspath_prepend(scripts)
            patch.setattr(sys, "argv", [script, *options.split()])
            try:
                runpy.run_path(str(scripts / f"{script}.py"), run_name="__main__")
            except SystemExit as left:
                return Ended(printed.getvalue(), left.code or 0, folder)
        return Ended(printed.getvalue(), 0, folder)

    return run


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder laid out as that of the real cohorts, with tumours that are drawn from the model."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    genes = [f"GENE{number}" for number in range(N_GENES)]
    sets = {f"HALLMARK_{name}": list(rng.choice(genes, 30, replace=False)) for name in SETS}
    views = {"rna": SimulatedView(), "protein": SimulatedView(n_features=100, missing=0.05)}
    drawn = pf.simulate(N_SAMPLES, 0, views=views, gene_sets=sets, factors=N_FACTORS, covariates=())
    _write_tumours(folder / "cptac_coad", drawn.mdata, rng)
    _write_masks(folder / "paper_synthetic", sets)
    (folder / "genesets").mkdir()
    lines = ["\t".join([name, "", *members]) for name, members in sets.items()]
    for collection in COLLECTIONS:
        (folder / "genesets" / f"{collection}.symbols.gmt").write_text("\n".join(lines) + "\n")
    _write_configuration(folder)
    return folder


def _write_tumours(folder: Path, mdata, rng: np.random.Generator) -> None:
    folder.mkdir()
    for view, name in (("rna", "transcriptomics.tsv.gz"), ("protein", "proteomics_tumor.cct.gz")):
        mdata[view].to_df().T.round(4).to_csv(folder / name, sep="\t", index_label="attrib_name")
    clinical = {
        "Mutation_Phenotype": rng.permutation(["MSS", "MSS", "MSI-H"] * (N_SAMPLES // 3)),
        "Transcriptomic_subtype": rng.permutation(["CMS1", "CMS2", "CMS3", "CMS4"] * (N_SAMPLES // 4)),
        "TumorPurity": rng.uniform(size=N_SAMPLES).round(4),
        "StromalScore": rng.normal(size=N_SAMPLES).round(4),
        "ImmuneScore": rng.normal(size=N_SAMPLES).round(4),
    }
    table = pd.DataFrame(clinical, index=mdata.obs_names)
    table.T.to_csv(folder / "clinical.tsi.gz", sep="\t", index_label="attrib_name")


def _write_masks(folder: Path, sets: dict[str, list[str]]) -> None:
    folder.mkdir()
    for view, share in (("rna", 1.0), ("prot", 0.5)):
        genes = sorted({gene for members in sets.values() for gene in members})
        genes = genes[: round(share * len(genes))]
        inside = {name: np.isin(genes, members) for name, members in sets.items()}
        pd.DataFrame(inside, [f"{view}{gene}" for gene in genes]).to_csv(folder / f"msigdb-hallmark_{view}.csv")
    places = np.arange(len(sets))[:, None] % 8 == np.arange(8)
    bare = [name.removeprefix("HALLMARK_") for name in sets]
    pd.DataFrame(places, bare).to_csv(folder / "msigdb-hallmark_U_indices.csv")


def _write_configuration(folder: Path) -> None:
    tumours = folder / "cptac_coad"
    cohort = {
        "title": "Tumours",
        "views": {
            "rna": str(tumours / "transcriptomics.tsv.gz"),
            "protein": str(tumours / "proteomics_tumor.cct.gz"),
        },
        "samples": str(tumours / "clinical.tsi.gz"),
    }
    sets = {"hallmark": str(folder / "genesets" / f"{COLLECTIONS[0]}.symbols.gmt")}
    config = {"cohorts": {"coad": cohort}, "gene_sets": sets, "gate": {"min_features": 0}}
    (folder / "coad.yaml").write_text(yaml.safe_dump(config))
