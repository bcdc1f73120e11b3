"""When a fit stops before it has converged."""

import pytest

from pathfa.inference.stopping import FitSettings


def slowing(n, first=100.0, ratio=0.8, end=0.0):
    """Return a trace that comes closer to its end by the same share in every iteration."""
    return [end - first * ratio**i for i in range(n)]


def test_without_a_goal_nothing_is_out_of_reach():
    assert FitSettings().within_reach([0.0] * 50, 0)


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.95])
def test_a_fit_that_will_reach_its_goal_never_stops(ratio):
    settings = FitSettings(goal=-1.0)
    trace = slowing(300, ratio=ratio)

    assert all(settings.within_reach(trace[:n], 0) for n in range(1, 300))


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.95])
def test_a_fit_that_ends_below_its_goal_stops(ratio):
    settings = FitSettings(goal=5.0)
    trace = slowing(300, ratio=ratio)

    stopped = next(n for n in range(1, 300) if not settings.within_reach(trace[:n], 0))
    assert trace[stopped] < 0.0
    assert -trace[stopped] < 5.0 + 40.0 * (1.0 - ratio) * 100.0 * ratio ** (stopped - 5)


def test_what_happened_before_does_not_count():
    """A problem that changed may begin with a fall that says nothing of where it leads."""
    settings = FitSettings(goal=5.0)
    trace = [*slowing(50), -100.0, -110.0, -120.0]

    assert settings.within_reach(trace, 50)
    assert not settings.within_reach([*trace, *[-120.0] * 3], 50)


def test_no_more_than_the_iterations_that_are_left_count():
    trace = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]

    assert FitSettings(max_iter=100, goal=20.0).within_reach(trace, 0)
    assert not FitSettings(max_iter=10, goal=20.0).within_reach(trace, 0)


def test_a_fit_may_become_twice_as_fast():
    trace = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]

    assert FitSettings(max_iter=16, goal=24.0).within_reach(trace, 0)
    assert not FitSettings(max_iter=16, goal=26.0).within_reach(trace, 0)


def test_two_small_changes_in_a_row_are_convergence():
    settings = FitSettings(tol=1e-3)

    assert settings.converged([0.0, 5.0, 5.5, 6.0], 0, 1000)
    assert not settings.converged([0.0, 5.0, 5.5], 0, 1000)
    assert not settings.converged([0.0, 0.5], 0, 1000)
    assert not settings.converged([0.0, 5.0, 5.5, 7.0], 0, 1000)


def test_rejected_steps_are_no_convergence():
    """After a step that was rejected the next one is taken from where the last good one was."""
    assert not FitSettings(tol=1e-3).converged([0.0, 10.0, 20.0, 20.0, 20.0], 0, 1000)
    assert not FitSettings(tol=1e-3).converged([0.0, 10.0, 20.0, 20.0, 20.5], 0, 1000)


def test_steps_that_are_rejected_in_turn_end():
    """From rest the evidence falls a little, then rises a little more, then an extrapolation is rejected again."""
    settings, trace = FitSettings(tol=1e-3), [0.0]
    for _ in range(50):
        trace += [trace[-1] - 0.9, trace[-1] + 1.1, trace[-1] + 1.1]

    stopped = next(n for n in range(1, len(trace)) if settings.converged(trace[:n], 0, 1000))
    assert stopped <= 6


def test_what_happened_before_says_nothing_of_convergence():
    settings = FitSettings(tol=1e-3)
    trace = [*[0.1 * i for i in range(10)], -100.0, -100.1]

    assert not settings.converged(trace, 10, 1000)
    assert settings.converged([*trace, -100.2], 10, 1000)


def test_four_iterations_that_lead_nowhere_are_convergence():
    settings = FitSettings(tol=1e-3)

    assert settings.converged([0.0, 9.0, 5.0, 9.0, 3.0], 0, 1000)
    assert not settings.converged([0.0, 9.0, 5.0, 3.0], 0, 1000)
    assert not settings.converged([0.0, 9.0, 5.0, 9.0, 5.0], 0, 1000)
