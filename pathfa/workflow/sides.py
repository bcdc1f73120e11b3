"""On which side of a table the samples are: told where the gene sets are at hand, kept for the stages without them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from pathfa.workflow.config import CohortSource


def with_sides(source: CohortSource, validation: Path) -> CohortSource:
    """Return where a cohort comes from, with ``samples_in: rows`` for the tables that validation turned round.

    Parameters
    ----------
    source
        Where it comes from.
    validation
        What ``pathfa validate --out`` wrote, as in ``data_schemas/validation.schema.json``.
    """
    in_rows = json.loads(validation.read_text(encoding="utf-8"))["samples_in_rows"]
    views = {
        name: replace(view, options={**view.options, "samples_in": "rows"}) if name in in_rows else view
        for name, view in source.views.items()
    }
    return replace(source, views=views)
