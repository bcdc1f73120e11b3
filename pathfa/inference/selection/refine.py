"""What a finished fit goes on with: without outlying values, then with members of gene sets that may not take part.

Both are kept only where the evidence rises by ``LEAST`` nats. Models are compared before either, with all values and
all members.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from pathfa.inference.ends import Fit
from pathfa.inference.problem.problem import Problem
from pathfa.inference.selection.rule import LEAST
from pathfa.inference.updates.outlying import MOST_VALUES, Outlying, find_outlying, without
from pathfa.inference.updates.quality import weights_of
from pathfa.inference.updates.state import Acceleration
from pathfa.options import OutlyingValues, SetMembers

_ROBUST = (True, False, False)  # whether each round of looking for outlying values takes the noise from medians


class Continue(Protocol):
    """Continues a fit with a problem, with or without members that may not take part."""

    def __call__(self, problem: Problem, initial: Fit, *, refine: bool, goal: float | None = None) -> Fit:
        """Return the fit after that; one that cannot reach the goal stops early."""


def refined(done: Fit, problem: Problem, again: Continue) -> Fit:
    """Return what a finished fit of a problem becomes."""
    found = _better(done, _without_outlying(done, problem, again))
    return _better(found, _with_members(found, problem, again))


def _better(done: Fit, found: Fit) -> Fit:
    return found if found.log_evidence > done.log_evidence + LEAST else done


def _without_outlying(done: Fit, problem: Problem, again: Continue) -> Fit:
    """Return the fit without outlying values; the same where there are none."""
    looked = done.spec.outlying_values is OutlyingValues.AUTO and problem.of_samples
    if not looked or problem.n_values > MOST_VALUES or not any(_outlying(done, problem)):
        return done
    found = replace(done, compared=done.comparable_evidence)
    for robust in _ROBUST:
        outlying = tuple(_outlying(found, problem, robust=robust))
        if not any(outlying):
            return done
        found = replace(_changed(found), outlying=outlying, acceleration=Acceleration())
        found = again(without(problem, outlying), found, refine=False)
    return found


def _outlying(done: Fit, problem: Problem, *, robust: bool = False) -> Iterator[Outlying | None]:
    """Yield the outlying values of every view; censored ones have none."""
    weighted = problem.weighted(weights_of(done.state.quality))
    for view, moment, noise in zip(weighted.views, done.state.moments, done.state.noise, strict=True):
        if view.limit is None:
            yield find_outlying(view, done.state.scores.mean, moment.mean, noise.precision, robust=robust)
        else:
            yield None


def _with_members(done: Fit, problem: Problem, again: Continue) -> Fit:
    """Return the fit in which members of gene sets may not take part."""
    if done.spec.set_members is SetMembers.GIVEN or not done.state.weights.n_active:
        return done
    begin = replace(_changed(done), compared=done.comparable_evidence)
    goal = done.log_evidence + LEAST
    return again(without(problem, done.outlying), begin, refine=True, goal=goal)


def _changed(done: Fit) -> Fit:
    return replace(done, changes=(*done.changes, len(done.trace)))
