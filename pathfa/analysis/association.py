"""Which activities or scores go with which covariates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from pathfa.analysis import kernels
from pathfa.analysis.covariates import (
    MIN_SAMPLES,
    Covariate,
    Kind,
    batch_columns,
    confounding,
    covariate_table,
    read_covariate,
    refuse_used,
)
from pathfa.analysis.pooling import Answer, Estimates, plug_in, pool
from pathfa.analysis.tables import COLUMNS, Level, config_error, false_discovery_rate, join_notes, level_table
from pathfa.options import choose
from pathfa.result import as_result


class Method(StrEnum):
    """Which tests ``associate`` uses."""

    AUTO = "auto"  # classical tests; a linear model with adjustment, cluster-robust with subjects
    RANK = "rank"  # Spearman, Wilcoxon, Kruskal-Wallis
    LINEAR = "linear"  # a linear model for every covariate
    MIXED = "mixed"  # a linear model with a random intercept per subject


class Family(StrEnum):
    """Which tests are corrected together."""

    COVARIATE = "covariate"  # all features of one covariate
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class _Test:
    """A test ready to run on standardised activities, D x n x P."""

    name: str
    measure: str
    run: Callable[[np.ndarray], Estimates]


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What every covariate of one call shares."""

    method: Method
    adjust: pd.DataFrame
    subjects: pd.Series | None
    posterior: np.ndarray | None  # D x N x P
    mean: pd.DataFrame  # N x P
    level: float


