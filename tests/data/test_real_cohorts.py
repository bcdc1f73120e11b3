"""The real cohorts are read from their raw files with the short configurations in ``cohorts/``, and fitted."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from mudata import MuData

import pathfa as pf
from pathfa.cli import main
from pathfa.core.findings import Finding, Severity
from pathfa.data import Cohort, GeneSets, as_cohort
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.data.validation.validate import check_cohort
from pathfa.workflow.config import load_config
from pathfa.workflow.read import read_collection, read_source

pytestmark = pytest.mark.realdata
CONFIGS = sorted((Path(__file__).parent / "cohorts").glob("*.yaml"))
ROOT = Path(__file__).parents[2]


class Real(NamedTuple):
    mdata: MuData
    cohort: Cohort
    gene_sets: GeneSets
    findings: dict[str, Finding]


@pytest.fixture(scope="module")
def config_of(shared_data: Path, tmp_path_factory) -> Callable[[str], Path]:
    """Configuration of a cohort, with the folder of the real cohorts in its paths."""
    folder = tmp_path_factory.mktemp("configs")

    def place(name: str) -> Path:
        text = (Path(__file__).parent / "cohorts" / f"{name}.yaml").read_text()
        (folder / f"{name}.yaml").write_text(text.replace("../shared/data", str(shared_data)))
        return folder / f"{name}.yaml"

    return place


@pytest.fixture(scope="module")
def read(config_of) -> Callable[[str], Real]:
    known: dict[str, Real] = {}

    def once(name: str) -> Real:
        if name not in known:
            config = load_config(config_of(name))
            collection = next(iter(config.gene_sets.values()))
            mdata = read_source(config.cohorts[name])
            cohort = as_cohort(mdata)
            sets = read_collection(collection).filter(
                min_size=collection.min_size,
                max_size=collection.max_size,
                features={view.name: view.features for view in cohort.views},
            )
            found = {f"{finding.code}:{finding.view}": finding for finding in check_cohort(cohort, sets)}
            known[name] = Real(mdata, cohort, sets, found)
        return known[name]

    return once


@pytest.mark.parametrize("name", [path.stem for path in CONFIGS])
def test_nothing_stops_a_fit(name: str, read) -> None:
    assert [found for found in read(name).findings.values() if found.severity is Severity.ERROR] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in CONFIGS])
def test_a_short_fit_explains_variance_in_every_view(name: str, read) -> None:
    real = read(name)
    model = pf.PathFA(n_factors=2, loading_prior="soft", n_starts=1, max_iter=10, progress=False)
    model.fit(real.mdata, real.gene_sets)
    total = model.variance_explained_.loc["total"]
    assert (total > 0.01).all()
    assert (total < 1).all()
    assert np.isfinite(model.scores_.to_numpy()).all()
    last = model.flow_.groupby("view", sort=False)["n_features"].last()
    assert last.to_dict() == {view: len(loadings) for view, loadings in model.loadings_.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in CONFIGS])
def test_the_command_runs_from_the_raw_files_to_the_report(name: str, config_of, tmp_path: Path) -> None:
    short = {"main": {"n_factors": 2, "n_starts": 1, "max_iter": 10, "loading_prior": "soft"}}
    values = {**yaml.safe_load(config_of(name).read_text()), "output": str(tmp_path / "out"), "runs": short}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    assert main(["run", str(tmp_path / "config.yaml")]) == 0
    assert len(list((tmp_path / "out").rglob("report.html"))) == 1


@pytest.mark.parametrize(
    ("name", "scales"),
    [
        ("coad", {"rna": "taken for log", "protein": "taken for ratio"}),
        ("rat", {"rna": "taken for counts", "protein": "taken for ratio"}),
        ("nci60", {"mrna": "taken for ratio", "mirna": "taken for log", "protein": "taken for log"}),
        ("citeseq", {"rna": "taken for counts", "adt": "taken for counts"}),
        ("acc", {"rna": "taken for normalised", "rppa": "taken for ratio"}),
    ],
)
def test_the_scale_is_told_from_the_values(name: str, scales: dict[str, str], read) -> None:
    for view, scale in scales.items():
        steps = ViewPreprocessor().fit(read(name).cohort.view(view)).steps
        assert steps[0].startswith(scale), (view, steps)


def test_colon_cancer_with_text_covariates(read) -> None:
    cohort = read("coad").cohort
    assert cohort.presence.sum().tolist() == [106, 97]
    assert int(cohort.presence.all(axis=1).sum()) == 96
    assert [len(view.features) for view in cohort.views] == [13482, 8067]
    assert cohort.obs.loc["01CO001", "Gender"] == "Male"
    assert pd.isna(cohort.obs.loc["05CO002", "Age"])
    assert cohort.obs["Age"].dtype == np.float64
    assert cohort.view("protein").values[cohort.samples.get_loc("01CO005"), 0] == -1.1
    assert "partial-samples:" in read("coad").findings
    assert len(cohort.inputs) == 3


def test_rat_adipose_tissue_joined_by_animal(read) -> None:
    cohort, found = read("rat").cohort, read("rat").findings
    assert cohort.presence.sum().tolist() == [48, 60]
    assert int(cohort.presence.all(axis=1).sum()) == 48
    assert "13 lost" in found["ids-mapped:rna"].found
    assert "ensembl (100%)" in found["ids-mapped:rna"].found
    assert "refseq (100%)" in found["ids-mapped:protein"].found
    assert cohort.view("rna").features.is_unique


def test_counts_of_merged_features_are_summed(read, shared_data: Path) -> None:
    folder = shared_data / "motrpac_rat_wat"
    raw = pd.read_csv(folder / "TRNSCRPT_EXP.tsv.gz", sep="\t", index_col=0)
    table = pd.read_csv(folder / "TRNSCRPT_EXP_features.tsv.gz", sep="\t", index_col=0)
    ids = table.index[table["gene_symbol"] == "Il13ra1"]
    pids = pd.read_csv(folder / "TRNSCRPT_EXP_samples.tsv.gz", sep="\t", index_col=0, dtype=str)["pid"].rename(
        index=str
    )
    expected = raw.loc[ids].sum().set_axis(pids.loc[raw.columns])
    cohort = read("rat").cohort
    view = cohort.view("rna")
    got = view.values[view.present][:, view.features.get_loc("Il13ra1")]
    assert len(ids) == 2
    np.testing.assert_array_equal(got, expected.reindex(cohort.samples[view.present]))


def test_nci60_with_samples_in_rows_and_zeros_as_missing(read) -> None:
    cohort, found = read("nci60").cohort, read("nci60").findings
    assert len(cohort.samples) == 21
    assert {"samples-in-rows:mrna", "unnamed-features:protein", "duplicates-merged:protein"} <= set(found)
    protein = cohort.view("protein")
    assert not (protein.values == 0).any()
    assert not {"NA", "XK"} & set(protein.features)
    assert {"STAU1", "INIP"} <= set(protein.features)
    assert "GGACT" in cohort.view("mrna").features


def test_cite_seq_stays_sparse(read) -> None:
    cohort = read("citeseq").cohort
    assert not isinstance(cohort.view("rna").values, np.ndarray)
    assert cohort.view("rna").values.nnz == 663563
    assert cohort.presence.all(axis=None)
    assert cohort.view("rna").features[0] == "AL627309.1"


def test_adrenocortical_carcinoma_joined_by_patient(read) -> None:
    cohort = read("acc").cohort
    assert cohort.presence.sum().tolist() == [79, 46]
    assert int(cohort.presence.all(axis=1).sum()) == 46
    assert cohort.obs.loc["TCGA-OR-A5J1", "days_to_death"] == 1355


@pytest.mark.slow
def test_the_page_shows_what_the_command_prints(config_of, monkeypatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")  # as for a script
    printed = _script("cohorts").tables(config_of(path.stem) for path in CONFIGS)
    assert (ROOT / "docs/reference/cohorts.md").read_text().endswith(f"\n\n{printed}")


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
