import re
from dataclasses import replace

import numpy as np
import pandas as pd
from aged_study import RESULT, aged, study_with
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.analysis.summaries import sets_of_factor
from pathfa.core.names import readable
from pathfa.reporting.sections.highlights import overview_section
from pathfa.result.judgement import Level


def points(study):
    """Return the main findings, and the figures that they lead to."""
    (block,) = overview_section(study).blocks
    found = block.points.points
    return [point.text for point in found], [point.anchor for point in found], block.figure


def test_main_findings_are_those_that_may_be_named_and_stand_on_the_map():
    study, names = study_with(competitive_q=[0.5, 0.01, 0.9])
    texts, anchors, figure = points(study)
    told = f"{names[1].capitalize()} by age: r = 0.40 (0.20 to 0.60), q = 0.01, n = 60."
    assert texts[0] == told
    assert anchors[0] == "fig-associations-activities"
    assert RESULT.gene_set_names[1] in figure.y.ids
    assert len(texts) <= 5
    texts, *_ = points(study_with(competitive_q=[0.5, np.nan, 0.9])[0])
    assert texts[0].startswith("No gene set is associated with a covariate")
    assert "does not prove" in texts[0]


@given(st.lists(st.sampled_from([1e-9, 1e-3, 0.02, 0.2]), min_size=3, max_size=3), st.booleans(), st.booleans())
def test_a_factor_that_a_covariate_is_associated_with_more_is_told(p, is_named_after_it, other_covariate):
    study, names = study_with(q=[0.01, 0.02, 0.03])
    factors = [f"F1 {names[0]} + more" if is_named_after_it else "F1 ABC, DEF", *RESULT.factor_names[1:]]
    table = study.activity_tests.assign(feature=factors, effect=0.7, lower=0.5, upper=0.8, p=p, q=p)
    table = table.drop(columns="competitive_q").assign(covariate="sex" if other_covariate else "age")
    known = study.covariates.assign(sex=["f", "m"] * 30)
    texts, *_ = points(replace(study, factor_tests=table, covariates=known))
    best = int(np.argmin(p))
    told = p[best] < 0.01 and not other_covariate and not (best == 0 and is_named_after_it)
    assert texts[0].endswith(f" More so {factors[best]}: r = 0.70 (0.50 to 0.80)." if told else "n = 60.")


@given(st.lists(st.sampled_from([1e-9, 0.04, 0.2]), min_size=3, max_size=3), st.booleans(), st.sampled_from([0.9, 0.2]))
def test_where_no_gene_set_is_told_the_strongest_factor_is(q, is_derived, similarity):
    study, _ = study_with(competitive_q=[0.5, 0.6, 0.9])
    table = study.activity_tests.assign(feature=RESULT.factor_names, effect=0.7, lower=0.5, upper=0.8, p=q, q=q)
    resamples = pd.DataFrame({"level": "factor", "feature": RESULT.factor_names, "effect": [similarity, 0.9, 0.9]})
    study = replace(
        study,
        factor_tests=table.drop(columns="competitive_q"),
        derived={"age": "by the name"} if is_derived else {},
        checks=replace(study.checks, tables={"stability": resamples}),
    )
    texts, *_ = points(study)
    found = [(value, name) for value, name in zip(q, RESULT.factor_names, strict=True) if name not in study.lost]
    best = min(found, key=lambda each: each[0], default=(1.0, ""))
    assert texts[0].startswith("No gene set is associated with a covariate")
    assert ("Of the factors" in texts[0]) is (best[0] <= 0.05)
    if best[0] <= 0.05:
        assert f"nothing. Of the factors, {best[1]} is associated with age: r = 0.70 (0.50 to 0.80), q " in texts[0]
        assert texts[0].endswith("Expected if it was computed from the same data.") is is_derived


def test_a_finding_of_a_derived_covariate_is_told_where_there_is_no_other_and_called_expected():
    study, names = study_with(covariate=["score", "age", "age"], q=[0.001, 0.01, 0.02])
    texts, *_ = points(replace(study, derived={"score": "by the name"}))
    assert texts[0].startswith(f"{names[1].capitalize()} by age")
    assert [text for text in texts if "by score" in text] == []
    texts, *_ = points(replace(study, derived={"score": "by the name", "age": "by the name"}))
    assert texts[0].startswith(f"{names[0].capitalize()} by score")
    assert texts[0].endswith("Expected if it was computed from the same data.")


