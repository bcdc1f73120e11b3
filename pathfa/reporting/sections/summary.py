"""The section that tells what was found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from pathfa.analysis.association.copies import groups_of_copies
from pathfa.analysis.association.significance import named
from pathfa.analysis.summaries import interval_of, sets_of_factor
from pathfa.core.text import count, inflect
from pathfa.pl.wording import effect_words, listed, percent, percent_with, q_value
from pathfa.reporting.page.blocks import Section, Text
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.prose import part_words
from pathfa.reporting.verdict.use import Scope, State, Use
from pathfa.result.judgement import LIMITS, Level
from pathfa.result.labels import factor_id, readable
from pathfa.result.summaries import SIGNIFICANT, mean_member_share

_MOST = 8  # factors described in words
_STATUSES = ("concordant", "discordant", "unclear", "seen in one view")
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
    return Section("found", "What was found, in words?", lead, tuple(blocks))


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
            text += "; no gene set is likely to be part of it, so its name is that of its strongest genes."
        yield certainty.close(text)


def _untested(table: pd.DataFrame) -> bool:
    return len(table) > 0 and bool(table["p"].isna().all())


def _covariates(study: Study) -> Iterator[str]:
    certainty = study.certainty
    if study.activity_tests is not None:
        table = study.activity_tests[~study.activity_tests["covariate"].isin(study.technical)]
        for name, part in table.groupby("covariate", sort=False):
            if (part["q"] <= SIGNIFICANT).any():
                yield _associated(study, f"{name} (derived)" if name in study.derived else str(name), part)
        yield from _derived(study)
        silent = table.groupby("covariate", sort=False).filter(lambda part: not (part["q"] <= SIGNIFICANT).any())
        untested = silent.groupby("covariate", sort=False).filter(_untested)
        for name, part in untested.groupby("covariate", sort=False):
            yield f"{name}: {part['note'].iloc[0]}."
        if names := list(dict.fromkeys(silent.loc[~silent["covariate"].isin(untested["covariate"]), "covariate"])):
            yield f"{_NO_HIT} with {listed(names, 6)}. This does not prove that there is none."
    if study.survival is not None:
        if _untested(study.survival):
            yield f"Survival: {study.survival['note'].iloc[0]}."
        elif (study.survival["q"] <= SIGNIFICANT).any():
            yield _associated(study, "Survival", study.survival)
        else:
            yield f"{_NO_HIT} with survival. This does not prove that there is no relation."
    if study.concordance is not None:
        statuses = study.concordance["status"].value_counts()
        agree, differ, unclear, one = (int(statuses.get(status, 0)) for status in _STATUSES)
        yield certainty.close(
            f"Views: {count(agree, 'activity')} {certainty.verb(inflect(agree, 'agree'))} between views, "
            f"{differ} {inflect(differ, 'differ')}, {unclear} {inflect(unclear, 'are')} unclear and {one} "
            f"{inflect(one, 'are')} seen in one view only."
        )


def _associated(study: Study, name: str, table: pd.DataFrame) -> str:
    """Return how many activities are associated with something, and which of them most, beyond random gene sets."""
    hits, found = table[table["q"] <= SIGNIFICANT], table[named(table)].sort_values("p", kind="stable")
    verb = study.certainty.verb(inflect(len(hits), "are associated with"))
    text = f"{name}: {len(hits)} of {count(len(table), 'activity')} {verb} it"
    if found.empty:
        return study.certainty.close(f"{text}, none of them more than random gene sets are, so that none is named.")
    groups = groups_of_copies(found)
    best, copies = found.iloc[0], next(iter(groups.values()))[1:]
    beyond = "all" if len(found) == len(hits) else f"{len(found)} of them"
    text += f", {beyond} more than random gene sets are; most of all {readable(str(best['feature']))}"
    if copies:
        text += f" with its near {'copy' if len(copies) == 1 else 'copies'} {listed(list(map(readable, copies)))}"
    return study.certainty.close(f"{text} ({effect_words(best)}; {q_value(best['q'])}, {_size(best)}).")


def _size(row: pd.Series) -> str:
    return count(int(row["events"]), "event") if "events" in row else f"n = {row['n']}"


def _derived(study: Study) -> Iterator[str]:
    """Yield which covariates look computed from the same data, those with the same reason together."""
    for reason in dict.fromkeys(study.derived.values()):
        names = [name for name, own in study.derived.items() if own == reason]
        text = f"{listed(names, 9)} {inflect(len(names), 'look')} computed from the same data ({reason}). If so, "
        yield f"{text}{'its' if len(names) == 1 else 'their'} associations are there by construction."
