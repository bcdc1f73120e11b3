import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse, stats

from pathfa.core.errors import ConfigError, InputError
from pathfa.data.cohort.views import View
from pathfa.data.preprocess.arrays import from_arrays, to_arrays
from pathfa.data.preprocess.preprocessor import ViewPreprocessor


def make_view(values, *, kind="auto", features=None, obs=None, present=None, preprocessing=None) -> View:
    n, g = values.shape
    samples = pd.Index([f"S{i}" for i in range(n)], dtype=object)
    return View(
        name="rna",
        values=values,
        present=np.ones(n, dtype=bool) if present is None else present,
        samples=samples,
        features=pd.Index([f"G{i}" for i in range(g)] if features is None else features, dtype=object),
        obs=pd.DataFrame(index=samples) if obs is None else obs.set_axis(samples),
        kind=kind,
        preprocessing=preprocessing or {},
    )


@pytest.fixture
def counts() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.negative_binomial(3, 0.02, (30, 40)).astype(float) * rng.integers(1, 4, (30, 1))


@pytest.fixture
def logs() -> np.ndarray:
    values = np.random.default_rng(1).normal(8, 2, (30, 12))
    values[np.random.default_rng(2).random(values.shape) < 0.1] = np.nan
    return values


def test_zscores_of_the_training_cohort(logs: np.ndarray) -> None:
    fitted = ViewPreprocessor().fit(make_view(logs))
    out = fitted.transform(make_view(logs))
    np.testing.assert_allclose(np.nanmean(out, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.nanstd(out, axis=0), 1)
    np.testing.assert_array_equal(np.isnan(out), np.isnan(logs))
    np.testing.assert_allclose(fitted.inverse(out), logs, rtol=1e-13)
    np.testing.assert_allclose(fitted.inverse_sd(np.ones_like(out)), np.tile(fitted.spread, (30, 1)))


def test_frozen_statistics_for_new_samples_that_lack_features(logs: np.ndarray) -> None:
    fitted = ViewPreprocessor().fit(make_view(logs))
    new = make_view(logs[:3, [5, 2]] + 1, features=["G5", "G2"])
    out = fitted.transform(new)
    assert np.isnan(np.delete(out, [2, 5], axis=1)).all()
    np.testing.assert_allclose(out[:, 5], (logs[:3, 5] + 1 - fitted.centre[5]) / fitted.spread[5])


def test_features_that_cannot_be_used_are_dropped_with_the_reason(logs: np.ndarray) -> None:
    logs[:, 0], logs[:, 1], logs[:20, 2], logs[:, 3] = np.nan, 4.0, np.nan, np.linspace(0, 0.01, 30)
    fitted = ViewPreprocessor(min_sd=0.1, max_features=7).fit(make_view(logs, kind="log"))
    reasons = fitted.dropped.set_index("feature")["reason"]
    assert reasons["G0"] == "fewer than 2 values"
    assert reasons["G1"] == "constant"
    assert reasons["G2"] == "more than 50% missing"
    assert reasons["G3"] == "standard deviation below 0.1"
    assert (reasons == "not among the 7 that vary most").sum() == 1
    assert len(fitted.features) == 7
    assert "1 feature dropped: constant" in fitted.steps


def test_nothing_left_says_why() -> None:
    with pytest.raises(InputError, match="none of 4 features is left: 4 constant"):
        ViewPreprocessor().fit(make_view(np.ones((5, 4))))


@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("transform", [None, "sqrt"])
def test_counts_come_back_exactly(counts: np.ndarray, as_sparse: bool, transform: str | None) -> None:
    view = make_view(sparse.csr_matrix(counts) if as_sparse else counts)
    fitted = ViewPreprocessor(transform=transform).fit(view)
    out = fitted.transform(view)
    assert fitted.steps[0].startswith("taken for counts: whole numbers from ")
    assert "samples brought to a total of" in fitted.steps[1]
    np.testing.assert_allclose(
        fitted.inverse(out, like=view), counts[:, view.features.isin(fitted.features)], atol=1e-9
    )
    typical = fitted.inverse(out)
    np.testing.assert_allclose(typical.sum(axis=1), typical.sum(axis=1)[0], rtol=1e-9)


def test_counts_of_a_feature_subset_keep_the_depth_of_the_training_library(counts: np.ndarray) -> None:
    view = make_view(counts)
    fitted = ViewPreprocessor().fit(view)
    part = fitted.subset(np.array([3, 7]))
    np.testing.assert_allclose(part.transform(view), fitted.transform(view)[:, [3, 7]])
    proportional = np.outer(np.arange(1, 5), counts.sum(axis=0))  # samples just like the training total
    half = make_view(proportional[:, :20])
    np.testing.assert_allclose(
        fitted.transform(half)[:, :20], fitted.transform(make_view(proportional))[:, :20], atol=1e-9
    )


@pytest.mark.parametrize("link", ["log1p", "log2", "log2p1", "sqrt"])
def test_sd_in_the_units_given_is_that_of_draws(link: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.gamma(20, 10, (200, 2))
    fitted = ViewPreprocessor(kind="normalised", transform=link).fit(make_view(values))
    mean, sd = np.array([[0.3, -0.5]]), np.array([[0.2, 0.4]])
    draws = fitted.inverse(rng.normal(mean, sd, (400_000, 2)))
    np.testing.assert_allclose(fitted.inverse_sd(sd, mean)[0], draws.std(axis=0), rtol=0.02)
    with pytest.raises(ConfigError, match="their means are needed"):
        fitted.inverse_sd(sd)


def test_intensities_of_zero_are_missing_and_log2() -> None:
    values = np.random.default_rng(4).lognormal(10, 1, (20, 5))
    values[0, 0] = 0.0
    view = make_view(values, kind="intensity")
    fitted = ViewPreprocessor(scale="none").fit(view)
    out = fitted.transform(view)
    assert np.isnan(out[0, 0])
    np.testing.assert_allclose(out[1:], np.log2(values[1:]))


def test_median_normalisation_removes_loading_and_returns_it(logs: np.ndarray) -> None:
    shifted = logs + np.arange(30)[:, None]
    view = make_view(shifted)
    fitted = ViewPreprocessor(normalise="median", scale="center").fit(view)
    out = fitted.transform(view)
    # one step of the median leaves what a constant shift cannot: the same as without the shift
    plain = ViewPreprocessor(normalise="median", scale="center").fit(make_view(logs)).transform(make_view(logs))
    assert np.nanmax(np.abs(out - plain)) < 1.5
    assert np.nanstd(np.nanmedian(out, axis=1)) < 0.5
    np.testing.assert_allclose(fitted.inverse(out, like=view), shifted, rtol=1e-12)


def test_quantile_normalisation_gives_one_distribution() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(0, 1, (10, 500)) * rng.uniform(0.5, 2, (10, 1)) + rng.normal(0, 3, (10, 1))
    view = make_view(values)
    fitted = ViewPreprocessor(normalise="quantile", scale="none", kind="log").fit(view)
    out = fitted.transform(view)
    assert stats.ks_2samp(out[0], out[1]).statistic < 0.01
    np.testing.assert_array_equal(np.argsort(out[3]), np.argsort(values[3]))
    np.testing.assert_allclose(fitted.inverse(out, like=view), values, atol=0.02)


def test_one_covariate_as_text_is_no_list_of_letters() -> None:
    with pytest.raises(ConfigError, match=r"expected a list of covariates, such as \['batch'\]"):
        ViewPreprocessor(regress="batch")


def test_regression_removes_the_batch_and_keeps_the_mean(logs: np.ndarray) -> None:
    batch = np.repeat(["a", "b", "c"], 10)
    age = np.random.default_rng(6).normal(60, 10, 30)
    effect = np.select([batch == "a", batch == "b"], [3.0, -2.0], 0.0) + 0.1 * age
    values = logs + effect[:, None]
    view = make_view(values, obs=pd.DataFrame({"batch": batch, "age": age}))
    fitted = ViewPreprocessor(regress=["batch", "age"], scale="center").fit(view)
    out = fitted.transform(view)
    columns = np.column_stack([batch == "a", batch == "b", age - age.mean(), np.ones(30)]).astype(float)
    for feature in range(out.shape[1]):
        rows = ~np.isnan(out[:, feature])
        left = np.linalg.lstsq(columns[rows], out[rows, feature], rcond=None)[0]
        np.testing.assert_allclose(left[:3], 0, atol=1e-10)
    np.testing.assert_allclose(fitted.inverse(out, like=view), values, rtol=1e-12)
    assert "linear effect of batch, age subtracted" in fitted.steps


@pytest.mark.parametrize(
    ("obs", "covariate", "message"),
    [
        ({"batch": ["a"] * 30}, "bach", "there is no covariate 'bach'"),
        ({"batch": ["a", None] * 15}, "batch", "covariate 'batch' is missing for 15 samples"),
        ({"batch": [f"b{i}" for i in range(30)]}, "batch", "30 levels for 30 samples"),
    ],
)
def test_covariates_that_cannot_be_regressed_on(logs, obs, covariate, message) -> None:
    with pytest.raises(InputError, match=message):
        ViewPreprocessor(regress=[covariate]).fit(make_view(logs, obs=pd.DataFrame(obs)))


def test_a_batch_that_training_lacked(logs: np.ndarray) -> None:
    fitted = ViewPreprocessor(regress=["batch"]).fit(make_view(logs, obs=pd.DataFrame({"batch": ["a", "b"] * 15})))
    with pytest.raises(InputError, match="has levels that the training cohort lacked"):
        fitted.transform(make_view(logs[:2], obs=pd.DataFrame({"batch": ["a", "z"]})))


def test_stored_and_read_again_is_the_same(counts: np.ndarray, tmp_path) -> None:
    import h5py
    from anndata.io import read_elem, write_elem

    obs = pd.DataFrame({"batch": ["a", "b"] * 15})
    view = make_view(counts, obs=obs, present=np.arange(30) > 2)
    fitted = ViewPreprocessor(regress=["batch"], normalise="median", max_features=20).fit(view)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        write_elem(file, "p", to_arrays(fitted))
        again = from_arrays(read_elem(file["p"]))
    np.testing.assert_array_equal(again.transform(view), fitted.transform(view))
    assert again.steps == fitted.steps
    pd.testing.assert_frame_equal(again.dropped, fitted.dropped, check_dtype=False)


def test_absent_samples_are_missing_also_in_sparse_views(counts: np.ndarray) -> None:
    present = np.arange(30) != 4
    counts[4] = 0
    view = make_view(sparse.csr_matrix(counts), present=present)
    out = ViewPreprocessor().fit(view).transform(view)
    assert np.isnan(out[4]).all()
    assert np.isfinite(out[present]).all()


def test_what_the_view_declares_counts_unless_options_say_otherwise(logs: np.ndarray) -> None:
    view = make_view(logs, kind="log", preprocessing={"max_features": 3, "normalise": "median"})
    assert len(ViewPreprocessor().fit(view).features) == 3
    assert len(ViewPreprocessor(max_features=5).fit(view).features) == 5
    assert ViewPreprocessor().fit(view).steps[0] == "declared as log"
    with pytest.raises(ConfigError, match="declares the unknown preprocessing 'log'"):
        ViewPreprocessor().fit(make_view(logs, preprocessing={"log": True}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": "zscor"}, "zscore"),
        ({"kind": "count"}, "counts"),
        ({"max_missing": 2}, "max_missing is 2; expected a share between 0 and 1"),
        ({"min_sd": -1}, "min_sd is -1"),
        ({"max_features": 0}, "max_features is 0"),
    ],
)
def test_impossible_options(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ViewPreprocessor(**options)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.random.default_rng(0).poisson(20, (20, 30)).astype(float), "counts"),
        (
            np.random.default_rng(0).gamma(1, 300, (20, 30)) * (np.random.default_rng(1).random((20, 30)) > 0.1),
            "normalised",
        ),
        (np.random.default_rng(0).lognormal(12, 2, (20, 30)), "intensity"),
        (np.random.default_rng(0).lognormal(15, 1, (20, 30)).round().clip(2000), "intensity"),
        (np.random.default_rng(0).uniform(0, 15, (20, 30)), "log"),
        (np.random.default_rng(0).normal(0, 0.5, (20, 30)), "ratio"),
        (np.random.default_rng(0).normal(5, 3, (20, 30)), "log"),
        (stats.zscore(np.random.default_rng(0).normal(5, 3, (20, 30))), "zscored"),
    ],
)
def test_scale_is_told_from_the_values(values: np.ndarray, kind: str) -> None:
    assert ViewPreprocessor().fit(make_view(values)).steps[0].startswith(f"taken for {kind}:")


