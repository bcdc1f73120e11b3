"""Progress of long work: one line that is rewritten on a terminal, now and then a line in a log.

Only what is known is shown. A search ends when the evidence says so, and a fit when it has converged; how long that
takes cannot be known. So a search shows how many fits were tried, the highest evidence and the time so far. Refits are
many of a kind: they show how long the rest takes.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter
from typing import TypeVar

logger = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two lines of a log

_Item = TypeVar("_Item")


@contextmanager
def show_progress(wanted: bool, size: str) -> Iterator[Callable[[str, int, float], None] | None]:
    """Yield a function to call with what is running, its iteration and its log evidence; None where none is wanted.

    Parameters
    ----------
    wanted
        Whether progress is shown.
    size
        How far the search may go, such as "up to 26 factors".
    """
    if not wanted:
        yield None
        return
    begun, best, lock = 0, float("-inf"), Lock()  # fits of a search may run side by side
    first = f"fit: {size}"
    with _line(first) if sys.stderr.isatty() else _log(first) as show:

        def report(what: str, iteration: int, value: float) -> None:
            nonlocal begun, best
            with lock:
                begun += iteration == 1  # a fit that is continued goes on counting
                best = max(best, value)
                show(f"fit {begun}, iteration {iteration}, best log evidence {best:,.0f}: {what}")  # may be cut there

        yield report


def counted(items: Iterable[_Item], what: str, total: int, wanted: bool) -> Iterator[_Item]:
    """Yield items as they are done, and show how many are and how long the rest takes.

    Parameters
    ----------
    items
        What is done one by one, all taking about as long.
    what
        What they are, in the plural.
    total
        How many there will be.
    wanted
        Whether progress is shown.
    """
    if wanted and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        words = TextColumn("{task.description}: {task.completed} of {task.total}")
        with Progress(words, BarColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as progress:
            yield from progress.track(items, total=total, description=what)
        return
    begin = perf_counter()
    with _log() as show:
        for done, item in enumerate(items, start=1):
            yield item
            if wanted and done < total:
                left = (perf_counter() - begin) / done * (total - done)
                show(f"{what}: {done} of {total}, about {in_words(left)} left")


def in_words(seconds: float) -> str:
    """Return a time as a person would say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


@contextmanager
def _line(first: str) -> Iterator[Callable[[str], None]]:
    """Yield a function that rewrites the line of a terminal; the time runs while nothing is told."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    text = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = (SpinnerColumn(), TimeElapsedColumn(), text)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(first, total=None)
        yield lambda said: progress.update(task, description=said)


@contextmanager
def _log(first: str = "") -> Iterator[Callable[[str], None]]:
    """Yield a function that logs what it is told, with the time so far, but not more often than every half minute.

    What comes first is logged at once, where there is something.
    """
    last = begin = perf_counter()
    if first:
        logger.info("%s", first)

    def show(said: str) -> None:
        nonlocal last
        now = perf_counter()
        if now - last >= EVERY:
            last = now
            logger.info("%s (%s so far)", said, in_words(now - begin))

    yield show
