"""Every result of a model as a tab-separated table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pathfa.core.files import whole, write_text

if TYPE_CHECKING:
    from pathfa.result.result import PathFAResult


def write_tables(model: Path, folder: Path) -> list[Path]:
    """Write the tables of a model.

    Parameters
    ----------
    model
        A saved model.
    folder
        Where; it is made.

    Returns
    -------
    list of Path
        What was written: numbers as TSV, settings and provenance as JSON.
    """
    from pathfa.result.result import as_result

    result = as_result(model)
    written = []
    for name, table in _tables(result):
        path = folder / f"{name}.tsv"
        with whole(path) as part:
            table.to_csv(part, sep="\t", index_label=str(table.index.name or "name"), lineterminator="\n")
        written.append(path)
    for name, values in (("settings", result.settings), ("provenance", result.provenance)):
        path = folder / f"{name}.json"
        write_text(path, json.dumps(values, indent=2, default=str) + "\n")
        written.append(path)
    return written


def _tables(result: PathFAResult) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "scores", result.scores
    yield "activity", result.activity
    lower, upper = result.interval("activity")
    yield "activity_lower", lower
    yield "activity_upper", upper
    yield "gene_set_weights", result.gene_set_weights
    for view in result.view_names:
        yield f"loadings.{view}", result.loadings[view]
        yield f"loadings_sd.{view}", result.loadings_sd[view]
        yield f"noise.{view}", result.noise[view].to_frame("sd")
    yield "variance_explained", result.variance_explained
    yield "annotated_share", result.annotated_share
    yield "residual_correlation", result.residual_correlation
    yield "selection", result.selection
    yield "trace", result.trace
    yield "samples", result.presence
    yield "flow", result.flow
    yield "findings", pd.DataFrame([finding.to_dict() for finding in result.findings])
