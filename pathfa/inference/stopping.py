"""When a fit stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_PACE = 4  # iterations of which the largest step is the pace of a fit, or by whose change of evidence it has converged
_SMALL_STEPS = 2  # small changes of evidence in a row after which a fit has converged
_AHEAD = 40  # iterations for which a fit is thought to keep it: a plateau may come before the last rise


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """When a fit stops.

    Attributes
    ----------
    max_iter
        Most iterations.
    tol
        A fit has converged when its log evidence changes by less than ``tol`` nats per observed value twice in a row,
        or by less than that per iteration over four of them: extrapolations may be rejected in turn.
    goal
        A fit stops early when its log evidence could not reach this in the next 40 iterations, even at twice its
        present pace; None never stops early.
    """

    max_iter: int = 500
    tol: float = 1e-6
    goal: float | None = None

    def converged(self, trace: Sequence[float], begun: int, n_values: float) -> bool:
        """Return whether a fit of ``n_values`` observed values has converged by its iterations since ``begun``.

        A rejected extrapolation leaves the trace unchanged and does not count as a small change.
        """
        small, recent = self.tol * n_values, trace[max(begun - 1, len(trace) - 1 - _PACE, 0) :]
        steps = [abs(later - earlier) for earlier, later in pairwise(recent) if later != earlier]
        if len(steps) >= _SMALL_STEPS and max(steps[-_SMALL_STEPS:]) <= small:
            return True
        return len(trace) - begun > _PACE and abs(recent[-1] - recent[0]) <= _PACE * small

    def within_reach(self, trace: Sequence[float], begun: int) -> bool:
        """Return whether a fit with this trace could still reach the goal, by its iterations since ``begun``."""
        if self.goal is None or len(trace) - begun <= _PACE:
            return True
        pace = max(later - earlier for earlier, later in pairwise(trace[-1 - _PACE :]))
        return trace[-1] + 2.0 * pace * min(_AHEAD, self.max_iter - len(trace)) >= self.goal
