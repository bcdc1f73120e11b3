"""Whether activities are associated where their members are, and with what a specialist expects, in colon cancer.

First the rank correlation, over gene sets, of the strength of association of a score and of the plain mean of all
members, per covariate: 1 where no set is associated whose members are not. Then the sets that a specialist names,
beside other scores (``beyond random sets`` is what ``competitive_effect`` of ``associate`` is of): AUC for MSI and for
one CMS class against the others, else the correlation. No covariate is in the fit; purity, stroma and immune scores are
computed from the same RNA.

    python benchmarks/specialists.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from coad import read
from coad_biology import clinical

import pathfa as pf
from pathfa.analysis import set_scores
from pathfa.analysis.association.random_sets import RandomSets

# covariate, gene set, sign that a specialist expects
EXPECTED = (
    ("MSI", "INTERFERON_GAMMA_RESPONSE", 1),
    ("CMS1", "INTERFERON_GAMMA_RESPONSE", 1),
    ("CMS4", "EPITHELIAL_MESENCHYMAL_TRANSITION", 1),
    ("stroma", "EPITHELIAL_MESENCHYMAL_TRANSITION", 1),
    ("immune", "ALLOGRAFT_REJECTION", 1),
    ("CMS2", "E2F_TARGETS", 1),
)


def numbers(data: Path) -> pd.DataFrame:
    """Return the covariates as numbers: 0 and 1 for MSI and each class."""
    table = clinical(data)
    msi = table["MSI"].map({"MSS": 0.0, "MSI-H": 1.0})
    classes = {
        name: (table["CMS"] == name).astype(float).where(table["CMS"].notna())
        for name in ("CMS1", "CMS2", "CMS3", "CMS4")
    }
    return pd.DataFrame({"MSI": msi, **classes, **{name: table[name] for name in ("stroma", "immune", "purity")}})


def members_mean(views: dict[str, pd.DataFrame], sets: pf.GeneSets, names: list[str]) -> pd.DataFrame:
    """Return the mean of the z-scores of all members in all views, samples x gene sets."""
    scaled = [((table - table.mean()) / table.std(ddof=0)).add_prefix(f"{view} ") for view, table in views.items()]
    values = pd.concat(scaled, axis=1)
    inside = {
        name: [f"{view} {gene}" for view, table in views.items() for gene in table.columns if gene in set(sets[name])]
        for name in names
    }
    return pd.DataFrame({name: values[columns].mean(axis=1) for name, columns in inside.items()})


def effects(scores: pd.DataFrame, covariate: pd.Series) -> pd.Series:
    """Return how each score goes with a covariate: AUC for 0 and 1, else the correlation."""
    known = covariate.reindex(scores.index).dropna()
    values = scores.loc[known.index]
    if set(known) == {0.0, 1.0}:
        ranks, cases = values.rank(), known == 1.0
        n1, n0 = int(cases.sum()), int((~cases).sum())
        return (ranks[cases].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
    return values.corrwith(known)


def main() -> None:
    """Run all and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--factors", type=int, default=11)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/specialists"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    views, sets = read(options.data)
    fit = {"n_factors": options.factors, "loading_prior": "soft", "n_starts": 1, "n_jobs": 1, "progress": False}
    model = pf.PathFA(**fit).fit(views, sets)
    names = list(model.activity_.columns)
    scores = {"activity": model.activity_, "mean of members": members_mean(views, sets, names)}
    scores |= {"activity, RNA": model.view_activity_["rna"], "factor activity": model.factor_activity_}
    scores["activity, beyond random sets"] = model.activity_ - RandomSets(result=model.result_).expected()
    scores |= {method: set_scores(model, method, "rna") for method in ("ulm", "ssgsea")}
    covariates = numbers(options.data)
    found = {
        (source, name): effects(table, covariates[name]) for source, table in scores.items() for name in covariates
    }

    def strength(source: str, name: str) -> pd.Series:
        middle = 0.5 if set(covariates[name].dropna()) == {0.0, 1.0} else 0.0
        return (found[source, name] - middle).abs().fillna(0.0)

    rows = {
        source: {
            name: strength(source, name).corr(strength("mean of members", name), method="spearman")
            for name in covariates
        }
        for source in scores
    }
    ranks = pd.DataFrame(rows)
    print("Rank correlation over gene sets of the strength of association with that of the mean of members")
    print(ranks.round(3).to_string(), "\n")
    table = pd.DataFrame(
        {
            (name, gene_set): {source: found[source, name].get(f"HALLMARK_{gene_set}", np.nan) for source in scores}
            for name, gene_set, _ in EXPECTED
        }
    ).T
    best = table[["ulm", "ssgsea"]].max(axis=1)
    table["at least the best of ULM and ssGSEA"] = np.where(
        table[["activity", "activity, RNA", "activity, beyond random sets"]].max(axis=1) >= best - 0.005, "yes", "no"
    )
    print("AUC (MSI, CMS) or correlation of the sets that a specialist names")
    print(table.round(3).to_string())
    ranks.to_csv(options.out / "ranks.csv")
    table.to_csv(options.out / "expected.csv")


if __name__ == "__main__":
    main()
