"""The first screen: what was found, in a few sentences beside the map of the programmes that matter."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from itertools import accumulate
from typing import Any

import pandas as pd

from pathfa import pl
from pathfa.analysis.association.covariates import MIN_PER_LEVEL
from pathfa.analysis.association.significance import named
from pathfa.analysis.summaries import interval_of, leading_sets, low_names, named_after_sets, sets_of_factor
from pathfa.core.names import SEPARATOR, factor_id, readable
from pathfa.core.text import capital, count, part_of
from pathfa.pl.figures.factors import SIMILAR
from pathfa.pl.wording import (
    SHARES,
    beside_words,
    correlate_words,
    disagreements,
    effect_words,
    listed,
    percent_with,
    q_value,
    rival_words,
)
from pathfa.reporting.page.blocks import Overview, PageLink, Section, Sentences
from pathfa.reporting.sections.strips import strips_of
from pathfa.reporting.study.study import Study
from pathfa.result.judgement import Level
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import SIGNIFICANT

_MOST_ROWS = 18  # gene sets on the map, so that it fits a screen
_MOST_STRIPS = 4
_MOST_ASSOCIATIONS = 3
_MOST_RIVALS = 4
_MOST_NAMED = 3  # gene sets whose views differ
_NAMES_LENGTH = 60  # characters of their names together, unless the first is longer
_ANSWER = (
    "Rows: gene sets of the findings, the strongest of each factor, those that vary most. Columns: samples, similar "
    "ones side by side."
)
_EXPECTED = " Expected if it was computed from the same data."
_STOPPED = "This fit must not be interpreted, so no finding is named. The reasons stand above."


def overview_section(study: Study) -> Section:
    """Return the main findings, each with its figure, and the map of the programmes that matter."""
    found, rivals = _associations(study)
    stopped = study.level is Level.STOP
    told = [] if stopped else _told(study, found, rivals)
    points = (PageLink(_STOPPED),) if stopped else tuple(_points(study, told, rivals))
    sets = leading_sets(study.result, [str(row["feature"]) for row in found], _MOST_ROWS, SIMILAR)
    strips = strips_of(study, _MOST_STRIPS)
    figure = pl.activity(study.result, covariates=strips, gene_sets=sets)
    shown = replace(
        figure,
        name="overview",
        answer=_ANSWER,
        x=replace(figure.x, hide_labels=True),
        y=replace(figure.y, title=""),
        height=112 + 17 * max(6, len(figure.y.labels)) + 24 * (0 if strips is None else strips.shape[1]),
    )
    block = Overview(
        points=Sentences(points=points, link="Figure"),
        figure=shown,
        whole=figure.name,
        told=tuple(str(row["feature"]) for row in told),
    )
    return Section("overview", "Main findings", "", (block,))


def no_factor_section(study: Study) -> Section:
    """Return the main finding on a cohort without factors."""
    samples = count(len(study.result.scores), "sample")
    return Section("overview", "Main findings", f"No factor in {samples}, so nothing is said of gene sets.", ())


def _associations(study: Study) -> tuple[list[dict[Hashable, Any]], dict[str, str]]:
    """Return the associations that may be named, and covariates that are not told apart from another, with that one.

    Each covariate and gene set or near copy of it comes once, derived covariates last. A covariate is not told apart
    where nothing is left of it beside one that the gene set is associated with more.
    """
    parts = []
    if study.activity_tests is not None:
        table = study.activity_tests
        parts.append(table[named(table) & ~table["covariate"].isin(study.technical)].assign(figure="associations"))
    if study.survival is not None:
        parts.append(study.survival[named(study.survival)].assign(covariate="survival", contrast="", figure="survival"))
    if not parts:
        return [], {}
    table = pd.concat(parts, ignore_index=True)
    left = table["adjusted_q"] if "adjusted_q" in table else pd.Series(0.0, index=table.index)
    table = table.assign(derived=table["covariate"].isin(study.derived), gone=left > SIGNIFICANT)
    best = table.sort_values(["derived", "gone", "p"], kind="stable").drop_duplicates("covariate")
    best = best.sort_values(["derived", "p"], kind="stable")
    found: list[dict[Hashable, Any]] = []
    rivals: dict[str, str] = {}
    told: set[str] = set()  # gene sets, and their near copies
    for row in best.to_dict("records"):
        if row["gone"] and _p_of(study, str(row["adjusted_for"]), str(row["feature"])) < row["p"]:
            rivals[str(row["covariate"])] = str(row["adjusted_for"])
        elif str(row["feature"]) not in told:
            found.append(row)
            told |= {str(row["feature"]), *_copies(row)}
    return found, rivals


def _p_of(study: Study, covariate: str, feature: str) -> float:
    """Return the p value of an association that was tested."""
    table = _tests_of(study, covariate)
    return math.inf if table is None else float(table.loc[table["feature"] == feature, "p"].min())


def _tests_of(study: Study, covariate: str) -> pd.DataFrame | None:
    """Return the associations of gene sets with a covariate; None where none was tested."""
    table = study.activity_tests
    return None if table is None else table[table["covariate"] == covariate]


def _copies(row: Mapping[Hashable, Any]) -> list[str]:
    """Return the near copies of the gene set of an association."""
    return [name for name in str(row["near_copies"]).split(SEPARATOR) if name]


def _told(study: Study, found: list[dict[Hashable, Any]], rivals: Mapping[str, str]) -> list[dict[Hashable, Any]]:
    """Return the associations that are told: those that are no chance over all covariates, or else the first one."""
    own = [row for row in found if not row["derived"]]
    sure = [row for row in own if not _may_be_chance(study, row)] or (own or found)[:1]
    return sure[: _MOST_ASSOCIATIONS - bool(_apart(sure[:_MOST_ASSOCIATIONS], rivals))]


def _may_be_chance(study: Study, row: Mapping[Hashable, Any]) -> bool:
    """Return whether an association can be chance over all covariates."""
    return float(row["q"]) * len(study.tested) > SIGNIFICANT


def _chance(study: Study, row: Mapping[Hashable, Any]) -> str:
    """Return that an association can be chance over all covariates, and what is left of it beside another one."""
    text = ""
    if _may_be_chance(study, row):
        text += f" {count(len(study.tested), 'covariate', 'were')} tested: one such can be chance."
    if beside := rival_words(row) or beside_words(row):
        text += f" {capital(beside)}."
    return text


def _of_a_factor(study: Study) -> str:
    """Return the strongest association of a factor that other fits find, where none of a gene set is told."""
    table = study.factor_tests
    if table is None:
        return ""
    table = table[named(table) & ~table["covariate"].isin(study.technical) & ~table["feature"].isin(study.lost)]
    if table.empty:
        return ""
    derived = table["covariate"].isin(study.derived)
    best = table.assign(derived=derived).sort_values(["derived", "p"], kind="stable").iloc[0].to_dict()
    text = f" Of the factors, {best['feature']} is associated with {best['covariate']}: {effect_words(best)}, "
    text += f"{q_value(best['q'])}, n = {best['n']}.{_chance(study, best)}"
    return text + _EXPECTED * bool(best["derived"])


def _points(study: Study, told: list[dict[Hashable, Any]], rivals: Mapping[str, str]) -> Iterator[PageLink]:
    for row in told:
        text = f"{_subject(study, row)}: {effect_words(row)}{_ends(study, row)}, {q_value(row['q'])}, n = {row['n']}."
        text += _chance(study, row)
        said = row["adjusted_for"] if row["gone"] else ""
        if alike := [name for name, other in rivals.items() if other == row["covariate"] and name != said]:
            text += f" Not told apart from {row['covariate']}: {listed(alike, _MOST_RIVALS)}."
        if row["covariate"] in study.derived:
            text += _EXPECTED
        text += _stronger(study, row)
        yield PageLink(text, "fig-survival" if row["figure"] == "survival" else "fig-associations-activities")
    if rest := _apart(told, rivals):
        of = {other: [name for name, its in rest.items() if its == other] for other in rest.values()}
        parts = [f"from {other}: {listed(names, _MOST_RIVALS)}" for other, names in of.items()]
        yield PageLink(f"Cannot be told apart {'; '.join(parts)}.", "tab-associations")
    if not told and study.activity_tests is not None and len(study.activity_tests):
        text = (
            f"No gene set is associated with a covariate (q of {SIGNIFICANT} or less, and more than random gene sets). "
        )
        text += f"This does not prove that there is nothing.{_of_a_factor(study)}"
        yield PageLink(text, "fig-associations-activities")
    yield from _of_views(study)
    yield from _of_factors(study)


def _subject(study: Study, row: Mapping[Hashable, Any]) -> str:
    """Return what differs by what: a gene set and its near copies, or how many where they are more than are named."""
    name, covariate = readable(str(row["feature"])), row["covariate"]
    copies = [readable(copy) for copy in _copies(row)]
    if not copies:
        return f"{capital(name)} by {covariate}"
    if len(copies) <= _MOST_NAMED:
        near = "near copy" if len(copies) == 1 else "near copies"
        return f"{capital(name)} (and its {near} {listed(copies, _fitting(copies))}) by {covariate}"
    tests = study.survival if row["figure"] == "survival" else _tests_of(study, str(covariate))
    found = set(tests.loc[tests["q"] <= SIGNIFICANT, "feature"]) if tests is not None else set()
    differ = part_of(
        len(found & {row["feature"], *_copies(row)}), len(study.result.gene_set_names), "gene set", "differ"
    )
    return f"By {covariate}, {differ} together (near copies). The strongest, {name}"


def _stronger(study: Study, row: Mapping[Hashable, Any]) -> str:
    """Return the factor that a covariate is associated with more than with a gene set.

    It is one that other fits find, and that is not named after the gene set.
    """
    table = study.factor_tests
    if table is None or row["figure"] == "survival":
        return ""
    more = named(table) & (table["covariate"] == row["covariate"]) & (table["p"] < row["p"])
    table = table[more & ~table["feature"].isin(study.lost)]
    if table.empty:
        return ""
    best = table.loc[table["p"].idxmin()].to_dict()
    if any(readable(name) in best["feature"] for name in (str(row["feature"]), *_copies(row))):
        return ""
    return f" More so {best['feature']}: {effect_words(best)}."


def _apart(told: list[dict[Hashable, Any]], rivals: Mapping[str, str]) -> dict[str, str]:
    """Return the covariates that are not told apart from another one, where that is not among the findings told."""
    return {name: other for name, other in rivals.items() if other not in {row["covariate"] for row in told}}


def _ends(study: Study, row: Mapping[Hashable, Any]) -> str:
    """Return in which of several levels of a covariate a gene set is highest and lowest on average."""
    if not str(row["measure"]).endswith(SHARES):
        return ""
    levels = study.covariates[str(row["covariate"])].map(str, na_action="ignore")
    activity = study.result.activity[str(row["feature"])]
    groups = activity.groupby(levels.reindex(activity.index), observed=True)
    means = groups.mean()[groups.size() >= MIN_PER_LEVEL]
    return f" (highest in {means.idxmax()}, lowest in {means.idxmin()})"


def _of_views(study: Study) -> Iterator[PageLink]:
    """Yield how far the views agree on the gene sets."""
    table = study.concordance
    if table is None or table["effect"].isna().all():
        return
    tested = table[table["effect"].notna()]
    for pair, part in tested.groupby("covariate", sort=False):
        differ = disagreements(part)
        agree = int((part["status"] == "concordant").sum())
        names = str(pair).replace(" ~ ", " and ")
        if not agree and not differ:
            every = f"Each of {count(len(part), 'gene set')} is unclear or seen in one view."
            yield PageLink(f"Nothing shows whether {names} agree. {every}", "fig-concordance")
            return
        text = f"{names} {correlate_words(part)}."
        for words, sets in differ.items():
            text += f" {words}: {listed(sets, _fitting(sets))}."
        yield PageLink(text, "fig-concordance")
        return  # the figure has the other pairs


def _fitting(names: list[str]) -> int:
    """Return how many names a sentence has room for."""
    lengths = list(accumulate(map(len, names[:_MOST_NAMED])))
    return max(1, sum(length <= _NAMES_LENGTH for length in lengths))


def _of_factors(study: Study) -> Iterator[PageLink]:
    """Yield what the factors explain together."""
    result, explained = study.result, interval_of(study.explained)
    if not result.factor_names:
        return
    words = listed([f"{percent_with(*explained['total', view])} of {view}" for view in result.view_names], 9)
    size, largest = len(result.factor_names), result.factor_names[0]
    doubt = ", which other fits do not find" if largest in study.lost else ""
    if factor_id(largest) in low_names(result):  # a name that is not to be used is not told here either
        largest = f"{factor_id(largest)} (its name is weak)"
    text = f"{count(size, 'factor', 'explain')} {words} variation. The largest is {largest}{doubt}."
    yield PageLink(text + _sets_beside(result), "fig-variance-explained")


def _sets_beside(result: PathFAResult) -> str:
    """Return the gene sets of the largest factor where it is not named after any."""
    largest = result.factor_names[0]
    sets = [] if largest in named_after_sets(result) else sets_of_factor(result, largest)[0]
    if not sets:
        return ""
    return f" Gene sets in it: {listed(list(map(readable, sets)), 1)}."
