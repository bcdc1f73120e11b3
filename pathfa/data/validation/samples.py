"""Checks of samples and covariates."""

from __future__ import annotations

import difflib
from itertools import combinations

import pandas as pd

from pathfa.core.findings import Finding, error, warning
from pathfa.core.grammar import count, part_of
from pathfa.core.technical import is_technical
from pathfa.data.cohort.views import Cohort, View
from pathfa.data.identifiers.samples import best_rule
from pathfa.data.validation.personal import personal

FEW = 15
"""Samples below which the results of a fit should not be interpreted."""


def check_samples(cohort: Cohort) -> list[Finding]:
    """Return findings about the number of samples and what the views share."""
    n = len(cohort.samples)
    findings: list[Finding] = []
    if n < 2:
        findings.append(error("too-few-samples", count(n, "sample"), "at least 2", "add samples"))
    elif n < FEW:
        findings.append(
            warning(
                "few-samples",
                count(n, "sample"),
                f"{FEW} or more for results worth interpreting",
                "do not interpret the result; add samples",
            )
        )
    if len(cohort.views) < 2:
        return findings
    apart = _apart(cohort)
    findings += (
        [_not_shared(cohort, view) for view in apart[:1]]
        if len(apart) == len(cohort.views)
        else [_not_shared(cohort, view) for view in apart]
    )
    presence = cohort.presence
    shared = int(presence.all(axis=1).sum())
    if not apart and shared < n:
        counts = ", ".join(f"{name} {int(presence[name].sum())}" for name in presence)
        found = f"{part_of(shared, n, 'sample', 'were')} measured in every view ({counts}); all are used"
        findings.append(warning("partial-samples", found, count=n - shared))
    return findings


def _apart(cohort: Cohort) -> list[View]:
    """Return the views that share no sample with any other."""
    linked = dict.fromkeys(cohort.view_names, False)
    for one, two in combinations(cohort.views, 2):
        if (one.present & two.present).any():
            linked[one.name] = linked[two.name] = True
    return [view for view in cohort.views if not linked[view.name]]


def _not_shared(cohort: Cohort, view: View) -> Finding:
    own = view.samples[view.present]
    others = [other for other in cohort.views if other is not view]
    theirs = [other.samples[other.present] for other in others]
    pairs: list[str] = []
    for name in own[:20]:
        near = difflib.get_close_matches(name, list(theirs[0]), n=1, cutoff=0.5)
        pairs += [f"{name} ~ {near[0]}"] if near else []
    rules = [(best_rule(own, names), other.name) for other, names in zip(others, theirs, strict=True)]
    found_rules = [(*rule, name) for rule, name in rules if rule is not None]
    if found_rules:
        best, joined, other_name = max(found_rules, key=lambda entry: entry[1])
        fix = f"set sample_rule: {best} in views '{view.name}' and '{other_name}', which joins {joined} of them"
    else:
        fix = "name samples alike in every view, or join them with sample_table and sample_column"
    if not pairs and len(own) and len(theirs[0]):
        pairs = [f"{own[0]} here, {theirs[0][0]} in '{others[0].name}'"]
    return error(
        "no-shared-samples",
        f"none of its {count(len(own), 'sample')} was measured in another view",
        "the same sample names in the views",
        fix,
        view=view.name,
        examples=pairs,
    )


def check_covariates(cohort: Cohort) -> list[Finding]:
    """Return findings about covariates: personal data, and batches confounded with a condition."""
    findings = []
    reasons = {str(name): personal(str(name), cohort.obs[name]) for name in cohort.obs.columns}
    if found := {name: reason for name, reason in reasons.items() if reason}:
        findings.append(
            warning(
                "personal-data",
                f"{count(len(found), 'covariate', 'look')} like personal data, left out of the report",
                fix="remove them from the sample sheet, or rename them if they are none",
                place="sample sheet",
                examples=(f"{name}: {reason}" for name, reason in found.items()),
                count=len(found),
            )
        )
    confounded = [f"{batch} and {condition}" for batch, condition in confounded_pairs(cohort.obs)]
    if confounded:
        findings.append(
            warning(
                "confounded-batch",
                f"{count(len(confounded), 'condition', 'are')} confounded with a batch: each batch holds only one of "
                "their levels",
                "every condition in several batches",
                "no analysis can tell them apart; associations with them are withheld",
                place="sample sheet",
                items=confounded,
            )
        )
    return findings


def confounded_pairs(obs: pd.DataFrame) -> list[tuple[str, str]]:
    """Return pairs (batch, condition) of covariates in which each batch holds only one level of the condition."""
    batches = [name for name in obs.columns if is_technical(name)]
    pairs = [(batch, condition) for batch in batches for condition in obs.columns if condition != batch]
    return [(str(batch), str(condition)) for batch, condition in pairs if _is_confounded(obs[[batch, condition]])]


def _is_confounded(pair: pd.DataFrame) -> bool:
    both = pair.dropna().astype(str)
    batch, condition = both.iloc[:, 0], both.iloc[:, 1]
    if len(both) < 4 or not 2 <= condition.nunique() <= 10 or not 2 <= batch.nunique() <= len(both) / 2:
        return False
    return len(both.drop_duplicates()) == batch.nunique()
