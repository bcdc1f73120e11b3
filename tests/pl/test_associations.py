"""What figures of associations name, mark and draw as one."""

import numpy as np
import pandas as pd
import pytest

from pathfa import pl
from pathfa.pl.spec import Heatmap

ROWS = 4


def table(**columns):
    """Return the associations of four gene sets with two covariates."""
    names = ["set_a", "set_b", "set_c", "set_d"]
    row = {"effect": 0.4, "lower": 0.2, "upper": 0.6, "q": 0.01, "competitive_q": 0.01, "near_copies": ""}
    row |= {"measure": "correlation", "contrast": "", "n": 60, "events": 20, "note": ""}
    parts = [
        pd.DataFrame(
            {**{key: [value] * ROWS for key, value in row.items()}, "feature": names, "covariate": covariate, **columns}
        )
        for covariate in ("age", "ImmuneScore")
    ]
    return pd.concat(parts, ignore_index=True).assign(p=lambda found: found["q"])


def stars(figure):
    (drawn,) = (mark for mark in figure.marks if isinstance(mark, Heatmap))
    return (drawn.text == "*").to_numpy()


def test_a_star_marks_what_stands_out_from_random_sets():
    found = pl.associations(table(q=[0.01, 0.02, 0.03, 0.5], competitive_q=[0.5, 0.01, np.nan, 0.01]))
    assert list(found.y.ids[:1]) == ["set_b"]  # findings come first
    assert stars(found).tolist() == [[True, True], [False, False], [False, False], [False, False]]
    assert "6 of 8 pairs have q of 0.05 or less, 2 of them beyond random gene sets: set b by age: " in found.answer
    assert "r = 0.40 (0.20 to 0.60), q = 0.02" in found.answer


def test_without_a_finding_none_is_named():
    answer = pl.associations(table(competitive_q=0.9)).answer
    assert answer.endswith("8 of 8 pairs have q of 0.05 or less, 0 of them beyond random gene sets. None is named.")


@pytest.mark.parametrize("draw", ["associations", "survival"])
def test_near_copies_have_one_row(draw):
    copies = table(near_copies=["set_c", "", "set_a", ""], q=[0.01, 0.02, 0.03, 0.04])
    found = getattr(pl, draw)(copies[copies["covariate"] == "age"])
    assert sorted(found.y.ids) == ["set_a", "set_b", "set_d"]
    row = found.y.ids.index("set_a")
    assert found.y.labels[row] == "set a (+1 near copy)"
    assert found.y.members[row] == ("set_a", "set_c")
    assert draw == "survival" or "near_copies" not in found.table  # every copy of every set, beside each covariate


def test_derived_covariates_come_after_the_others_and_technical_ones_last():
    found = pl.associations(table(), technical=["age"], derived=["ImmuneScore"])
    assert found.x.labels == ("ImmuneScore (derived)", "age (technical)")
    assert pl.associations(table(), derived=["ImmuneScore"]).x.labels == ("age", "ImmuneScore (derived)")
    assert "set a by age: " in pl.associations(table(), derived=["ImmuneScore"]).answer


def test_survival_names_the_observed_ratio_of_findings_alone():
    ratios = {"effect": 2.5, "lower": 1.5, "upper": 4.2, "measure": "hazard ratio per sd"}
    cox = table(**ratios, corrected_effect=9.0, competitive_q=[0.9, 0.01, 0.9, 0.9])
    answer = pl.survival(cox[cox["covariate"] == "age"]).answer
    assert "4 of 4 activities have q of 0.05 or less, 1 of them beyond random gene sets. set b: " in answer
    assert "hazard ratio per sd 2.50 (1.50 to 4.20)" in answer
