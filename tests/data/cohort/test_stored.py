"""Values that stay in a file: whatever is done with them gives the same as in memory."""

import logging
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec

import anndata as ad
import dask.array
import distributed
import mudata as md
import numpy as np
import pandas as pd
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from zarr.storage import LoggingStore, MemoryStore

import pathfa as pf
from pathfa.data import as_cohort, validate
from pathfa.data.cohort.matrix import Stored, as_dense, padded, select, stored_values
from pathfa.data.cohort.views import blocks_of
from pathfa.data.preprocess.preprocessor import ViewPreprocessor

N, G = 60, 24
STORES = ["h5ad", "zarr", "dask"]
SETS = {"A": [f"G{i}" for i in range(9)], "B": [f"G{i}" for i in range(7, 20)]}


def annotated(values) -> ad.AnnData:
    n, size = values.shape
    batch = pd.DataFrame({"batch": np.where(np.arange(n) % 3, "a", "b")}, index=[f"S{i}" for i in range(n)])
    return ad.AnnData(values, obs=batch, var=pd.DataFrame(index=[f"G{i}" for i in range(size)]))


def backed(data: ad.AnnData, folder, store: str) -> ad.AnnData:
    """Return the same data with X in a file, or in a graph of dask."""
    if store == "dask":
        x = dask.array.from_array(data.X, chunks=(13, data.n_vars), asarray=False)
        return ad.AnnData(x, obs=data.obs, var=data.var)
    if store == "h5ad":
        data.write_h5ad(folder / "x.h5ad")
        return ad.read_h5ad(folder / "x.h5ad", backed="r")
    data.write_zarr(folder / "x.zarr")
    group = zarr.open_group(folder / "x.zarr", mode="r")
    x = ad.io.sparse_dataset(group["X"]) if sparse.issparse(data.X) else group["X"]
    return ad.AnnData(x, obs=data.obs, var=data.var)


@pytest.fixture(autouse=True)
def _nothing_is_small(monkeypatch):
    """Let every matrix stay where it is, and blocks be of a few samples."""
    monkeypatch.setattr("pathfa.data.cohort.parts.SMALL", 0)
    monkeypatch.setattr("pathfa.data.cohort.views._READ", 17 * G)
    monkeypatch.setattr("pathfa.data.cohort.views._AT_ONCE", 7 * G)


def counts(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(2.0, 2.0, (N, G)) * rng.uniform(0.5, 2.0, (N, 1))).astype(np.float32)


def logs(seed: int = 0, missing: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = 9.0 + rng.standard_normal((N, 2)) @ rng.standard_normal((2, G)) + rng.standard_normal((N, G))
    x[rng.random(x.shape) < missing] = np.nan
    return x.astype(np.float32)


CASES = {
    "logarithms": (logs(), {}),
    "with missing values": (logs(missing=0.1), {}),
    "with a copy": (np.hstack([logs()[:, :-1], logs()[:, :1]]), {}),
    "intensities": (np.exp2(logs(missing=0.1)), {"transform": "log2", "normalise": "median"}),
    "quantiles": (logs(missing=0.05), {"normalise": "quantile"}),
    "regressed": (logs(missing=0.1), {"regress": ["batch"]}),
    "most variable": (logs(), {"max_features": 10}),
    "counts": (counts(), {}),
    "sparse counts": (sparse.csr_matrix(counts()), {"regress": ["batch"]}),
    "sparse counts without logarithm": (sparse.csr_matrix(counts()), {"transform": "sqrt"}),
}


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("case", CASES)
def test_checks_and_preprocessing_are_those_of_the_values_in_memory(case, store, tmp_path):
    values, options = CASES[case]
    kept = backed(annotated(values), tmp_path, store)
    here, there = (as_cohort({"rna": data}) for data in (annotated(values), kept))
    assert isinstance(there.views[0].values, Stored)

    one, other = (ViewPreprocessor(**options).fit(cohort.views[0]) for cohort in (here, there))

    assert [str(item) for item in validate(there, SETS)] == [str(item) for item in validate(here, SETS)]
    assert one.steps == other.steps
    pd.testing.assert_frame_equal(one.dropped, other.dropped)
    for name in ("centre", "spread", "level", "missing", "share", "target", "reference", "coefficients"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(other.transform(there.views[0]), one.transform(here.views[0]), rtol=1e-8, atol=1e-8)


@settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.integers(-1, N - 1), max_size=40),
    columns=st.lists(st.integers(0, G - 1), max_size=30),
    dense=st.booleans(),
    store=st.sampled_from(["h5ad", "zarr"] + ["dask"] * (find_spec("dask") is not None)),
)
def test_any_rows_and_columns_are_read_as_they_are(rows, columns, dense, store, tmp_path_factory):
    rows, columns = np.array(rows, dtype=int), np.array(columns, dtype=int)
    values = counts() if dense else sparse.csr_matrix(counts())
    kept = stored_values(backed(annotated(values), tmp_path_factory.mktemp("rows"), store))

    lazy = padded(select(kept, columns=columns), rows)

    expected = as_dense(padded(select(values, columns=columns), rows))
    assert isinstance(lazy, Stored)
    assert lazy.shape == expected.shape
    np.testing.assert_array_equal(as_dense(lazy), expected)
    np.testing.assert_array_equal(as_dense(lazy[np.arange(len(rows))[::2]]), expected[::2])


