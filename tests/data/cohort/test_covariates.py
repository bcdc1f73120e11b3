"""Covariates in whatever type pandas has: stored, or refused before anything is fitted; the same over the views."""

import datetime as dt
import decimal
import itertools
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pathfa as pf
from pathfa.data import as_cohort
from pathfa.errors import InputError

SAMPLES = [f"S{i}" for i in range(8)]
DAYS = pd.date_range("2020-01-01", periods=8)


def column(values, dtype=None, missing=()) -> pd.Series:
    values = [None if i in missing else value for i, value in enumerate(values)]
    return pd.Series(values, index=SAMPLES, dtype=dtype)


def arrow(kind):
    return pd.ArrowDtype(kind)


def cohort_with(**views: pd.Series):
    made = {}
    for name, values in views.items():
        rows = values.index
        x = np.random.default_rng(0).normal(size=(len(rows), 6))
        made[name] = ad.AnnData(x, obs=pd.DataFrame({"x": values}), var=pd.DataFrame(index=[f"G{i}" for i in range(6)]))
    return made


TEXT = ["a", "b"] * 4
KEPT = {
    "text": (column(TEXT), TEXT),
    "nullable text": (column(TEXT, "string", {1}), ["a", None, *TEXT[2:]]),
    "text of Arrow": (column(TEXT, "string[pyarrow]", {1}), ["a", None, *TEXT[2:]]),
    "dates": (column(DAYS, missing={2}), [f"2020-01-0{i}" if i != 3 else None for i in range(1, 9)]),
    "times": (column(pd.date_range("2020-01-01", periods=8, freq="h")), [f"2020-01-01T0{i}:00:00" for i in range(8)]),
    "dates of Python": (column([dt.date(2020, 1, i) for i in range(1, 9)]), [f"2020-01-0{i}" for i in range(1, 9)]),
    "dates of Arrow": (
        column([dt.date(2020, 1, i) for i in range(1, 9)], arrow(pa.date32())),
        [f"2020-01-0{i}" for i in range(1, 9)],
    ),
    "spans": (column(pd.to_timedelta(range(8), "D"), missing={1}), [0.0, None, *range(2, 8)]),
    "months": (column(pd.period_range("2020-01", periods=8, freq="M")), [f"2020-0{i}" for i in range(1, 9)]),
    "numbers": (column(range(8), float, {1}), [0.0, None, *range(2, 8)]),
    "whole numbers": (column(range(8), "Int64", {1}), [0, None, *range(2, 8)]),
    "numbers of Arrow": (column(range(8), "float64[pyarrow]", {1}), [0.0, None, *range(2, 8)]),
    "Float64": (column(range(8), "Float64", {1}), [0.0, None, *range(2, 8)]),
    "decimals": (column([decimal.Decimal(i) for i in range(8)]), list(range(8))),
    "sparse": (pd.Series(pd.arrays.SparseArray(range(8)), index=SAMPLES), list(range(8))),
    "truth": (column([True, False] * 4), [True, False] * 4),
    "truth with missing": (column([True, False] * 4, missing={1}), [True, None, *[True, False] * 3]),
    "a mixture": (column([1, "a", None, 2.5, "b", True, "c", 3]), ["1", "a", None, "2.5", "b", "True", "c", "3"]),
    "nothing": (column([None] * 8), [None] * 8),
}


