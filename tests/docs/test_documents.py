"""The documents: links lead somewhere, commands exist, and code does what the text says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import typer

import pathfa as pf
from pathfa.cli.main import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "benchmarks/README.md", *DOCS.glob("*.md"), *DOCS.glob("[!_]*/*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
FILES = {"rna.tsv", "protein.tsv", "patients.tsv", "sets.gmt", "new_rna.tsv", "cells.h5ad"}
"""What every example may read."""


def _name(page):
    return str(page.relative_to(ROOT))


def _blocks(page, language):
    return [code for found, code in BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


def _commands(page):
    """Return the commands of PathFA on a page, without what stands behind # in their lines."""
    lines = [line for block in _blocks(page, "console") for line in block.splitlines() if line.startswith("$ pathfa ")]
    return [shlex.split(line.removeprefix("$ pathfa "), comments=True) for line in lines]


def _anchors(page):
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    text = re.sub(r"`[^`\n]+`", "", BLOCK.sub("", page.read_text(encoding="utf-8")))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_what_is_said_of_other_methods_names_the_file_or_page_that_shows_it():
    text = (DOCS / "user/comparison.md").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^\[([\w-]+)\]: (https://\S+)$", text, re.M))
    used = set(re.findall(r"\]\[([\w-]+)\]", text))
    assert used == set(targets)
    heads, _, _, *peers = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    assert peers
    for name, *claims, _ in peers:
        for head, claim in zip(heads[1:], claims, strict=False):
            assert "][" in claim or claim.strip() in ("none", "not read"), f"{name}: {head}"


def test_every_page_is_in_a_contents_list():
    for page in [each for each in PAGES if DOCS in each.parents and each.name != "index.md"]:
        listed = [name for block in BLOCK.findall((page.parent / "index.md").read_text()) for name in block[1].split()]
        listed += [
            line
            for part in re.findall(r"```\{toctree\}(.*?)```", (page.parent / "index.md").read_text(), re.S)
            for line in part.split()
        ]
        top = re.findall(r"^(\w+/\w+)$", (DOCS / "index.md").read_text(), re.M)
        assert page.stem in listed or f"{page.parent.name}/{page.stem}" in top, page


@pytest.mark.parametrize("page", [page for page in PAGES if _commands(page)], ids=_name)
def test_commands_have_the_options_that_the_page_gives_them(page):
    group = typer.main.get_command(app)
    for name, *words in _commands(page):
        if name.startswith("-"):
            continue
        command = group.commands[name]
        known = {option for item in command.params for option in (*item.opts, *item.secondary_opts)} | {"--help"}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given <= known, (name, given - known)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Folder with the files of a small cohort, and what stands in it by the names that the pages use."""
    import anndata
    import numpy as np
    import pandas as pd

    folder = tmp_path_factory.mktemp("documents")
    drawn = pf.simulate(n_samples=40, seed=0, gene_sets=8, set_size=(8, 15), other_features=20, factors=2)
    tables = {name: drawn.mdata[name].to_df().T for name in ("rna", "protein")}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t")
    tables["rna"].iloc[:, :3].add_prefix("new_").to_csv(folder / "new_rna.tsv", sep="\t")
    patients = drawn.mdata.obs.rename_axis("sample")
    patients.to_csv(folder / "patients.tsv", sep="\t")
    lines = ["\t".join([name, "", *genes]) for name, genes in drawn.gene_sets.items()]
    (folder / "sets.gmt").write_text("\n".join(lines) + "\n")
    rng, genes = np.random.default_rng(0), list(tables["rna"].index)
    donors = [f"d{number:02d}" for number in range(20)]
    obs = pd.DataFrame({"donor": donors * 24, "cell_type": ["T"] * 240 + ["B"] * 240})
    cells = anndata.AnnData(
        rng.poisson(3.0, (480, len(genes))).astype(float), obs=obs.set_axis(obs.index.map("c{}".format))
    )
    cells.var_names = genes
    cells.write_h5ad(folder / "cells.h5ad")
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(drawn.mdata, drawn.gene_sets)
    model.save(folder / "model.h5")
    names = {"pf": pf, "cohort": drawn.mdata, "gene_sets": drawn.gene_sets, "model": model, "patients": patients}
    assert {path.name for path in folder.iterdir()} >= FILES
    return folder, names


def _coded(page):
    """Return a page with code; slow where that refits a model many times."""
    slow = any("run_checks(" in block and "which=" not in block for block in _blocks(page, "python"))
    return pytest.param(page, marks=[pytest.mark.slow] * slow, id=_name(page))


@pytest.mark.filterwarnings("ignore")  # of a cohort as small as this
@pytest.mark.parametrize("page", [_coded(page) for page in PAGES if _blocks(page, "python") and page.name != "api.md"])
def test_code_runs(page, small, monkeypatch):
    """That of the page of the API is what the examples of docstrings run on."""
    import matplotlib.pyplot as plt

    folder, names = small
    monkeypatch.chdir(folder)
    known = dict(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for block in _blocks(page, "python"):
            exec(compile(block.replace("pf.PathFA()", QUICK), _name(page), "exec"), known)
    plt.close("all")


QUICK = "pf.PathFA(n_factors=2, n_starts=1, progress=False)"
"""In the place of a fit with every option left to the evidence."""


FEWER = {
    "fit": ["--n-factors", "2", "--n-starts", "1"],
    "check": ["--folds", "2", "--repeats", "1", "--resamples", "2"],
}
"""Options that make commands do less."""


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if _commands(page)], ids=_name)
def test_commands_run(page, small, tmp_path):
    folder, _ = small
    for name in os.listdir(folder):
        if (folder / name).is_file():
            (tmp_path / name).write_bytes((folder / name).read_bytes())
    for words in _commands(page):
        done = subprocess.run(
            [sys.executable, "-m", "pathfa", *words, *FEWER.get(words[0], [])],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here")
def test_r_reads_the_tables_as_the_page_says(small, tmp_path):
    folder, names = small
    model = names["model"]
    words = ["-m", "pathfa", "tables", str(folder / "model.h5"), "--out", str(tmp_path / "tables")]
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    gene_set, (block,) = model.activity_.columns[-1], _blocks(DOCS / "user/other_tools.md", "r")
    asked = f"cat(dim(activity), activity[['{gene_set}']][1], upper[['{gene_set}']][1], sep = '\\n')"
    script = "\n".join(["pdf(NULL)", block.replace("HALLMARK_HYPOXIA", gene_set), asked])

    done = subprocess.run(["Rscript", "-e", script], cwd=tmp_path, check=True, capture_output=True, text=True)

    *shape, value, limit = map(float, done.stdout.split())
    assert tuple(shape) == model.activity_.shape
    expected = [table[gene_set].iloc[0] for table in (model.activity_, model.interval("activity")[1])]
    assert [value, limit] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_nb")
    words = [
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        "-d",
        tmp_path / "trees",
        DOCS,
        tmp_path / "html",
    ]
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html/index.html").is_file()
