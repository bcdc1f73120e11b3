"""Known biology of CPTAC colon cancer: PathFA's activities, factors and fitted scores beside ULM and ssGSEA.

The fit never sees a covariate. Purity, stroma and immune are ESTIMATE scores, computed from the same RNA, and the best
of many columns grows with their number: read them as sanity checks. MSI is measured on its own. Prints tables and
writes them as CSV.

    python benchmarks/coad_biology.py --data ../shared/data --out results/coad_biology
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd
from coad import read

import pathfa as pf

COVARIATES = {
    "Mutation_Phenotype": "MSI",
    "Transcriptomic_subtype": "CMS",
    "TumorPurity": "purity",
    "StromalScore": "stroma",
    "ImmuneScore": "immune",
}
# what a specialist expects: covariate -> gene sets and the sign of their effect
EXPECTED = {
    "stroma": (["HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION", "HALLMARK_MYOGENESIS", "HALLMARK_ANGIOGENESIS"], 1),
    "immune": (
        ["HALLMARK_INTERFERON_GAMMA_RESPONSE", "HALLMARK_ALLOGRAFT_REJECTION", "HALLMARK_INFLAMMATORY_RESPONSE"],
        1,
    ),
    "purity": (["HALLMARK_E2F_TARGETS", "HALLMARK_MYC_TARGETS_V1", "HALLMARK_G2M_CHECKPOINT"], 1),
    "CMS": (
        [
            "HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION",
            "HALLMARK_E2F_TARGETS",
            "HALLMARK_G2M_CHECKPOINT",
            "HALLMARK_MYC_TARGETS_V1",
        ],
        1,
    ),
    "MSI": (
        ["HALLMARK_INTERFERON_GAMMA_RESPONSE", "HALLMARK_ALLOGRAFT_REJECTION", "HALLMARK_INTERFERON_ALPHA_RESPONSE"],
        1,
    ),
}


def clinical(data: Path) -> pd.DataFrame:
    """Return the covariates of the tumours."""
    table = pd.read_csv(data / "cptac_coad" / "clinical.tsi.gz", sep="\t", index_col=0).T[list(COVARIATES)]
    table = table.rename(columns=COVARIATES)
    for name in ("purity", "stroma", "immune"):
        table[name] = pd.to_numeric(table[name])
    return table


def best(table: pd.DataFrame) -> pd.DataFrame:
    """Return the strongest feature of every covariate and source; of activities those beyond random gene sets."""
    table = table[table["q"].notna() & ~(table["competitive_q"] > 0.05)]
    plain = table["effect"]
    strength = (plain - 0.5).abs().where(table["measure"] == "AUC", plain.abs())
    rows = table.loc[strength.groupby([table["covariate"], table["source"]]).idxmax()]
    return rows[["covariate", "source", "feature", "effect", "lower", "upper", "q", "competitive_q", "n", "test"]]


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many features go with each covariate at q below 0.05, per source, and the smallest q."""
    tested = table[table["q"].notna()]
    grouped = tested.groupby(["covariate", "source"], sort=False)["q"]
    found = grouped.agg(tested="size", significant=lambda q: int((q < 0.05).sum()), smallest="min")
    return found.reset_index()


def expected(table: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that a specialist expects, per source."""
    rows = []
    for covariate, (gene_sets, sign) in EXPECTED.items():
        for gene_set in gene_sets:
            found = table[(table["covariate"] == covariate) & (table["feature"] == gene_set)]
            for row in found.itertuples():
                effect = row.effect - 0.5 if row.measure == "AUC" else row.effect
                rows.append(
                    {
                        "covariate": covariate,
                        "gene set": gene_set,
                        "source": row.source,
                        "effect": row.effect,
                        "q": row.q,
                        "found": bool(row.q < 0.05 and effect * sign > 0),
                    }
                )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--factors", default="10")
    parser.add_argument("--starts", type=int, default=1)
    parser.add_argument("--model", type=Path, help="a model saved by an earlier run, instead of a fit")
    parser.add_argument("--out", type=Path, default=Path("results/coad_biology"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    views, sets = read(arguments.data)
    covariates = clinical(arguments.data)
    factors = arguments.factors if arguments.factors == "auto" else int(arguments.factors)
    began = time.perf_counter()
    if arguments.model:
        model = pf.PathFA.load(arguments.model)
    else:
        model = pf.PathFA(n_factors=factors, n_starts=arguments.starts).fit(views, sets)
    model.save(arguments.out / "model.h5")
    print(f"{len(model.factor_names_)} factors, {time.perf_counter() - began:.0f} s")
    print(model.variance_explained_.round(3).to_string(), "\n")
    began = time.perf_counter()
    sources = {"reference": {"MSI": "MSS"}, "methods": ["fitted", "ulm", "ssgsea"], "views": ["rna"]}
    ranked = pf.compare_scores(model, covariates, method="rank", **sources)
    plain = pf.compare_scores(model, covariates, **sources)
    # AUC for MSI, Pearson correlation for the scores, eta squared for the subtypes
    table = pd.concat([ranked[ranked["covariate"] == "MSI"], plain[plain["covariate"] != "MSI"]], ignore_index=True)
    print(f"associations with ULM and ssGSEA: {time.perf_counter() - began:.0f} s\n")
    table.to_csv(arguments.out / "associations.csv", index=False)
    for name, rows in {"counts": counts(table), "best": best(table), "expected": expected(table)}.items():
        rows.to_csv(arguments.out / f"{name}.csv", index=False)
        print(name.capitalize(), rows.to_string(index=False, float_format="{:.3g}".format), "", sep="\n")
    agreement = pf.concordance(model)
    agreement.to_csv(arguments.out / "concordance.csv", index=False)
    print("Concordance of RNA and protein", agreement["status"].value_counts().to_string(), "", sep="\n")
    near = pf.redundancy(model)
    near.to_csv(arguments.out / "redundancy.csv", index=False)
    several = near[near.groupby("cluster")["credible"].transform("sum") > 1]
    columns = ["cluster", "covariate", "feature", "effect", "overlap", "probability"]
    print("Gene sets that could stand for each other", several[columns].round(3).to_string(index=False), sep="\n")


if __name__ == "__main__":
    main()
