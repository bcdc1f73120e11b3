"""Checks of the values of each view against their declared or likely scale."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from pathfa.core.findings import Finding, error, repaired, warning
from pathfa.core.text import count, part_of
from pathfa.data.cohort.matrix import stored
from pathfa.data.cohort.views import Cohort, View, some_samples
from pathfa.data.identifiers.features import dates_for_names
from pathfa.data.io.settings import ValueKind
from pathfa.data.preprocess.identical import in_both, repeats
from pathfa.data.preprocess.scale import ScaleSummary, summarise

_SPIKE = 0.02  # share of exact zeros from which they are worth a question
_LOOKED_AT = 2**24  # values of which quantiles are taken
_UNBALANCED = 20
_EQUAL = 0.5  # share of equal features from which two views are one
_SEVERAL = 10  # equal features from which they are no covariates that two tables share
_NOT_NEGATIVE = (ValueKind.COUNTS, ValueKind.ESTIMATED_COUNTS, ValueKind.NORMALISED, ValueKind.INTENSITY)
_IN_WORDS = {
    ValueKind.ESTIMATED_COUNTS: "estimated counts",
    ValueKind.RATIO: "log ratios",
    ValueKind.FRACTION: "fractions",
}
_LOGGED = ("counts-look-logged", "looks logged")
_FRACTIONS = "contains values that are not whole"
_LOG = "logarithms, which are below 60"


def check_values(cohort: Cohort) -> Iterator[Finding]:
    """Return findings about scale, zeros, missing and constant features of every view."""
    for view in possible_views(cohort):
        summary = summarise(view)
        problems = (_against_declared(view, summary), _zero_spike(view, summary))
        yield from (problem for problem in problems if problem is not None)
        yield from _unusable(view)
        yield from _identical(view)
    yield from _equal_views(cohort)


def possible_views(cohort: Cohort) -> Iterator[View]:
    """Yield the views that have values, without those whose values are an error already."""
    wrong = {item.view for item in cohort.findings if item.code in ("infinite-values", "huge-values")}
    yield from (view for view in cohort.views if view.name not in wrong and view.n_present and len(view.features))


def _identical(view: View) -> Iterator[Finding]:
    """Say which features have the same values in every sample."""
    again, first = repeats(view)
    if not len(again):
        return
    groups = {view.features[at]: [view.features[at]] for at in first}
    for at, lead in zip(again, first, strict=True):
        groups[view.features[lead]].append(view.features[at])
    items = [" = ".join(names[:4]) for names in groups.values()]
    n, groups_of = count(len(again), "feature", "repeat"), count(len(groups), "group")
    found = f"{n} the values of another in every sample, in {groups_of}"
    if view.preprocessing.get("drop_identical", True):
        found += ": the first of each counts once, and as a member of the gene sets of all"
        fix = "set drop_identical: false to keep every copy"
        yield repaired("identical-features", found, fix=fix, view=view.name, items=items)
        return
    yield warning(
        "identical-features",
        found,
        "one row per measurement: copies pass for agreement, and become factors of their own",
        "leave out drop_identical: false, to keep the first of each group",
        view=view.name,
        items=items,
    )


def _equal_views(cohort: Cohort) -> Iterator[Finding]:
    """Say which views are the same measurement, as it is or on another scale."""
    for first, second in combinations(cohort.views, 2):
        one, two, same = first.name, second.name, in_both(first, second)
        several = min(_SEVERAL, _EQUAL * min(len(first.features), len(second.features)))
        if same.shared > max(1, several, _EQUAL * same.comparable):
            yield error(
                "equal-views",
                f"{same.shared} of its features are features of '{one}' again: they put all {same.n_samples} samples "
                "that were compared in exactly the same order",
                "two measurements",
                f"give each view its own file, or leave out '{one}' or '{two}'",
                view=two,
            )


def _against_declared(view: View, summary: ScaleSummary) -> Finding | None:
    """Return the first contradiction between the values and their declared scale."""
    kind, likely = ValueKind(view.kind), summary.kind
    if kind is ValueKind.AUTO and summary.bounded is not None:
        return _bounded(view, summary.bounded)
    is_counts, is_estimated = kind is ValueKind.COUNTS, kind is ValueKind.ESTIMATED_COUNTS
    looks_linear = likely in (ValueKind.COUNTS, ValueKind.NORMALISED, ValueKind.INTENSITY)
    low, high = summary.smallest, summary.largest
    whole, likely_fix, log_fix = "whole numbers", f"set kind: {likely}", "set kind: log if it is"
    estimated_fix = "set kind: estimated_counts if a quantifier made them, else normalised"
    for wrong, make, code, found, expected, fix in (
        (
            kind in _NOT_NEGATIVE and low < 0,
            error,
            "negative-counts",
            "contains negative values",
            "0 or more",
            likely_fix,
        ),
        (is_counts and not summary.whole and high <= 30, error, *_LOGGED, whole, "set kind: log"),
        (is_counts and not summary.whole, error, "non-integer-counts", _FRACTIONS, whole, estimated_fix),
        (
            kind is ValueKind.LOG and looks_linear and high > 100,
            error,
            "log-looks-linear",
            f"looks like {likely}",
            _LOG,
            likely_fix,
        ),
        (
            kind is ValueKind.FRACTION and not (low >= 0 and high <= 1),
            error,
            "no-fractions",
            "contains values outside 0 to 1",
            "0 to 1",
            "divide percentages by 100, or " + likely_fix,
        ),
        (
            kind is ValueKind.BINARY and summary.bounded is not ValueKind.BINARY,
            error,
            "not-binary",
            "contains other values than 0 and 1",
            "0 and 1",
            likely_fix,
        ),
        (is_estimated and high <= 30, warning, *_LOGGED, "", log_fix),
        (
            kind is ValueKind.RATIO and low >= 0,
            warning,
            "ratio-without-negatives",
            "contains no negative value",
            "",
            log_fix,
        ),
    ):
        if wrong:
            found = f"it is declared as {_IN_WORDS.get(kind, kind)} but {found} ({summary})"
            fractions = [f"{value:g}" for value in view.profile.fractions]
            examples = fractions if code == "non-integer-counts" else []
            return make(code, found, expected, fix, view=view.name, examples=examples)
    if likely is not ValueKind.ZSCORED or kind is ValueKind.ZSCORED:
        return None
    return warning(
        "already-zscored",
        f"each feature already has mean 0 and standard deviation 1 ({summary}): the noise of the features "
        "can no longer be compared",
        fix="give the values before z-scoring, or set kind: zscored",
        view=view.name,
    )


def _bounded(view: View, kind: ValueKind) -> Finding:
    """Say that values are fractions, or zeros and ones, and how they should be fitted."""
    if kind is ValueKind.BINARY:
        return warning(
            "binary-values",
            "it holds 0 and 1 only, as mutations and other calls do; taken as numbers",
            "measurements that differ by degree, with noise around them",
            "give single calls as covariates; set kind: binary if a view of them is meant",
            view=view.name,
        )
    return warning(
        "fraction-values",
        "its values lie between 0 and 1, as those of methylation and splicing; taken as they are",
        "a scale without ends, where noise is as large at the ends as in the middle",
        "set kind: fraction to fit log2(x / (1 - x)), the M-value; set kind: log if they are logarithms",
        view=view.name,
    )


def zeros_stand_apart(view: View, summary: ScaleSummary) -> bool:
    """Whether exact zeros are frequent and far from all other values, as where zero means "not detected"."""
    if summary.zeros < _SPIKE or summary.smallest < 0:
        return False
    values = stored(some_samples(view, _LOOKED_AT // len(view.features) + 1).values)
    positive = values[values > 0]
    return bool(positive.size and np.quantile(positive, 0.01) >= 0.2 * np.median(positive))


def _zero_spike(view: View, summary: ScaleSummary) -> Finding | None:
    """Return a warning about exact zeros that are far from all other values."""
    kind = ValueKind(view.kind) if ValueKind(view.kind) is not ValueKind.AUTO else summary.kind
    without_question = (ValueKind.COUNTS, ValueKind.ESTIMATED_COUNTS, ValueKind.RATIO, ValueKind.ZSCORED)
    if kind in without_question or summary.bounded is not None or not zeros_stand_apart(view, summary):
        return None
    return warning(
        "zero-spike",
        f"{summary.zeros:.0%} of its values are exactly 0, far from all others",
        "NA where a feature was not detected",
        "set zero_is_missing: true if zero means not detected",
        view=view.name,
    )


def _unusable(view: View) -> Iterator[Finding]:
    """List the features that contain no information."""
    mean, sd, n = view.profile.mean, view.profile.sd, view.profile.n
    constant = (n >= 2) & (sd <= 1e-12 * np.maximum(np.abs(mean), 1e-300))
    for code, what, which in (
        ("all-missing-features", "have fewer than two values", n < 2),
        ("constant-features", "are constant", constant),
        (
            "mostly-missing-features",
            "are missing in more than half of the samples",
            (n >= 2) & (n < 0.5 * view.n_present),
        ),
    ):
        if which.any():
            found = f"{part_of(int(which.sum()), len(which), 'feature', what)}; dropped"
            yield repaired(code, found, view=view.name, examples=view.features[which], count=int(which.sum()))


def check_features(cohort: Cohort) -> Iterator[Finding]:
    """Return findings about names and numbers of features."""
    for view in cohort.views:
        known = set(view.features)
        made = [name for name in view.features if name.endswith("-1") and name[:-2] in known]
        if made:
            yield warning(
                "made-unique-names",
                f"{count(len(made), 'name', 'look')} as if -1 had been appended to a duplicate",
                "one feature per name",
                "read the original table with a policy for duplicates",
                view=view.name,
                items=made,
            )
        groups = [name for name in view.features if ";" in name]
        if groups:
            yield warning(
                "grouped-features",
                f"{count(len(groups), 'feature', 'have')} several names and can match no gene set",
                "one name per feature",
                "translate them with id_table, or keep the first name of each with strip_suffix: ';.*'",
                view=view.name,
                items=groups,
            )
        yield from dates_for_names(view.features, "read with rename", view.name)
    sizes = {view.name: len(view.features) for view in cohort.views if len(view.features)}
    if len(sizes) > 1 and max(sizes.values()) > _UNBALANCED * min(sizes.values()):
        text = ", ".join(f"{name} {size}" for name, size in sizes.items())
        yield warning(
            "unbalanced-views",
            f"the views differ much in the number of features ({text}): every feature counts by its own noise, "
            "so that the largest view decides most of the factors",
            fix="judge the small view by its own R2; max_features reduces the large one",
        )
