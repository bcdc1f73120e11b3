"""Single values that are off do not spoil a fit, and what was taken for missing is said and can be listed."""

import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.analysis import outlying_values

OPTIONS = {"n_factors": 4, "loading_prior": "soft", "n_starts": 1, "scale": "none", "progress": False}


@pytest.fixture(scope="module")
def cohort():
    return pf.simulate(n_samples=40, seed=4, factors=4, loading_prior="soft")


@pytest.fixture(scope="module")
def spoilt(cohort):
    """Return the tables with 1 % of values off, and the places of those that are off by much."""
    rng, tables, off = np.random.default_rng(4), {}, []
    for name, data in cohort.mdata.mod.items():
        table = data.to_df()
        moved = (rng.random(table.shape) < 0.01) * rng.normal(0.0, 8.0, table.shape)
        tables[name] = table + moved
        rows, columns = np.nonzero(np.abs(moved) > 6.0)
        off += [(table.index[row], name, table.columns[column]) for row, column in zip(rows, columns, strict=True)]
    return tables, off


@pytest.fixture(scope="module")
def models(cohort, spoilt):
    clean = {name: data.to_df() for name, data in cohort.mdata.mod.items()}
    fits = {
        kind: pf.PathFA(**OPTIONS, outlying_values=kind).fit(spoilt[0], cohort.gene_sets) for kind in ("kept", "auto")
    }
    return fits | {"clean": pf.PathFA(**OPTIONS).fit(clean, cohort.gene_sets)}


def error(model, cohort):
    """Return the root mean square error of the activities against the mean of the members without noise."""
    truth = cohort.truth
    values = pd.concat({n: truth.scores @ w.T for n, w in truth.loadings.items()}, axis=1)
    names = {column: column[1] for column in values}
    squares = []
    for name, members in cohort.gene_sets.items():
        own = [column for column in values if names[column] in set(members)]
        squares.append((values[own].mean(axis=1) - model.activity_[name]) ** 2)
    return float(np.sqrt(np.mean(squares)))


def test_activities_are_as_good_as_without_such_values(models, cohort):
    assert error(models["kept"], cohort) > 1.08 * error(models["clean"], cohort)
    assert error(models["auto"], cohort) < 1.05 * error(models["clean"], cohort)
    assert models["auto"].log_evidence_ > models["kept"].log_evidence_ + 100.0


def test_what_was_planted_is_listed(models, spoilt):
    table = outlying_values(models["auto"], spoilt[0])

    found = set(table[["sample", "view", "feature"]].itertuples(index=False, name=None))
    assert len(found & set(spoilt[1])) > 0.95 * len(spoilt[1])
    distance = ((table["value"] - table["expected"]) / table["sd"]).abs()
    assert distance.is_monotonic_decreasing
    told = {view: item["number"] for view, item in models["auto"].settings_["outlying_values"].items()}
    assert table["view"].value_counts().to_dict() == told
    assert outlying_values(models["kept"], spoilt[0]).empty


def test_a_finding_says_how_many(models):
    told = [item for item in models["auto"].findings_ if item.code == "outlying-values"]

    assert {item.view for item in told} == {"rna", "protein"}
    assert not [item for item in models["clean"].findings_ if item.code == "outlying-values"]


def test_samples_of_the_fit_are_what_they_were_and_come_back_from_a_file(models, spoilt, tmp_path):
    model = models["auto"]
    model.save(tmp_path / "model.h5")

    for known in (model, pf.PathFA.load(tmp_path / "model.h5")):
        pd.testing.assert_frame_equal(known.transform(spoilt[0]), model.scores_, check_names=False)
        pd.testing.assert_frame_equal(known.activity(spoilt[0]), model.activity_, check_names=False)


def test_a_clean_cohort_is_fitted_as_it_was(models, cohort):
    clean = {name: data.to_df() for name, data in cohort.mdata.mod.items()}
    kept = pf.PathFA(**OPTIONS, outlying_values="kept").fit(clean, cohort.gene_sets)

    pd.testing.assert_frame_equal(kept.activity_, models["clean"].activity_)