def read_back(cohort, tmp_path):
    model = pf.PathFA(n_factors=1, n_starts=1, max_iter=2, loading_prior="strict", progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(cohort, {"A": [f"G{i}" for i in range(6)]}).save(tmp_path / "model.h5")
    return model.result_.obs["x"], pf.PathFA.load(tmp_path / "model.h5").result_.obs["x"]


@pytest.mark.parametrize("name", KEPT)
def test_what_pandas_holds_is_stored(name, tmp_path):
    given, expected = KEPT[name]
    fitted, loaded = read_back(cohort_with(rna=given), tmp_path)

    pd.testing.assert_series_equal(loaded, fitted, check_index_type=False)
    assert [None if value is pd.NA or value != value else value for value in fitted] == expected


@pytest.mark.parametrize(
    ("given", "levels", "ordered"),
    [
        (pd.Series(pd.cut(np.arange(8), [-1, 3, 9]), index=SAMPLES), ["(-1, 3]", "(3, 9]"], True),
        (column(pd.arrays.IntervalArray.from_breaks(range(9))), [f"({i}, {i + 1}]" for i in range(8)], True),
        (column(TEXT, pd.CategoricalDtype(["b", "a"], ordered=True), {1}), ["b", "a"], True),
        (column([1, 2] * 4, "category"), [1, 2], False),
        (column(DAYS, "category"), [f"2020-01-0{i}" for i in range(1, 9)], False),
        (column(TEXT, "string").astype("category"), ["a", "b"], False),
    ],
)
def test_levels_keep_their_order(given, levels, ordered, tmp_path):
    fitted, loaded = read_back(cohort_with(rna=given), tmp_path)

    pd.testing.assert_series_equal(loaded, fitted, check_index_type=False)
    assert list(fitted.cat.categories) == levels
    assert fitted.cat.ordered is ordered
    assert list(fitted.cat.codes) == list(given.astype("category").cat.codes)


@pytest.mark.parametrize("values", [[[1]] * 8, [1j] * 8, [b"x"] * 8, [{}] * 8, [np.ones(2)] * 8])
def test_what_no_file_holds_is_refused_before_the_fit(values):
    cohort = cohort_with(rna=column(values))
    with pytest.raises(InputError, match="view 'rna': 8 values other than numbers or text") as caught:
        pf.PathFA(progress=False).fit(cohort, {"A": [f"G{i}" for i in range(6)]})
    assert "covariate 'x'" in str(caught.value)
    assert "bad-covariate" in [item.code for item in pf.validate(cohort, {"A": ["G1"]})]


@pytest.mark.parametrize("names", [["_index"], [""], ["."], ["a", "a/b"], ["a", "a"]])
def test_names_that_no_file_takes_are_refused_before_the_fit(names):
    cohort = cohort_with(rna=column(TEXT))
    cohort["rna"].obs = pd.DataFrame([list(range(len(names)))] * 8, index=SAMPLES, columns=names)
    assert "bad-covariate" in [item.code for item in pf.validate(cohort, {"A": ["G1"]})]


def test_a_cohort_that_was_read_can_be_written(tmp_path):
    given = cohort_with(rna=column(DAYS), protein=column(TEXT, "string", {1}))
    pf.read_cohort(given).write(tmp_path / "cohort.h5mu")
    assert pf.read_cohort(tmp_path / "cohort.h5mu").obs.shape[0] == 8


def over_views(values: pd.Series, first: list[str], second: list[str]) -> pd.Series:
    obs = as_cohort(cohort_with(rna=values[first], protein=values[second])).obs
    assert list(obs.columns) == ["x"]
    return obs["x"]


TYPES = {
    "an order": column(["low", "mid", "high", "mid"] * 2, pd.CategoricalDtype(["low", "mid", "high"], ordered=True)),
    "levels": column(TEXT, "category"),
    "whole numbers": column(range(8), "Int64", {1}),
    "truth": column([True, False] * 4, "boolean", {1}),
    "text": column(TEXT),
    "numbers": column(range(8), float, {1}),
    "integers": column(range(8), int),
}


@settings(max_examples=60, derandomize=True)
@given(
    name=st.sampled_from(sorted(TYPES)),
    shared=st.sets(st.sampled_from(SAMPLES)),
    cut=st.integers(0, 8),
    same=st.booleans(),
)
def test_types_that_the_views_share_are_kept(name, shared, cut, same):
    values = TYPES[name]
    first = SAMPLES if same else [s for i, s in enumerate(SAMPLES) if i <= cut or s in shared]
    second = SAMPLES if same else [s for i, s in enumerate(SAMPLES) if i > cut or s in shared] or SAMPLES[:1]
    joined = over_views(values, first, second)
    pd.testing.assert_series_equal(joined.reindex(SAMPLES), values, check_names=False)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations([["low", "mid", "high"], ["low", "high"]])))
def test_an_order_survives_a_view_that_lacks_a_level(first, second):
    values = column(["low", "high"] * 4)
    ordered = [values.astype(pd.CategoricalDtype(levels, ordered=True)) for levels in (first, second)]
    joined = as_cohort(cohort_with(rna=ordered[0][:6], protein=ordered[1][2:])).obs["x"]
    assert list(joined.cat.categories) == ["low", "mid", "high"]
    assert joined.cat.ordered
    assert list(joined) == list(values)


def test_text_in_one_view_takes_the_order_of_the_other():
    values = column(["low", "high"] * 4)
    ordered = values.astype(pd.CategoricalDtype(["low", "high"], ordered=True))
    joined = as_cohort(cohort_with(rna=ordered[:6], protein=values[2:])).obs["x"]
    assert joined.cat.ordered
    assert list(joined.cat.categories) == ["low", "high"]


def test_values_that_differ_stay_apart():
    first, second = column(TEXT), column(TEXT[::-1])
    assert list(as_cohort(cohort_with(rna=first, protein=second)).obs) == ["rna:x", "protein:x"]
