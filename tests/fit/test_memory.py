"""What a fit has made is freed with it, without the collector of cycles, which large arrays do not wake."""

import gc
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView

VIEWS = {"rna": SimulatedView(n_features=60), "protein": SimulatedView(n_features=40)}
OPTIONS = {"n_factors": 3, "n_starts": 2, "max_iter": 12, "progress": False, "n_jobs": 1}
CASES: dict[str, dict[str, object]] = {
    "usual": {},
    "annotated": {"features": "annotated"},
    "strict": {"loading_prior": "strict"},
    "automatic": {"n_factors": "auto", "max_factors": 3},
    "factor": {"curvature": "factor", "features": "annotated"},
    "diagonal": {"curvature": "diagonal"},
    "below their limits": {"left_censored": ["protein"]},
    "not negative": {"sign": "nonnegative"},
}


@pytest.fixture(scope="module")
def cohort() -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Return the tables of a cohort and its gene sets."""
    drawn = pf.simulate(n_samples=30, seed=1, views=VIEWS)
    return {name: data.to_df() for name, data in drawn.mdata.mod.items()}, dict(drawn.gene_sets)


def alive() -> Counter[str]:
    """Return how many tensors there are, and objects of the package."""
    kinds = [type(item) for item in gc.get_objects()]
    return Counter(
        kind.__qualname__ for kind in kinds if kind is torch.Tensor or str(kind.__module__).startswith("pathfa.")
    )


def left_by(work: Callable[[], object]) -> Counter[str]:
    """Return what is there after some work that was not before, when nothing of it is held."""
    gc.collect()
    gc.disable()
    try:
        before = alive()
        work()
        return alive() - before
    finally:
        gc.enable()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_a_fit_leaves_nothing(case, cohort):
    tables, sets = cohort
    views = {name: table.copy() for name, table in tables.items()}
    views["protein"].iloc[3:9, 5:20] = np.nan

    def fit() -> None:
        pf.PathFA(**{**OPTIONS, **CASES[case]}).fit(views, sets)

    fit()  # what is made once and kept, such as classes and functions that are looked up
    assert not left_by(fit)


@pytest.mark.filterwarnings("ignore")
def test_what_a_model_is_asked_leaves_nothing(cohort):
    views, sets = cohort
    model = pf.PathFA(**OPTIONS).fit(views, sets)
    new = {
        name: pd.DataFrame(table.to_numpy(), [f"new {i}" for i in table.index], table.columns)
        for name, table in views.items()
    }

    def ask() -> None:
        model.transform(new)
        model.predict({"rna": new["rna"]}, "protein", return_std=True)
        model.activity(new, return_std=True)

    ask()
    assert not left_by(ask)
