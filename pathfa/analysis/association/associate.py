"""Which activities or scores are associated with which covariates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import pandas as pd

from pathfa.analysis.association.covariates import covariate_table, read_covariate, unknown_covariates
from pathfa.analysis.association.design import adjustment_table, batch_columns, unseen_table
from pathfa.analysis.association.one_covariate import AssociationSetup, Method, covariate_rows
from pathfa.analysis.association.tables import CORRECTED, FeatureLevel, TestedFeatures, check_confidence, features_of
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.result.result import PathFAResult, as_result


class Family(StrEnum):
    """Which tests are corrected together."""

    COVARIATE = "covariate"  # all features of one covariate
    ALL = "all"


def associate(
    model: object,
    covariates: pd.DataFrame | pd.Series | str | Sequence[str],
    *,
    level: FeatureLevel = "activity",
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

    ===========  ==================  =====================  =======================================================
    covariate    ``method="auto"``   ``method="rank"``      ``"linear"``, or with ``adjust`` or ``groups``
    ===========  ==================  =====================  =======================================================
    numeric      Pearson             Spearman               coefficient per sd of the covariate, t test
    binary       Student t           Wilcoxon (AUC)         difference of the levels, t test
    categorical  ANOVA (eta2)        Kruskal-Wallis (eps2)  partial eta squared, F test
    ordinal      Spearman            Spearman               coefficient per sd of the level number, t test
    ===========  ==================  =====================  =======================================================

    Differences and coefficients are in sd of the activity. Tests and effects are of the posterior mean: the fit never
    saw the covariate, so tests are valid however uncertain the activity is. The corrected effect, on the true activity,
    is larger by its reliability. Every gene set is tested: that its activity is associated says that its members are.
    It is a finding of its own where ``competitive_q`` is small too: where they are more than random sets of its size.

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
        ``method="mixed"``. A mixed model takes a moment per feature.
    batch
        Names of batch variables. When None, columns that are called batch, plate, run, plex, lane or centre are
        taken. A covariate that cannot be distinguished from batch is withheld, with the reason in ``note``.
    method
        ``"auto"``, ``"rank"``, ``"linear"`` or ``"mixed"``.
    kinds
        Per covariate ``"numeric"``, ``"binary"``, ``"categorical"`` or ``"ordinal"``, where the values do not show it.
    reference
        Per covariate the level that others are compared with.
    draws
        Posterior draws that show how uncertain the activity is; 0 takes it as known.
    family
        ``"covariate"``: false discovery rates over the features of each covariate; ``"all"``: over everything.
    confidence
        Level of the intervals.
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per covariate and feature: ``covariate``, ``feature``, ``effect`` (observed), ``lower``, ``upper``,
        ``statistic``, ``p``, ``q`` (Benjamini-Hochberg), ``n``, ``test``, ``note``, ``kind``, ``measure`` (what the
        effect is), ``contrast``, ``corrected_effect`` (a correlation, AUC or share stays in its range) with
        ``corrected_lower`` and ``corrected_upper``, for gene sets ``competitive_effect`` (that on the activity beyond
        random sets), ``competitive_p`` (``random_sets.py``) and ``competitive_q``, ``reliability`` (squared
        correlation of posterior mean and truth, 0 to 1), and ``near_copies`` (features that correlate by more than
        0.95: one finding). Ordered by covariate and p.

    Raises
    ------
    ConfigError
        For unknown options or names, and for covariates that were used in fitting.
    AlignmentError
        If no sample of the model has covariates.

    Examples
    --------
    >>> table = pf.associate(model, ["subtype", "age"])
    >>> table[["covariate", "feature", "test", "n"]].head(1)
      covariate feature       test   n
    0   subtype   SET_5  Student t  40
    >>> len(table) == 2 * model.activity_.shape[1]
    True
    >>> pf.associate(model, "age", level="scores", method="rank")["test"].unique().tolist()
    ['Spearman']
    """
    result = as_result(model)
    return associate_features(
        result,
        features_of(result, level, draws, seed),
        covariates,
        adjust=adjust,
        groups=groups,
        batch=batch,
        method=method,
        kinds=kinds,
        reference=reference,
        family=family,
        confidence=confidence,
    )


def associate_features(
    result: PathFAResult,
    features: TestedFeatures,
    covariates: pd.DataFrame | pd.Series | str | Sequence[str],
    *,
    adjust: pd.DataFrame | str | Sequence[str] | None = None,
    groups: pd.Series | str | None = None,
    batch: str | Sequence[str] | None = None,
    method: str = "auto",
    kinds: Mapping[str, str] | None = None,
    reference: Mapping[str, str] | None = None,
    family: str = "covariate",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Do what ``associate`` does, for any values of the samples of a model; parameters are as there."""
    check_confidence(confidence)
    chosen, families = choose(Method, method, "method"), choose(Family, family, "family")
    table = unseen_table(result, covariates)
    if table.columns.empty:
        raise ConfigError.of("no-covariate", "no column", "one or more", "name some to test", place="covariates")
    adjusting = adjustment_table(result, adjust)
    if groups is None and chosen is Method.MIXED:
        fix = "pass groups= or another method"
        raise ConfigError.of("no-groups", "none", "a subject per sample", fix, place="groups")
    if chosen is Method.RANK and (groups is not None or len(adjusting.columns)):
        given = "rank tests with adjustment or subjects"
        raise ConfigError.of("rank-adjusted", given, "neither", "use method='linear'", place="method")
    kinds, reference = kinds or {}, reference or {}
    for place, keys in (("kinds", kinds), ("reference", reference)):
        if unknown := [key for key in keys if key not in set(table.columns)]:
            raise unknown_covariates("names that are no covariate", unknown, table, place, "correct them")
    setup = AssociationSetup(
        features=features,
        method=chosen,
        adjust=adjusting,
        subjects=None if groups is None else covariate_table(result, groups, "groups").iloc[:, 0],
        batches=batch_columns(table, result.obs, batch),
        confidence=confidence,
    )
    complete = adjusting.notna().all(axis=1).to_numpy() & features.values.notna().any(axis=1).to_numpy()
    if setup.subjects is not None:
        complete &= setup.subjects.notna().to_numpy()
    read = [read_covariate(name, table[name], kinds.get(name), reference.get(name), complete) for name in table.columns]
    tables, comparisons = zip(*(covariate_rows(covariate, setup) for covariate in read), strict=True)
    found = features.compared(pd.concat(tables, ignore_index=True), comparisons)
    beside = [] if features.random is None else ["competitive_effect"]
    return features.finish(found, ["kind", "measure", "contrast", *CORRECTED, *beside], together=families is Family.ALL)