@pytest.mark.parametrize("chunk", [1, 4, 16, 17, 19, 30, 34])
@pytest.mark.parametrize("few", [False, True])
def test_one_pass_reads_every_chunk_of_a_file_once_and_never_many_samples_at_once(chunk, few):
    store = LoggingStore(MemoryStore(), log_handler=logging.NullHandler())
    x = zarr.create_array(store, data=counts(), chunks=(chunk, G))
    view = as_cohort(annotated(x)).views[0]
    if few:
        view = replace(view, values=select(view.values, columns=np.arange(2)), features=view.features[:2])
    before = store.counter["get"]

    blocks = [block for (block,) in blocks_of([view], np.arange(N))]

    assert store.counter["get"] - before == -(-N // chunk)
    assert max(len(block.samples) for block in blocks) <= 2 * 17
    np.testing.assert_array_equal(np.vstack([as_dense(block.values) for block in blocks]), as_dense(view.values))


@pytest.mark.parametrize("store", STORES)
def test_a_fit_of_stored_views_that_some_samples_lack_is_that_of_the_values_in_memory(store, tmp_path):
    x, y = logs(0)[: N - 12, :14], sparse.csr_matrix(counts(1)[9:])
    here = {"rna": annotated(x), "other": annotated(y)}
    here["other"].obs_names = [f"S{i}" for i in range(9, N)]
    here["other"].var_names = [f"G{i}" for i in range(10, 10 + G)]
    there = {}
    for name, data in here.items():
        (tmp_path / name).mkdir()
        there[name] = backed(data, tmp_path / name, store)
    options = {"n_factors": 2, "n_starts": 1, "loading_prior": "soft", "max_iter": 5, "progress": False}

    one, other = (pf.PathFA(**options).fit(data, SETS) for data in (here, there))

    assert other.log_evidence_ == pytest.approx(one.log_evidence_, rel=1e-8)
    for a, b in ((one.scores_, other.scores_), (one.result_.activity, other.result_.activity)):
        pd.testing.assert_frame_equal(a, b, atol=1e-6, rtol=1e-6)


@pytest.mark.slow
def test_processes_of_a_dask_cluster_read_what_is_fitted(tmp_path):
    logs().tofile(tmp_path / "x")
    x = dask.array.from_array(np.memmap(tmp_path / "x", dtype=np.float32, mode="r", shape=(N, G)), chunks=(13, G))
    kept, options = annotated(logs()), {"n_factors": 1, "n_starts": 1, "loading_prior": "soft", "max_iter": 3}

    with distributed.LocalCluster(2, processes=True, dashboard_address=None) as cluster, distributed.Client(cluster):
        data = ad.AnnData(x, obs=kept.obs, var=kept.var)
        there = pf.PathFA(**options, progress=False).fit(data, SETS)
    here = pf.PathFA(**options, progress=False).fit(kept, SETS)

    pd.testing.assert_frame_equal(there.scores_, here.scores_, atol=1e-8)


def test_the_views_of_a_backed_mudata_stay_in_their_file(tmp_path):
    made = md.MuData({"rna": annotated(logs()), "other": annotated(counts())})
    made.write_h5mu(tmp_path / "x.h5mu")

    cohort = as_cohort(md.read_h5mu(tmp_path / "x.h5mu", backed="r"))

    assert [type(view.values) for view in cohort.views] == [Stored, Stored]
    np.testing.assert_array_equal(cohort.views[1].dense(), counts())


def test_small_values_are_read_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("pathfa.data.cohort.parts.SMALL", N * G)
    cohort = as_cohort(backed(annotated(logs()), tmp_path, "zarr"))
    assert isinstance(cohort.views[0].values, np.ndarray)


def test_impossible_values_are_named_wherever_they_are(tmp_path):
    x = logs()
    x[40, 3], x[2, 5], x[50, 1] = np.inf, 1e31, -np.inf
    kept = backed(annotated(x), tmp_path, "zarr")

    here, there = ([str(item) for item in validate({"rna": data}, SETS)] for data in (annotated(x), kept))

    assert there == here
    assert any("2 values are infinite" in text and "S40, G3" in text for text in here)
    assert any("1 value are beyond" in text or "1 value is beyond" in text for text in here)


DYING = """
import os, signal, sys
import anndata as ad
import dask.array
import distributed
import pathfa as pf
import pathfa.data.cohort.parts as parts, pathfa.data.cohort.views as views, pathfa.fit.of_samples as last
parts.SMALL, views._READ, views._AT_ONCE = 0, 17 * 24, 7 * 24
folder, dies = sys.argv[1], sys.argv[2] == "dies"
given, calls = last.project_each, []

def project_each(*args):
    calls.append(1)
    if dies and len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return given(*args)

last.project_each = project_each
sets = {"A": [f"G{i}" for i in range(9)], "B": [f"G{i}" for i in range(7, 20)]}
model = pf.PathFA(n_factors=1, n_starts=1, loading_prior="soft", max_iter=3, progress=False)
model.fit(ad.read_h5ad(folder + "/x.h5ad", backed="r"), sets).save(folder + "/model.h5")
"""


@pytest.mark.slow
def test_a_fit_that_is_killed_while_it_reads_leaves_nothing_and_can_be_repeated(tmp_path):
    annotated(logs()).write_h5ad(tmp_path / "x.h5ad")
    before = (tmp_path / "x.h5ad").read_bytes()

    killed, done = (
        subprocess.run([sys.executable, "-W", "ignore", "-c", DYING, str(tmp_path), how], check=False).returncode
        for how in ("dies", "lives")
    )

    assert (killed, done) == (-signal.SIGKILL, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.h5", "x.h5ad"]
    assert (tmp_path / "x.h5ad").read_bytes() == before
    assert pf.PathFA.load(tmp_path / "model.h5").scores_.shape == (N, 1)
