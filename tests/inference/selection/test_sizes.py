"""Choice of the number of factors from a curve of evidence."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathfa.inference.selection.rule import LEAST
from pathfa.inference.selection.sizes import FLAT, MIN_GAIN, choose_size

LIMIT = 40
GAINS = st.lists(st.floats(min_value=-50.0, max_value=5000.0), min_size=LIMIT, max_size=LIMIT)


def told_in_full(curve):
    """Return what tells the evidence of every number of factors, whatever must be reached."""
    return lambda size, _: curve[size]


def told_in_part(curve, seed, asked=None):
    """Return what tells less than the evidence where that cannot reach what matters."""
    rng = np.random.default_rng(seed)

    def evidence(size, goal):
        if asked is not None:
            asked.append(size)
        if goal is None or curve[size] >= goal:
            return curve[size]
        return curve[size] - rng.exponential(100.0)

    return evidence


def is_as_close_as_the_bracket(found, other):
    """Return whether two choices are for one reason, and of one number of factors as closely as that is looked for."""
    larger = max(found[0], other[0])
    return found[1] == other[1] and abs(found[0] - other[0]) <= (larger // 8 if larger > 16 else 0)


def curve_of(gains):
    return np.concatenate([[-1e6], -1e6 + np.cumsum(gains)])


@given(gains=GAINS, seed=st.integers(0, 100))
def test_what_cannot_reach_what_matters_need_not_be_known(gains, seed):
    curve = curve_of(sorted(gains, reverse=True))

    found, expected = choose_size(told_in_part(curve, seed), LIMIT), choose_size(told_in_full(curve), LIMIT)

    assert is_as_close_as_the_bracket(found, expected)


@given(size=st.integers(0, 30), gain=st.floats(200.0, 1e5), after=st.floats(-50.0, 1.0), seed=st.integers(0, 100))
def test_a_curve_that_becomes_flat_ends_at_its_last_rise(size, gain, after, seed):
    curve = curve_of([gain] * size + [after] * (LIMIT - size))

    found, why = choose_size(told_in_part(curve, seed), LIMIT)

    assert why == "evidence"
    assert abs(found - size) <= (max(found, size) // 8 if max(found, size) >= 16 else 0)


@given(first=st.floats(1e5, 1e6), ratio=st.floats(0.5, 0.95), seed=st.integers(0, 100))
def test_a_curve_that_rises_for_ever_ends_where_a_factor_adds_too_little(first, ratio, seed):
    gains = first * ratio ** np.arange(400)
    curve = curve_of(np.maximum(gains, 2.0 * FLAT * gains.sum()))

    found, why = choose_size(told_in_part(curve, seed), 300)

    share = [gain / (curve[k] - curve[0]) for k, gain in enumerate(np.diff(curve)) if k]  # of factor 2, 3, ...
    expected = 1 + next(k for k, item in enumerate(share) if item <= MIN_GAIN)
    assert why == "gain"
    assert abs(found - expected) <= max(1, expected // 8)


def test_few_numbers_of_factors_are_tried():
    asked = []
    curve = curve_of(1e4 * 0.85 ** np.arange(LIMIT) + 50.0)

    choose_size(told_in_part(curve, 0, asked), LIMIT)

    assert len(set(asked)) <= 11


def test_nothing_is_gained_over_no_factors():
    for limit, gain in itertools.product((2, 3, 20), (-100.0, 0.0, 0.9 * LEAST)):
        curve = curve_of([gain, *[-1.0] * 20])
        assert choose_size(told_in_full(curve), limit) == (0, "evidence")


def test_the_search_goes_on_to_the_limit_while_factors_add_much():
    assert choose_size(told_in_full(curve_of([1e4] * 20)), 6) == (6, "limit")


@pytest.mark.parametrize(("ahead", "why"), [(math.inf, "rival"), (-math.inf, "limit")])
def test_a_rival_that_reaches_as_much_with_fewer_factors_ends_the_search(ahead, why):
    curve = curve_of([1e4] * 20)

    assert choose_size(told_in_full(curve), 8, lambda size: curve[size] + ahead) == (4 if why == "rival" else 8, why)


@given(gains=GAINS, ahead=st.floats(-1e5, 1e5), seed=st.integers(0, 100))
def test_a_rival_ends_the_search_as_early_as_if_everything_were_known(gains, ahead, seed):
    curve = curve_of(sorted(gains, reverse=True))

    def rival(size):
        return curve[size] + ahead

    found = choose_size(told_in_part(curve, seed), LIMIT, rival)

    assert is_as_close_as_the_bracket(found, choose_size(told_in_full(curve), LIMIT, rival))
    if found[1] == "rival":
        before = 1 << ((found[0] - 1).bit_length() - 1)  # numbers of factors double up to the limit
        assert curve[found[0]] < rival(before)
    else:
        assert is_as_close_as_the_bracket(found, choose_size(told_in_full(curve), LIMIT))


def test_of_the_loser_no_more_than_is_needed_is_known():
    curve, told = curve_of([1e4] * 20), {}

    def evidence(size, goal):
        told.setdefault(size, []).append(goal)
        return curve[size] - 1.0

    assert choose_size(evidence, 8, lambda size: curve[size] + 1e6) == (4, "rival")
    assert told == {0: [None], 2: [math.inf], 4: [curve[2] + 1e6]}
