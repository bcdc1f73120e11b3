"""Single cells in a file -> a cohort of one view per cell type in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pathfa.core.files import whole


def write_pseudobulk(
    cells: Path, folder: Path, *, sample: str, cell_type: str, layer: str | None, min_cells: int
) -> dict[str, Any]:
    """Write what :func:`pathfa.pseudobulk` makes of a file; see there for the parameters.

    Returns
    -------
    dict
        ``views``, ``n_samples``, ``findings`` as mappings, and ``files``: the cohort, and the number of cells.
    """
    from pathfa.data.cohort.pseudobulk import pseudobulk

    bulk = pseudobulk(cells, sample=sample, cell_type=cell_type, layer=layer, min_cells=min_cells)
    cohort, numbers = folder / "cohort.h5mu", folder / "cells.tsv"
    with whole(cohort) as part:
        bulk.data.write(part)
    with whole(numbers) as part:
        bulk.cells.to_csv(part, sep="\t", index_label="sample", lineterminator="\n")
    return {
        "views": list(bulk.data.mod),
        "n_samples": int(bulk.data.n_obs),
        "findings": [finding.to_dict() for finding in bulk.findings],
        "files": [str(cohort), str(numbers)],
    }
