"""Every problem of an input at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, Severity
from pathfa.data.cohort.align import collect_cohort
from pathfa.data.cohort.views import Cohort
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.validation.overlap import check_gene_sets, check_overlap
from pathfa.data.validation.samples import check_covariates, check_samples
from pathfa.data.validation.values import check_features, check_values


def validate(
    data: object, gene_sets: GeneSets | Mapping[str, Sequence[str]], *, min_set_size: int = 5
) -> list[Finding]:
    """Return all findings about a cohort and its gene sets: errors first, then repairs and warnings.

    Parameters
    ----------
    data
        As for ``PathFA.fit``.
    gene_sets
        The gene sets.
    min_set_size
        As for ``PathFA``: fewest measured members of a gene set.

    Returns
    -------
    list of Finding
        Also what keeps the data from being read at all; nothing is raised for bad data.
    """
    try:
        sets = gene_sets if isinstance(gene_sets, GeneSets) else GeneSets(gene_sets)
        cohort, findings = collect_cohort(data)
    except InputError as problem:
        if not problem.findings:
            raise
        return list(problem.findings)
    return _ordered(findings) if cohort is None else check(cohort, sets, min_set_size)


def check(cohort: Cohort, gene_sets: GeneSets, min_set_size: int) -> list[Finding]:
    """Return the findings about an aligned cohort and its gene sets, in the order of :func:`validate`."""
    found = (
        *cohort.findings,
        *gene_sets.findings,
        *check_samples(cohort),
        *check_covariates(cohort),
        *check_values(cohort),
        *check_features(cohort),
        *check_overlap(cohort, gene_sets, min_set_size),
        *check_gene_sets(gene_sets),
    )
    return _ordered(list(dict.fromkeys(found)))


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    order = [Severity.ERROR, Severity.REPAIRED, Severity.WARNING]
    return sorted(findings, key=lambda finding: order.index(finding.severity))
