"""Which activities or scores go with which covariates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from pathfa.analysis.association.covariates import covariate_table, read_covariate
from pathfa.analysis.association.guards import batch_columns, refuse_used
from pathfa.analysis.association.tables import (
    COLUMNS,
    Level,
    check_confidence,
    false_discovery_rate,
    level_table,
)
from pathfa.analysis.association.testing import Context, Method, test_covariate
from pathfa.analysis.association.uncertainty import Known, Uncertainty, how_known
from pathfa.analysis.programmes.selection import counted, doubts, part
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.core.text import did_you_mean
from pathfa.result.result import PathFAResult, as_result


class Family(StrEnum):
    """Which tests are corrected together."""

    COVARIATE = "covariate"  # all features of one covariate
    ALL = "all"


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
    uncertainty: str = "measurement",
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

    Differences and coefficients are in sd of the activity. Tests are of the posterior mean: the fit never saw the
    covariate, so they are valid however uncertain the activity is. Effects and their intervals are those on the true
    activity, which are larger by its reliability. The plug-in effect, on the posterior mean, stands beside them.

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
        ``method="mixed"``. A mixed model takes a moment per feature and draw: use few draws.
    batch
        Names of batch variables. When None, columns that are called batch, plate, run, plex, lane or centre are
        taken. A covariate that cannot be told from batch is withheld, with the reason in ``note``.
    method
        ``"auto"``, ``"rank"``, ``"linear"`` or ``"mixed"``.
    kinds
        Per covariate ``"numeric"``, ``"binary"``, ``"categorical"`` or ``"ordinal"``, where the values do not tell.
    reference
        Per covariate the level that others are compared with.
    uncertainty
        ``"measurement"`` as said above, or ``"rubin"``: every test runs on posterior draws and the answers are pooled
        by Rubin's rules. The draws do not know the covariate, so pooled effects and tests are conservative, far more so
        for strong effects; ``docs/analysis.md`` has the figures.
    draws
        Posterior draws that tell how uncertain the activity is; 0 takes it as known.
    family
        ``"covariate"``: false discovery rates over the features of each covariate; ``"all"``: over everything.
    confidence
        Level of the intervals.
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row per covariate and feature: ``covariate``, ``feature``, ``effect``, ``lower``, ``upper``, ``statistic``,
        ``p``, ``q`` (Benjamini-Hochberg), ``n``, ``test``, ``note``, ``kind``, ``measure`` (what the effect is),
        ``contrast``, ``plugin_effect``, ``plugin_p``, ``plugin_q``, ``reliability`` (squared correlation of posterior
        mean and truth, 0 to 1), ``probability`` (that the gene set plays a part; 1 for factors). Ordered by covariate
        and p. Gene sets that more likely play no part come last and have no q: their activity is a faint copy of
        others.

    Raises
    ------
    ConfigError
        For unknown options or names, and for covariates that were used in fitting.
    AlignmentError
        If no sample of the model has covariates.
    """
    result = as_result(model)
    values = level_table(result, level)
    known = how_known(result, level, choose(Uncertainty, uncertainty, "uncertainty"), draws, seed)
    return associate_table(
        result,
        values,
        covariates,
        known=known,
        probability=part(result, level),
        adjust=adjust,
        groups=groups,
        batch=batch,
        method=method,
        kinds=kinds,
        reference=reference,
        family=family,
        confidence=confidence,
    )


def associate_table(
    result: PathFAResult,
    values: pd.DataFrame,
    covariates: pd.DataFrame | pd.Series | str | Sequence[str],
    *,
    known: Known | None = None,
    probability: pd.Series[float] | None = None,
    adjust: pd.DataFrame | str | Sequence[str] | None = None,
    groups: pd.Series | str | None = None,
    batch: str | Sequence[str] | None = None,
    method: str = "auto",
    kinds: Mapping[str, str] | None = None,
    reference: Mapping[str, str] | None = None,
    family: str = "covariate",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Do what ``associate`` does, for any values of the samples of a model.

    Parameters
    ----------
    result
        The fitted model.
    values
        Values to test, N x P.
    known
        How well they are known; None for the plug-in answer alone.
    probability
        Probability that each plays a part, P; None for 1.
    covariates, adjust, groups, batch, method, kinds, reference, family, confidence
        As for ``associate``.
    """
    check_confidence(confidence)
    chosen = choose(Method, method, "method")
    families = choose(Family, family, "family")
    table = covariate_table(result, covariates)
    if table.columns.empty:
        raise ConfigError.of(
            "no-covariate", "no column", "one or more", "name the covariates to test", place="covariates"
        )
    refuse_used(result, table)
    adjusting = pd.DataFrame(index=table.index) if adjust is None else covariate_table(result, adjust, "adjust")
    refuse_used(result, adjusting, "adjust")
    if groups is None and chosen is Method.MIXED:
        raise ConfigError.of(
            "no-groups", "none", "a subject per sample", "pass groups= or another method", place="groups"
        )
    if chosen is Method.RANK and (groups is not None or len(adjusting.columns)):
        raise ConfigError.of(
            "rank-adjusted", "rank tests with adjustment or subjects", "neither", "use method='linear'", place="method"
        )
    if probability is None:
        probability = pd.Series(1.0, index=values.columns)
    known = Known() if known is None else known
    context = Context(
        method=chosen,
        adjust=adjusting,
        subjects=None if groups is None else covariate_table(result, groups, "groups").iloc[:, 0],
        mean=values,
        known=known,
        level=confidence,
        doubts=list(doubts(probability)),
    )
    batches = batch_columns(table, result.obs, batch)
    complete = adjusting.notna().all(axis=1).to_numpy() & values.notna().any(axis=1).to_numpy()
    if context.subjects is not None:
        complete &= context.subjects.notna().to_numpy()
    kinds, reference = kinds or {}, reference or {}
    for place, keys in (("kinds", kinds), ("reference", reference)):
        unknown = [key for key in keys if key not in set(map(str, table.columns))]
        if unknown:
            names = ", ".join(map(str, table.columns[:5]))
            fix = did_you_mean(unknown[0], map(str, table.columns), "correct them")
            raise ConfigError.of(
                "unknown-covariate", "names that are no covariate", names, fix, place=place, examples=unknown
            )
    parts = []
    for name in map(str, table.columns):
        covariate = read_covariate(name, table[name], kinds.get(name), reference.get(name), complete)
        parts.append(test_covariate(covariate, context, batches))
    found = pd.concat(parts, ignore_index=True)
    repeats = len(parts)
    found["reliability"] = np.nan if known.reliability is None else np.tile(known.reliability, repeats)
    found["probability"] = np.tile(probability.to_numpy(), repeats)
    counts = counted(found["probability"])
    groups_of = found["covariate"] if families is Family.COVARIATE else None
    found["q"] = false_discovery_rate(found["p"].where(counts), groups_of)
    found["plugin_q"] = false_discovery_rate(found["plugin_p"].where(counts), groups_of)
    found = found.assign(last=~counts).sort_values(["last", "p"], kind="stable")
    found = found.sort_values("covariate", kind="stable", key=_appearance(table))
    plugin = ["plugin_effect", "plugin_p", "plugin_q"]
    return found[[*COLUMNS, "kind", "measure", "contrast", *plugin, "reliability", "probability"]].reset_index(
        drop=True
    )


def _appearance(table: pd.DataFrame) -> Callable[[pd.Series], pd.Series]:
    place = {str(name): position for position, name in enumerate(table.columns)}
    return lambda names: names.map(place)
