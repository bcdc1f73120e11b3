"""Four cohorts, four verdicts: what the report says first of colon tumours, cell lines, rats, and noise.

    python benchmarks/verdicts.py                     fits, checks and reports all four, with one index page
    python benchmarks/verdicts.py --cohorts nci60 noise --no-checks

What is done already is not done again. The noise is 8 samples of independent normal values under the names of genes.
Prints a row per cohort, and ends with an error when two of them say the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from pathfa.data.gene_sets.gmt import read_gmt
from pathfa.workflow.layout import Layout

COHORTS = ("coad", "nci60", "rat", "noise")
CHECKS = ["heldout", "uninformed", "decoys", "stability"]
N_NOISE = 8


def write_noise(folder: Path, genes: Sequence[str]) -> dict[str, Any]:
    """Write two views of noise, and return their part of a configuration."""
    rng = np.random.default_rng(0)
    samples = [f"sample {i + 1}" for i in range(N_NOISE)]
    views = {}
    for view, size in (("rna", len(genes)), ("protein", len(genes) // 2)):
        path = folder / f"noise_{view}.tsv"
        table = pd.DataFrame(rng.normal(size=(size, N_NOISE)), index=list(genes[:size]), columns=samples)
        table.round(4).to_csv(path, sep="\t", index_label="gene")
        views[view] = {"path": str(path), "kind": "zscored", "samples_in": "columns"}
    return {"title": "Eight samples of noise", "views": views, "gene_sets": ["hallmark"]}


def configuration(
    folder: Path, sheets: Path, cohorts: Sequence[str], checks: bool, more: dict[str, Any]
) -> dict[str, Any]:
    """Return a configuration of all cohorts."""
    found: dict[str, Any] = {"title": "Four cohorts", "output": str(folder), "cohorts": {}, "gene_sets": {}}
    for name in ("coad", *cohorts):  # whose gene sets the noise takes too
        if name == "noise":
            continue
        sheet = yaml.safe_load((sheets / f"{name}.yaml").read_text(encoding="utf-8"))
        found["gene_sets"] |= sheet["gene_sets"]
        if name in cohorts:
            found["cohorts"][name] = {**sheet["cohorts"][name], "gene_sets": list(sheet["gene_sets"])}
    if "noise" in cohorts:
        sets = read_gmt(found["gene_sets"]["hallmark"])
        genes = sorted({gene for name in sets.names for gene in sets.members(name)})
        found["cohorts"]["noise"] = write_noise(folder, genes)
    found |= {"gate": {"min_features": 0}, "checks": CHECKS if checks else [], "runs": {"main": more}}
    return found


def row(folder: Path, cohort: str, collection: str) -> dict[str, str]:
    """Return what a report says first."""
    files = Path(Layout(str(folder)).report_files(cohort, collection, "main"))
    status = json.loads((files / "status.json").read_text(encoding="utf-8"))
    figures = status["figures"]
    return {
        "cohort": cohort,
        "samples / factors": f"{figures['samples']} / {figures['factors']}",
        "verdict": status["verdict"],
        **{item["scope"]: item["state"] for item in status["use"]},
        "headline": status["headline"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("results/verdicts"))
    parser.add_argument("--sheets", type=Path, default=Path("tests/data/cohorts"), help="folder of configurations")
    parser.add_argument("--cohorts", nargs="+", choices=COHORTS, default=list(COHORTS))
    parser.add_argument("--no-checks", action="store_true", help="do without the checks that refit the models")
    parser.add_argument("--fit", default="{}", help="options of the fits as JSON, such as '{\"n_starts\": 2}'")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    config = configuration(args.out, args.sheets, args.cohorts, not args.no_checks, json.loads(args.fit))
    path = args.out / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pathfa", "run", str(path)], check=True, stdout=sys.stderr)
    table = pd.DataFrame([row(args.out, name, config["cohorts"][name]["gene_sets"][0]) for name in args.cohorts])
    table = table.fillna("")
    print("| " + " | ".join(table.columns) + " |")
    print("|" + " --- |" * len(table.columns))
    for values in table.to_numpy():
        print("| " + " | ".join(values) + " |")
    return int(table["headline"].duplicated().any())


if __name__ == "__main__":
    sys.exit(main())
