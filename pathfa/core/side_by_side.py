"""Work on parts of something large in several threads, with the same result in any number of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_THREADS: ContextVar[int] = ContextVar("threads", default=1)  # a thread that is started begins with 1 again


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Let ``in_order`` use some threads, in what this thread does here."""
    token = _THREADS.set(number)
    try:
        yield
    finally:
        _THREADS.reset(token)


def in_order(work: Callable[[_Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
    """Yield what is made of each item, in their order; few more than there are threads exist at the same time.

    Examples
    --------
    >>> with threads(2):
    ...     list(in_order(lambda x: x * x, range(4)))
    [0, 1, 4, 9]
    """
    number = _THREADS.get()
    if number == 1:
        yield from map(work, items)
        return
    coming: deque[Future[_Made]] = deque()
    with ThreadPoolExecutor(number) as pool:
        try:
            for item in items:
                coming.append(pool.submit(work, item))
                if len(coming) > number:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for left in coming:
                left.cancel()
