"""Where a package that only some uses need is absent, the error says with which command it comes."""

import importlib
import re
import sys
from importlib import metadata

import numpy as np
import pandas as pd
import pytest
from packaging.requirements import Requirement
from random_result import random_result

import pathfa as pf
from pathfa.core.errors import InputError

VERSIONS = {(asked := Requirement(text)).name: asked.specifier for text in metadata.requires("pathfa")}
RESULT = random_result()


def _simulate(_):
    importlib.import_module("pathfa.simulation.demo")


def _paper(_):
    pf.pl.noise(RESULT).matplotlib()


def _survival(_):
    days = pd.Series(np.arange(1.0, 25), RESULT.scores.index)
    pf.km_groups(RESULT, RESULT.factor_names[0], days, days > 3, level="factors")


def _counts(_):
    genes = [f"GENE{at}" for at in range(30)]
    counts = pd.DataFrame(np.random.default_rng(0).poisson(50, (30, 30)), [f"s{at}" for at in range(30)], genes)
    sets = {"A": genes[:10], "B": genes[8:20]}
    pf.PathFA(n_factors=1, n_starts=1, progress=False).fit({"rna": counts.astype(int)}, sets)


def _download(_):
    pf.read_gene_sets("enrichr:A_library_that_is_on_no_disk")


def _ulm(_):
    pf.compare_scores(RESULT, methods=["ulm"])


def _ssgsea(_):
    pf.compare_scores(RESULT, methods=["ssgsea"])


def _parquet(folder):
    (folder / "rna.parquet").write_bytes(b"PAR1")
    pf.read_cohort({"rna": folder / "rna.parquet"})


def _write_parquet(folder):
    pf.export(RESULT, folder, table_format="parquet")


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("pyro-ppl", _simulate),
        ("matplotlib", _paper),
        ("lifelines", _survival),
        ("scanpy", _counts),
        ("gseapy", _download),
        ("gseapy", _ssgsea),
        ("decoupler", _ulm),
        ("pyarrow", _parquet),
        ("pyarrow", _write_parquet),
    ],
)
def test_an_absent_package_is_named_with_its_command(package, use, monkeypatch, tmp_path):
    _without(package.removesuffix("-ppl"), monkeypatch)
    command = f"pip install '{package}{VERSIONS[package]}'"
    with pytest.raises(InputError, match=re.escape(command)) as raised:
        use(tmp_path)
    (finding,) = raised.value.findings
    assert finding.code == "not-installed"
    assert package in finding.found


def _without(package, monkeypatch):
    """Let no import of a package succeed; what imports it as it is itself imported is imported again."""
    again = ("pathfa.simulation.", "pathfa.pl.render_matplotlib")
    for name in list(sys.modules):
        if name == package or name.startswith(f"{package}."):
            monkeypatch.setitem(sys.modules, name, None)
        elif name.startswith(again):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
