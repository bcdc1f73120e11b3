"""What a fit will cost, and the fit that cannot fit into memory."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pathfa as pf
from pathfa.cli import main
from pathfa.core.errors import ConfigError, InputError
from pathfa.core.progress import in_words
from pathfa.fit import problem
from pathfa.fit.cost import ViewShape, fit_cost, memory_limit, require_memory
from pathfa.options import Curvature, FitOptions

SIZES = st.integers(1, 100_000)


@given(SIZES, SIZES, st.integers(1, 5000), st.integers(1, 40), st.booleans())
def test_more_of_anything_never_costs_less_memory(n, features, sets, factors, complete):
    def memory(n, features, sets, factors):
        view = ViewShape(name="a", n_features=features, complete=complete)
        return fit_cost(n, [view], sets, FitOptions(n_factors=factors)).memory

    least = memory(n, features, sets, factors)
    larger = (n + 1, features, sets, factors), (n, features + 1, sets, factors), (n, features, sets + 1, factors)
    assert all(memory(*shape) >= least for shape in (*larger, (n, features, sets, factors + 1)))


def test_missing_values_more_starts_and_an_open_number_of_factors_cost_time():
    views = {"rna": 5000, "protein": 3000}
    one = pf.plan(100, views, 50, n_factors=5, n_starts=1, loading_prior="soft")
    more = [
        pf.plan(100, views, 50, incomplete=["rna"], n_factors=5, n_starts=1, loading_prior="soft"),
        pf.plan(100, views, 50, n_factors=5, n_starts=4, loading_prior="soft"),
        pf.plan(100, views, 50, n_factors=5, n_starts=1),
        pf.plan(100, views, 50, n_starts=1, loading_prior="soft"),
    ]
    assert all(cost.seconds > one.seconds for cost in more)


@given(SIZES, SIZES, st.integers(1, 4), st.sampled_from(["auto", 1, 7]))
def test_a_fit_may_converge_faster_and_more_slowly_than_is_usual(n, features, starts, factors):
    cost = pf.plan(n, {"a": features}, 50, n_starts=starts, n_factors=factors)
    least, most = cost.seconds_range
    assert 0.0 < least < cost.seconds < most
    (line,) = (line for line in cost.lines() if line.startswith("time:"))
    assert f"; {in_words(least)} to {in_words(most)}," in line


def test_curvature_is_that_of_the_fit():
    assert pf.plan(100, {"rna": 100}, 50, n_factors=10).curvature is Curvature.FULL
    assert pf.plan(100, {"rna": 100}, 51, n_factors=10).curvature is Curvature.FACTOR
    assert pf.plan(100, {"rna": 100}, 51, n_factors=10, curvature="diagonal").curvature is Curvature.DIAGONAL


def test_a_fit_takes_about_as_long_as_was_said():
    drawn = pf.simulate(n_samples=60, seed=0)
    model = pf.PathFA(n_factors=4, n_starts=1, loading_prior="soft", n_jobs=1, progress=False)
    said = model.plan(drawn.mdata, drawn.gene_sets)
    began = time.process_time()
    model.fit(drawn.mdata, drawn.gene_sets)
    took = time.process_time() - began
    assert 0.2 < said.seconds / took < 5.0  # the table of the benchmark is closer
    assert said.seconds_range[0] / 3.0 < took < 3.0 * said.seconds_range[1]


def test_only_what_is_fitted_counts():
    rng = np.random.default_rng(0)
    frame = pf.simulate(n_samples=40, seed=0).mdata.mod["rna"].to_df()
    wide = frame.join(pf.simulate(n_samples=40, seed=0).mdata.mod["rna"].to_df().add_prefix("x") * rng.normal())
    sets = {"A": list(frame.columns[:20]), "B": list(frame.columns[10:40])}
    every = pf.PathFA(n_factors=3).plan({"rna": wide}, sets)
    annotated = pf.PathFA(n_factors=3, features="annotated").plan({"rna": wide}, sets)
    assert annotated.memory < every.memory


def test_a_fit_that_cannot_fit_is_refused_and_told_what_would():
    views = [ViewShape(name="rna", n_features=20_000, complete=False), ViewShape(name="protein", n_features=100)]
    cost = fit_cost(1000, views, 50, FitOptions(n_factors=20))
    require_memory(cost, views, limit=cost.least_memory)
    with pytest.raises(InputError, match=r"max_features: \d+ for view 'rna'") as caught:
        require_memory(cost, views, limit=cost.least_memory / 2)
    (finding,) = caught.value.findings
    fewer = int(finding.fix.split("max_features: ")[1].split(" ")[0])
    smaller = [ViewShape(name="rna", n_features=fewer, complete=False), views[1]]
    require_memory(fit_cost(1000, smaller, 50, FitOptions(n_factors=20)), smaller, limit=cost.least_memory / 2)


def test_a_fit_asks_before_it_makes_tensors(monkeypatch):
    drawn = pf.simulate(n_samples=30, seed=0)
    monkeypatch.setattr("pathfa.fit.cost.memory_limit", lambda: 1000.0)
    monkeypatch.setattr(problem, "make_problem", lambda *_: pytest.fail("tensors were made"))
    with pytest.raises(InputError, match="the tensors of the fit alone need"):
        pf.PathFA(n_factors=2, progress=False).fit(drawn.mdata, drawn.gene_sets)


def test_samples_that_lack_a_view_and_views_in_files_are_planned_as_what_they_are():
    cells = {"rna": 2000, "antibody": 100}
    every, some, filed = (
        pf.plan(100_000, cells, 50, n_factors=10, **more)
        for more in ({}, {"measured": {"antibody": 70_000}}, {"stored": ["rna", "antibody"]})
    )
    assert (every.rows.number, some.rows.number) == (2100, 4100)
    assert every.seconds_per_iteration < some.seconds_per_iteration < 3.0 * every.seconds_per_iteration
    assert filed.memory == pytest.approx(every.memory - 8.0 * 100_000 * 2100)
    assert any("2,100 that stand for 100,000 samples" in line for line in every.lines())
    broken = pf.plan(100_000, cells, 50, n_factors=10, incomplete=["rna"])
    assert any("without single missing values in rna" in line for line in broken.lines())
    for wrong in ({"measured": {"antibody": 100_001}}, {"measured": {"atac": 5}}, {"stored": ["atac"]}):
        with pytest.raises(ConfigError):
            pf.plan(100_000, cells, 50, **wrong)


def test_this_machine_has_memory():
    assert memory_limit() > 1e8


def test_a_million_complete_cells_are_not_refused_for_their_number():
    few = fit_cost(10_000, [ViewShape(name="rna", n_features=2000)], 50, FitOptions(n_factors=10))
    many = fit_cost(1_000_000, [ViewShape(name="rna", n_features=2000)], 50, FitOptions(n_factors=10))
    assert many.least_memory == few.least_memory


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ((0, {"rna": 5}, 3), "n_samples"),
        ((5, {}, 3), "at least one view"),
        ((5, {"rna": 0}, 3), "rna"),
    ],
)
def test_numbers_that_cannot_be_are_told(given, match):
    with pytest.raises(ConfigError, match=match):
        pf.plan(*given)
    with pytest.raises(ConfigError, match="names of views"):
        pf.plan(5, {"rna": 5}, 3, incomplete=["protein"])


def test_the_command_says_the_same(capsys):
    line = ["plan", "--samples", "300", "--view", "rna=15000", "--view", "protein=8000", "--incomplete", "protein"]
    assert main([*line, "--n-factors", "8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    expected = pf.plan(300, {"rna": 15_000, "protein": 8000}, 50, incomplete=["protein"], n_factors=8)
    assert found["seconds"] == expected.seconds
    assert found["memory"] == expected.memory
    assert main(line) == 0
    assert "fits: 12 fits and 24 short starts" in capsys.readouterr().out
    assert main(["plan", "--samples", "3", "--view", "rna"]) == 78
    assert "Example: --view rna=15000" in capsys.readouterr().err
