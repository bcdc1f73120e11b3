import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from random_result import random_checks, random_result

from pathfa.analysis import Check, Checks
from pathfa.core.errors import ConfigError
from pathfa.core.schemas import schema
from pathfa.reporting.sections import build
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.verdict.prose import judge, trust_section
from pathfa.reporting.verdict.use import CODES, Scope
from pathfa.reporting.write import status
from pathfa.result.judgement import Level
from pathfa.result.summaries import mean_member_share, member_share

# loadings that follow the gene sets, so that nothing but what a test changes is wrong
GOOD = random_result(n_samples=60, loadings=random_result(n_samples=60).prior_loadings)
RAW = random_result(n_factors=21, n_samples=60)
MANY = random_result(
    n_factors=21, n_samples=60, loadings=RAW.prior_loadings, variance_explained=0.2 * RAW.variance_explained
)


def study(result=GOOD, **changes):
    tables = {name: changes.pop(name) for name in map(str, Check) if name in changes}
    asked = {
        "title": "t", "covariates": None, "technical": (), "time": "", "event": "", "command": "", "salt": "",
        "checks": Checks(model={}, tables=tables),
    }  # fmt: skip
    return gather(result, Request(**{**asked, **changes}))


def verdict_of(result=GOOD, **changes):
    return judge(study(result, **changes))


def like_good(**changes):
    size = changes.pop("n_samples", 60)
    return random_result(n_samples=size, loadings=GOOD.prior_loadings, **changes)


def selection(close: int) -> dict[str, object]:
    return {**GOOD.settings, "close_starts": ["sets", "random"][:close]}


def test_a_sound_fit_passes():
    verdict = verdict_of()
    assert verdict.level is Level.PASS
    assert verdict.concerns == ()
    assert mean_member_share(GOOD) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("result", "code", "level"),
    [
        (like_good(n_samples=14), "samples", Level.STOP),
        (like_good(n_samples=29), "samples", Level.CAUTION),
        (like_good(converged=False), "convergence", Level.CAUTION),
        (MANY, "samples-per-factor", Level.CAUTION),
        (like_good(settings=selection(0)), "starts", Level.CAUTION),
        (like_good(selection=GOOD.selection.assign(agreement=0.6)), "starts", Level.CAUTION),
        (like_good(variance_explained=GOOD.variance_explained * 0.01), "explained", Level.STOP),
        (like_good(variance_explained=GOOD.variance_explained * 0.0 + 0.99), "explained", Level.STOP),
        (random_result(n_samples=60), "annotated-share", Level.STOP),
        (like_good(gene_sets={name: [*m, *map(str, range(99))] for name, m in GOOD.gene_sets.items()}), "coverage",
         Level.CAUTION),
    ],
)  # fmt: skip
def test_each_limit(result, code, level):
    verdict = verdict_of(result)
    assert {reason.code: reason.level for reason in verdict.reasons}[code] is level
    assert verdict.level is level
    assert verdict.concerns[0].code == code


def test_one_start_that_agrees_is_enough():
    assert verdict_of(like_good(settings=selection(1))).level is Level.PASS


@pytest.mark.parametrize(("noise", "level"), [(0.05, Level.STOP), (1.4, Level.CAUTION), (50.0, Level.PASS)])
def test_a_batch_in_the_leading_factor(noise, level):
    rng = np.random.default_rng(0)
    batch = GOOD.scores.iloc[:, 0] + noise * rng.normal(size=60)
    table = pd.DataFrame({"batch_number": batch}, index=GOOD.scores.index)
    assert verdict_of(covariates=table).level is level


@pytest.mark.parametrize(("share", "level"), [(0.03, Level.PASS), (0.4, Level.CAUTION), (0.6, Level.STOP)])
def test_decoys(share, level):
    table = pd.DataFrame(
        {"covariate": "F1", "feature": ["a", "b", "c"], "q": [0.05, 0.9, 0.01], "selected": [True, True, False]}
    )
    made = study(decoys=table.assign(decoy_share=share))
    assert judge(made).level is level
    (section,) = [item for item in build(made) if item.anchor == "prior"]
    assert "decoys" in section.tables()
    assert "1 of 2 selected gene sets stands out from random ones (q at most 0.1)." in section.lead


def test_random_sets_that_take_a_third_are_no_worse_where_no_real_one_stands_out():
    table = pd.DataFrame({"covariate": "F1", "feature": ["a", "b"], "q": 0.6, "selected": True, "decoy_share": 0.3})
    assert verdict_of(decoys=table).level is Level.STOP
    assert verdict_of(decoys=table.assign(decoy_share=0.05)).level is Level.PASS


def test_where_no_gene_set_was_selected_random_ones_are_not_to_blame():
    table = pd.DataFrame({"covariate": "F1", "feature": ["a", "b"], "q": 1.0, "selected": False, "decoy_share": 1.0})

    verdict = verdict_of(decoys=table)

    assert verdict.level is Level.STOP
    assert "No gene set takes part in a factor." in [reason.text for reason in verdict.reasons]


def test_unstable_factors():
    table = pd.DataFrame(
        {"level": ["factor"] * 3 + ["gene_set"], "feature": [*GOOD.factor_names, "a"], "effect": [0.2, 0.3, 0.9, 1.0]}
    )
    assert {reason.code: reason.level for reason in verdict_of(stability=table).reasons}["stability"] is Level.CAUTION


