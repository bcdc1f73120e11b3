"""The demo cohort: simulated RNA and protein of tumours, with gene sets of real symbols that ship with the package.

Values are log2 intensities drawn from the model, not measurements: what is true about them is known.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from pathfa.simulation.cohort import Simulated, SimulatedView, simulate
from pathfa.simulation.layout import CovariateKind, SimulatedCovariate

_GENE_SETS = "demo_gene_sets.gmt"
_OTHER_GENES = "demo_other_genes.txt"  # genes outside every set
_N_SAMPLES = 60

_EMT = "EPITHELIAL_MESENCHYMAL_TRANSITION"

FACTORS = {
    "interferon": ("INTERFERON_ALPHA_RESPONSE", "ANTIGEN_PRESENTATION"),
    "proliferation": ("G2M_CHECKPOINT", "DNA_REPLICATION_E2F", "MYC_TARGETS_RIBOSOME_BIOGENESIS"),
    "stroma": (_EMT, "ANGIOGENESIS", "TGF_BETA_SIGNALING"),
    "immune infiltrate": ("T_CELLS", "B_CELLS", "MYELOID_CELLS", "TNF_SIGNALING_VIA_NFKB"),
    "hypoxia": ("HYPOXIA", "GLYCOLYSIS"),
}
"""Gene sets of each factor; the other sets of the collection play no part."""

VIEWS = {
    "rna": SimulatedView(noise_sd=0.9),
    "protein": SimulatedView(n_features=420, noise_sd=1.1, absent=0.15, missing=0.06, missing_when_low=True, scale=0.8),
}
"""RNA of all samples, protein of most of them with values missing more often when low."""

COVARIATES = (
    SimulatedCovariate(
        name="subtype", gene_set=_EMT, kind=CovariateKind.BINARY, strength=3.0, levels=("epithelial", "mesenchymal")
    ),
    SimulatedCovariate(
        name="stage", gene_set="HYPOXIA", kind=CovariateKind.BINARY, strength=1.2, levels=("early", "advanced")
    ),
    SimulatedCovariate(
        name="immune_phenotype", gene_set="T_CELLS", kind=CovariateKind.BINARY, strength=2.5, levels=("cold", "hot")
    ),
    SimulatedCovariate(name="ki67_percent", gene_set="G2M_CHECKPOINT", strength=2.0, centre=35.0, spread=12.0),
    SimulatedCovariate(name="survival", gene_set="DNA_REPLICATION_E2F", kind=CovariateKind.SURVIVAL, strength=0.9),
    SimulatedCovariate(name="age", gene_set=None, centre=62.0, spread=9.0),
    SimulatedCovariate(name="sex", gene_set=None, kind=CovariateKind.BINARY, levels=("female", "male")),
    SimulatedCovariate(name="batch", gene_set=None, kind=CovariateKind.BINARY, levels=("batch1", "batch2")),
)
"""What the covariates depend on; age, sex and batch on nothing."""

_LEVELS = {"rna": (4.0, 12.0), "protein": (18.0, 26.0)}  # log2 levels of the features


def demo_gene_sets() -> dict[str, list[str]]:
    """Return the gene sets that ship with the package: 22 programmes of tumours, written from general knowledge."""
    fields = [line.split("\t") for line in _shipped(_GENE_SETS).decode().splitlines()]
    return {name: genes for name, _, *genes in fields}


def simulate_demo(seed: int = 0) -> Simulated:
    """Return the demo cohort with everything that is true about it; values are centred.

    Parameters
    ----------
    seed
        Seed of the draw; the same seed gives the same cohort.
    """
    return simulate(
        _N_SAMPLES,
        seed,
        views=VIEWS,
        gene_sets=demo_gene_sets(),
        other_features=_shipped(_OTHER_GENES).decode().split(),
        factors=FACTORS,
        loading_sd=0.25,
        covariates=COVARIATES,
    )


def write_demo(folder: str | Path, seed: int = 0) -> dict[str, Path]:
    """Write the demo cohort as files: a table per view, a sample sheet and the gene sets.

    Parameters
    ----------
    folder
        Where to; made when it does not exist.
    seed
        Seed of the draw; the same seed gives the same files.

    Returns
    -------
    dict
        Paths of ``rna`` and ``protein`` (features in rows, samples in columns, log2 values, empty where missing),
        ``samples`` (samples in rows, covariates in columns) and ``gene_sets`` (GMT).
    """
    cohort = simulate_demo(seed)
    rng = np.random.default_rng([seed, 1])
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = {name: target / f"{name}.tsv" for name in (*VIEWS, "samples")}
    for name in VIEWS:
        values = cohort.mdata[name].to_df().T
        level = pd.Series(rng.uniform(*_LEVELS[name], len(values)), index=values.index)
        table = values.add(level, axis=0).rename_axis("gene")
        table.to_csv(paths[name], sep="\t", float_format="%.4f", lineterminator="\n")
    sheet = cohort.mdata.obs.rename_axis("sample")
    sheet.to_csv(paths["samples"], sep="\t", float_format="%.2f", lineterminator="\n")
    paths["gene_sets"] = target / "gene_sets.gmt"
    paths["gene_sets"].write_bytes(_shipped(_GENE_SETS))
    return paths


def _shipped(name: str) -> bytes:
    return (files("pathfa.simulation") / name).read_bytes()