def test_what_a_stronger_association_may_explain_is_no_finding_of_its_own():
    left = {"adjusted_effect": 0.1, "adjusted_lower": -0.2, "adjusted_upper": 0.4, "adjusted_measure": "sd per sd"}
    left |= {"adjusted_q": [np.nan, 0.5, 0.5], "adjusted_contrast": "", "adjusted_for": ["", "sex", "fat"]}
    first, second, _ = RESULT.gene_set_names[:3]
    features = [first, second, second]
    study, names = study_with(covariate=["age", "fat", "sex"], feature=features, q=[1e-9, 1e-6, 1e-7], **left)
    texts, *_ = points(study)
    assert texts[0].startswith(f"{names[0].capitalize()} by age")
    assert texts[1].startswith(f"{names[1].capitalize()} by sex")
    assert texts[1].endswith("Not told apart from fat: adjusted for it, 0.10 sd per sd (-0.20 to 0.40).")
    assert not any("fat" in text for text in [texts[0], *texts[2:]])
    left |= {"adjusted_q": [np.nan, 0.5, np.nan], "adjusted_for": ["", "sex", ""]}
    texts, *_ = points(study_with(covariate=["age", "fat", "sex"], feature=features, q=[1e-9, 1e-6, 1e-7], **left)[0])
    assert texts[1].startswith(f"{names[1].capitalize()} by sex: ")
    assert texts[1].endswith("n = 60. Not told apart from sex: fat.")
    assert not any("fat" in text for text in [texts[0], *texts[2:]])


def test_what_is_not_told_apart_from_a_finding_that_is_not_told_stands_alone():
    features = [*RESULT.gene_set_names[:4], RESULT.gene_set_names[3]]
    left = {"adjusted_q": [np.nan] * 4 + [0.5], "adjusted_for": [""] * 4 + ["sex"], "adjusted_effect": 0.1}
    study, _ = study_with(
        covariate=["age", "stage", "site", "sex", "fat"], feature=features, q=[1e-9, 1e-8, 1e-7, 1e-6, 1e-5], **left
    )
    texts, anchors, _ = points(study)
    assert [text.split(" by ")[1].split(":")[0] for text in texts[:2]] == ["age", "stage"]
    assert texts[2] == "Cannot be told apart from sex: fat."
    assert anchors[2] == "tab-associations"


def test_a_finding_says_what_is_left_of_it_beside_the_covariate_that_leaves_least():
    left = {"adjusted_effect": 0.3, "adjusted_lower": 0.1, "adjusted_upper": 0.5, "adjusted_measure": "sd per sd"}
    left |= {"adjusted_q": [0.01, np.nan, np.nan], "adjusted_contrast": "", "adjusted_for": ["sex", "", ""]}
    groups = {"measure": "difference in sd", "contrast": "b vs a", "effect": -1.3, "lower": -1.7, "upper": -0.9}
    study, names = study_with(covariate=["age", "sex", "stage"], q=[1e-9, 1e-6, 1e-7], **left, **groups)
    texts, *_ = points(study)
    assert texts[0] == (
        f"{names[0].capitalize()} by age: 1.30 sd higher in a than in b (0.90 to 1.70), q below 0.001, n = 60. "
        "Adjusted for sex: 0.30 sd per sd (0.10 to 0.50)."
    )
    assert not any("djusted" in text for text in texts[1:])


def test_the_largest_factor_is_told_with_what_its_name_is_worth():
    sharp = replace(aged(), result=replace(RESULT, loadings=RESULT.prior_loadings))
    assert "name is weak" not in points(sharp)[0][-1]
    noise = np.random.default_rng(0)
    broad = {view: table + 99.0 * noise.normal(size=table.shape) for view, table in RESULT.loadings.items()}
    study = replace(aged(), result=replace(RESULT, loadings=broad))
    assert points(study)[0][-1].endswith(" The largest is F1 (its name is weak).")
    after_genes = RESULT.rename_factors({RESULT.factor_names[0]: "F1 ABC1, DEF2, GHI3"})
    sets = sets_of_factor(after_genes, after_genes.factor_names[0])[0]
    said = points(replace(aged(), result=after_genes))[0][-1]
    assert re.search(
        rf" The largest is F1 ABC1, DEF2, GHI3\. Gene sets in it: {readable(sets[0])}( and \d+ more)?\.$", said
    )


