"""Names in a configuration, made of those of files."""

from __future__ import annotations

import re
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
