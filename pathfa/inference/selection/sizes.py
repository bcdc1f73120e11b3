"""Search over the number of factors, by nothing but the evidence that each of them reaches.

K grows geometrically from 0, where features are independent noise, over 2 for as long as more factors gain enough
evidence, then the bracket around the best K is closed. A model that does not gain ``LEAST`` nats over K = 0 is not
taken. What is enough depends on how the evidence ends:

* flat, as in data that follow the model: K is the last factor that adds more than ``LEAST`` nats and more than ``FLAT``
  of what all factors before it have added, however weak it is;
* rising with every factor, as in real data, whose residuals always have some structure: growth stops where a factor
  adds less than ``MIN_GAIN`` of that. Beyond it, fits of nearly equal evidence agree less on single factors.

Whoever tells the evidence is told what must be reached for it to matter, so that fits which cannot reach it stop early.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from pathfa.inference.selection.rule import LEAST

MIN_GAIN = 0.025  # least gain of one more factor, as a share of what all factors so far have added
FLAT = 2e-4  # the same where the evidence ends in a plateau: below it, a factor adds nothing

Evidence = Callable[[int, float | None], float]
"""Log evidence with a number of factors; any below the goal where that cannot be reached (None asks for all of it)."""


def choose_size(evidence: Evidence, limit: int, rival: Callable[[int], float] | None = None) -> tuple[int, str]:
    """Return the number of factors, and why the search did not go on.

    Parameters
    ----------
    evidence
        Log evidence by number of factors, nats.
    limit
        Most factors.
    rival
        Log evidence of a model that ends the search where it reaches as much with the number of factors before.

    Returns
    -------
    tuple[int, str]
        Number of factors, and ``"evidence"`` (it rose no further), ``"gain"`` (a factor added too little), ``"limit"``
        or ``"rival"``.
    """
    curve = _Curve(evidence)
    previous, size = 0, 0
    curve.look(size)
    if rival is not None and limit > 2:  # one that is far ahead shows before more than a trial of 2 factors is known
        curve.look(2, math.inf)
        if curve.is_beaten(min(4, limit), rival(2)):
            return min(4, limit), "rival"
    while size < limit:
        previous, size = size, min(max(2, 2 * size), limit)
        if rival is not None and previous and curve.is_beaten(size, rival(previous)):
            return size, "rival"
        least = curve.needed(previous, size, MIN_GAIN)
        if curve.look(size, least) <= least:
            break
    else:
        return size, "limit"
    beyond = min(size + max(1, size // 4), limit)
    for fewer, more in (((previous + size) // 2, size), (size, beyond)):
        if previous < fewer < more and curve.is_flat(previous, fewer, more):
            return curve.close_in(FLAT), "evidence"
    return curve.close_in(MIN_GAIN), "gain"


class _Curve:
    """The evidence of the numbers of factors that were tried; a lower bound where it could not matter."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.tried: dict[int, float] = {}

    def look(self, size: int, goal: float | None = None) -> float:
        """Try a number of factors, and return its evidence."""
        self.tried[size] = self.evidence(size, goal)
        return self.tried[size]

    def is_beaten(self, size: int, rival: float) -> bool:
        """Return whether a number of factors does not reach a rival; if so, no more of its evidence is known."""
        return self.look(size, rival) < rival

    def needed(self, fewer: int, more: int, share: float) -> float:
        """Return what ``more`` factors must exceed to gain enough over ``fewer``."""
        base = self.tried[fewer]
        return base + (more - fewer) * max(LEAST, share * (base - self.tried[0]))

    def allowed(self, fewer: int, more: int, share: float) -> float:
        """Return what ``fewer`` factors must reach so that ``more`` do not gain enough over them."""
        apart, top = more - fewer, self.tried[more]
        return min(top - apart * LEAST, (top + apart * share * self.tried[0]) / (1.0 + apart * share))

    def gains(self, fewer: int, more: int, share: float) -> bool:
        """Return whether ``more`` factors gain enough over ``fewer``."""
        return self.tried[more] > self.needed(fewer, more, share)

    def is_flat(self, previous: int, fewer: int, more: int) -> bool:
        """Return whether the evidence rises no further from ``fewer`` to ``more`` factors.

        ``fewer`` that reach neither what ``more`` have at least, nor enough over those before, need no more than that.
        """
        if more not in self.tried:
            self.look(more, math.inf)
        self.look(fewer, min(self.allowed(fewer, more, FLAT), self.needed(previous, fewer, MIN_GAIN)))
        if self.gains(fewer, more, FLAT):
            return False
        self.look(more)
        return not self.gains(fewer, more, FLAT)

    def close_in(self, share: float) -> int:
        """Return the most factors that gain enough, after closing the bracket around them."""
        sizes = sorted(self.tried)
        best = max((more for fewer, more in pairwise(sizes) if self.gains(fewer, more, share)), default=0)
        low = max((size for size in sizes if size < best), default=best)
        high = min((size for size in sizes if size > best), default=best)
        while high > best and max(high - best, best - low) > _step(best):
            guess, step = self._guess(low, best, high, share), _step(best)
            if high - best > step and (guess >= best or best - low <= step):
                probe = min(max(guess, best + step), high - 1)
                self.look(probe, self.needed(best, probe, share))
                low, best, high = (best, probe, high) if self.gains(best, probe, share) else (low, best, probe)
            else:
                probe = max(min(guess, best - step), low + 1)
                self.look(probe, self.allowed(probe, best, share))
                low, best, high = (probe, best, high) if self.gains(probe, best, share) else (low, probe, best)
        return best

    def _guess(self, low: int, best: int, high: int, share: float) -> int:
        """Return where the gain per factor should fall to what is needed, from what it is on both sides of the best."""
        if low == best:
            return (best + high) // 2
        before, after = self._excess(low, best, share), self._excess(best, high, share)
        middle, width = 0.5 * (low + best), 0.5 * (high - low)
        return int(middle + width * before / (before - after) + 0.5)

    def _excess(self, fewer: int, more: int, share: float) -> float:
        """Return the logarithm of what ``more`` factors gain over what they need to."""
        least = self.needed(fewer, more, share) - self.tried[fewer]
        return math.log(max(self.tried[more] - self.tried[fewer], 1e-3 * least) / least)


def _step(size: int) -> int:
    """Return how closely the bracket around a number of factors is closed: to 1 up to 16, then to an eighth."""
    return max(1, size // 8)
