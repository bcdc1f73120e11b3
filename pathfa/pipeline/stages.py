"""The stages: files in, one file out, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathfa.config import CohortSource, Collection, FitOptions, ReportOptions, Roles, Table
from pathfa.files import whole, write_text
from pathfa.pipeline.read import overlap, read_collection, read_covariates, read_source

if TYPE_CHECKING:
    pass


def simulate(folder: Path, seed: int) -> list[str]:
    """Write the demo cohort and its gene sets into a folder, and return what was written."""
    from pathfa.model.demo import write_demo

    folder.mkdir(parents=True, exist_ok=True)
    write_demo(folder, seed)
    return sorted(str(path) for path in folder.iterdir())


def ingest(source: CohortSource, out: Path) -> dict[str, Any]:
    """Read a cohort and write it as one .h5mu file.

    Returns
    -------
    dict
        Number of samples, names of the views, what was repaired.
    """
    data = read_source(source)
    with whole(out) as part:
        data.write(part)
    return {"n_samples": int(data.n_obs), "views": list(data.mod)}


def gene_sets(item: Collection, source: CohortSource | None, out: Path | None) -> dict[str, Any]:
    """Describe a collection, how much of it a cohort measures, and write it in GMT format.

    Returns
    -------
    dict
        Number of sets, sizes, checksum; with a cohort also how many members each view measures.
    """
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

        cohort = as_cohort(read_source(source))
        found["measured"] = {view.name: overlap(sets, item, list(view.features)) for view in cohort.views}
    if out is not None:
        lines = ("\t".join((name, "", *sets.members(name))) for name in sets.names)
        write_text(out, "".join(f"{line}\n" for line in lines))
    return found


def fit(source: CohortSource, item: Collection, options: FitOptions, out: Path, *, progress: bool) -> dict[str, Any]:
    """Fit the model and save it.

    Parameters
    ----------
    source, item
        The cohort and the gene sets.
    options
        Options of the fit.
    out
        File of the model.
    progress
        Whether progress is shown.

    Returns
    -------
    dict
        Whether it converged, iterations, log evidence, number of factors.
    """
    from pathfa.estimator import PathFA

    data = read_source(source)
    sets = read_collection(item)
    features = sorted({feature for view in data.mod.values() for feature in view.var_names})
    kept = sets.filter(min_size=item.min_size, max_size=item.max_size, features=features)
    model = PathFA(**asdict(options), min_set_size=item.min_size, progress=progress).fit(data, kept)
    with whole(out) as part:
        model.save(part)
    return {
        "converged": bool(model.converged_),
        "n_iter": int(model.n_iter_),
        "n_factors": len(model.factor_names_),
        "log_evidence": float(model.log_evidence_),
    }


def report(model: Path, out: Path, covariates: Table | None, roles: Roles, options: ReportOptions) -> dict[str, Any]:
    """Write the report of a saved model, and return its verdict."""
    from pathfa.report import render

    table = read_covariates(covariates) if covariates is not None else None
    with whole(out) as part:
        render(model, part, covariates=table, roles=asdict(roles), title=options.title)
    return {}


def validate(
    cohort: str, source: CohortSource, collections: Mapping[str, Collection], out: Path | None
) -> dict[str, Any]:
    """Collect everything that is wrong with the input of a cohort.

    Parameters
    ----------
    cohort
        Its name.
    source
        Where it comes from.
    collections
        The gene sets it is to be fitted with.
    out
        File for what was found.

    Returns
    -------
    dict
        As in ``data_schemas/validation.schema.json``.
    """
    from pathfa.pipeline.validation import examine

    found = examine(cohort, source, collections)
    if out is not None:
        write_text(out, json.dumps(found, indent=2) + "\n")
    return found
