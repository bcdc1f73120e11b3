"""What a report tells of a fit, as numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_result import random_result

from pathfa.analysis.association.copies import copies_among
from pathfa.analysis.judgement import factor_grades
from pathfa.analysis.programmes.redundancy import overlap
from pathfa.analysis.summaries import (
    activity_spread,
    by_strength,
    factor_table,
    leading_sets,
    prior_gain,
    sets_of_factor,
)
from pathfa.result.summaries import LIKELY

RESULT = random_result(n_samples=60)


def test_sets_of_a_factor_come_by_contribution_and_members_are_counted_once():
    name = RESULT.factor_names[0]
    sets, members, measured = sets_of_factor(RESULT, name)
    assert set(sets) == set(RESULT.gene_set_probability.index[RESULT.gene_set_probability[name] >= LIKELY])
    assert members == len(set().union(*(RESULT.gene_sets[item] for item in sets)))
    assert measured == members - 1  # one gene is in no view


def test_activities_that_vary_come_first():
    spread = activity_spread(RESULT)
    assert spread.is_monotonic_decreasing
    assert set(spread.index) == set(RESULT.activity.columns[RESULT.activity.std() > 0])


def test_covariates_come_by_their_smallest_q():
    assert by_strength(pd.DataFrame({"covariate": ["a", "b", "a"], "q": [0.9, 0.1, 0.01]})) == ["a", "b"]


@pytest.mark.parametrize(
    ("explained", "where"), [([0.2, 0.1], "shared"), ([0.2, 0.01], "rna only"), ([0.0, -0.1], "nothing")]
)
def test_where_a_factor_is_seen(explained, where):
    table = RESULT.variance_explained.copy()
    table.iloc[0] = explained
    assert (
        factor_table(replace(RESULT, variance_explained=table), factor_grades(RESULT, None))["where"].iloc[0] == where
    )


def test_priors_are_compared_with_as_many_factors_each():
    assert prior_gain(RESULT) is None
    strict = RESULT.selection.iloc[[0]].assign(loading_prior="strict", chosen=False, log_evidence=-5350.0)
    both = replace(RESULT, selection=pd.concat([RESULT.selection, strict], ignore_index=True))
    assert prior_gain(both) == ("strict", 2, 60.0)
    other = replace(RESULT, selection=pd.concat([RESULT.selection, strict.assign(n_factors=9)], ignore_index=True))
    assert prior_gain(other) == ("strict", 0, 0.0)


@pytest.mark.parametrize("least", [0.1, 0.3, 1.1])
def test_leading_sets_begin_with_those_given_and_do_not_repeat_each_other(least):
    first = RESULT.gene_set_names[3]
    found = leading_sets(RESULT, [first], 5, least)
    assert found[0] == first
    assert len(copies_among(RESULT.activity[found])) <= 5
    shared = overlap(RESULT).loc[found, found].to_numpy()
    assert (shared[~np.eye(len(found), dtype=bool)] < least).all()
    if least > 1.0:
        assert {sets_of_factor(RESULT, name)[0][0] for name in RESULT.factor_names} <= set(found)
