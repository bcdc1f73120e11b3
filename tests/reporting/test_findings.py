from dataclasses import replace

import numpy as np
import pandas as pd
from aged_study import RESULT, study_with
from hypothesis import given
from hypothesis import strategies as st

from pathfa.analysis import Checks
from pathfa.core.names import readable
from pathfa.reporting.sections.biology import covariates_section
from pathfa.reporting.sections.factors import factors_section
from pathfa.reporting.study.associations import association_table
from pathfa.reporting.study.gather import Request, gather


def told(covariates, result=RESULT, **changes):
    asked = {
        "title": "t", "covariates": covariates.set_index(RESULT.scores.index), "technical": (), "time": "",
        "event": "", "checks": Checks(model={}, tables={}), "command": "", "salt": "",
    }  # fmt: skip
    study = gather(result, Request(**{**asked, **changes}))
    return str([factors_section(study), covariates_section(study)])


def test_what_was_not_tested_is_not_called_unrelated():
    rng = np.random.default_rng(0)
    batch = np.repeat(["b1", "b2", "b3"], 20)
    table = pd.DataFrame(
        {"treated": batch == "b2", "age": rng.normal(60, 9, 60), "batch": batch, "months": rng.exponential(9.0, 60)}
    )
    table["died"] = (np.arange(60) < 3).astype(int)
    text = told(table, time="months", event="died")
    assert "not tested: confounded with batch" in text
    assert "Nothing with q of 0.05 or less: age" in text
    assert "No Cox model was fitted: withheld: 3 events in 60 samples" in text


def test_a_factor_of_next_to_nothing_is_called_so():
    explained = RESULT.variance_explained.copy()
    explained.iloc[1] = [0.004, 0.001]
    said = told(pd.DataFrame({"x": range(60)}), result=replace(RESULT, variance_explained=explained))
    assert said.count("variation, next to nothing.") == 1


def test_a_covariate_that_follows_an_activity_almost_exactly_is_questioned():
    leading = RESULT.activity.iloc[:, 0]
    spread = leading.std() * np.random.default_rng(0).normal(size=60)
    near, far = leading + 0.2 * spread, leading + 2.0 * spread
    text = told(pd.DataFrame({"score": near, "age": far}))
    assert f"Derived (it follows {readable(leading.name)} with a correlation of 0.9" in text
    assert "): score. What is computed from the same data" in text
    assert "computed from the same data" not in told(pd.DataFrame({"age": far}))


def rows(study):
    """Return the rows of the table of associations that readers see first: q of 0.05 or less, no near copies."""
    table = association_table(study)
    return table[(table["of"] == "gene set") & (table["q"] <= 0.05) & (table["shown_under"] == "")]


def test_the_observed_effect_stands_with_its_interval_beside_q_and_n():
    study, _ = study_with(q=[0.01, 0.02, 0.3])
    found = rows(study)
    assert list(found["feature"]) == RESULT.gene_set_names[:2]
    first = ["covariate", "feature", "effect", "q", "n", "adjusted", "more_than_random", "note"]
    assert list(found.columns[:8]) == first
    assert set(found["effect"]) == {"r = 0.40 (0.20 to 0.60)"}


def test_what_stands_out_from_random_gene_sets_is_marked():
    study, _ = study_with(competitive_q=[0.5, 0.01, np.nan])
    assert list(rows(study)["more_than_random"]) == ["no", "yes", "no"]


def test_biological_covariates_come_first_and_derived_and_technical_ones_apart():
    study, _ = study_with(covariate=["batch", "score", "age"])
    found = rows(replace(study, derived={"score": "by the name"}, technical=("batch",)))
    assert list(found["origin"]) == ["biological", "derived", "technical"]
    assert list(found["covariate"]) == ["age", "score", "batch"]


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3), st.permutations(RESULT.gene_set_names[:3]))
def test_every_association_has_one_row_whatever_its_order(q, names):
    study, _ = study_with(q=q, feature=names, near_copies=[names[1], names[0], ""])
    table = association_table(study)
    found = table[table["of"] == "gene set"]
    assert sorted(found["feature"]) == sorted(names)
    lead, copy = sorted(names[:2], key=lambda name: (q[names.index(name)], names.index(name)))
    assert dict(zip(found["feature"], found["shown_under"], strict=True)) == {lead: "", copy: lead, names[2]: ""}
    significant = found["q"] <= 0.05
    assert significant.is_monotonic_decreasing


def test_derived_covariates_come_last_and_are_named():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"ImmuneScore": rng.normal(size=60), "age": rng.normal(size=60)})
    text = told(table)
    assert "Derived (by the name): ImmuneScore. What is computed from the same data" in text
    assert "Tested: 1 biological covariate (age) and 1 derived one (ImmuneScore)." in text


def test_a_follow_up_that_nobody_named_is_asked_about_and_not_tested():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"OS.days": rng.exponential(9.0, 60), "OS.status": ["dead", "alive"] * 30, "age": np.arange(60.0)}
    )
    asked = {"technical": (), "checks": Checks(model={}, tables={}), "command": "", "salt": "", "title": "t"}
    asked["covariates"] = table.set_index(RESULT.scores.index)
    open_question = gather(RESULT, Request(**asked, time="", event=""))
    (finding,) = open_question.asked
    assert set(open_question.tested) == {"age"}
    assert "give --time 'OS.days' --event 'OS.status'" in finding.fix
    assert open_question.left_out["OS.days"].startswith("not tested: it looks like the time or the event")
    assert gather(RESULT, Request(**asked, time="OS.days", event="OS.status")).asked == ()


def test_groups_that_are_written_in_two_ways_are_told_once():
    table = pd.DataFrame({"sex": ["male", "Male", "female"] * 20}, index=RESULT.scores.index)
    asked = {"technical": (), "checks": Checks(model={}, tables={}), "command": "", "salt": "", "title": "t"}
    request = Request(**asked, covariates=table, time="", event="")
    study = gather(RESULT, request)
    (finding,) = study.asked
    assert (finding.code, finding.examples) == ("groups-alike", ("sex: 'male' and 'Male'",))
    assert gather(replace(RESULT, findings=(finding,)), request).asked == ()


def test_a_factor_is_told_by_distinct_members_and_its_largest_contributions():
    text = told(pd.DataFrame({"age": np.arange(60.0)}))
    likely = (RESULT.gene_set_probability >= 0.5) & (RESULT.gene_set_weights != 0)
    name = RESULT.factor_names[0]
    sets = [RESULT.gene_set_names[i] for i in np.flatnonzero(likely[name])]
    members = set().union(*(RESULT.gene_sets[item] for item in sets))
    assert f"; {len(members) - 1} of {len(members)} members measured)" in text  # one is measured in no view
    assert "driven by" not in text
