"""The section that tells what was found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from pathfa.analysis.summaries import interval_of, leading_factors, sets_of_factor
from pathfa.core.text import count, inflect
from pathfa.pl.wording import listed, percent, percent_with, q_value
from pathfa.reporting.page.blocks import Section, Text
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.prose import part_words
from pathfa.reporting.verdict.use import Scope, State, Use
from pathfa.result.judgement import LIMITS, Level
from pathfa.result.labels import factor_id, readable
from pathfa.result.summaries import SIGNIFICANT, mean_member_share

_MOST = 8  # factors described in words
_NO_HIT = f"No activity reached q of {SIGNIFICANT}"


def summary_section(study: Study, uses: Sequence[Use]) -> Section:
    """Return what was found, in sentences."""
    sentences = tuple(_factors(study))
    more = tuple(_covariates(study))
    size = len(study.result.factor_names)
    lead = _lead(study, uses)
    if size and study.explained["lower"].notna().any():
        lead += " In brackets: 95 % intervals of the shares over the samples."
    if size > _MOST:
        lead += f" The {_MOST} that explain most are described here; the figures below show all."
    blocks = [Text(sentences, as_list=True, title="Factors")] if sentences else []
    if more:
        blocks.append(Text(more, as_list=True, title="Covariates, outcome, views"))
    return Section("found", "What was found?", lead, tuple(blocks))


def _lead(study: Study, uses: Sequence[Use]) -> str:
    """Return what there is and what can be made of it, as the headline has it."""
    size, states = len(study.result.factor_names), {use.scope: use.state for use in uses}
    if not size:
        return "There are no factors, so nothing is said of them and of their gene sets."
    if states[Scope.FACTORS] is State.NO:
        return f"{count(size, 'factor', 'were')} fitted; do not interpret them."
    verb = study.certainty.verb(inflect(size, "describe"))
    return f"{count(size, 'factor')} {verb} how the samples differ{_names(uses, size)}."


def _names(uses: Sequence[Use], size: int) -> str:
    """Return what can be made of the names of the factors."""
    their = "its name" if size == 1 else "their names"
    (names,) = (use for use in uses if use.scope is Scope.NAMES)
    some = part_words(names)
    match names.state:
        case State.NO:
            return f"; do not use {their}"
        case State.CARE:
            return f"; use {their} with care{some}"
        case State.UNKNOWN:
            return f"; whether {their} {inflect(size, 'say')} what is in {'it' if size == 1 else 'them'} is not known"
        case _:
            return f"; {their} can be used{some}" if some else ""


def _factors(study: Study) -> Iterator[str]:
    result, certainty = study.result, study.certainty
    explained = interval_of(study.explained)
    for name in result.factor_names[:_MOST]:
        sets, members, measured = sets_of_factor(result, name)
        words = listed([f"{percent_with(*explained[name, view])} of {view} variance" for view in result.view_names], 9)
        text = f"{factor_id(name)} {certainty.verb('explains')} {words}"
        most = float(result.variance_explained.loc[name].to_numpy().max())
        if LIMITS["next-to-nothing"].level(most) is not Level.PASS:
            text += ", which is next to nothing"
        if sets:
            text += f"; it {certainty.verb('contains')} {listed([readable(item) for item in sets])}"
            text += f" ({measured:,} of {count(members, 'member')} measured)"
            total = len(result.gene_set_names)
            if LIMITS["unspecific"].level(len(sets) / total) is not Level.PASS:
                these = "this is" if len(sets) == 1 else "these are"
                text += f"; {these} {len(sets)} of {count(total, 'gene set')}, so it is specific to none"
            share = mean_member_share(result, name)
            low = f", but these account for only {percent(share)} of their members' loadings, so the name says little."
            text += "." if LIMITS["name-share"].level(share) is Level.PASS else low
        else:
            text += "; no gene set is likely to be part of it, so the name that figures give it says nothing."
        yield certainty.close(text)


def _untested(table: pd.DataFrame) -> bool:
    return len(table) > 0 and bool(table["p"].isna().all())


def _covariates(study: Study) -> Iterator[str]:
    certainty = study.certainty
    if study.activity_tests is not None:
        table = study.activity_tests
        hits = table[(table["q"] <= SIGNIFICANT) & ~table["covariate"].isin(study.technical)]
        for name, part in hits.groupby("covariate", sort=False):
            best = part.sort_values("p", kind="stable").iloc[0]
            yield _associated(study, str(name), part, best, f"{_effect(best)}; {q_value(best['q'])}, n = {best['n']}")
        yield from _too_close(hits)
        silent = [name for name in dict.fromkeys(table["covariate"]) if name not in set(hits["covariate"])]
        silent = [name for name in silent if name not in study.technical]
        untested = table[table["covariate"].isin(silent)].groupby("covariate", sort=False).filter(_untested)
        for name, part in untested.groupby("covariate", sort=False):
            yield f"{name}: {part['note'].iloc[0]}."
        silent = [name for name in silent if name not in set(untested["covariate"])]
        if silent:
            yield f"{_NO_HIT} with {listed(silent, 6)}. This does not prove that there is none."
    if study.survival is not None:
        hits = study.survival[study.survival["q"] <= SIGNIFICANT]
        if _untested(study.survival):
            yield f"Survival: {study.survival['note'].iloc[0]}."
        elif len(hits):
            best = hits.iloc[0]
            said = f"hazard ratio {best['effect']:.2f} per sd, {best['lower']:.2f} to {best['upper']:.2f}; "
            said += f"{q_value(best['q'])}, {count(best['events'], 'event')}"
            yield _associated(study, "Survival", hits, best, said)
        else:
            yield f"{_NO_HIT} with survival. This does not prove that there is no relation."
    if study.concordance is not None:
        statuses = study.concordance["status"].value_counts()
        agree, differ, unclear = (int(statuses.get(status, 0)) for status in ("concordant", "discordant", "unclear"))
        yield certainty.close(
            f"Views: {count(agree, 'activity')} {certainty.verb(inflect(agree, 'agree'))} between views, "
            f"{differ} {inflect(differ, 'differ')}, {unclear} {inflect(unclear, 'are')} unclear."
        )


def _associated(study: Study, name: str, part: pd.DataFrame, best: pd.Series, said: str) -> str:
    """Return how many activities are associated with something, and of which factors: those of one vary together."""
    factors = listed([factor_id(factor) for factor in leading_factors(study.result, part["feature"])])
    verb = study.certainty.verb(inflect(len(part), "are associated with"))
    text = f"{name}: {count(len(part), 'activity')} (of {factors}) {verb} it, most of all "
    return study.certainty.close(f"{text}{readable(str(best['feature']))} ({said}).")


def _too_close(hits: pd.DataFrame) -> Iterator[str]:
    """Yield a warning where covariates follow an activity more closely than biology does alone."""
    least = LIMITS["too-close"].caution
    near = hits[(hits["measure"] == "correlation") & (hits["plugin_effect"].abs() >= least)]
    if len(near):
        names = list(dict.fromkeys(near["covariate"]))
        yield (
            f"{listed(names, 6)} {'follows' if len(names) == 1 else 'follow'} an activity almost exactly (correlation "
            f"of {least} or more): look whether that was computed from the same data, or stands for a group of "
            "samples."
        )


def _effect(row: pd.Series) -> str:
    """Return the size of an association, so that its direction cannot be misread."""
    size, measure, contrast = float(row["effect"]), str(row["measure"]), str(row["contrast"])
    if measure == "difference in sd" and " vs " in contrast:
        first, second = contrast.split(" vs ", 1)
        return f"{abs(size):.2f} sd {'higher' if size > 0 else 'lower'} in {first} than in {second}"
    if measure == "eta squared":
        return f"{percent(size)} of its variance is between the groups, {contrast}"
    return f"{measure} {size:.2f}" + (f", {contrast}" if contrast else "")
