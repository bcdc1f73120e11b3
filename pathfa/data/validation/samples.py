"""Checks of samples and their covariates: personal data, confounding, follow-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from pathfa.core.columns import OLDEST, codes_found, holds_numbers, is_technical, levels_alike, not_years
from pathfa.core.findings import Finding, Severity, error, note, warning
from pathfa.core.text import count, part_of
from pathfa.data.cohort.views import Cohort, View
from pathfa.data.identifiers.samples import affix_patterns, best_rule

FEW = 15
"""Samples below which the results of a fit should not be interpreted."""

_NAMES = re.compile(
    r"(^|[_ .-])(first|last|sur|family|given|patient|full)?[_ .-]?names?$|^mrn$|medical[_ ]?record|^dob$|"
    r"birth[_ ]?(day|date)|dates?[_ ]?of[_ ]?birth|"
    r"e-?mail|phone|address|street|\bzip|post(al)?[_ ]?code|social[_ ]?security|^ssn$|insurance|passport|"
    r"national[_ ]?id|\bnhs\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", re.IGNORECASE)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}([T ].*)?$|^\d{1,2}[./]\d{1,2}[./]\d{4}$")
TWO_COLUMNS = "times-in-two-columns"  # code of the finding that some times of a follow-up are elsewhere
_MOST_LEVELS = 30
_FEWEST_WITHOUT = 3  # samples without a time from which it may be in another column
_SAID = {
    **dict.fromkeys(("true", "1", "yes", "dead", "deceased", "died", "death", "event", "recurred", "relapsed"), 1),
    **dict.fromkeys(("progressed", "progression", "recurred/progressed"), 1),
    **dict.fromkeys(("false", "0", "no", "alive", "living", "censored", "no event", "diseasefree", "disease free"), 0),
}
_CODED = re.compile(r"([01])[:=] ?\S.*")  # 1:DECEASED of cBioPortal


def check_samples(cohort: Cohort) -> Iterator[Finding]:
    """Return findings about the number of samples and what the views share."""
    n = len(cohort.samples)
    if n < 2:
        fix = "add samples; where a program writes a file for each, give their folder or a pattern as the path"
        yield error("too-few-samples", count(n, "sample"), "at least 2", fix)
    elif n < FEW:
        expected = f"{FEW} or more for results worth interpreting"
        yield warning("few-samples", count(n, "sample"), expected, "do not interpret the result; add samples")
    unmeasured = [view for view in cohort.views if view.n_present < 2]
    for view in unmeasured if n > 1 else ():
        found = (
            f"{count(view.n_present, 'sample', 'have')} a value in this view" if view.n_present else "it has no value"
        )
        expected, fix = "at least 2 samples with values", "give the values, or leave the view out"
        yield error("empty-view", found, expected, fix, view=view.name)
    if unmeasured or len(cohort.views) < 2:
        return
    apart = _apart(cohort)
    for view in apart[:1] if len(apart) == len(cohort.views) else apart:
        yield _not_shared(cohort, view)
    presence = cohort.presence
    shared = int(presence.all(axis=1).sum())
    if not apart and shared < n:
        counts = ", ".join(f"{name} {int(presence[name].sum())}" for name in presence)
        found = f"{part_of(shared, n, 'sample', 'were')} measured in every view ({counts}); all are used"
        yield note("partial-samples", found, count=n - shared)


def _apart(cohort: Cohort) -> list[View]:
    """Return the views that share no sample with any other."""
    linked = dict.fromkeys(cohort.view_names, False)
    for one, two in combinations(cohort.views, 2):
        if (one.present & two.present).any():
            linked[one.name] = linked[two.name] = True
    return [view for view in cohort.views if not linked[view.name]]


def _not_shared(cohort: Cohort, view: View) -> Finding:
    own = view.samples[view.present]
    others = [other for other in cohort.views if other is not view]
    theirs = [other.samples[other.present] for other in others]
    rules = [(best_rule(own, names), other.name) for other, names in zip(others, theirs, strict=True)]
    found_rules = [(*rule, name) for rule, name in rules if rule is not None]
    affixes = [(affix_patterns(own, names), other.name) for other, names in zip(others, theirs, strict=True)]
    found_affixes = [(*patterns, name) for patterns, name in affixes if patterns is not None]
    joined_by_rule = max((len(entry[1]) for entry in found_rules), default=0)
    pairs: list[str] = []
    if max((entry[2] for entry in found_affixes), default=0) > joined_by_rule:
        own_pattern, other_pattern, joined, other_name = max(found_affixes, key=lambda entry: entry[2])
        fix = (
            f"set sample_pattern: '{own_pattern}' in view '{view.name}' and '{other_pattern}' in '{other_name}', which "
            f"joins {joined} of them"
        )
    elif found_rules:
        best, same, other_name = max(found_rules, key=lambda entry: len(entry[1]))
        fix = f"set sample_rule: {best} in views '{view.name}' and '{other_name}', which joins {len(same)} of them"
        pairs = [f"{name} = {other}" for name, other in same]
    else:
        fix = (
            "name samples alike in every view; or give a sample sheet (--samples) with a column for the names of each "
            "view; or set sample_table and sample_column"
        )
    if not pairs and len(own) and len(theirs[0]):
        pairs = [f"{own[0]} here, {theirs[0][0]} in '{others[0].name}'"]
    return error(
        "no-shared-samples",
        f"none of its {count(len(own), 'sample')} was measured in another view",
        "the same sample names in the views",
        fix,
        view=view.name,
        examples=pairs,
    )


def check_covariates(cohort: Cohort) -> Iterator[Finding]:
    """Return findings about covariates: personal data, codes of groups, and batches confounded with a condition."""
    reasons = {str(name): personal(str(name), cohort.obs[name]) for name in cohort.obs.columns}
    if found := {name: reason for name, reason in reasons.items() if reason}:
        yield warning(
            "personal-data",
            f"{count(len(found), 'covariate', 'look')} like personal data, left out of the report",
            fix="remove those from the sheet that do not join the names of views, or rename them if they are none",
            place="sample sheet",
            examples=(f"{name}: {reason}" for name, reason in found.items()),
            count=len(found),
        )
    typed = cohort.obs.loc[:, [holds_numbers(column) for _, column in cohort.obs.items()]]  # of text it is said before
    yield from codes_found(typed, "if they are amounts, make them floats", "covariates")
    yield from levels_alike(cohort.obs, "sample sheet")
    if ages := [f"{name}: {_range(cohort.obs[name])}" for name in typed if not_years(name, typed[name])]:
        yield warning(
            "age-not-in-years",
            f"{count(len(ages), 'age', 'are')} beyond those of a person",
            f"years, 0 to {OLDEST}",
            "divide months by 12 and days by 365.25, or say the unit in the name, such as age_months",
            place="sample sheet",
            items=ages,
        )
    confounded = [f"{batch} and {condition}" for batch, condition in confounded_pairs(cohort.obs)]
    if confounded:
        yield warning(
            "confounded-batch",
            f"{count(len(confounded), 'condition', 'are')} confounded with a batch: each batch contains only one of "
            "their levels",
            "every condition in several batches",
            "no analysis can separate them; associations with them are withheld",
            place="sample sheet",
            items=confounded,
        )


def _range(values: pd.Series) -> str:
    return f"{values.min():,.4g} to {values.max():,.4g}"


def confounded_pairs(obs: pd.DataFrame) -> list[tuple[str, str]]:
    """Return pairs (batch, condition) of covariates in which each batch contains only one level of the condition."""
    batches = [name for name in obs.columns if is_technical(name)]
    pairs = [(batch, condition) for batch in batches for condition in obs.columns if condition != batch]
    return [(str(batch), str(condition)) for batch, condition in pairs if _is_confounded(obs[[batch, condition]])]


def _is_confounded(pair: pd.DataFrame) -> bool:
    both = pair.dropna().astype(str)
    batch, condition = both.iloc[:, 0], both.iloc[:, 1]
    if len(both) < 4 or not 2 <= condition.nunique() <= 10 or not 2 <= batch.nunique() <= len(both) / 2:
        return False
    return len(both.drop_duplicates()) == batch.nunique()


def personal(name: str, values: pd.Series) -> str:
    """Return why a covariate is left out, or nothing.

    Left out are columns that look like names, addresses, numbers of people or exact dates, and texts with a different
    value for nearly every sample, which identify instead of describe.
    """
    if _NAMES.search(name):
        return "the name of the column looks like personal data"
    known = values.dropna()
    if is_datetime64_any_dtype(values.dtype):
        return "exact dates can identify a person"
    if is_numeric_dtype(values.dtype) or known.empty:
        return ""
    text = known.astype(str)
    if text.str.match(_EMAIL).mean() > 0.5:
        return "the values look like e-mail addresses"
    if text.str.match(_DATE).mean() > 0.5:
        return "exact dates can identify a person"
    if text.nunique() > max(_MOST_LEVELS, 0.8 * len(text)):
        return f"text with {text.nunique()} different values in {len(text)} samples identifies instead of describes"
    return ""


def as_events(values: pd.Series) -> pd.Series:
    """Return whether the event was seen, with 0 and 1 for words such as dead and alive, and for codes of cBioPortal.

    >>> as_events(pd.Series(["1:DECEASED", "Alive", "dead", True])).tolist()
    [1, 0, 1, True]
    """
    return values.map(_event)


def _event(value: object) -> object:
    if not isinstance(value, str):
        return value
    coded = _CODED.fullmatch(value.strip())
    return int(coded[1]) if coded else _SAID.get(value.strip().lower(), value)


def check_follow_up(time: pd.Series, event: pd.Series, place: tuple[str, str] = ("time", "event")) -> list[Finding]:
    """Return what is wrong with times and events; errors keep survival from being analysed.

    Parameters
    ----------
    time, event
        One value per sample. Those of samples that lack one of them do not matter, but where most with an event lack
        the time and most others do not, or the reverse, it is in another column.
    place
        What the messages call the two.
    """
    rows = time.notna() & event.notna()
    times, events = time[rows], as_events(event[rows])
    findings = []
    if not is_numeric_dtype(times):
        found = "values that are not numbers"
        findings.append(error("not-numeric", found, "numbers", "convert them", place=place[0], examples=times))
    else:
        for code, wrong, what in (
            ("bad-time", times < 0, ("time", "below 0")),
            ("infinite-values", times == np.inf, ("time", "that is infinite")),
        ):
            if bad := [f"{sample}: {value}" for sample, value in times[wrong].items()]:
                found, fix = f"{count(len(bad), what[0])} {what[1]}", "correct these, or write NA"
                findings.append(error(code, found, "times above 0", fix, place=place[0], items=bad))
        if len(none := times[times == 0]):
            found = f"{count(len(none), 'sample', 'have')} a time of 0: left out, nobody was followed"
            findings.append(warning("zero-time", found, place=place[0], items=none.index))
    if strange := [value for value in events.unique() if value not in (0, 1)]:
        found, fix = "values other than 0 and 1", "make it numeric, for example event = (status == 'dead')"
        if {str(value).removesuffix(".0") for value in events.unique()} == {"1", "2"}:
            found, fix = "the values 1 and 2, as R codes censored and dead", "subtract 1: 0 for censored, 1 for dead"
        findings.append(
            error(
                "bad-event",
                found,
                "0/1, false/true, or words such as alive/dead",
                fix,
                place=place[1],
                examples=strange,
            )
        )
    if not any(finding.severity is Severity.ERROR for finding in findings):
        findings += _times_of_some(time, as_events(event), place[0])
    return findings


def _times_of_some(time: pd.Series, event: pd.Series, place: str) -> list[Finding]:
    """Return the warning that the times of those with an event are not in this column, or those of the others."""
    without = {seen: time[event == seen].isna() for seen in (0, 1)}
    shares = {seen: lacking.mean() if len(lacking) else 0.5 for seen, lacking in without.items()}
    seen = max(shares, key=lambda each: shares[each])
    n = int(without[seen].sum())
    if n < _FEWEST_WITHOUT or shares[seen] <= 0.5 or shares[1 - seen] >= 0.5:
        return []
    found = f"{n:,} of {len(without[seen]):,} samples {'with' if seen else 'without'} the event have no time"
    expected = "the time to the event or, without one, to when the sample was last seen, in one column"
    fix = "fill it from the column with the times of the others, such as days to death, or days to the last visit"
    names = without[seen].index[without[seen]]
    return [warning(TWO_COLUMNS, found, expected, fix, place=place, items=names)]