def associate(
    model: object,
    covariates: pd.DataFrame | pd.Series | str | Sequence[str],
    *,
    level: Level = "activity",
    adjust: pd.DataFrame | str | Sequence[str] | None = None,
    groups: pd.Series | str | None = None,
    batch: str | Sequence[str] | None = None,
    method: str = "auto",
    kinds: Mapping[str, str] | None = None,
    reference: Mapping[str, str] | None = None,
    draws: int = 50,
    family: str = "covariate",
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Test every activity or factor score against every covariate.

    ==========  ==================  =====================  =======================================================
    covariate   ``method="auto"``   ``method="rank"``      ``"linear"``, or with ``adjust`` or ``groups``
    ==========  ==================  =====================  =======================================================
    numeric     Pearson             Spearman               coefficient per sd of the covariate, t test
    binary      Welch t             Wilcoxon (AUC)         difference of the levels, t test
    categorical ANOVA (eta2)        Kruskal-Wallis (eps2)  partial eta squared, F test
    ordinal     Spearman            Spearman               coefficient per sd of the level number, t test
    ==========  ==================  =====================  =======================================================

    Differences and coefficients are in sd of the activity. The uncertainty of the activity is carried through: each
    test runs on posterior draws, and the answers are pooled by Rubin's rules, which is conservative because the
    draws do not know the covariate. The plug-in answer, which takes the posterior mean as known, stands beside it.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    covariates
        Table indexed by sample, or names of columns of the fitted cohort's obs.
    level
        ``"activity"`` of gene sets or ``"scores"`` of factors.
    adjust
        Covariates to adjust for, as a table or names.
    groups
        Subject of each sample, for several samples per subject: cluster-robust errors, or a random intercept with
        ``method="mixed"``.
    batch
        Names of batch variables. When None, columns that are called batch, plate, run, plex, lane or centre are
        taken. A covariate that cannot be told from batch is withheld, with the reason in ``note``.
    method
        ``"auto"``, ``"rank"``, ``"linear"`` or ``"mixed"``.
    kinds
        Per covariate ``"numeric"``, ``"binary"``, ``"categorical"`` or ``"ordinal"``, where the values do not tell.
    reference
        Per covariate the level that others are compared with.
    draws
        Posterior draws; 0 for the plug-in answer alone.
    family
        ``"covariate"``: false discovery rates over the features of each covariate; ``"all"``: over everything.
    confidence
        Level of the intervals.
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per covariate and feature, ordered by covariate and p: ``covariate``, ``feature``, ``effect``,
        ``lower``, ``upper``, ``statistic``, ``p``, ``q`` (Benjamini-Hochberg), ``n``, ``test``, ``note``, ``kind``,
        ``measure`` (what the effect is), ``contrast``, ``plugin_effect``, ``plugin_p``, ``plugin_q``.

    Raises
    ------
    ConfigError
        For unknown options or names, and for covariates that were used in fitting.
    AlignmentError
        If no sample of the model has covariates.
    """
    result = as_result(model)
    chosen = choose(Method, method, "method")
    families = choose(Family, family, "family")
    values = level_table(result, level)
    table = covariate_table(result, covariates)
    refuse_used(result, table)
    adjusting = pd.DataFrame(index=table.index) if adjust is None else covariate_table(result, adjust, "adjust")
    refuse_used(result, adjusting, "adjust")
    if groups is None and chosen is Method.MIXED:
        raise config_error("no-groups", "groups", "none", "a subject per sample", "pass groups= or another method")
    if chosen is Method.RANK and (groups is not None or len(adjusting.columns)):
        raise config_error(
            "rank-adjusted", "method", "rank tests with adjustment or subjects", "neither", "use method='linear'"
        )
    if draws == 1 or draws < 0:
        raise config_error("too-few-draws", "draws", f"draws={draws}", "0, or 2 and more", "use draws=50")
    context = _Context(
        method=chosen,
        adjust=adjusting,
        subjects=None if groups is None else covariate_table(result, groups, "groups").iloc[:, 0],
        posterior=result.sample_posterior(draws, seed, level) if draws else None,
        mean=values,
        level=confidence,
    )
    batches = batch_columns(table, result.obs, batch)
    complete = adjusting.notna().all(axis=1).to_numpy()
    if context.subjects is not None:
        complete &= context.subjects.notna().to_numpy()
    kinds, reference = kinds or {}, reference or {}
    parts = []
    for name in map(str, table.columns):
        covariate = read_covariate(name, table[name], kinds.get(name), reference.get(name), complete)
        parts.append(_one(covariate, context, batches))
    found = pd.concat(parts, ignore_index=True)
    groups_of = found["covariate"] if families is Family.COVARIATE else None
    found["q"] = false_discovery_rate(found["p"], groups_of)
    found["plugin_q"] = false_discovery_rate(found["plugin_p"], groups_of)
    found = found.sort_values("p", kind="stable").sort_values("covariate", kind="stable", key=_appearance(table))
    columns = [*COLUMNS, "kind", "measure", "contrast", "plugin_effect", "plugin_p", "plugin_q"]
    return found[columns].reset_index(drop=True)


def _one(covariate: Covariate, context: _Context, batches: Mapping[str, pd.Series]) -> pd.DataFrame:
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
    if not problem and _in_span(covariate.design, adjust):
        problem = "withheld: the adjustment covariates determine it"
    if problem:
        return rows.assign(note=problem)
    test = _test(covariate, adjust, context)
    mean, unvarying = standardised(context.mean.to_numpy()[None][:, covariate.rows])
    silent = unvarying[0]
    simple = plug_in(_quiet(test, mean), context.level)
    answer = simple
    absent = np.zeros(len(silent))
    if context.posterior is not None:
        drawn, constant = standardised(context.posterior[:, covariate.rows])
        answer = pool(_quiet(test, drawn), context.level)
        absent = constant.mean(axis=0)
    notes = [covariate.note, confounded]
    return _fill(rows, test, answer, simple).assign(
        contrast=covariate.contrast,
        note=[
            "withheld: the activity is the same in all samples" if same else join_notes([*notes, absence(share)])
            for same, share in zip(silent, absent, strict=True)
        ],
    )


def absence(share: float) -> str:
    """Return what to know about a gene set that has no weight in a share of the posterior draws."""
    return f"no weight in {share:.0%} of the posterior draws: uncertain whether it varies at all" if share > 0.1 else ""


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
    """Run a test; features that do not vary are NaN and stay NaN without a warning each."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return test.run(activity)


def _test(covariate: Covariate, adjust: np.ndarray, context: _Context) -> _Test:
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


def standardised(activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return activities with mean 0 and sd 1 over the samples, and where they do not vary, D x P."""
    centred = activity - activity.mean(axis=1, keepdims=True)
    sd = centred.std(axis=1, ddof=1, keepdims=True)
    size = np.abs(activity).max(axis=1, keepdims=True)
    constant = sd <= 1e-12 * np.maximum(size, 1e-300)
    return centred / np.where(constant, np.nan, sd), constant[:, 0]


def _appearance(table: pd.DataFrame) -> Callable[[pd.Series], pd.Series]:
    place = {str(name): position for position, name in enumerate(table.columns)}
    return lambda names: names.map(place)
