"""A gene-set collection: what is in it, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pathfa.core.errors import MissingInputError
from pathfa.core.files import whole, write_text
from pathfa.core.findings import Finding
from pathfa.workflow.config import CohortSource, Collection
from pathfa.workflow.read import overlap, read_collection, read_source, tried


def describe(item: Collection, source: CohortSource | None, out: Path | None) -> dict[str, Any]:
    """Describe a collection, how much of it a cohort measures, and write it in GMT format.

    Returns
    -------
    dict
        Number of sets, sizes, checksum; with a cohort also how many members each view measures.
    """
    from pathfa.data.gene_sets.gmt import write_gmt

    sets = read_collection(item)
    sizes = [len(sets.members(name)) for name in sets.names]
    found: dict[str, Any] = {
        "source": item.path,
        "sha256": sets.sha256,
        "n_gene_sets": len(sets),
        "n_genes": len({gene for name in sets.names for gene in sets.members(name)}),
        "smallest": min(sizes),
        "largest": max(sizes),
    }
    if source is not None:
        from pathfa.data import as_cohort

        cohort = as_cohort(read_source(source, sets.values()))
        found["measured"] = {view.name: overlap(sets, item, list(view.features)) for view in cohort.views}
    if out is not None:
        with whole(out) as part:
            write_gmt(sets, part)
    return found


def check(name: str, item: Collection, out: Path, found: Path) -> dict[str, Any]:
    """Write a collection in GMT format and what is wrong with it: one that cannot be read stops no other.

    Parameters
    ----------
    name
        Its name.
    item
        The collection.
    out
        GMT file; without gene sets where the collection cannot be read.
    found
        JSON file for what was found, as in ``data_schemas/collection.schema.json``.

    Returns
    -------
    dict
        Number of sets and of errors.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If it cannot be downloaded, which may be otherwise the next time.
    """
    findings: list[Finding] = []
    counts = tried(findings, lambda: describe(item, None, out))
    if counts is None:
        if any(finding.code == "no-download" for finding in findings):
            raise MissingInputError(findings=findings)
        write_text(out, "")
    n_sets = 0 if counts is None else int(counts["n_gene_sets"])
    content = {"collection": name, "n_gene_sets": n_sets, "findings": [finding.to_dict() for finding in findings]}
    write_text(found, json.dumps(content, indent=2) + "\n")
    return {"n_gene_sets": n_sets, "errors": len(findings)}
