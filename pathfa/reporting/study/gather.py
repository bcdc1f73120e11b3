"""From a model and covariates to a study: what is shown, what is tested, and what must not be passed on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.analysis import Checks, associate, concordance, explained_intervals, km_groups, redundancy, survival
from pathfa.analysis.association.adjusted import beside_others
from pathfa.analysis.association.covariates import covariate_table
from pathfa.analysis.association.derived import derived_covariates
from pathfa.analysis.association.design import refuse_used
from pathfa.core.columns import GROUPS_ALIKE, is_technical, levels_alike
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, warning
from pathfa.core.names import column_words, columns_called, unknown
from pathfa.core.text import count
from pathfa.data.validation.follow_up import follow_ups, outcome_columns
from pathfa.data.validation.samples import personal
from pathfa.reporting.study.study import Study
from pathfa.result.result import PathFAResult

MOST_POOLED = 400_000
"""Activities up to which tests carry their uncertainty through; beyond, the posterior mean is taken as known."""
_DRAWS = 50
_OUTCOME = "not tested: it looks like the time or the event of a follow-up, which is no ordinary covariate"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a report was asked to show beside the fit; see ``pathfa.reporting.report``."""

    title: str
    covariates: pd.DataFrame | None
    technical: Sequence[str]
    time: str
    event: str
    checks: Checks
    command: str
    salt: str  # sample names become codes where it is given


def gather(result: PathFAResult, request: Request) -> Study:
    """Return the study of a report.

    Raises
    ------
    ConfigError
        If there is no covariate of the name of a technical one, of the time or the event.
    AlignmentError
        If the covariates are of other samples, or have a sample twice.
    """
    given = result.obs if request.covariates is None else request.covariates
    request = _found(given, request)
    table, left_out = _readable(result, given)
    table = table.loc[:, table.notna().any(axis=0)]
    left_out |= {str(name): reason for name in table.columns if (reason := personal(str(name), table[name]))}
    table = table.drop(columns=[name for name in table.columns if str(name) in left_out])
    if request.salt:
        result, table = anonymise(result, table, request.salt)
    asked = [] if request.time or request.event else outcome_columns(table)
    left_out |= dict.fromkeys(asked, _OUTCOME)
    tested = table.drop(columns=[request.time, request.event, *asked], errors="ignore")
    tested = _testable(result, tested, left_out)
    known = any(finding.code == GROUPS_ALIKE for finding in result.findings)
    alike = [] if known else levels_alike(tested, "covariates")
    questions, words = (*_questions(table, asked), *alike), column_words(map(str, given.columns))
    table, tested = table.rename(columns=words), tested.rename(columns=words)
    left_out = {words.get(name, name): reason for name, reason in left_out.items()}
    request = replace(request, **_in_words(request, words))
    derived = derived_covariates(result, tested)
    tested = tested[sorted(tested.columns, key=lambda name: name in derived)]
    technical = [name for name in tested.columns if name in request.technical or is_technical(name)]
    pooled = result.activity.size <= MOST_POOLED
    factor_tests = activity_tests = None
    if len(tested.columns) and result.factor_names:
        factor_tests = associate(result, tested, level="scores", batch=technical, draws=_DRAWS)
        activity_tests = associate(result, tested, batch=technical, draws=_DRAWS if pooled else 0)
        among = {str(name) for name in tested.columns} - derived.keys()
        factor_tests = beside_others(result, factor_tests, tested, result.scores, among)
        activity_tests = beside_others(result, activity_tests, tested, result.activity, among)
    cox, curves = _survival(result, table, request, left_out)
    several = len(result.view_names) > 1 and bool(result.factor_names)
    return Study(
        result=result,
        title=request.title,
        covariates=table,
        technical=tuple(str(name) for name in technical),
        derived=derived,
        asked=questions,
        left_out=left_out,
        factor_tests=factor_tests,
        activity_tests=activity_tests,
        pooled=pooled,
        survival=cox,
        curves=curves,
        concordance=concordance(result) if several and result.data else None,
        redundancy=redundancy(result) if result.data else None,
        checks=request.checks,
        explained=explained_intervals(result),
        anonymous=bool(request.salt),
        command="" if request.salt else request.command,
    )


def _questions(table: pd.DataFrame, outcome: Sequence[str]) -> tuple[Finding, ...]:
    """Return the question whether columns are the follow-up, where some look like it and none was named."""
    if not outcome:
        return ()
    found = f"{count(len(outcome), 'column', 'look')} like times and events of a follow-up, and none was named"
    expected = "times and events by name, for Cox models; they are no ordinary covariates and are not tested as such"
    usable = [pair for pair in follow_ups(table) if not pair.problem]
    fix = "name the follow-up time and the event with --time and --event; rename the columns if they are none"
    if usable:
        fix = f"if they are, give --time '{usable[0].time}' --event '{usable[0].event}'; else rename them"
    return (warning("unnamed-follow-up", found, expected, fix, place="covariates", items=list(outcome)),)


