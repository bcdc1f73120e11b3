"""Every problem of an input at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pathfa.data.cohort import collect_cohort
from pathfa.data.findings import error, examples, warning
from pathfa.data.gene_sets import GeneSets
from pathfa.data.views import Cohort
from pathfa.errors import Finding

_FEW = 15  # samples below which a fit is hardly worth reading


def validate(data: object, gene_sets: GeneSets | Mapping[str, Sequence[str]]) -> list[Finding]:
    """Return all findings about a cohort and its gene sets: errors, repairs and warnings.

    Parameters
    ----------
    data
        As for ``PathFA.fit``.
    gene_sets
        The gene sets.
    """
    sets = gene_sets if isinstance(gene_sets, GeneSets) else GeneSets(gene_sets)
    cohort, findings = collect_cohort(data)
    return findings if cohort is None else _with_checks(findings, cohort, sets)


def check(cohort: Cohort, gene_sets: GeneSets) -> list[Finding]:
    """Return the findings about an aligned cohort and its gene sets."""
    return _with_checks(list(cohort.findings), cohort, gene_sets)


def _with_checks(findings: list[Finding], cohort: Cohort, gene_sets: GeneSets) -> list[Finding]:
    findings = [*findings, *gene_sets.findings]
    n = len(cohort.samples)
    if n < 2:
        findings.append(error("too-few-samples", f"{n} samples", expected="at least 2", fix="add samples"))
    elif n < _FEW:
        findings.append(
            warning("few-samples", f"{n} samples", expected=f"{_FEW} or more for results worth interpreting")
        )
    presence = cohort.presence
    if len(cohort.views) > 1:
        shared = int(presence.all(axis=1).sum())
        if shared == 0:
            findings.append(
                error(
                    "no-shared-samples",
                    "no sample was measured in every view",
                    expected="the same sample names in the views",
                    fix="name samples alike in every view",
                    examples=examples(view.samples[view.present][0] for view in cohort.views),
                )
            )
        elif shared < n:
            counts = ", ".join(f"{name} {int(presence[name].sum())}" for name in presence)
            findings.append(
                warning(
                    "partial-samples", f"{shared} of {n} samples were measured in every view ({counts}); all are used"
                )
            )
    names = {gene for genes in gene_sets.values() for gene in genes}
    overlaps = {view.name: sum(feature in names for feature in view.features) for view in cohort.views}
    if not any(overlaps.values()):
        view = cohort.views[0]
        findings.append(
            error(
                "no-overlap",
                "no feature of any view is in a gene set",
                expected=f"names such as {', '.join(sorted(names)[:5])}",
                fix="translate the identifiers of the features to those of the gene sets",
                view=view.name,
                examples=examples(view.features),
            )
        )
    else:
        for name, overlap in overlaps.items():
            if overlap == 0:
                findings.append(warning("view-without-gene-sets", "no feature of the view is in a gene set", view=name))
    return findings
