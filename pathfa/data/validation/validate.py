"""Every problem of an input at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, Severity
from pathfa.data.cohort.align import collect_cohort
from pathfa.data.cohort.views import Cohort
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.validation.overlap import check_gene_sets, check_overlap
from pathfa.data.validation.samples import check_covariates, check_samples
from pathfa.data.validation.values import check_features, check_values

_CHECKS: tuple[Callable[[Cohort, GeneSets], list[Finding]], ...] = (
    lambda cohort, _: check_samples(cohort),
    lambda cohort, _: check_covariates(cohort),
    lambda cohort, _: check_values(cohort),
    lambda cohort, _: check_features(cohort),
    check_overlap,
    check_gene_sets,
)


def validate(data: object, gene_sets: GeneSets | Mapping[str, Sequence[str]]) -> list[Finding]:
    """Return all findings about a cohort and its gene sets: errors first, then repairs and warnings.

    Parameters
    ----------
    data
        As for ``PathFA.fit``.
    gene_sets
        The gene sets.

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
    return _ordered(findings) if cohort is None else _with_checks(findings, cohort, sets)


def check(cohort: Cohort, gene_sets: GeneSets) -> list[Finding]:
    """Return the findings about an aligned cohort and its gene sets."""
    return _with_checks(list(cohort.findings), cohort, gene_sets)


def _with_checks(findings: list[Finding], cohort: Cohort, gene_sets: GeneSets) -> list[Finding]:
    found = [*findings, *gene_sets.findings]
    for run in _CHECKS:
        found += [finding for finding in run(cohort, gene_sets) if finding not in found]
    return _ordered(found)


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    order = [Severity.ERROR, Severity.REPAIRED, Severity.WARNING]
    return sorted(findings, key=lambda finding: order.index(finding.severity))