@settings(max_examples=20)
@given(st.lists(st.floats(1e-6, 0.05), min_size=3, max_size=3))
def test_what_can_be_chance_over_all_covariates_is_told_alone_and_said_to_be_so(q):
    names = ["age", "sex", "stage"]
    study, _ = study_with(covariate=names, q=q)
    tests = aged().factor_tests
    every = pd.concat([tests.assign(covariate=name) for name in names])
    known = study.covariates.assign(sex=study.covariates["age"], stage=study.covariates["age"])
    texts = [text for text in points(replace(study, factor_tests=every, covariates=known))[0] if " by " in text]
    sure = [name for value, name in sorted(zip(q, names, strict=True)) if 3 * value <= 0.05]
    assert len(texts) == max(1, len(sure))
    assert texts[0].endswith("3 covariates were tested: one such can be chance.") == (not sure)
    assert all(re.search(r"\bn = 60\b(?!\.\d)", text) for text in texts)


def test_near_copies_are_one_finding_which_says_so():
    first, second, _ = RESULT.gene_set_names[:3]
    study, names = study_with(covariate=["age", "sex", "stage"], q=[0.001, 0.01, 0.02], near_copies=[second, first, ""])
    texts, *_ = points(study)
    assert texts[0].startswith(f"{names[0].capitalize()} (and its near copy {names[1]}) by age: ")
    assert texts[1].startswith(f"{names[2].capitalize()} by stage: ")


@given(st.integers(1, len(RESULT.gene_set_names) - 1), st.integers(0, 7))
def test_more_near_copies_than_are_named_are_one_finding_of_their_number(copies, unsure):
    names = RESULT.gene_set_names[: 1 + copies]
    near = [" | ".join(other for other in names if other != name) for name in names]
    q = [1e-9, *([1e-6] * (copies - min(copies, unsure))), *([0.2] * min(copies, unsure))]
    texts, *_ = points(study_with(feature=list(names), q=q, near_copies=near)[0])
    lead, differ = readable(names[0]), 1 + copies - min(copies, unsure)
    begins = f"{lead.capitalize()} (and its near cop"
    if copies > 3:
        verb = "differs" if differ == 1 else "differ"
        begins = f"By age, {differ} of {len(RESULT.gene_set_names)} gene sets {verb} together (near copies). "
        begins += f"The strongest, {lead}: r = 0.40"
    assert texts[0].startswith(begins)


def test_a_difference_between_several_levels_says_where_it_is_high_and_low():
    levels = pd.Series(["a", "b", "c"] * 20, index=RESULT.sample_names, dtype=object)
    levels.iloc[0] = "rare"
    study, _ = study_with(covariate="kind", measure="eta squared", contrast="3 levels")
    texts, *_ = points(replace(study, covariates=study.covariates.assign(kind=levels)))
    means = RESULT.activity.iloc[:, 0].groupby(levels).mean().drop("rare")
    assert f"between 3 levels (highest in {means.idxmax()}, lowest in {means.idxmin()}), q" in texts[0]


def test_no_finding_is_named_of_a_fit_that_must_not_be_interpreted():
    study, _ = study_with()
    texts, anchors, _ = points(replace(study, level=Level.STOP))
    assert texts == ["This fit must not be interpreted, so no finding is named. The reasons stand above."]
    assert anchors == [""]


def test_survival_is_told_beside_covariates_by_its_hazard_ratio():
    study, names = study_with(q=[0.01, 0.02, 0.03])
    table = study.activity_tests.drop(columns=["contrast", "covariate"])
    cox = table.assign(measure="hazard ratio per sd", effect=2.6, lower=1.9, upper=3.6, p=1e-9, q=1e-6)
    texts, anchors, _ = points(replace(study, survival=cox))
    assert (
        texts[0]
        == f"{names[0].capitalize()} by survival: hazard ratio per sd 2.60 (1.90 to 3.60), q below 0.001, n = 60."
    )
    assert anchors[0] == "fig-survival"