def _found(table: pd.DataFrame, request: Request) -> Request:
    """Return the request with the columns that its names mean; raise where a column was named that is not there."""
    columns = [str(name) for name in table.columns]
    asked = [("covariate", name) for name in request.technical]
    asked += [("time", request.time), ("event", request.event)] if request.time or request.event else []
    meant = columns_called([name for _, name in asked], columns)
    if strange := [unknown(place, name, columns) for place, name in asked if name not in meant]:
        raise ConfigError(findings=strange)
    return replace(request, **_in_words(request, meant))


def _in_words(request: Request, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the columns that a request names, under other names."""
    technical = tuple(words[name] for name in request.technical)
    return {"technical": technical, "time": words.get(request.time, ""), "event": words.get(request.event, "")}


def _readable(result: PathFAResult, table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the covariates of the samples that can be read, and why the others cannot."""
    kept, left_out = [covariate_table(result, table.iloc[:, :0])], {}
    for name in dict.fromkeys(table.columns):
        try:
            kept.append(covariate_table(result, table.loc[:, [name]]))
        except ConfigError as error:
            left_out[str(name)] = f"not shown: {error}"
    return pd.concat(kept, axis=1), left_out


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
    result: PathFAResult, table: pd.DataFrame, request: Request, left_out: dict[str, str]
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the Cox models and the curves of the activity most strongly associated with survival.

    Where times and events cannot be used, ``left_out`` says why.
    """
    if not (request.time or request.event):
        return None, None
    if unusable := [name for name in (request.time, request.event) if name not in table.columns]:
        left_out |= {name: left_out.get(name, "no sample has a value") for name in unusable}
        return None, None
    time, event = table[request.time], table[request.event]
    try:
        cox = survival(result, time, event)
    except ConfigError as error:
        left_out[f"{request.time}, {request.event}"] = f"survival not analysed: {error}"
        return None, None
    if cox.empty or cox["p"].isna().all():
        return cox, None
    try:
        return cox, km_groups(result, str(cox["feature"].iloc[0]), time, event)
    except ConfigError as error:
        left_out[f"{request.time}, {request.event}"] = f"no curves: {error}"
        return cox, None


def code_names(names: pd.Index, salt: str) -> dict[str, str]:
    """Return a code per sample name: a hash that does not give the name away unless the salt is known."""
    digests = {str(name): hashlib.sha256(f"{salt}\x00{name}".encode()).hexdigest() for name in names}
    length = 8
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 1
    return {name: f"S-{digest[:length]}" for name, digest in digests.items()}


_OF_SAMPLES = ("scores", "activity", "activity_sd", "presence", "obs")
_BY_VIEW = ("data", "view_scores", "view_activity", "view_activity_sd")


def anonymise(result: PathFAResult, covariates: pd.DataFrame, salt: str) -> tuple[PathFAResult, pd.DataFrame]:
    """Return the result and the covariates with codes instead of sample names, and without the paths of the inputs.

    Findings lose their examples, which may hold sample names; the steps of the input and the gene sets lose their
    paths.

    Parameters
    ----------
    result, covariates
        As they are; rows are samples.
    salt
        Secret that the codes depend on; the same salt gives the same codes.
    """
    codes = code_names(result.scores.index, salt)

    def coded(table: pd.DataFrame) -> pd.DataFrame:
        return table.set_axis(pd.Index([codes[str(name)] for name in table.index]), axis=0)

    provenance = {key: value for key, value in result.provenance.items() if key not in ("inputs", "command", "host")}
    tables: dict[str, Any] = {name: coded(getattr(result, name)) for name in _OF_SAMPLES}
    tables |= {name: {view: coded(table) for view, table in getattr(result, name).items()} for name in _BY_VIEW}
    new = replace(
        result,
        **tables,
        flow=_without_paths(result.flow),
        settings={**result.settings, "gene_sets": _without_path(result.settings.get("gene_sets", {}))},
        findings=tuple(replace(item, examples=(), place="") for item in result.findings),
        provenance=provenance,
    )
    return new, coded(covariates)


def _without_paths(flow: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of the input without the file that each view was read from."""
    return flow.assign(detail=flow["detail"].where(flow["step"] != "read", "")) if "detail" in flow else flow


def _without_path(gene_sets: Mapping[str, Any]) -> dict[str, Any]:
    """Return where gene sets came from with the name of the file alone."""
    return {**gene_sets, "source": Path(str(gene_sets["source"])).name} if "source" in gene_sets else dict(gene_sets)
