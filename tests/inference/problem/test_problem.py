"""The data of a fit as tensors."""

import numpy as np
import pytest
import torch

from pathfa.inference.problem.problem import make_problem
from pathfa.inference.problem.view import make_view

X = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 6.0], [np.nan, np.nan, np.nan], [7.0, 8.0, 9.0]])
MASK = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])


def test_a_view_with_a_missing_entry_and_an_absent_sample():
    view = make_view(X, MASK)

    assert view.present.tolist() == [True, True, False, True]
    np.testing.assert_array_equal(view.observed, np.isfinite(X))
    np.testing.assert_array_equal(view.x, np.nan_to_num(X))
    np.testing.assert_array_equal(view.sum_squares, np.nansum(X**2, axis=0))
    np.testing.assert_array_equal(view.n_observed, [3, 2, 3])
    assert view.annotated.tolist() == [0, 1]
    assert view.n_features == 3


def test_a_view_whose_present_samples_are_complete_needs_no_table_of_what_was_observed():
    view = make_view(X[[0, 2, 3]], MASK)

    assert view.observed is None
    np.testing.assert_array_equal(view.n_observed, [2, 2, 2])


def test_only_some_views_leaves_the_others_unmeasured():
    problem = make_problem([(X, MASK), (X[:, :2], MASK[:2])]).only([1])

    assert not problem.views[0].present.any()
    assert float(problem.views[0].n_observed.sum()) == 0.0
    assert problem.views[1].present.tolist() == [True, True, False, True]
    assert torch.equal(problem.views[1].x, torch.as_tensor(np.nan_to_num(X[:, :2])))


def test_levels_belong_to_their_views():
    problem = make_problem([(X, MASK), (X, MASK)], levels=[np.arange(3.0), np.ones(3)])

    assert problem.views[0].level.tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="shorter"):
        make_problem([(X, MASK), (X, MASK)], levels=[np.arange(3.0)])


@pytest.mark.parametrize(("factor", "unit"), [(1.0, 1.0), (1.3, 1.0), (0.75, 1.0), (8.0, 8.0), (1e-6, 2.0**-20)])
def test_the_unit_of_a_view_is_a_power_of_two_near_the_size_of_its_values(factor, unit):
    x = np.array([[1.0, -1.0], [np.nan, 1.0], [-1.0, np.nan]])

    assert make_view(x * factor, MASK[:2]).unit == unit
    assert make_view(np.zeros((3, 2)), MASK[:2]).unit == 1.0