@pytest.mark.parametrize("kind", ["counts", "log"])
@pytest.mark.parametrize("make", [np.array, sparse.csr_matrix])
def test_the_values_of_the_view_are_left_as_they_are(counts: np.ndarray, make, kind: str) -> None:
    view = make_view(make(counts), kind=kind)
    ViewPreprocessor().fit(view).transform(view)
    np.testing.assert_array_equal(view.dense(), counts)


@pytest.mark.parametrize("most", [None, 20])
def test_sparse_and_dense_counts_are_prepared_alike(counts: np.ndarray, most: int | None) -> None:
    views = make_view(counts), make_view(sparse.csr_matrix(counts))
    expected, got = (ViewPreprocessor(max_features=most).fit(view) for view in views)
    assert list(got.features) == list(expected.features)
    np.testing.assert_allclose(got.spread, expected.spread, rtol=1e-9)
    for view in views:
        np.testing.assert_allclose(got.transform(view), expected.transform(views[0]), rtol=1e-9, atol=1e-9)


@settings(max_examples=40)
@given(
    values=arrays(np.float64, (8, 5), elements=st.floats(0, 1e6, allow_subnormal=False)),
    missing=arrays(np.bool_, (8, 5)),
    kind=st.sampled_from(["log", "ratio", "zscored", "normalised", "estimated_counts"]),
    scale=st.sampled_from(["zscore", "center", "none"]),
    normalise=st.sampled_from(["none", "median"]),
)
def test_what_is_prepared_comes_back(values, missing, kind, scale, normalise) -> None:
    values = np.where(missing, np.nan, values)
    view = make_view(values, kind=kind)
    options = ViewPreprocessor(scale=scale, normalise=normalise, max_missing=1.0)
    try:
        fitted = options.fit(view)
    except InputError as refused:
        if refused.findings[0].code != "no-features":
            raise
        return
    out = fitted.transform(view)
    kept = values[:, view.features.isin(fitted.features)]
    np.testing.assert_array_equal(np.isnan(out), np.isnan(kept))
    np.testing.assert_allclose(fitted.inverse(out, like=view), kept, rtol=1e-6, atol=1e-6 * max(1.0, np.nanmax(kept)))
