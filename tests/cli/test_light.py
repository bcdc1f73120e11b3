"""The command line starts fast: heavy libraries load when they are used."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pathfa.cli import main

HEAVY = (
    "torch",
    "scanpy",
    "anndata",
    "mudata",
    "pandas",
    "numpy",
    "plotly",
    "matplotlib",
    "lifelines",
    "gseapy",
    "pyro",
)


FITTING = ("torch", "sklearn", "scanpy", "plotly", "matplotlib", "lifelines", "gseapy", "pyro", "statsmodels")


@pytest.mark.parametrize(
    "code",
    [
        "import pathfa",
        "from pathfa.cli import main; main(['--help'])",
        "from pathfa.cli import main; main(['fit', '--help'])",
        "import pathfa.workflow.config, pathfa.workflow.stages, pathfa.workflow.index",
    ],
)
def test_nothing_heavy_is_imported(code):
    _run_without(HEAVY, code)


JOBS = """
from pathfa.cli import main
for line in (
    "genesets --gene-sets sets.gmt --out checked.gmt --found checked.json --name h",
    "validate --view rna=rna.tsv --gene-sets h=checked.gmt --out validation.json",
    "gate validation.json --collection checked.json --out gate.tsv --min-gene-sets 1",
    "ingest --view rna=rna.tsv --out cohort.h5mu",
):
    assert main(line.split()) == 0
"""


def test_jobs_around_a_fit_load_nothing_that_fits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    genes, samples = [f"GENE{number}" for number in range(30)], [f"s{number}" for number in range(12)]
    rows = [[str((7 * i + 3 * j) % 11 + 0.5) for j in range(len(samples))] for i in range(len(genes))]
    table = [["gene", *samples], *([gene, *row] for gene, row in zip(genes, rows, strict=True))]
    (tmp_path / "rna.tsv").write_text("".join("\t".join(row) + "\n" for row in table))
    (tmp_path / "sets.gmt").write_text(
        "\t".join(["A", "", *genes[:20]]) + "\n" + "\t".join(["B", "", *genes[9:]]) + "\n"
    )
    _run_without((*FITTING, "scipy.stats"), JOBS)
    assert "\tfit\t" in (tmp_path / "gate.tsv").read_text()
    assert main(["index", ".", "--run", "main"]) == 0
    assert "not fitted yet" in (tmp_path / "index.html").read_text()


def test_an_index_of_fits_loads_nothing_that_fits(tmp_path):
    header = ["cohort", "collection", "decision", "reason", "fix"]
    rows = [[name, "h", "fit", "", ""] for name in ("a", "b")]
    (tmp_path / "gate.tsv").write_text("".join("\t".join(row) + "\n" for row in [header, *rows]))
    tests = "gene_set\tcovariate\tcontrast\tmeasure\teffect\tlower\tupper\tp\tq\tn\n"
    tests += "A\tage\t\tcorrelation\t0.5\t0.3\t0.7\t0.001\t0.01\t60\n"
    for name in ("a", "b"):
        files = tmp_path / name / "h/main/report_files"
        files.mkdir(parents=True)
        (files / "status.json").write_text('{"verdict": "PASS", "activities": {"A": 1.0}}')
        (files / "associations-activities.tsv").write_text(tests)
        (files.parent / "report.html").write_text("")
    line = ["index", str(tmp_path), "--run", "main", "--cohort-title", "a=The first"]
    draws_and_averages = {"plotly", "statsmodels"}
    _run_without(
        [name for name in FITTING if name not in draws_and_averages],
        f"from pathfa.cli import main; assert main({line}) == 0",
    )
    assert "1 pair is found in the same direction in two cohorts" in (tmp_path / "index.html").read_text()
    assert "The first" in (tmp_path / "index.html").read_text()
    assert (tmp_path / "index_files/replicated.tsv").is_file()


def test_tables_load_only_what_holds_a_model(tmp_path):
    model = sorted((Path(__file__).parents[1] / "result/models").glob("*.h5"))[-1]
    line = ["tables", str(model), "--out", str(tmp_path / "tables")]
    holds_models = {"torch"}
    _run_without(
        [name for name in FITTING if name not in holds_models], f"from pathfa.cli import main; assert main({line}) == 0"
    )
    assert (tmp_path / "tables/scores.tsv").is_file()


SKIPPED = ("scanpy", "pyro", "gseapy", "lifelines", "matplotlib", "snakemake", "numba", "seaborn", "umap")
BLOCKED = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError("absent", name=name)
sys.meta_path.insert(0, Absent())
"""
FIT = """
from pathfa.cli import main
for line in (
    "fit --view rna=rna.tsv --gene-sets sets.gmt --n-factors 1 --n-starts 1 --out model.h5",
    "report model.h5 --covariates patients.tsv --out report.html",
    "tables model.h5 --out tables",
):
    assert main(line.split()) == 0
"""


def test_a_fit_and_its_report_need_none_of_the_packages_that_a_light_installation_skips(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    genes, samples = [f"GENE{at}" for at in range(40)], [f"s{at}" for at in range(24)]
    shift = np.outer(np.arange(40) < 15, rng.normal(size=24))
    values = pd.DataFrame(rng.normal(8, 1, (40, 24)) + 2 * shift, genes, samples)
    values.to_csv(tmp_path / "rna.tsv", sep="\t", index_label="gene")
    pd.DataFrame({"age": rng.normal(60, 5, 24)}, samples).to_csv(tmp_path / "patients.tsv", sep="\t")
    sets = {"A": genes[:15], "B": genes[12:30]}
    (tmp_path / "sets.gmt").write_text("".join("\t".join([name, "", *set_]) + "\n" for name, set_ in sets.items()))
    _run_without(SKIPPED, BLOCKED.format(names=SKIPPED) + FIT)
    assert (tmp_path / "report.html").is_file()


def _run_without(names, code):
    code += f"\nimport sys; sys.exit(', '.join(name for name in {names} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
