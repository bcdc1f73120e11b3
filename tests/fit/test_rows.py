"""Which rows a fit sees, and that the result does not depend on it."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from torch import Tensor, arange, as_tensor, eye, ones

import pathfa as pf
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.fit.of_samples import of_samples
from pathfa.fit.rows import ViewShape, planned_rows, rows_of
from pathfa.inference.posterior.activity import ActivityModel
from pathfa.inference.posterior.project import project
from pathfa.inference.posterior.set_effects import SetEffects
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import make_problem

N, SIZES = 400, {"rna": 40, "antibody": 12}
OPTIONS = {"n_factors": 2, "n_starts": 1, "loading_prior": "soft", "progress": False}


def cells(n: int = N, seed: int = 0) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Return cells of which a third lack the antibodies, and a tenth the RNA."""
    rng = np.random.default_rng(seed)
    names = [f"G{i}" for i in range(sum(SIZES.values()))]
    sets = {f"S{i}": [names[j] for j in rng.choice(len(names), 12, replace=False)] for i in range(5)}
    loadings = np.zeros((len(names), 2))
    for factor in range(2):
        loadings[[names.index(name) for name in sets[f"S{factor}"]], factor] = rng.uniform(0.5, 1.5, 12)
    x = rng.standard_normal((n, 2)) @ loadings.T + 0.7 * rng.standard_normal((n, len(names)))
    table = pd.DataFrame(x, index=[f"C{i}" for i in range(n)], columns=names)
    rna, antibody = table.iloc[:, : SIZES["rna"]], table.iloc[:, SIZES["rna"] :]
    return {"rna": rna.iloc[: n - n // 10], "antibody": antibody.iloc[n // 3 :]}, sets


def test_samples_without_a_view_are_fitted_as_few_rows_and_each_has_its_scores():
    views, sets = cells()
    model = pf.PathFA(**OPTIONS).fit(views, sets)
    result = model.result_

    (said,) = [item for item in model.findings_ if item.code == "samples-compressed"]
    assert "400 samples are fitted as 104 rows" in said.found
    assert list(result.scores.index) == [
        *views["rna"].index,
        *(i for i in views["antibody"].index if i not in views["rna"].index),
    ]
    assert result.score_cov.shape == (3, 2, 2)
    assert result.scores.notna().all(axis=None)
    some = [f"C{i}" for i in (0, 1, 140, 141, 390, 391)]
    new, sd = model.transform({name: table[table.index.isin(some)] for name, table in views.items()}, return_std=True)
    pd.testing.assert_frame_equal(result.scores.loc[new.index], new, check_names=False, atol=1e-8)
    assert (sd.loc["C0"] > sd.loc["C140"]).any()


def test_single_missing_values_among_many_samples_are_said_to_cost():
    views, sets = cells()
    views["rna"].iloc[0, 0] = np.nan
    model = pf.PathFA(**{**OPTIONS, "n_factors": 1}, max_iter=3).fit(views, sets)

    (said,) = [item for item in model.findings_ if item.code == "samples-not-compressed"]
    assert "every iteration reads 400 samples" in said.found
    assert "max_missing: 0 for view 'rna'" in said.fix
    dropped = pf.PathFA(**{**OPTIONS, "n_factors": 1}, max_iter=3, preprocess={"rna": ViewPreprocessor(max_missing=0)})
    assert "samples-compressed" in [item.code for item in dropped.fit(views, sets).findings_]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 300)), min_size=1, max_size=4), st.integers(1, 300))
