"""One covariate against every activity: which test, on which draws, with which answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from pathfa.analysis.association import kernels
from pathfa.analysis.association.covariates import MIN_SAMPLES, Covariate, Kind, read_covariate
from pathfa.analysis.association.guards import confounding
from pathfa.analysis.association.pooling import Answer, Estimates
from pathfa.analysis.association.tables import join_notes
from pathfa.analysis.association.uncertainty import Known, answers, reliability_notes, standardised
from pathfa.core.text import count


class Method(StrEnum):
    """Which tests ``associate`` uses."""

    AUTO = "auto"  # classical tests; a linear model with adjustment, cluster-robust with subjects
    RANK = "rank"  # Spearman, Wilcoxon, Kruskal-Wallis
    LINEAR = "linear"  # a linear model for every covariate
    MIXED = "mixed"  # a linear model with a random intercept per subject


@dataclass(frozen=True, kw_only=True)
class _Test:
    """A test ready to run on standardised activities, D x n x P."""

    name: str
    measure: str
    run: Callable[[np.ndarray], Estimates]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every covariate of one call shares."""

    method: Method
    adjust: pd.DataFrame
    subjects: pd.Series | None
    mean: pd.DataFrame  # N x P
    known: Known  # how well that is known
    level: float
    doubts: Sequence[str]  # notes on the features, P


def test_covariate(covariate: Covariate, context: Context, batches: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the rows of one covariate."""
    features = context.mean.columns
    rows = pd.DataFrame({"covariate": covariate.name, "feature": features})
    rows = rows.assign(
        **dict.fromkeys(("effect", "lower", "upper", "statistic", "p", "plugin_effect", "plugin_p"), np.nan),
        n=int(covariate.rows.sum()),
        kind=str(covariate.kind),
        contrast="",
        measure="",
        test="",
        note=covariate.problem,
    )
    if covariate.problem:
        return rows
    adjust = adjustment_columns(context.adjust.loc[covariate.rows].drop(columns=covariate.name, errors="ignore"))
    problem, confounded = confounding(covariate, batches)
    if not problem and len(covariate.numbers) - adjust.shape[1] - covariate.design.shape[1] - 1 < MIN_SAMPLES - 2:
        problem = "withheld: too few samples for the number of covariates"
    if not problem and context.subjects is not None:
        subjects = context.subjects[covariate.rows].nunique()
        if subjects < MIN_SAMPLES:
            problem = f"withheld: {count(subjects, 'subject')}, at least {MIN_SAMPLES} are needed"
        elif context.method is Method.MIXED and subjects == covariate.rows.sum():
            problem = "withheld: no subject has two samples, as a mixed model needs"
    if not problem and _in_span(covariate.design, adjust):
        problem = "withheld: the adjustment covariates determine it"
    if problem:
        return rows.assign(note=problem)
    test = _test(covariate, adjust, context)
    mean, unvarying = standardised(context.mean.to_numpy()[None][:, covariate.rows])
    silent = unvarying[0]
    pooled = None
    if context.known.draws is not None:
        pooled = _quiet(test, standardised(context.known.draws[:, covariate.rows])[0])
    answer, simple = answers(_quiet(test, mean), context.known, pooled, context.level)
    notes = [covariate.note, confounded]
    unknown = reliability_notes(context.known, len(features))
    return _fill(rows, test, answer, simple).assign(
        contrast=covariate.contrast,
        note=[
            "withheld: the activity is the same in all samples"
            if same
            else join_notes([*notes, doubt, vague])
            if done
            else "withheld: the test could not be computed"
            for same, done, doubt, vague in zip(silent, np.isfinite(answer.p), context.doubts, unknown, strict=True)
        ],
    )


def _fill(rows: pd.DataFrame, test: _Test, answer: Answer, simple: Answer) -> pd.DataFrame:
    return rows.assign(
        test=test.name,
        measure=test.measure,
        effect=answer.effect,
        lower=answer.lower,
        upper=answer.upper,
        statistic=answer.statistic,
        p=answer.p,
        plugin_effect=simple.effect,
        plugin_p=simple.p,
    )


def _quiet(test: _Test, activity: np.ndarray) -> Estimates:
    """Run a test; features that vary in no draw are left out of it and NaN, without a warning each."""
    varying = np.isfinite(activity).any(axis=(0, 1))
    varying |= not varying.any()  # no test takes nothing
    with np.errstate(invalid="ignore", divide="ignore"):
        return test.run(activity[:, :, varying]).spread(varying)


def _test(covariate: Covariate, adjust: np.ndarray, context: Context) -> _Test:
    kind, values, design = covariate.kind, covariate.numbers, covariate.design
    several = kind is Kind.CATEGORICAL
    measure = {Kind.BINARY: "difference in sd", Kind.CATEGORICAL: "partial eta squared"}.get(kind, "sd per sd")
    if context.subjects is not None:
        subjects = pd.factorize(context.subjects[covariate.rows])[0]
        mixed = context.method is Method.MIXED
        name = "mixed model" if mixed else "linear model, cluster-robust"
        return _Test(
            name=name, measure=measure, run=lambda a: kernels.repeated(a, design, adjust, subjects, mixed=mixed)
        )
    if context.method is Method.LINEAR or adjust.shape[1]:
        name = f"linear model, {'F' if several else 't'} test" + (", adjusted" if adjust.shape[1] else "")
        return _Test(name=name, measure=measure, run=lambda a: kernels.linear(a, design, adjust))
    rank = context.method is Method.RANK
    if kind is Kind.ORDINAL or (kind is Kind.NUMERIC and rank):
        return _Test(name="Spearman", measure="correlation", run=lambda a: kernels.spearman(a, values))
    if kind is Kind.NUMERIC:
        return _Test(name="Pearson", measure="correlation", run=lambda a: kernels.pearson(a, values))
    if kind is Kind.BINARY:
        case = values > 0
        if rank:
            return _Test(name="Wilcoxon", measure="AUC", run=lambda a: kernels.wilcoxon(a, case))
        return _Test(name="Welch t", measure="difference in sd", run=lambda a: kernels.welch(a, case))
    if rank:
        return _Test(name="Kruskal-Wallis", measure="epsilon squared", run=lambda a: kernels.kruskal(a, values))
    return _Test(name="ANOVA", measure="eta squared", run=lambda a: kernels.anova(a, values))


def adjustment_columns(table: pd.DataFrame) -> np.ndarray:
    """Return columns for a linear model of complete covariates, n x A, without an intercept.

    Numbers are standardised; levels become indicators, rare ones too.
    """
    columns = [np.empty((len(table), 0))]
    for name in table.columns:
        covariate = read_covariate(str(name), table[name])
        if not covariate.problem and covariate.rows.all():
            columns.append(covariate.design)
        elif len(table[name].unique()) > 1:
            columns.append(pd.get_dummies(table[name].astype(str), drop_first=True).to_numpy(dtype=float))
    return np.column_stack(columns)


def _in_span(design: np.ndarray, adjust: np.ndarray) -> bool:
    base = np.column_stack([np.ones(len(design)), adjust])
    rank = np.linalg.matrix_rank
    return bool(rank(np.column_stack([base, design])) < rank(base) + design.shape[1])
