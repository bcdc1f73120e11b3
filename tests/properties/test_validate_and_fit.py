"""Whatever stops a fit is found by ``validate``, and nothing else is called an error."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pathfa as pf
from pathfa.core.errors import PathFAError
from pathfa.core.findings import Severity

QUICK = {"n_factors": 1, "n_starts": 1, "max_iter": 2, "loading_prior": "strict", "progress": False, "n_jobs": 1}
SPOILT = ("", "constant", "missing", "mostly missing", "one sample", "other samples", "infinite", "text", "other names")


@st.composite
def views(draw) -> dict[str, pd.DataFrame]:
    n = draw(st.sampled_from([1, 2, 3, 8]))
    made = {}
    for number in range(draw(st.integers(1, 3))):
        g = draw(st.sampled_from([1, 2, 6, 12]))
        x = np.random.default_rng(number).normal(size=(n, g))
        table = pd.DataFrame(x, index=[f"S{i}" for i in range(n)], columns=[f"G{i}" for i in range(g)])
        made[f"v{number}"] = spoil(table, draw(st.sampled_from(SPOILT)), draw(st.integers(1, g)))
    return made


def spoil(table: pd.DataFrame, how: str, few: int) -> pd.DataFrame:
    """Spoil some features, or some samples."""
    if how == "constant":
        table.iloc[:, :few] = 1.0
    elif how == "missing":
        table.iloc[:, :few] = np.nan
    elif how == "mostly missing":
        table.iloc[1:, :few] = np.nan
    elif how == "one sample":
        return table.iloc[:1]
    elif how == "other samples":
        return table.rename(index=lambda name: f"other {name}")
    elif how == "infinite":
        table.iloc[0, :few] = np.inf
    elif how == "text":
        return table.astype(object).replace({table.iloc[0, 0]: "high"})
    elif how == "other names":
        return table.rename(columns=lambda name: f"P{name[1:]}")
    return table


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(cohort=views(), sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3), least=st.integers(1, 7))
def test_what_stops_a_fit_is_found_before(cohort, sizes, least):
    sets = {f"SET_{at}": [f"G{i}" for i in range(size)] for at, size in enumerate(sizes)}
    found = pf.validate(cohort, sets, min_set_size=least)
    errors = [item for item in found if item.severity is Severity.ERROR]
    problem = ""
    try:
        pf.PathFA(**QUICK, min_set_size=least).fit(cohort, sets)
    except PathFAError as refused:
        problem = str(refused)
    assert bool(errors) == bool(problem), problem or errors


def test_a_view_without_a_value_is_named(frame, gene_sets):
    views = {"rna": frame(), "protein": frame() * np.nan}
    with pytest.raises(PathFAError, match="view 'protein': it has no value") as caught:
        pf.PathFA().fit(views, gene_sets)
    assert "rna" not in str(caught.value)