def test_planned_rows_are_those_of_a_cohort_whose_samples_lack_the_rarer_views(views, n):
    shapes = [ViewShape(name=str(i), n_features=size, n_samples=min(n, some)) for i, (size, some) in enumerate(views)]
    presence = np.arange(n)[:, None] < np.array([shape.n_samples for shape in shapes])

    planned, found = planned_rows(n, shapes), rows_of(presence, shapes)

    assert sorted(pair for pair in planned.alike if pair[0]) == sorted(found.alike)
    assert (planned.number, planned.compressed) == (found.number, found.compressed)
    assert found.n_compressed <= found.n_samples == n


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("size", [1, 7])
def test_scores_and_activities_do_not_depend_on_the_blocks(size, single, weighted):
    rng, n = np.random.default_rng(0), 30
    values = [rng.standard_normal((n, 8)), rng.standard_normal((n, 5))]
    values[1][rng.random(n) < 0.4] = np.nan
    if single:
        values[0][rng.random(values[0].shape) < 0.2] = np.nan
    masks = [(rng.random((x.shape[1], 3)) < 0.5).astype(float) for x in values]
    loadings = [
        ViewLoadings(
            mean=as_tensor(rng.standard_normal((x.shape[1], 2))),
            cov=0.1 * eye(2).double().expand(x.shape[1], 2, 2),
            noise_precision=ones(x.shape[1]).double(),
        )
        for x in values
    ]
    effects = SetEffects(variance=0.2 * ones(4, 2).double(), correlation=eye(2).double())

    problem = make_problem(list(zip(values, masks, strict=True)))

    if weighted:
        problem = problem.weighted([as_tensor(rng.choice([0.5, 1.0, 2.0], n)) for _ in values])
    moving = ActivityModel(problem.views, loadings, effects)

    def blocks(step):
        return (lambda rows=rows: (problem.take(rows),) * 2 for rows in arange(n).split(step))

    whole, parts = (of_samples(blocks(step), n, loadings, {}, moving) for step in (n, size))

    def all_of(found) -> list[Tensor]:
        scores = found.scores
        moving = [part for item in found.activities for part in (item.mean, item.sd)]
        return [scores.mean, scores.cov[scores.pattern], as_tensor(scores.log_det), *found.alone, *moving]

    for one, other in zip(all_of(whole), all_of(parts), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
    scores = project(problem, loadings, {})
    np.testing.assert_allclose(parts.scores.cov[parts.scores.pattern], scores.cov[scores.pattern], rtol=1e-10)
    assert len(parts.scores.cov) == len(scores.cov)
    assert single or weighted or len(parts.scores.cov) == 2


def test_zeros_without_a_logarithm_are_missing_values_that_keep_samples_apart():
    """A sparse matrix holds no missing value, but its zeros have no logarithm."""
    rng = np.random.default_rng(0)
    x = sparse.csr_matrix(np.exp2(rng.normal(10, 1, (90, 20))) * (rng.random((90, 20)) < 0.95))
    names = [f"G{i}" for i in range(20)]
    data = ad.AnnData(x, obs=pd.DataFrame(index=[f"S{i}" for i in range(90)]), var=pd.DataFrame(index=names))
    model = pf.PathFA(**OPTIONS, max_iter=3, preprocess={"protein": ViewPreprocessor(kind="intensity")})

    found = model.fit({"protein": data}, {"A": names[:8], "B": names[8:16]})

    assert "samples-not-compressed" in [item.code for item in found.findings_]


@pytest.mark.parametrize("missing", [False, True])
def test_threads_change_no_bit_of_a_fit(missing, monkeypatch):
    monkeypatch.setattr("pathfa.inference.numerics._AT_ONCE", 500)
    monkeypatch.setattr("pathfa.data.cohort.views._AT_ONCE", 500)
    views, sets = cells(150)
    if missing:
        views["rna"].iloc[0, 0] = np.nan
    one, several = (pf.PathFA(**OPTIONS, max_iter=4, n_jobs=number).fit(views, sets) for number in (1, 3))

    assert one.log_evidence_ == several.log_evidence_
    for name in ("scores", "activity", "activity_sd"):
        pd.testing.assert_frame_equal(getattr(one.result_, name), getattr(several.result_, name), check_exact=True)
