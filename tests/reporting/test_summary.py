from dataclasses import replace

import numpy as np
import pandas as pd
from random_result import random_result

from pathfa.analysis import Checks
from pathfa.pl.wording import Certainty
from pathfa.reporting.page.blocks import Text
from pathfa.reporting.sections.factors import factors_section
from pathfa.reporting.sections.highlights import overview_section
from pathfa.reporting.sections.summary import summary_section
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.verdict.prose import judge
from pathfa.result.labels import readable

RESULT = random_result(n_samples=60)


def told(covariates, result=RESULT, **changes):
    asked = {
        "title": "t", "covariates": covariates.set_index(RESULT.scores.index), "technical": (), "time": "",
        "event": "", "checks": Checks(model={}, tables={}), "command": "", "salt": "",
    }  # fmt: skip
    study = gather(result, Request(**{**asked, **changes}))
    return str(summary_section(study, judge(study).uses))


def test_what_was_not_tested_is_not_called_unrelated():
    rng = np.random.default_rng(0)
    batch = np.repeat(["b1", "b2", "b3"], 20)
    table = pd.DataFrame(
        {"treated": batch == "b2", "age": rng.normal(60, 9, 60), "batch": batch, "months": rng.exponential(9.0, 60)}
    )
    table["died"] = (np.arange(60) < 3).astype(int)
    text = told(table, time="months", event="died")
    assert "treated: withheld: confounded with batch" in text
    assert "with age. This does not prove" in text
    assert "Survival: withheld: 3 events in 60 samples" in text


def test_a_factor_of_next_to_nothing_is_called_so():
    explained = RESULT.variance_explained.copy()
    explained.iloc[1] = [0.004, 0.001]
    said = told(pd.DataFrame({"x": range(60)}), result=replace(RESULT, variance_explained=explained))
    assert said.count("which is next to nothing") == 1


def test_a_covariate_that_follows_an_activity_almost_exactly_is_questioned():
    leading = RESULT.activity.iloc[:, 0]
    spread = leading.std() * np.random.default_rng(0).normal(size=60)
    near, far = leading + 0.2 * spread, leading + 2.0 * spread
    text = told(pd.DataFrame({"score": near, "age": far}))
    assert f"score looks computed from the same data (it follows {leading.name} with a correlation of 0.9" in text
    assert "computed from the same data" not in told(pd.DataFrame({"age": far}))


def study_with(**columns):
    """Return a study whose three activities have these associations with the age."""
    names = RESULT.gene_set_names[:3]
    row: dict[str, object] = {
        "covariate": "age",
        "lower": 0.2,
        "upper": 0.6,
        "corrected_effect": 0.9,
        "measure": "correlation",
        "contrast": "",
    }
    row |= {"n": 60, "note": "", "effect": 0.4, "q": 0.01, "competitive_q": 0.01, "near_copies": "", "kind": "numeric"}
    table = pd.DataFrame({**{name: [value] * 3 for name, value in row.items()}, "feature": names, **columns})
    table["p"] = table["q"]
    found = gather(RESULT, Request(
        title="t", covariates=pd.DataFrame({"age": np.arange(60.0)}, index=RESULT.scores.index), technical=(), time="",
        event="", checks=Checks(model={}, tables={}), command="", salt="",
    ))  # fmt: skip
    return replace(found, activity_tests=table), [readable(name) for name in names]


def sentences(study):
    return str(summary_section(study, judge(study).uses))


def test_the_observed_effect_is_told_with_its_interval():
    study, names = study_with(q=[0.01, 0.02, 0.3])
    text = sentences(study)
    assert "age: 2 of 3 activities are associated with it, all more than random gene sets are" in text
    assert f"most of all {names[0]} (correlation 0.40, 0.20 to 0.60; q = 0.01, n = 60)." in text


def test_only_what_stands_out_from_random_gene_sets_is_named():
    study, names = study_with(competitive_q=[0.5, 0.01, 0.9])
    text = sentences(study)
    assert "age: 3 of 3 activities are associated with it, 1 of them more than random gene sets are" in text
    assert f"most of all {names[1]} (" in text
    study, _ = study_with(competitive_q=[0.5, np.nan, 0.9])
    text = sentences(study)
    assert (
        "3 of 3 activities are associated with it, none of them more than random gene sets are, so that none is named."
        in text
    )


def points(study):
    """Return the main findings, and the figures that they lead to."""
    (block,) = overview_section(study).blocks
    return [point.text for point in block.points], [point.anchor for point in block.points], block.figure


