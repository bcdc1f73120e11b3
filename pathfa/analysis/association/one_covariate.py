"""The test of one covariate: which one it gets, what its effect is, and why it is withheld where it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from pathfa.analysis.association import hypothesis_tests as tests
from pathfa.analysis.association.covariates import MIN_SAMPLES, Covariate, VariableType
from pathfa.analysis.association.design import adjustment_design, confounding, design, in_span
from pathfa.analysis.association.tables import CORRECTED, TestedFeatures, in_sd, join_notes
from pathfa.analysis.association.tested import Tested
from pathfa.core.text import count
from pathfa.inference.posterior.random_sets import Comparison


class Method(StrEnum):
    """Which tests ``associate`` uses."""

    AUTO = "auto"  # classical tests; a linear model with adjustment, cluster-robust with subjects
    RANK = "rank"  # Spearman, Wilcoxon, Kruskal-Wallis
    LINEAR = "linear"  # a linear model for every covariate
    MIXED = "mixed"  # a linear model with a random intercept per subject


@dataclass(frozen=True, kw_only=True)
class AssociationSetup:
    """What the covariates of one call share."""

    features: TestedFeatures
    method: Method
    adjust: pd.DataFrame
    subjects: pd.Series | None
    batches: Mapping[str, pd.Series]
    confidence: float


def covariate_rows(covariate: Covariate, setup: AssociationSetup) -> tuple[pd.DataFrame, Comparison | None]:
    """Return the rows of one covariate, and how gene sets are compared with random ones where it was tested."""
    rows = pd.DataFrame({"covariate": covariate.name, "feature": setup.features.values.columns}).assign(
        **dict.fromkeys(("effect", "lower", "upper", "statistic", "p", *CORRECTED, "competitive_effect"), np.nan),
        n=int(covariate.rows.sum()),
        kind=str(covariate.kind),
        contrast="",
        measure="",
        test="",
        note=covariate.problem,
    )
    if covariate.problem:
        return rows, None
    own = design(covariate)
    others = setup.adjust.loc[covariate.rows].drop(columns=covariate.name, errors="ignore")
    adjust, surplus = adjustment_design(others)
    problem, confounded = confounding(covariate, setup.batches)
    if problem := problem or _impossible(covariate, own, adjust, setup):
        return rows.assign(note=problem), None
    comparison = Comparison(rows=covariate.rows, columns=own.to_numpy(), adjust=adjust.to_numpy())
    name, measure, test = _choose_test(covariate, comparison.columns, comparison.adjust, setup)
    observed, constant = in_sd(test, setup.features.values.to_numpy()[covariate.rows])
    notes = [
        join_notes([covariate.note, confounded, surplus, note]) if done else "withheld: the test could not be computed"
        for done, note in zip(np.isfinite(observed.p), setup.features.notes, strict=True)
    ]
    if (random := setup.features.random) is not None and not random.note:
        beyond = setup.features.values.to_numpy() - random.expected()
        rows = rows.assign(competitive_effect=in_sd(test, beyond[covariate.rows])[0].effect)
    tested = rows.assign(
        test=name,
        measure=measure,
        **observed.columns(),
        **observed.corrected(setup.features.reliability).limits(CORRECTED),
        contrast=covariate.contrast,
        note=np.where(constant, "withheld: the activity is the same in all samples", notes),
    )
    return tested, comparison


def _impossible(covariate: Covariate, own: pd.DataFrame, adjust: pd.DataFrame, setup: AssociationSetup) -> str:
    """Return why a covariate cannot be tested with its adjustment and subjects; empty when it can."""
    if len(own) - adjust.shape[1] - own.shape[1] - 1 < MIN_SAMPLES - 2:
        return "withheld: too few samples for the number of covariates"
    if setup.subjects is not None:
        subjects = setup.subjects[covariate.rows].nunique()
        if subjects < MIN_SAMPLES:
            return f"withheld: {count(subjects, 'subject')}, at least {MIN_SAMPLES} are needed"
        if setup.method is Method.MIXED and subjects == len(own):
            return "withheld: no subject has two samples, as a mixed model needs"
    return "withheld: the adjustment covariates determine it" if in_span(own, adjust)[0] else ""


def linear_measure(kind: VariableType) -> str:
    """Return what the effect of a covariate is in a linear model."""
    measures = {VariableType.BINARY: "difference in sd", VariableType.CATEGORICAL: "partial eta squared"}
    return measures.get(kind, "sd per sd")


def _choose_test(
    covariate: Covariate, own: np.ndarray, adjust: np.ndarray, setup: AssociationSetup
) -> tuple[str, str, Callable[[np.ndarray], Tested]]:
    """Return the name of the test of a covariate, what its effect is, and the test of values, n x P."""
    kind, x, level = covariate.kind, covariate.numbers, setup.confidence
    measure = linear_measure(kind)
    if setup.subjects is not None:
        subjects, mixed = pd.factorize(setup.subjects[covariate.rows])[0], setup.method is Method.MIXED
        name = "mixed model" if mixed else "linear model, cluster-robust"
        return name, measure, lambda values: tests.repeated(values, own, adjust, subjects, level, mixed=mixed)
    if setup.method is Method.LINEAR or adjust.shape[1]:
        statistic = "F" if kind is VariableType.CATEGORICAL else "t"
        name = f"linear model, {statistic} test{', adjusted' * bool(adjust.shape[1])}"
        return name, measure, lambda values: tests.linear(values, own, adjust, level)
    rank = setup.method is Method.RANK
    if kind is VariableType.ORDINAL or (kind is VariableType.NUMERIC and rank):
        return "Spearman", "correlation", lambda values: tests.spearman(values, x, level)
    if kind is VariableType.NUMERIC:
        return "Pearson", "correlation", lambda values: tests.pearson(values, x, level)
    if kind is VariableType.BINARY and rank:
        return "Wilcoxon", "AUC", lambda values: tests.wilcoxon(values, x > 0, level)
    if kind is VariableType.BINARY:
        return "Student t", measure, lambda values: tests.student(values, x > 0, level)
    if rank:
        return "Kruskal-Wallis", "epsilon squared", lambda values: tests.kruskal(values, x, level)
    return "ANOVA", "eta squared", lambda values: tests.anova(values, x, level)
