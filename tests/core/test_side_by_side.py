"""Threads that work on parts change nothing but the time."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathfa.core.side_by_side import in_order, threads


@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_any_number_of_threads_yields_the_same_in_the_same_order(items, number):
    with threads(number):
        assert list(in_order(lambda x: 2 * x, items)) == [2 * x for x in items]


def test_few_items_are_open_at_the_same_time():
    taken = []
    with threads(2):
        made = in_order(lambda x: x, (taken.append(i) or i for i in range(100)))
        for seen, _ in enumerate(made):
            assert len(taken) - seen <= 4


def test_work_is_shared_by_threads_that_have_one_each_and_only_inside():
    both, inner = threading.Barrier(2, timeout=60), []

    def work(_):
        both.wait()  # returns only if another thread works at the same time
        inner.append(len({threading.get_ident(), *in_order(lambda _: threading.get_ident(), range(3))}))

    with threads(2):
        list(in_order(work, range(2)))
    assert inner == [1, 1]
    assert set(in_order(lambda _: threading.get_ident(), range(3))) == {threading.get_ident()}


@pytest.mark.parametrize("number", [1, 2])
def test_what_goes_wrong_in_a_thread_goes_wrong_here(number):
    with threads(number), pytest.raises(ZeroDivisionError):
        list(in_order(lambda x: 1 // x, [1, 0, 1]))
