"""A report never fails because of a covariate: what cannot be used is left out, with the reason."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as tried_with
from hypothesis import strategies as st
from random_result import random_result

import pathfa as pf
from pathfa.reporting.page.tables import files_of
from pathfa.workflow import actions
from pathfa.workflow.config import File, ReportOptions, Roles

N = 24
RNG = np.random.default_rng(3)
TIMES = RNG.exponential(10.0, N) + 0.1
COLUMNS = {
    "numbers": RNG.normal(size=N),
    "infinite": np.where(np.arange(N) == 3, np.inf, 1.0),
    "huge": RNG.normal(size=N) * 1e300,
    "constant": 1,
    "nothing": None,
    "lists": [[1]] * N,
    "complex": 1j,
    "dates": pd.date_range("2020-01-01", periods=N),
    "text": ["a", "b"] * (N // 2),
    "nullable text": pd.array(["a", None] * (N // 2), dtype="string"),
    "whole numbers": pd.array([1, None, 3] * (N // 3), dtype="Int64"),
    "truth": pd.array([True, None, False] * (N // 3), dtype="boolean"),
    "levels": pd.Categorical(["low", "high", None] * (N // 3), categories=["low", "high"], ordered=True),
    "intervals": pd.cut(np.arange(N), 4),
    "spans": pd.to_timedelta(np.arange(N), "D"),
    "Arrow": pd.array(np.arange(N), dtype="int64[pyarrow]"),
    "mixed": [1, "a", None] * (N // 3),
    "batch": ["x", "y", "z"] * (N // 3),
}
TIME = {
    "good": TIMES,
    "zeros": np.where(np.arange(N) % 3, TIMES, 0.0),
    "all zero": 0.0,
    "below zero": -TIMES,
    "infinite": np.where(np.arange(N) == 3, np.inf, TIMES),
    "missing": np.nan,
    "few": [1.0, 2.0, 3.0, 4.0, 5.0, *[np.nan] * (N - 5)],
    "equal": 5.0,
    "words": ["long"] * N,
    "dates": pd.date_range("2020-01-01", periods=N),
    "whole": pd.array([5, None, 7] * (N // 3), dtype="Int64"),
    "spans": pd.to_timedelta(np.arange(N), "D"),
}
EVENT = {
    "good": [1, 0, 1] * (N // 3),
    "all": 1,
    "none": 0,
    "words": ["Dead", "Alive"] * (N // 2),
    "truth": pd.array([True, None, False] * (N // 3), dtype="boolean"),
    "missing": None,
    "codes": [1, 2] * (N // 2),
}


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=14, derandomize=True, suppress_health_check=list(HealthCheck))
@tried_with(
    names=st.sets(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=5),
    time=st.sampled_from(sorted(TIME)),
    event=st.sampled_from(sorted(EVENT)),
    within_obs=st.booleans(),
)
def test_a_report_never_fails_because_of_a_covariate(names, time, event, within_obs, tmp_path_factory):
    small = {"n_factors": 2, "n_sets": 3}
    result = random_result(**small)
    columns = {name: COLUMNS[name] for name in names} | {"months": TIME[time], "died": EVENT[event]}
    table = pd.DataFrame(columns, index=result.scores.index)
    path = tmp_path_factory.mktemp("report") / "report.html"
    if within_obs:
        pf.report(random_result(obs=table, **small), path, time="months", event="died")
    else:
        pf.report(result, path, covariates=table, time="months", event="died")
    assert path.is_file()


@pytest.mark.parametrize(("time", "analysed"), [("good", True), ("zeros", True), ("below zero", False)])
def test_what_keeps_survival_from_being_analysed_is_said(time, analysed, tmp_path):
    result = random_result()
    table = pd.DataFrame({"months": TIME[time], "died": EVENT["good"]}, index=result.scores.index)
    path = pf.report(result, tmp_path / "report.html", covariates=table, time="months", event="died")
    assert (files_of(path) / "survival.tsv").exists() is analysed
    assert ("survival not analysed" in path.read_text()) is not analysed


def test_patients_outside_the_cohort_are_ignored(tmp_path):
    result = random_result()
    result.save(tmp_path / "model.h5")
    table = pd.DataFrame({"months": TIME["good"], "died": EVENT["good"]}, index=result.scores.index).astype(object)
    table.loc["elsewhere"] = ["unknown", "perhaps"]
    table.rename_axis("sample").to_csv(tmp_path / "patients.tsv", sep="\t")
    out = tmp_path / "report.html"
    given = File(path=str(tmp_path / "patients.tsv"))

    actions.report(tmp_path / "model.h5", out, given, Roles(time="months", event="died"), ReportOptions())
    assert (files_of(out) / "survival.tsv").is_file()
