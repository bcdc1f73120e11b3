"""Features that repeat others, and views that are the same."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from finding_checks import only
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import pathfa as pf
from pathfa.core.findings import Severity
from pathfa.data import View, as_cohort, read_cohort, validate
from pathfa.data.preprocess.identical import FEW_VALUES, fingerprints, in_both, repeats
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.errors import InputError


def view_of(values) -> View:
    """Return a view of these values, dense or sparse."""
    n, size = values.shape
    obs, var = pd.DataFrame(index=[f"S{i}" for i in range(n)]), pd.DataFrame(index=[f"G{i}" for i in range(size)])
    return as_cohort({"rna": ad.AnnData(values, obs=obs, var=var)}).views[0]


def as_table(values) -> pd.DataFrame:
    n, size = values.shape
    return pd.DataFrame(values, [f"S{i}" for i in range(n)], [f"G{i}" for i in range(size)])


def marks(values) -> np.ndarray:
    return fingerprints(view_of(values), np.arange(values.shape[1]))


@settings(max_examples=60, derandomize=True)
@given(
    of=st.lists(st.integers(0, 6), min_size=1, max_size=15),
    missing=st.booleans(),
    zeros=st.booleans(),
    seed=st.integers(0, 99),
)
def test_copies_are_found_dense_and_sparse(of, missing, zeros, seed):
    rng = np.random.default_rng(seed)
    different = rng.normal(size=(30, 7))
    if missing:
        different[rng.random(different.shape) < 0.3] = np.nan
    if zeros:
        different[rng.random(different.shape) < 0.3] = 0.0
    values = different[:, of]
    expected = [at for at, which in enumerate(of) if which in of[:at]]

    again, first = repeats(view_of(values))

    assert list(again) == expected
    assert list(first) == [of.index(of[at]) for at in expected]
    if not missing:
        np.testing.assert_array_equal(marks(sparse.csr_matrix(values)), marks(values))


def test_low_counts_that_agree_by_chance_are_no_copies():
    counts = np.zeros((30, 40))
    counts[3, :20] = 1.0
    counts[5, 20:] = 2.0
    assert not len(repeats(view_of(counts))[0])
    assert not len(repeats(view_of(sparse.csr_matrix(counts)))[0])


@pytest.mark.parametrize("rate", [0.05, 0.3, 3.0])
def test_counts_of_many_features_are_told_apart(rate):
    counts = np.random.default_rng(0).poisson(rate, (120, 6000)).astype(float)
    counts[:, 5990:] = counts[:, :10]
    _, first, place = np.unique(counts, axis=1, return_index=True, return_inverse=True)
    different = 1 + (np.diff(np.sort(counts, axis=0), axis=0) > 0).sum(axis=0)
    expected = [at for at in range(6000) if first[place.ravel()[at]] < at and different[at] >= FEW_VALUES]
    assert list(repeats(view_of(counts))[0]) == expected
    assert list(repeats(view_of(sparse.csr_matrix(counts)))[0]) == expected
    for scale in (1.0, 0.25, 1024.0):  # exact in binary
        assert list(repeats(view_of(counts * scale))[0]) == expected


@pytest.fixture
def exploded(frame) -> dict[str, pd.DataFrame]:
    """A protein group of three genes, each with the values of the group."""
    table = frame()
    return {"rna": frame(seed=1), "protein": table.assign(A1=table["STAT1"], A2=table["STAT1"], B1=table["IRF1"])}


def test_copies_count_once_unless_told_otherwise(exploded, gene_sets):
    found = only(validate(exploded, gene_sets), "identical-features")
    assert found.severity is Severity.REPAIRED
    assert found.found.startswith("3 features repeat the values of another in every sample, in 2 groups: the first")
    assert found.examples == ("STAT1 = A1 = A2", "IRF1 = B1")
    assert "drop_identical: false" in found.fix
    fitted = ViewPreprocessor().fit(as_cohort(exploded).view("protein"))
    assert list(fitted.features) == list(exploded["rna"].columns)
    assert fitted.copies == {"A1": "STAT1", "A2": "STAT1", "B1": "IRF1"}

    cohort = read_cohort(exploded, options={"protein": {"drop_identical": False}})
    assert only(validate(cohort, gene_sets), "identical-features").severity is Severity.WARNING
    assert len(ViewPreprocessor().fit(as_cohort(cohort).view("protein")).features) == exploded["protein"].shape[1]


def test_what_is_kept_is_a_member_of_the_gene_sets_of_its_copies(exploded, gene_sets, tmp_path):
    weighted = {**gene_sets, "OF_COPIES": {**dict.fromkeys(list(exploded["rna"].columns[10:20]), 1.0), "A2": -2.0}}
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(exploded, weighted)
    at = list(model.result_.loadings["protein"].index).index("STAT1")
    column = model.result_.gene_set_names.index("OF_COPIES")
    assert model.result_.masks["protein"][at, column] == -2.0
    assert model.result_.masks["rna"][at, column] == 0.0

    model.save(tmp_path / "model.h5")
    again = pf.PathFA.load(tmp_path / "model.h5")
    scores = model.transform(exploded)
    for lacking in (["A1", "A2", "B1"], ["STAT1", "A1", "IRF1"], []):
        new = {**exploded, "protein": exploded["protein"].drop(columns=lacking)}
        pd.testing.assert_frame_equal(again.transform(new), scores)


AGAIN = {
    "reordered": lambda table: table.iloc[::-1],
    "renamed": lambda table: table.rename(columns=lambda name: f"p.{name}"),
    "a part of the samples": lambda table: table.iloc[7:],
    "a part of the features": lambda table: table.iloc[:, ::2],
    "exponential": np.exp,
    "each feature in its own unit": lambda table: 3.0 * (table - table.mean()) / table.std(),
    "with missing values": lambda table: table.mask(table < table.quantile(0.02)),
    "with other features": lambda table: table.assign(**{f"N{i}": np.arange(len(table))[::-1] % 11 for i in range(9)}),
    "of few samples": lambda table: table.iloc[:6],
}


@pytest.mark.parametrize("change", AGAIN)
def test_one_table_as_two_views_is_an_error(change, frame, gene_sets):
    one = frame().mask(frame() < frame().quantile(0.02)) if change == "with missing values" else frame()
    views = {"rna": one, "protein": AGAIN[change](frame())}
    found = only(validate(views, gene_sets), "equal-views")
    n = len(views["protein"])
    shared = min(view.shape[1] for view in views.values())
    assert found.found.startswith(f"{shared} of its features are features of 'rna' again: they put all {n} samples")
    with pytest.raises(InputError, match="features of 'rna' again"):
        pf.PathFA(progress=False).fit(views, gene_sets)


def test_covariates_in_both_tables_do_not_make_them_one(frame, gene_sets):
    both = frame(seed=3).iloc[:, :2].set_axis(["age", "purity"], axis=1)
    mutated = (frame(seed=2) > frame(seed=2).median()).astype(float)
    views = {"rna": frame().join(both), "mutations": mutated.join(both)}
    assert "equal-views" not in {item.code for item in validate(views, gene_sets)}


@settings(max_examples=40, derandomize=True)
@given(
    n=st.integers(4, 60),
    counts=st.booleans(),
    noise=st.sampled_from([0.1, 0.3, 3.0]),
    lacking=st.integers(0, 30),
    seed=st.integers(0, 9),
)
def test_two_measurements_are_two_however_much_they_agree(n, counts, noise, lacking, seed):
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=(n, 40))
    one, two = (signal + noise * rng.normal(size=signal.shape) for _ in range(2))
    if counts:
        one, two = (rng.poisson(np.exp(x)).astype(float) for x in (one, two))
    first, second = as_cohort({"a": as_table(one), "b": as_table(two).iloc[min(lacking, n - 2) :]}).views
    found = in_both(first, second)
    assert found.shared <= 1 or found.shared <= 0.5 * found.comparable


@pytest.mark.slow
def test_copies_become_no_factors_when_dropped():
    cohort = pf.simulate(n_samples=30, seed=3)
    views = {name: data.to_df() for name, data in cohort.mdata.mod.items()}
    rng, copies, size = np.random.default_rng(8), {}, len(views["protein"])
    for group in range(4):
        values = 3.0 * rng.normal(size=size)
        copies |= {f"FAM{group}_{i}": values for i in range(8)}
    spoilt = {**views, "protein": views["protein"].assign(**copies)}
    options = {"n_starts": 1, "max_factors": 8, "progress": False, "loading_prior": "soft", "max_iter": 60}
    every = {"protein": ViewPreprocessor(drop_identical=False)}

    clean, kept, without = (
        pf.PathFA(**options, preprocess=given).fit(data, cohort.gene_sets)
        for data, given in ((views, None), (spoilt, every), (spoilt, None))
    )
    assert len(clean.factor_names_) == len(without.factor_names_) < len(kept.factor_names_)
