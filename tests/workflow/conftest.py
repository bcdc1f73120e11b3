"""Small cohorts on disk, and the programs that run them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[2]


class Project:
    """A folder with cohorts and a configuration."""

    def __init__(self, folder: Path, cohorts: Path, said: Callable[[], tuple[str, str]]) -> None:
        self.folder = folder
        self.cohorts = cohorts
        self.said = said  # what this process has written since it was last asked
        self.results = folder / "results"
        self.config = {}

    def source(self, name: str) -> dict:
        """Where a cohort of two views comes from."""
        return {"views": {view: str(self.cohorts / f"{name}_{view}.tsv") for view in ("rna", "protein")}}

    def write(self, **changes) -> None:
        self.config = {**self.config, **changes}
        (self.folder / "config.yaml").write_text(yaml.safe_dump(self.config, sort_keys=False))

    def snakemake(self, *options: str, snakefile: Path = ROOT / "Snakefile") -> subprocess.CompletedProcess:
        return self.call(self.words("--cores", "2", *options, snakefile=snakefile))

    @staticmethod
    def words(*options: str, snakefile: Path = ROOT / "Snakefile") -> list[str]:
        """The command line of Snakemake."""
        program = Path(sys.executable).with_name("snakemake")
        return [str(program), "--snakefile", str(snakefile), "--configfile", "config.yaml", *options]

    def pathfa(self, *options: str) -> subprocess.CompletedProcess:
        """Run a command in this process, as if it were one of its own."""
        from pathfa.cli import main

        self.said()
        code = main(options)
        return subprocess.CompletedProcess(options, code, *self.said())

    def program(self, *options: str) -> subprocess.CompletedProcess:
        """Run a command in a process of its own, where its end is what matters."""
        return self.call([sys.executable, "-m", "pathfa", *options])

    def call(self, words: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(
            words, cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )

    @staticmethod
    def environment() -> dict[str, str]:
        """The environment of a program: this checkout, one thread."""
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def states(self) -> dict[str, dict]:
        """The state of every job, by stage and names."""
        logs = self.results / "_logs"
        paths = sorted(logs.rglob("*.status.json"))
        return {
            str(path.relative_to(logs)).removesuffix(".status.json"): json.loads(path.read_text()) for path in paths
        }

    def kill_job(self, names: Sequence[str], seconds: float) -> tuple[str, int]:
        """Start Snakemake on one core and kill the first of some jobs that begins; its name, and how Snakemake ends."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        workflow = subprocess.Popen(self.words("--cores", "1"), cwd=self.folder, env=self.environment(), **quiet)
        deadline = time.monotonic() + seconds
        while not (running := [name for name in names if name in self.states()]) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(self.states()[running[0]]["pid"], signal.SIGKILL)
        return running[0], workflow.wait(timeout=60)

    def times(self) -> dict[str, int]:
        """When every state was last written; a job that runs again writes its own."""
        logs = self.results / "_logs"
        paths = logs.rglob("*.status.json")
        return {str(path.relative_to(logs)).removesuffix(".status.json"): path.stat().st_mtime_ns for path in paths}

    def planned(self) -> set[str]:
        """The rules that Snakemake would run now, besides the one that asks for everything."""
        done = self.snakemake("--dry-run", "--quiet", "host")
        assert done.returncode == 0, done.stderr
        return set(re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", done.stdout, re.MULTILINE)) - {"all"}

    @staticmethod
    def files(results: Path) -> set[Path]:
        """The files below a folder, relative to it."""
        return {path.relative_to(results) for path in results.rglob("*") if path.is_file()}

    @staticmethod
    def numbers(results: Path) -> dict[str, str]:
        """The tables of the good cohort; that of the selection has times in it."""
        tables = (results / "good/sets/main/tables").glob("*.tsv")
        return {path.name: path.read_text() for path in sorted(tables) if path.name != "selection.tsv"}

    def leftovers(self) -> list[Path]:
        return list(self.results.rglob(".*.part*"))


@pytest.fixture(scope="session")
def cohorts(tmp_path_factory) -> Path:
    """Two small cohorts, a broken one and their gene sets."""
    from pathfa.simulation.cohort import simulate

    folder = tmp_path_factory.mktemp("cohorts")
    drawn = simulate(n_samples=20, seed=1)
    lines = ["\t".join([name, "", *members]) for name, members in drawn.gene_sets.items()]
    (folder / "sets.gmt").write_text("\n".join(lines) + "\n")
    for number, name in enumerate(("good", "other")):
        mdata = simulate(n_samples=20, seed=number, gene_sets=drawn.gene_sets).mdata
        for view, data in mdata.mod.items():
            table = pd.DataFrame(data.X, index=data.obs_names, columns=data.var_names)
            table = table.T if view == "rna" else table  # only the gene sets tell where the samples of the other are
            table.to_csv(folder / f"{name}_{view}.tsv", sep="\t", float_format="%.4f")
    header, first, *rest = (folder / "good_rna.tsv").read_text().splitlines()
    cells = first.split("\t")
    (folder / "broken_rna.tsv").write_text("\n".join([header, "\t".join([cells[0], "high", *cells[2:]]), *rest]) + "\n")
    (folder / "broken_protein.tsv").write_text((folder / "good_protein.tsv").read_text())
    rows = [f"{sample}\t{'ab'[position % 2]}" for position, sample in enumerate(header.split("\t")[1:])]
    (folder / "covariates.tsv").write_text("\n".join(["sample\tgroup", *rows]) + "\n")
    return folder


@pytest.fixture
def project(tmp_path, cohorts, monkeypatch, capsys) -> Project:
    """A project with one good cohort, fitted once; its folder is the one that this process works in."""
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path, cohorts, capsys.readouterr)
    made.write(
        title="Test",
        cohorts={"good": made.source("good")},
        gene_sets={"sets": str(cohorts / "sets.gmt")},
        runs={"main": {"n_factors": 2, "loading_prior": "strict", "n_starts": 1, "seed": 1}},
    )
    return made
