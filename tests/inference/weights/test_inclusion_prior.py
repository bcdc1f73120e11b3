"""Prior of which gene-set weights are not 0."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathfa.inference.weights.weights import inclusion_cost, inclusion_evidence


@pytest.mark.parametrize("n", [3, 8])
def test_the_prior_of_the_choice_sums_to_one(n):
    total = sum(math.comb(n, a) * math.exp(inclusion_evidence(a, n)) for a in range(n + 1))

    assert total == pytest.approx(1.0)


def test_where_there_is_nothing_to_choose_from_nothing_costs():
    assert inclusion_evidence(0, 0) == 0.0
    assert inclusion_cost(0, 0) == 0.0


@given(st.integers(1, 5000), st.data())
def test_a_weight_costs_what_the_prior_of_the_choice_loses(n, data):
    a = data.draw(st.integers(1, n))

    cost = inclusion_cost(a, n)

    assert cost >= 0.0
    assert cost == pytest.approx(inclusion_evidence(a - 1, n) - inclusion_evidence(a, n), abs=1e-7)
