"""Many small cohorts, a fifth of them broken at random, with two collections of gene sets, through the workflow.

    python benchmarks/scale_out.py                              10, 20, 50 and 100 cohorts with Snakemake on 2 cores
    python benchmarks/scale_out.py --job cohort                   the same with one job per cohort behind the gate
    python benchmarks/scale_out.py --cohorts 20 --runner pathfa   'pathfa run': one process, no start-up per job
    python benchmarks/scale_out.py --plan 3000 --job cohort       how long Snakemake plans that many behind the gate

Every good cohort must be fitted with both collections, and every broken one must be listed with its reason, or the
script ends with an error. Seconds per cohort show whether the cost of a cohort grows with their number. The table is
printed and written below ``results/benchmarks`` after every line.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from pathfa.simulation.cohort import simulate
from pathfa.workflow.gate import GateDecision, read_decisions, write_decisions

N_SAMPLES = 20


def _absent(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_text("")


def _text_in_numbers(path: Path) -> None:
    lines = path.read_text().splitlines()
    middle = len(lines) // 2  # a first row of words is a second header, and left out
    cells = lines[middle].split("\t")
    lines[middle] = "\t".join([cells[0], *("high" for _ in cells[1:])])
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


def make_cohorts(folder: Path, n_cohorts: int, seed: int, job: str) -> dict[str, str]:
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
        "resources": {"job": job},
        "runs": {"main": {"n_factors": 2, "loading_prior": "strict", "n_starts": 1}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return kinds


def make_plan(folder: Path, n_cohorts: int, job: str) -> None:
    """Write the files of cohorts that all passed the gate, without values."""
    names, collections = [f"c{number:04d}" for number in range(n_cohorts)], ("first", "second")
    results = folder / "results"
    (results / "_gene_sets").mkdir(parents=True)
    (folder / "values.tsv").write_text("gene\n")
    rows = ["cohort\tviews.rna\tviews.protein", *(f"{name}\tvalues.tsv\tvalues.tsv" for name in names)]
    (folder / "cohorts.tsv").write_text("\n".join(rows) + "\n")
    for collection in collections:
        for place in (folder, results / "_gene_sets"):
            (place / f"{collection}.gmt").write_text("A\t\tB\n")
        (results / "_gene_sets" / f"{collection}.json").write_text("{}")
    for name in names:
        (results / name).mkdir()
        (results / name / "validation.json").write_text("{}")
    decisions = [GateDecision(cohort=name, collection=item, decision="fit") for name in names for item in collections]
    write_decisions(results / "gate.tsv", decisions)
    config = {
        "output": "results",
        "cohorts": "cohorts.tsv",
        "gene_sets": {item: f"{item}.gmt" for item in collections},
        "resources": {"job": job},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def run(folder: Path, runner: str, cores: int, *more: str) -> tuple[float, float]:
    """Run the workflow and return the seconds it took, and those of all processors together."""
    programs = Path(sys.executable).parent
    snakefile = Path(__file__).parents[1] / "Snakefile"
    words = {
        "snakemake": [
            *(str(programs / "snakemake"), "--snakefile", str(snakefile), "--configfile", "config.yaml"),
            *("--cores", str(cores), "--keep-going", "--quiet", "rules", "host", *more),
        ],
        "pathfa": [str(programs / "pathfa"), "run", "config.yaml"],
    }[runner]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # one thread per job
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are kept, as in an installed package
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (folder / "log.txt").open("w") as log:
        done = subprocess.run(words, cwd=folder, env=environment, stdout=log, stderr=log, check=False)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        tail = "\n".join((folder / "log.txt").read_text().splitlines()[-20:])
        raise SystemExit(f"{words[0]} ended with {done.returncode}:\n{tail}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def judge(folder: Path, n_cohorts: int, kinds: dict[str, str]) -> dict[str, int]:
    """Count what finished and what was listed; raise when the two do not add up."""
    verdicts = read_decisions(folder / "results" / "gate.tsv")
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
    """Run the benchmark, print its table and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, nargs="+", default=[10, 20, 50, 100], help="numbers of cohorts")
    parser.add_argument("--runner", choices=["snakemake", "pathfa"], default="snakemake")
    parser.add_argument("--job", choices=["stage", "cohort"], default="stage", help="what one job of Snakemake does")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"), help="folder of the table")
    parser.add_argument("--keep", type=Path, help="folder to keep the results in")
    parser.add_argument("--plan", type=int, metavar="N", help="only plan the jobs of N cohorts")
    options = parser.parse_args()
    if options.plan:
        with tempfile.TemporaryDirectory() as temporary:
            make_plan(Path(temporary), options.plan, options.job)
            seconds, processor = run(Path(temporary), "snakemake", options.cores, "--dry-run")
        print(f"{options.plan} cohorts planned in {seconds:.0f} s, {processor:.0f} s of a processor")
        return
    name = options.runner if options.job == "stage" else f"{options.runner}_{options.job}"
    rows: list[dict[str, object]] = []
    for n_cohorts in options.cohorts:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (options.keep or Path(temporary)) / str(n_cohorts)
            folder.mkdir(parents=True)
            kinds = make_cohorts(folder, n_cohorts, options.seed, options.job)
            seconds, processor = run(folder, options.runner, options.cores)
            counts = judge(folder, n_cohorts, kinds)
        rows.append(
            {
                "cohorts": n_cohorts,
                **counts,
                "minutes": round(seconds / 60, 1),
                "seconds_per_cohort": round(seconds / n_cohorts, 1),
                "processor_seconds_per_cohort": round(processor / n_cohorts, 1),
            }
        )
        options.out.mkdir(parents=True, exist_ok=True)
        with (options.out / f"scale_out_{name}.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        if len(rows) == 1:
            print("| " + " | ".join(rows[0]) + " |\n" + "|---" * len(rows[0]) + "|")
        print("| " + " | ".join(map(str, rows[-1].values())) + " |", flush=True)


if __name__ == "__main__":
    main()
