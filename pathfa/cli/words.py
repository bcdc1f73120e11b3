"""Results of commands, as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pathfa.core.findings import Finding, Severity
from pathfa.core.text import count


def validation_lines(found: Mapping[str, Any]) -> list[str]:
    """Say what was found in an input: the counts, then every finding, errors first."""
    views = ", ".join(f"{name} ({count(size, 'feature')})" for name, size in found["views"].items())
    samples = count(found["n_samples"], "sample")
    shared = f", {found['n_shared']} of them in every view" if len(found["views"]) > 1 else ""
    lines = [f"{samples}{shared}: {views}"] if views else []
    for name, item in found["collections"].items() if views else ():
        measured = ", ".join(f"{n} of {view}" for view, n in item["n_features"].items())
        lines.append(f"gene sets '{name}': {item['n_gene_sets']} usable; features in a set: {measured or 'none'}")
    findings = all_findings(found)
    order = list(Severity)
    findings.sort(key=lambda finding: order.index(finding.severity))
    lines += [f"{finding.severity}: {finding}" for finding in findings]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    lines.append(f"nothing can be fitted: {count(errors, 'error')}" if errors else "ready to fit")
    return lines


def all_findings(found: Mapping[str, Any]) -> list[Finding]:
    """Return the findings of a cohort and of its collections."""
    values = [*found["findings"], *(item for each in found["collections"].values() for item in each["findings"])]
    return [Finding.from_dict(item) for item in values]


def gene_set_lines(found: Mapping[str, Any]) -> list[str]:
    """Describe a collection."""
    least = "" if found["smallest"] == found["largest"] else f"{found['smallest']} to "
    sizes = f"{least}{count(found['largest'], 'gene')}"
    sets, genes = count(found["n_gene_sets"], "gene set"), count(found["n_genes"], "different gene")
    lines = [
        f"{found['source']}: {sets} of {sizes}, {genes}",
        f"sha256: {found['sha256']}",
    ]
    for view, measured in found.get("measured", {}).items():
        features, usable = count(measured["n_features"], "feature"), count(measured["n_gene_sets"], "usable gene set")
        lines.append(f"view '{view}': {features} in {usable}")
    return lines


def fit_lines(out: Path, details: Mapping[str, Any]) -> list[str]:
    """Describe a fit and say what comes next."""
    how = f"converged in {count(details['n_iter'], 'iteration')}" if details["converged"] else "did NOT converge"
    return [
        f"{count(details['n_factors'], 'factor')}, log evidence {details['log_evidence']:.1f}, {how}",
        f"{out} written; next: pathfa report {out}",
    ]


def check_lines(model: Path, out: Path, details: Mapping[str, Any]) -> list[str]:
    """Say which checks were done and what comes next."""
    lines = [f"{name}: {taken:.0f} s" for name, taken in details["checks"].items() if name not in details["not_done"]]
    lines += [f"{name}: not done: {reason}" for name, reason in details["not_done"].items()]
    return [*lines, f"{out} written; next: pathfa report {model} --checks {out}"]
