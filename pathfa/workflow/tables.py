"""Every result of a model as a tab-separated table."""

from __future__ import annotations

import json
from pathlib import Path

from pathfa.core.files import whole, write_text


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
    from pathfa.analysis.export import result_tables
    from pathfa.result.result import as_result

    result = as_result(model)
    written = []
    for item in result_tables(result):
        path = folder / f"{item.name}.tsv"
        with whole(path) as part:
            item.table.to_csv(part, sep="\t", index_label=str(item.table.index.name or "name"), lineterminator="\n")
        written.append(path)
    for name, values in (("settings", result.settings), ("provenance", result.provenance)):
        path = folder / f"{name}.json"
        write_text(path, json.dumps(values, indent=2, default=str) + "\n")
        written.append(path)
    return written