def test_main_findings_are_those_that_may_be_named_and_stand_on_the_map():
    study, names = study_with(competitive_q=[0.5, 0.01, 0.9])
    texts, anchors, figure = points(study)
    told = f"{names[1].capitalize()} by age: correlation 0.40, 0.20 to 0.60 (q = 0.01, n = 60)."
    assert texts[0] == told
    assert anchors[0] == "fig-associations-activities"
    assert RESULT.gene_set_names[1] in figure.y.ids
    assert len(texts) <= 5
    texts, *_ = points(study_with(competitive_q=[0.5, np.nan, 0.9])[0])
    assert texts[0].startswith("No gene set is associated with a covariate")
    assert "does not prove" in texts[0]


def test_a_finding_of_a_derived_covariate_comes_last_and_is_called_expected():
    study, names = study_with(covariate=["score", "age", "age"], q=[0.001, 0.01, 0.02])
    texts, *_ = points(replace(study, derived={"score": "by the name"}))
    assert texts[0].startswith(f"{names[1].capitalize()} by age")
    assert texts[1].endswith("Expected: score looks computed from the same data.")


def test_no_finding_is_named_of_a_fit_that_must_not_be_interpreted():
    study, _ = study_with()
    texts, anchors, _ = points(replace(study, certainty=Certainty.NONE))
    assert texts == ["No finding is named here, because this fit must not be interpreted. The reasons stand above."]
    assert anchors == [""]


def test_survival_is_told_beside_covariates_by_its_hazard_ratio():
    study, names = study_with(q=[0.01, 0.02, 0.03])
    table = study.activity_tests.drop(columns=["contrast", "covariate"])
    cox = table.assign(measure="hazard ratio per sd", effect=2.6, lower=1.9, upper=3.6, p=1e-9, q=1e-6)
    texts, anchors, _ = points(replace(study, survival=cox))
    assert (
        texts[0]
        == f"{names[0].capitalize()} by survival: hazard ratio per sd 2.60, 1.90 to 3.60 (q below 0.001, n = 60)."
    )
    assert anchors[0] == "fig-survival"


def test_near_copies_are_told_as_one():
    first, second, _ = RESULT.gene_set_names[:3]
    study, names = study_with(near_copies=[second, first, ""])
    assert f"most of all {names[0]} with its near copy {names[1]} (correlation" in sentences(study)


def test_derived_covariates_come_last_and_are_named():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"ImmuneScore": rng.normal(size=60), "age": rng.normal(size=60)})
    text = told(table)
    assert "ImmuneScore looks computed from the same data (by the name). If so, its associations are there" in text
    assert "with age and ImmuneScore" in text


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


def test_a_factor_is_told_by_distinct_members_and_its_largest_contributions():
    text = told(pd.DataFrame({"age": np.arange(60.0)}))
    likely = (RESULT.gene_set_probability >= 0.5) & (RESULT.gene_set_weights != 0)
    name = RESULT.factor_names[0]
    sets = [RESULT.gene_set_names[i] for i in np.flatnonzero(likely[name])]
    members = set().union(*(RESULT.gene_sets[item] for item in sets))
    assert f"({len(members) - 1} of {len(members)} members measured)" in text  # one is measured in no view
    assert "driven by" not in text


def test_nothing_is_said_of_the_names_of_factors_that_must_not_be_used():
    few = random_result(n_samples=8)
    study = gather(few, Request(
        title="t", covariates=None, technical=(), time="", event="", checks=Checks(model={}, tables={}), command="",
        salt="",
    ))  # fmt: skip
    assert summary_section(study, judge(study).uses).lead.startswith("3 factors were fitted; do not interpret them.")


def test_a_programme_that_is_split_by_view_is_told_once_with_its_cards():
    def texts(result):
        made = gather(result, Request(
            title="t", covariates=None, technical=(), time="", event="", checks=Checks(model={}, tables={}),
            command="", salt="",
        ))  # fmt: skip
        return [block for block in factors_section(made).blocks if isinstance(block, Text)]

    names = {"F1": "F1 EMT (rna)", "F2": "F2 EMT (protein)"}
    (text,) = texts(RESULT.rename_factors(names))
    assert text.paragraphs == ("EMT is split by view: F1 is seen in rna alone and F2 is seen in protein alone.",)
    assert [link.text for link in text.links] == list(names.values())
    assert texts(RESULT) == []
