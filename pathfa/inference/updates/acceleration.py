"""Fewer iterations: each starts a little beyond where the last one ended.

Coordinate ascent turns scores and loadings towards the gene sets by small steps in almost one direction. Nesterov's
extrapolation follows that direction, z + beta (z - z_previous), with omega likewise on its logarithm; everything else
follows from these two. It starts again from rest when the evidence falls (O'Donoghue & Candes 2015), so that the
evidence of the iterations that count never falls because of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from pathfa.inference.updates.state import State

_MOST = 0.95  # largest extrapolation, as a share of the last step
_DELAY = 2.0  # beta after t steps is t / (t + delay)


@dataclass(frozen=True, kw_only=True)
class Momentum:
    """What is remembered of the last iterations.

    Attributes
    ----------
    last
        The state before the present one; None at rest.
    steps
        Iterations since the last rest.
    """

    last: State | None = None
    steps: int = 0

    def ahead(self, state: State) -> State:
        """Return where the next iteration starts: beyond the state in which the last one ended."""
        if self.last is None:
            return state
        beta = min(self.steps / (self.steps + _DELAY), _MOST)
        mean = state.scores.mean + beta * (state.scores.mean - self.last.scores.mean)
        omega = tuple(
            torch.where(torch.isfinite(new), new * (new / old) ** beta, new)
            for new, old in zip(state.omega, self.last.omega, strict=True)
        )
        return replace(state, scores=replace(state.scores, mean=mean), omega=omega)

    def after(self, state: State) -> Momentum:
        """Return what to remember when the iteration that started from ``state`` counts."""
        return Momentum(last=state, steps=self.steps + 1)
