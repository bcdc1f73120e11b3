"""What figures of associations name, mark and draw as one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(
    st.lists(st.floats(1e-12, 0.9), min_size=6, max_size=6, unique=True), st.sets(st.integers(0, 5)), st.integers(0, 5)
)
def test_the_strongest_biological_covariate_comes_first_and_derived_ones_are_paler(q, derived, technical):
    names = [f"c{place}" for place in range(6)]
    found = pd.concat([table(covariate=name, q=value)[:ROWS] for name, value in zip(names, q, strict=True)])
    computed = [names[place] for place in sorted(derived - {technical})]
    figure = pl.associations(found, technical=[names[technical]], derived=computed)

    def groups(name):
        return (name == names[technical], name in computed, q[names.index(name)])

    assert list(figure.x.ids) == sorted(names, key=groups)
    (drawn,) = (mark for mark in figure.marks if isinstance(mark, Heatmap))
    given_, shades = np.abs(drawn.values.to_numpy().clip(-6, 6)), np.abs(drawn.shades())
    for place, name in enumerate(figure.x.ids):
        assert (
            (shades[:, place] < 0.5 * given_[:, place]).all()
            if name in computed
            else (shades[:, place] == given_[:, place]).all()
        )
    told = figure.plotly().data[0]
    if computed:
        np.testing.assert_allclose(
            np.asarray(told.customdata, dtype=float), drawn.values, rtol=1e-4
        )  # what is read is the value


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
