"""From a model and covariates to a study: what is shown, what is tested, what is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pathfa.analysis import Checks, associate, concordance, explained_intervals, km_groups, redundancy, survival
from pathfa.analysis.association.covariates import covariate_table
from pathfa.analysis.association.guards import refuse_used
from pathfa.analysis.association.tables import false_discovery_rate
from pathfa.core.errors import ConfigError
from pathfa.data.validation.personal import personal
from pathfa.pl.figure import unknown
from pathfa.reporting.study.privacy import anonymise
from pathfa.reporting.study.study import Study
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import likely_sets

MOST_POOLED = 400_000
"""Activities up to which tests carry their uncertainty through; beyond, the posterior mean is taken as known."""
_DRAWS = 50
_TECHNICAL = re.compile(
    r"batch|plate|plex\b|tmt|lane|\brun\b|run[_ ]|sequencing[_ ]?(site|cent)|\bcent(er|re)\b|instrument|operator|"
    r"library",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a report was asked to show beside the fit; see ``pathfa.reporting.report``."""

    title: str
    covariates: pd.DataFrame | None
    technical: Sequence[str]
    time: str
    event: str
    checks: Checks
    command: str
    salt: str  # sample names become codes where it is given


def gather(result: PathFAResult, asked: Asked) -> Study:
    """Return the study of a report.

    Raises
    ------
    ConfigError
        If there is no covariate of the name of a technical one, of the time or the event.
    AlignmentError
        If the covariates are of other samples, or have a sample twice.
    """
    table = result.obs if asked.covariates is None else covariate_table(result, asked.covariates)
    columns = [str(name) for name in table.columns]
    if strange := [name for name in asked.technical if name not in columns]:
        raise ConfigError(findings=[unknown("covariate", name, columns) for name in strange])
    table = table.loc[:, table.notna().any(axis=0)]
    left_out = {str(name): reason for name in table.columns if (reason := personal(str(name), table[name]))}
    table = table.drop(columns=[name for name in table.columns if str(name) in left_out])
    if asked.salt:
        result, table = anonymise(result, table, asked.salt)
    outcome = [name for name in (asked.time, asked.event) if name]
    tested = table.drop(columns=outcome, errors="ignore")
    tested = _testable(result, tested, left_out)
    technical = [name for name in tested.columns if name in asked.technical or _TECHNICAL.search(str(name))]
    pooled = result.activity.size <= MOST_POOLED
    factor_tests = activity_tests = None
    if len(tested.columns):
        factor_tests = associate(result, tested, level="scores", batch=technical, draws=_DRAWS)
        activity_tests = _likely(result, associate(result, tested, batch=technical, draws=_DRAWS if pooled else 0))
    cox, curves = _survival(result, table, asked)
    return Study(
        result=result,
        title=asked.title,
        covariates=table,
        technical=tuple(str(name) for name in technical),
        left_out=left_out,
        factor_tests=factor_tests,
        activity_tests=activity_tests,
        pooled=pooled,
        survival=cox,
        curves=curves,
        concordance=_likely(result, concordance(result)) if len(result.view_names) > 1 else None,
        redundancy=redundancy(result) if result.data else None,
        checks=asked.checks,
        explained=explained_intervals(result),
        anonymous=bool(asked.salt),
        command="" if asked.salt else asked.command,
    )


def _likely(result: PathFAResult, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of gene sets that are likely part of a factor, with false discovery rates over these.

    The others have an activity too, but a tiny one that only copies the factor.
    """
    kept = table[table["feature"].isin(likely_sets(result))].reset_index(drop=True)
    for p, q in (("p", "q"), ("plugin_p", "plugin_q"), ("ph_p", "ph_q"), ("discordant_p", "discordant_q")):
        if p in kept and q in kept:
            kept[q] = false_discovery_rate(kept[p], kept["covariate"])
    return kept


def _testable(result: PathFAResult, table: pd.DataFrame, left_out: dict[str, str]) -> pd.DataFrame:
    """Return the covariates that may be tested; those that went into the fit are named in ``left_out``."""
    kept = []
    for name in table.columns:
        try:
            refuse_used(result, table[[name]])
        except ConfigError as error:
            left_out[str(name)] = f"not tested: {error}"
        else:
            kept.append(name)
    return table[kept]


def _survival(
    result: PathFAResult, table: pd.DataFrame, asked: Asked
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the Cox models and the curves of the activity that goes best with survival."""
    if not (asked.time or asked.event):
        return None, None
    for place, name in (("time", asked.time), ("event", asked.event)):
        if name not in table.columns:
            raise ConfigError(findings=[unknown(place, name, [str(known) for known in table.columns])])
    time, event = table[asked.time], table[asked.event]
    cox = _likely(result, survival(result, time, event))
    if cox.empty or cox["p"].isna().all():
        return cox, None
    return cox, km_groups(result, str(cox["feature"].iloc[0]), time, event)
