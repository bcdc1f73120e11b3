"""Everything that is wrong with the input of a cohort, and the counts that the gate looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pathfa.core.findings import Finding
from pathfa.data.io.orientation import IN_ROWS
from pathfa.workflow.config import CohortSource, Collection, Roles
from pathfa.workflow.covariates import check_covariates
from pathfa.workflow.read import missing, overlap, read_collection, read_source, tried

if TYPE_CHECKING:
    from mudata import MuData

    from pathfa.data import Cohort, GeneSets


def examine(cohort: str, source: CohortSource, collections: Mapping[str, Collection], roles: Roles) -> dict[str, Any]:
    """Collect everything that is wrong with the input of a cohort.

    Parameters
    ----------
    cohort
        Its name.
    source
        Where it comes from.
    collections
        The gene sets it is to be fitted with.
    roles
        What the columns of its covariates are.

    Returns
    -------
    dict
        As in ``data_schemas/validation.schema.json``.
    """
    from pathfa.data import as_cohort

    findings = missing(source)
    data = aligned = None
    read = {name: _read(item) for name, item in collections.items()}
    genes = [sets.all_members for sets, _ in read.values() if sets is not None]
    if not any(finding.place != "covariates" for finding in findings):
        data = tried(findings, lambda: read_source(source, genes))
    if data is not None:
        aligned = tried(findings, lambda: as_cohort(data))
    if aligned is not None and not any(finding.place == "covariates" for finding in findings):
        tried(findings, lambda: findings.extend(check_covariates(source.covariates, aligned, roles)))
    return {
        "cohort": cohort,
        "n_samples": 0 if aligned is None else len(aligned.samples),
        "n_shared": 0 if aligned is None else int(aligned.presence.all(axis=1).sum()),
        "views": {} if aligned is None else {view.name: len(view.features) for view in aligned.views},
        "samples_in_rows": [] if aligned is None else [each.view for each in aligned.findings if each.code == IN_ROWS],
        "findings": [finding.to_dict() for finding in findings],
        "collections": {name: _collection(item, *read[name], data, aligned) for name, item in collections.items()},
    }


def _read(item: Collection) -> tuple[GeneSets | None, list[Finding]]:
    """Return the gene sets, or None, and why they cannot be read."""
    findings: list[Finding] = []
    return tried(findings, lambda: read_collection(item)), findings


def _collection(
    item: Collection, sets: GeneSets | None, findings: list[Finding], data: MuData | None, aligned: Cohort | None
) -> dict[str, Any]:
    """Return what a collection and a cohort have in common."""
    from pathfa.data import validate

    if sets is None or data is None or aligned is None:
        return {"n_gene_sets": 0, "n_features": {}, "findings": [finding.to_dict() for finding in findings]}
    tried(findings, lambda: findings.extend(validate(data, sets, min_set_size=item.min_size)))
    every = overlap(sets, item, [str(name) for view in aligned.views for name in view.features])
    measured = {view.name: overlap(sets, item, [str(name) for name in view.features]) for view in aligned.views}
    return {
        "n_gene_sets": every["n_gene_sets"],
        "n_features": {name: counts["n_features"] for name, counts in measured.items()},
        "findings": [finding.to_dict() for finding in findings],
    }
