"""Many small cohorts, a fifth of them broken, through the workflow.

    python benchmarks/scale_out.py --cohorts 25 100 --cores 2

Shown: every good cohort is fitted with every collection, every broken one is listed with its reason, and the cost per
cohort does not grow with their number.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from pathfa.model.simulate import simulate
from pathfa.pipeline.gate import read_verdicts

N_SAMPLES = 20


def _absent(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_text("")


def _text_in_numbers(path: Path) -> None:
    lines = path.read_text().splitlines()
    cells = lines[1].split("\t")
    lines[1] = "\t".join([cells[0], *("high" for _ in cells[1:])])
    path.write_text("\n".join(lines) + "\n")


def _sample_twice(path: Path) -> None:
    lines = path.read_text().splitlines()
    names = lines[0].split("\t")
    names[2] = names[1]
    path.write_text("\n".join(["\t".join(names), *lines[1:]]) + "\n")


def _other_genes(path: Path) -> None:
    table = pd.read_csv(path, sep="\t", index_col=0)
    table.index = [f"probe{number}" for number in range(len(table))]
    table.to_csv(path, sep="\t")


BREAKS: dict[str, Callable[[Path], None]] = {
    "absent": _absent,
    "empty": _empty,
    "text": _text_in_numbers,
    "twice": _sample_twice,
    "genes": _other_genes,
}


def make_cohorts(folder: Path, n_cohorts: int, seed: int) -> dict[str, str]:
    """Write the cohorts, a sheet and a configuration; return how each broken cohort was broken."""
    rng = np.random.default_rng(seed)
    n_broken = max(1, n_cohorts // 5)
    broken = rng.choice(n_cohorts, n_broken, replace=False)
    kinds = {f"c{number:03d}": list(BREAKS)[position % len(BREAKS)] for position, number in enumerate(broken)}
    rows = []
    drawn = simulate(n_samples=N_SAMPLES, seed=seed)
    halves = np.array_split(np.array(sorted(drawn.gene_sets)), 2)
    for name, half in zip(("first", "second"), halves, strict=True):
        lines = ["\t".join([item, "", *drawn.gene_sets[item]]) for item in half]
        (folder / f"{name}.gmt").write_text("\n".join(lines) + "\n")
    for number in range(n_cohorts):
        name = f"c{number:03d}"
        home = folder / name
        home.mkdir()
        cohort = simulate(n_samples=N_SAMPLES, seed=seed + number, gene_sets=drawn.gene_sets)
        row = {"cohort": name}
        for view, data in cohort.mdata.mod.items():
            path = home / f"{view}.tsv"
            pd.DataFrame(data.X, index=data.obs_names, columns=data.var_names).T.to_csv(
                path, sep="\t", float_format="%.4f"
            )
            row[f"views.{view}"] = str(path)
        if name in kinds:
            BREAKS[kinds[name]](home / "rna.tsv")
        rows.append(row)
    with (folder / "cohorts.tsv").open("w", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]), delimiter="\t")
        sheet.writeheader()
        sheet.writerows(rows)
    config = {
        "title": f"{n_cohorts} cohorts",
        "output": str(folder / "results"),
        "cohorts": str(folder / "cohorts.tsv"),
        "gene_sets": {name: str(folder / f"{name}.gmt") for name in ("first", "second")},
        "runs": {"main": {"n_factors": 2, "loading_prior": "strict", "n_starts": 1}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return kinds


def run(folder: Path, cores: int) -> float:
    """Run the workflow and return the seconds it took."""
    snakefile = Path(__file__).parents[1] / "Snakefile"
    began = time.perf_counter()
    with (folder / "snakemake.log").open("w") as log:
        subprocess.run(
            [
                str(Path(sys.executable).with_name("snakemake")),
                *("--snakefile", str(snakefile), "--configfile", "config.yaml", "--cores", str(cores)),
                *("--keep-going", "--quiet", "rules", "host"),
            ],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )
    return time.perf_counter() - began


def judge(folder: Path, n_cohorts: int, kinds: dict[str, str]) -> dict[str, int]:
    """Count what finished and what was listed; raise when the two do not add up."""
    verdicts = read_verdicts(folder / "results" / "gate.tsv")
    skipped = {item.cohort for item in verdicts if item.decision == "skip"}
    reports = list((folder / "results").glob("c*/*/main/report.html"))
    page = (folder / "results" / "index.html").read_text(encoding="utf-8")
    unlisted = [name for name in kinds if name not in page]
    wordless = [item.cohort for item in verdicts if item.decision == "skip" and not item.reason]
    good = n_cohorts - len(kinds)
    if skipped != set(kinds) or len(reports) != 2 * good or unlisted or wordless:
        wrong = sorted(skipped ^ set(kinds))
        raise SystemExit(f"wrongly judged: {wrong}; reports: {len(reports)} of {2 * good}; not on the page: {unlisted}")
    return {"good": good, "bad": len(kinds), "reports": len(reports)}


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, nargs="+", default=[25, 50, 100], help="numbers of cohorts")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder to keep the results in")
    options = parser.parse_args()
    print("cohorts\tgood\tbad\treports\tseconds\tseconds_per_cohort")
    for n_cohorts in options.cohorts:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (options.keep or Path(temporary)) / str(n_cohorts)
            folder.mkdir(parents=True)
            kinds = make_cohorts(folder, n_cohorts, options.seed)
            seconds = run(folder, options.cores)
            counts = judge(folder, n_cohorts, kinds)
        print(*(n_cohorts, *counts.values(), f"{seconds:.1f}", f"{seconds / n_cohorts:.2f}"), sep="\t", flush=True)


if __name__ == "__main__":
    main()
