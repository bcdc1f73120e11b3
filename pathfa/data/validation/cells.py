"""Whether the samples of a cohort are cells of a few people or animals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pathfa.core.findings import Finding, warning
from pathfa.core.text import count
from pathfa.data.cohort.views import Cohort

_FEWEST = 1000  # samples from which they may be cells
_EACH = 20  # samples per donor from which they must be
_DONOR = re.compile(r"(donor|patient|subject|individual|participant|mouse|animal)([_ .-]?(id|name|nr|no))?", re.I)
_CELL_TYPE = re.compile(r"(cell[_ .-]?type|cluster|leiden|louvain|annotation).*|.*[_ .-]cell[_ .-]?type", re.I)


def check_cells(cohort: Cohort) -> Iterator[Finding]:
    """Say so where samples are cells: there are many, and a column says that a few people or animals gave them all."""
    n = len(cohort.samples)
    if n < _FEWEST:
        return
    numbers = {str(name): cohort.obs[name].nunique() for name in cohort.obs if _DONOR.fullmatch(str(name))}
    donors = next((name for name, number in numbers.items() if 2 <= number <= n / _EACH), None)
    if donors is None:
        return
    cell_type = next((str(name) for name in cohort.obs if _CELL_TYPE.fullmatch(str(name))), "TYPE")
    yield warning(
        "samples-are-cells",
        f"{count(n, 'sample')} come from {numbers[donors]} values of '{donors}': they look like single cells",
        "people or animals as samples; with cells, factors tell cell types apart, and every cell counts as a patient",
        f"pathfa pseudobulk CELLS.h5ad --sample {donors} --cell-type {cell_type} --out FOLDER",
        place=f"column '{donors}'",
    )
