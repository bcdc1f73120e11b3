"""Results of commands, as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pathfa.errors import Finding, Severity


def validation_lines(found: Mapping[str, Any]) -> list[str]:
    """Say what was found in an input: the counts, then every finding, errors first."""
    views = ", ".join(f"{name} ({count} features)" for name, count in found["views"].items())
    lines = [f"{found['n_samples']} samples, {found['n_shared']} of them in every view: {views}"] if views else []
    for name, item in found["collections"].items() if views else ():
        measured = ", ".join(f"{count} of {view}" for view, count in item["n_features"].items())
        lines.append(f"gene sets '{name}': {item['n_gene_sets']} usable; features in a set: {measured or 'none'}")
    findings = all_findings(found)
    order = list(Severity)
    findings.sort(key=lambda finding: order.index(finding.severity))
    lines += [f"{finding.severity}: {finding}" for finding in findings]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    lines.append(f"nothing can be fitted: errors {errors}" if errors else "ready to fit")
    return lines


def all_findings(found: Mapping[str, Any]) -> list[Finding]:
    """Return the findings of a cohort and of its collections."""
    values = [*found["findings"], *(item for each in found["collections"].values() for item in each["findings"])]
    return [Finding.from_dict(item) for item in values]


def gene_set_lines(found: Mapping[str, Any]) -> list[str]:
    """Describe a collection."""
    sizes = f"{found['smallest']} to {found['largest']} genes"
    lines = [
        f"{found['source']}: {found['n_gene_sets']} gene sets of {sizes}, {found['n_genes']} different genes",
        f"sha256: {found['sha256']}",
    ]
    for view, measured in found.get("measured", {}).items():
        lines.append(f"view '{view}': {measured['n_features']} features in {measured['n_gene_sets']} usable gene sets")
    return lines


def fit_lines(out: Path, details: Mapping[str, Any]) -> list[str]:
    """Describe a fit and say what comes next."""
    how = f"converged in {details['n_iter']} iterations" if details["converged"] else "did NOT converge"
    return [
        f"{details['n_factors']} factors, log evidence {details['log_evidence']:.1f}, {how}",
        f"{out} written; next: pathfa report {out}",
    ]


def check_lines(model: Path, out: Path, details: Mapping[str, Any]) -> list[str]:
    """Say which checks were done and what comes next."""
    lines = [f"{name}: {taken:.0f} s" for name, taken in details["checks"].items() if name not in details["not_done"]]
    lines += [f"{name}: not done: {reason}" for name, reason in details["not_done"].items()]
    return [*lines, f"{out} written; next: pathfa report {model} --checks {out}"]
