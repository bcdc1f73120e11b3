"""Downloads: the folder where they are kept, and one clear error for whatever fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pathfa.core.errors import InputError, MissingInputError


def cache_folder() -> Path:
    """Return where downloaded files are kept: ``PATHFA_CACHE``, else ``pathfa`` in the cache of the user."""
    if folder := os.environ.get("PATHFA_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pathfa"


@contextmanager
def downloading(what: str, fix: str) -> Iterator[None]:
    """Raise one clear error, which begins with ``what``, for whatever fails in a block that downloads."""
    try:
        yield
    except InputError:
        raise
    except Exception as reason:  # gseapy raises bare Exception, and whatever requests and pandas raise
        found = f"{what} ({type(reason).__name__}: {str(reason)[:150]})"
        expected = "access to the network, or the file in the cache"
        raise MissingInputError.of("no-download", found, expected, fix) from reason
