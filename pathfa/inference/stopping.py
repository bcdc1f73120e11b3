"""When a fit stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_PACE = 4  # iterations over which the pace of a fit is measured


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """When a fit stops.

    Attributes
    ----------
    max_iter
        Most iterations.
    tol
        A fit has converged when the log evidence changes by less than ``tol`` nats per observed value, twice in a row.
    goal
        A fit stops early when its log evidence could not reach this in the remaining iterations, even at twice its
        present pace; None never stops early.
    """

    max_iter: int = 500
    tol: float = 1e-6
    goal: float | None = None

    def within_reach(self, trace: Sequence[float]) -> bool:
        """Return whether a fit with this trace could still reach the goal."""
        if self.goal is None or len(trace) <= _PACE:
            return True
        pace = (trace[-1] - trace[-1 - _PACE]) / _PACE
        return trace[-1] + 2.0 * pace * (self.max_iter - len(trace)) >= self.goal