def test_a_strict_prior_says_nothing_about_the_annotated_share():
    result = like_good(settings={**GOOD.settings, "loading_prior": "strict"})
    assert "annotated-share" not in {reason.code for reason in verdict_of(result).reasons}


def test_what_the_verdict_is_about_carries_it_and_the_words_stay_plain():
    texts, badges = set(), {}
    for result in (GOOD, like_good(converged=False), like_good(n_samples=60, converged=False)):
        made = study(result)
        verdict = judge(made)
        (section,) = [item for item in build(made) if item.anchor == "factors"]
        texts.add(section.blocks[0].figure.answer)
        badges[verdict.level] = verdict.marks.get("factors")
    assert len(texts) == 1
    assert badges[Level.PASS] is None
    assert badges[Level.CAUTION] is not None


def test_sections_come_in_order_and_every_reason_leads_to_one():
    made = study()
    verdict = judge(made)
    anchors = [section.anchor for section in build(made)]
    assert len(anchors) == 12
    assert {reason.anchor for reason in verdict.reasons} <= set(anchors)


def test_all_gene_sets_are_tested_and_survival_is_no_covariate():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "age": rng.normal(size=60),
            "months": rng.exponential(9.0, 60),
            "died": rng.integers(0, 2, 60),
            "patient_name": [f"Jane {i}" for i in range(60)],
        },
        index=GOOD.scores.index,
    )
    made = study(covariates=table, time="months", event="died")
    assert set(made.activity_tests["feature"]) == set(GOOD.gene_set_names)
    assert set(made.activity_tests["covariate"]) == {"age"}
    assert set(made.survival["feature"]) == set(GOOD.gene_set_names)
    assert "patient name" in made.left_out
    assert not {"patient_name", "patient name"} & set(made.covariates)


@pytest.mark.parametrize("roles", [{"time": "age"}, {"time": "age", "event": "dead"}])
def test_survival_needs_both_columns(roles):
    table = pd.DataFrame({"age": 1.0}, index=GOOD.scores.index)
    with pytest.raises(ConfigError, match="expected the name of a known event"):
        study(covariates=table, **roles)


def test_status_is_plain_json_values():
    made = study()
    found = json.loads(json.dumps(status(made, judge(made), Path("report.html"))))
    assert found["verdict"] == "PASS"
    jsonschema.validate(found, schema("report_status"))
    assert found["files"] == "report_files"
    assert found["headline"].startswith("Reliable: the factors, their names and the comparison of views.")
    assert [(item["scope"], item["state"]) for item in found["use"]][:3] == [
        ("samples", "yes"), ("factors", "yes"), ("names", "yes"),
    ]  # fmt: skip


def test_member_share_leaves_out_features_outside_every_set():
    loadings = {view: table.copy() for view, table in GOOD.prior_loadings.items()}
    outside = np.flatnonzero(np.diff(GOOD.masks["rna"].indptr) == 0)
    loadings["rna"].iloc[outside] = 9.0
    result = like_good()
    result = type(result)(**{**{f: getattr(result, f) for f in result.__dataclass_fields__}, "loadings": loadings})
    assert member_share(result)["rna"].to_numpy() == pytest.approx(1.0)
    assert (result.annotated_share["rna"] < 0.9).any()


def test_the_verdict_unfolds_into_what_it_means_in_words():
    leads = {}
    for result in (GOOD, like_good(n_samples=29), like_good(n_samples=14)):
        verdict = verdict_of(result)
        leads[verdict.level] = trust_section(verdict).lead
    assert leads[Level.PASS].startswith("Yes, as far as these checks can tell. They do not replace a second cohort.")
    assert leads[Level.CAUTION].startswith("Partly.")
    assert leads[Level.STOP].startswith("No. What is below must not be interpreted")


def test_every_check_but_that_of_the_input_says_something_of_what_can_be_used():
    batch = pd.DataFrame({"batch": ["a", "b"] * 30}, index=GOOD.scores.index)
    codes = {reason.code for reason in verdict_of(covariates=batch, **random_checks(GOOD).tables).reasons}
    listed = [code for scope, own in CODES.items() for code in own if scope is not Scope.SETS]
    assert CODES[Scope.SETS] == CODES[Scope.NAMES]  # of which there is one or the other
    assert len(listed) == len(set(listed))
    assert codes == {*listed, "input"}  # which always passes
    assert {str(check) for check in Check} <= set(listed)


def test_the_methods_say_how_the_fit_was_taken_from_how_many_starts():
    def methods(result):
        (section,) = [item for item in build(study(result)) if item.anchor == "provenance"]
        return str(section.blocks[0])

    assert "the one with the highest log evidence was kept" in methods(GOOD)
    higher = GOOD.selection["log_evidence"].where(GOOD.selection["chosen"], GOOD.selection["log_evidence"] + 1e6)
    other = methods(like_good(selection=GOOD.selection.assign(log_evidence=higher)))
    assert "of those with nearly the highest log evidence the one whose loadings follow the gene sets most" in other
    alone = methods(like_good(selection=GOOD.selection[GOOD.selection["chosen"]]))
    assert "One start ran to its end; it met its convergence criterion" in alone


def test_samples_far_from_the_others_are_counted_and_named():
    scores = GOOD.scores.copy()
    scores.iloc[3] += 99.0
    (section,) = [item for item in build(study(like_good(scores=scores))) if item.anchor == "samples"]
    note = section.blocks[-1].note
    assert note.startswith("1 of ")
    assert f": {GOOD.sample_names[3]}. " in note
