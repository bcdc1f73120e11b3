"""Progress of a fit on a terminal: one line that is rewritten, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def show_progress(wanted: bool) -> Iterator[Callable[[str, int, float], None] | None]:
    """Yield a function that shows what is running, its iteration and its log evidence; None off a terminal."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:

        def report(what: str, iteration: int, value: float) -> None:
            status.update(f"fitting: {what}, iteration {iteration}, log evidence {value:,.0f}")

        yield report
