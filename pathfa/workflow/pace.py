"""How far a long row of jobs is, and how long it will still take."""

from __future__ import annotations

from time import perf_counter

from pathfa.core.progress import in_words


class Pace:
    """Counts jobs that begin.

    Parameters
    ----------
    total
        How many there will be.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.begun = 0
        self.start = perf_counter()

    def next(self) -> str:
        """Say which job begins now and, once some are done, about how long the rest takes."""
        done, self.begun = self.begun, self.begun + 1
        place = f"{self.begun} of {self.total}"
        if not done:
            return place
        left = (perf_counter() - self.start) / done * (self.total - done)
        return f"{place}, about {in_words(left)} left"
