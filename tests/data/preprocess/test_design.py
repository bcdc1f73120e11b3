"""Design matrices: one builder, and the same columns for new samples."""

import numpy as np
import pandas as pd
import pytest

from pathfa.core.columns import holds_numbers, is_number
from pathfa.core.errors import InputError
from pathfa.data.preprocess.design import design_matrix, levels_of

TABLE = pd.DataFrame({"age": [50, 60, 70], "batch": ["b", "a", "b"], "treated": [True, False, True]}, index=list("xyz"))


def test_numbers_stay_and_levels_become_indicators_but_the_first():
    levels = levels_of(TABLE)
    assert levels == {"age": None, "batch": ["a", "b"], "treated": ["False", "True"]}
    columns = design_matrix(TABLE, levels)
    expected = {"age": [50.0, 60.0, 70.0], "batch: b": [1.0, 0.0, 1.0], "treated: True": [1.0, 0.0, 1.0]}
    pd.testing.assert_frame_equal(columns, pd.DataFrame(expected, index=list("xyz")))


def test_new_samples_have_the_same_columns():
    new = pd.DataFrame({"treated": [True], "batch": ["a"], "age": [1.5]}, index=["new"])
    assert design_matrix(new, levels_of(TABLE)).iloc[0].to_dict() == {"age": 1.5, "batch: b": 0.0, "treated: True": 1.0}
    assert design_matrix(new, {}).shape == (1, 0)


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (TABLE.assign(batch="c"), "regress-new-level"),
        (TABLE.drop(columns="age"), "regress-unknown"),
        (TABLE.assign(age=[1.0, np.nan, 2.0]), "regress-missing"),
    ],
)
def test_other_samples_that_do_not_fit_are_refused(table, code):
    with pytest.raises(InputError) as caught:
        design_matrix(table, levels_of(TABLE), "rna")
    assert [(finding.code, finding.view) for finding in caught.value.findings] == [(code, "rna")]


def test_truth_values_and_complex_numbers_are_no_numbers():
    assert [is_number(value) for value in (1, 1.5, np.int64(1), np.float32(1))] == [True] * 4
    assert [is_number(value) for value in (True, np.bool_(True), 1j, "1", None)] == [False] * 5
    assert [holds_numbers(pd.Series(values)) for values in ([1], [1.5], [True], [1j], ["1"])] == [True] * 2 + [
        False
    ] * 3
