"""Names: made of those of files, and the nearest of those that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path


def plain_name(text: str, default: str) -> str:
    """Return a text as a name that can also be that of a folder, or the default where nothing is left of it.

    >>> plain_name("my cohort (2)", "cohort")
    'my_cohort__2_'
    """
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip("._-") or default


def collection_name(path: str | Path) -> str:
    """Return how the gene sets of a file are called: as the file, without what says its format.

    >>> collection_name("data/h.all.v2024.1.Hs.symbols.gmt.gz")
    'h.all.v2024.1.Hs.symbols'
    """
    stem = re.sub(r"(\.(gmt|tsv|csv|txt|parquet))?(\.gz)?$", "", Path(path).name, flags=re.IGNORECASE)
    return plain_name(stem, "gene_sets")


def did_you_mean(name: str, known: Iterable[str], otherwise: str, key: Callable[[str], str] = str) -> str:
    """Return the question whether the nearest of some names was meant, or other advice where none is near.

    Parameters
    ----------
    name
        What was given.
    known
        The names that there are.
    otherwise
        The other advice.
    key
        What of the names is compared; case, underscores and zeros in front of numbers never count.

    Examples
    --------
    >>> did_you_mean("bach", ["age", "batch"], "remove it"), did_you_mean("x", ["age", "batch"], "remove it")
    ("did you mean 'batch'?", 'remove it')
    """

    def plain(text: str) -> str:
        return re.sub(r"(?<!\d)0+(?=\d)", "", key(text).casefold().replace("_", " "))

    written = {plain(each): each for each in known}
    near = get_close_matches(plain(name), written, n=1)
    return f"did you mean '{written[near[0]]}'?" if near else otherwise
