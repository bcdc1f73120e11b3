from dataclasses import replace

import pytest
from judged_fits import batch, sound, states, use, verdict_of
from random_result import random_checks

from pathfa.analysis import Checks
from pathfa.analysis.refits.checks import fingerprint
from pathfa.reporting.sections.biology import covariates_section
from pathfa.reporting.sections.factors import factors_section
from pathfa.reporting.sections.highlights import overview_section
from pathfa.reporting.study.gather import Request, gather
from pathfa.reporting.verdict.prose import trust_section
from pathfa.reporting.verdict.use import Scope, State
from pathfa.result.judgement import Level


def one_start(result):
    return sound(
        selection=result.selection[result.selection["chosen"]], settings={**result.settings, "close_starts": []}
    )


def test_without_further_checks_other_samples_and_batch_are_not_known():
    verdict = verdict_of(sound())
    assert verdict.level is Level.PASS
    assert states(verdict) == {
        Scope.SAMPLES: State.YES, Scope.FACTORS: State.YES, Scope.NAMES: State.YES, Scope.VIEWS: State.YES,
        Scope.NEW_SAMPLES: State.UNKNOWN, Scope.BATCH: State.UNKNOWN,
    }  # fmt: skip
    assert verdict.headline == (
        "Reliable: the factors, their names and the comparison of views. "
        "Not known: whether the factors describe other samples and how much of it is batch."
    )
    assert "Not looked at: resamples." in use(verdict, Scope.FACTORS).notes
    assert "Not looked at: random gene sets and a fit without gene sets." in use(verdict, Scope.NAMES).notes


def test_with_all_checks_everything_is_known():
    result = sound()
    verdict = verdict_of(result, random_checks(result).tables, covariates=batch(result, 50.0))
    assert set(states(verdict).values()) == {State.YES}
    assert verdict.headline == (
        "Reliable: the factors, their names and the comparison of views. "
        "In samples left out of the fit the model predicts 20 % of rna and 20 % of protein variation "
        "from the other views."
    )
    assert not any("Not looked at" in note for item in verdict.uses for note in item.notes)


def test_one_view_is_compared_with_none():
    assert Scope.VIEWS in states(verdict_of(sound()))
    one = verdict_of(_one_view(sound()))
    assert Scope.VIEWS not in states(one)
    assert one.headline.startswith("Reliable: the factors and their names.")


def test_few_samples_limit_the_factors_and_all_that_rests_on_them():
    verdict = verdict_of(sound(n_samples=29))
    assert [states(verdict)[scope] for scope in (Scope.SAMPLES, Scope.FACTORS, Scope.NAMES, Scope.VIEWS)] == [
        State.CARE
    ] * 4
    assert verdict.headline.startswith("Use everything here with care: only 29 samples.")
    assert use(verdict, Scope.NAMES).limit == "They can be no better than the factors."


def test_far_too_few_samples_leave_nothing():
    result = sound(n_samples=14)
    verdict = verdict_of(result, {"heldout": random_checks(result).tables["heldout"]}, covariates=batch(result, 50.0))
    assert verdict.headline == "Nothing here can be used: only 14 samples."
    assert states(verdict)[Scope.NEW_SAMPLES] is State.UNKNOWN  # whatever the check found
    assert states(verdict)[Scope.BATCH] is State.UNKNOWN


def test_what_is_said_of_factors_says_which_do_not_come_back():
    result = sound()
    table = random_checks(result).tables["stability"].assign(effect=[0.2, 0.9, 0.9])
    checks = Checks(model=fingerprint(result), tables={"stability": table}, not_done={})
    request = Request(
        title="t", covariates=batch(result, 0.05), technical=(), time="", event="", checks=checks, command="", salt=""
    )
    study = gather(result, request)
    told = [point.text for block in factors_section(study).blocks for point in getattr(block, "points", ())]
    assert [text.endswith(" Other fits do not find it.") for text in told] == [True, False, False]
    texts = [text for block in covariates_section(study).blocks for text in getattr(block, "paragraphs", ())]
    assert "Other fits do not find F1: associations of it describe this fit alone." in texts
    (first,) = overview_section(study).blocks
    assert first.points.points[-1].text.endswith(f"{result.factor_names[0]}, which other fits do not find.")


def test_the_table_of_factors_says_which_column_has_which_limit():
    request = Request(
        title="t", covariates=None, technical=(), time="", event="", checks=Checks(model={}, tables={}), command="",
        salt="",
    )  # fmt: skip
    known = Checks(model=fingerprint(sound()), tables=random_checks(sound()).tables, not_done={})
    notes = [
        item.note
        for made in (gather(sound(), replace(request, checks=known)), gather(one_start(sound()), request))
        for item in factors_section(made).blocks
        if getattr(item, "name", "") == "factors"
    ]
    assert "With starts below 0.8 or resamples below 0.5 a factor does not come back" in notes[0]
    assert notes[1].endswith("No other fit says whether a factor comes back.")


def test_a_batch_in_the_main_factor_is_no_biology():
    result = sound()
    verdict = verdict_of(result, covariates=batch(result, 0.05))
    assert states(verdict)[Scope.BATCH] is State.NO
    assert verdict.headline.startswith("Nothing here can be read as biology: F1 is associated with batch")
    some = verdict_of(result, covariates=batch(result, 1.4))
    assert states(some)[Scope.BATCH] is State.CARE
    assert "Part of it may be batch: F1 is associated with batch number" in some.headline
    assert states(some)[Scope.FACTORS] is State.YES


@pytest.mark.parametrize(
    ("r2", "lower", "state", "words"),
    [
        (
            0.2,
            0.1,
            State.YES,
            (
                "In samples left out of the fit the model predicts 20 % of rna and 20 % of protein variation "
                "from the other views."
            ),
        ),
        (0.02, -0.01, State.CARE, "Unclear whether the factors describe other samples: "),
        (-0.01, -0.1, State.NO, "Nothing here can be used: samples left out of the fit are not predicted."),
    ],
)
def test_left_out_samples(r2, lower, state, words):
    result = sound()
    table = random_checks(result).tables["heldout"].assign(r2=r2, lower=lower)
    verdict = verdict_of(result, {"heldout": table})
    assert states(verdict)[Scope.NEW_SAMPLES] is state
    assert words in verdict.headline


def test_what_is_not_predicted_is_named_beside_what_is():
    result = sound()
    table = random_checks(result).tables["heldout"]
    table.loc[table["view"] == "protein", ["r2", "lower"]] = [-0.2, -0.4]
    found = use(verdict_of(result, {"heldout": table}), Scope.NEW_SAMPLES)
    assert found.state is State.YES
    assert found.notes == ("Not clearly predicted: protein from the other views.",)
    assert found.points[0].topic == "20 % of rna variation from the other views, not clearly protein"


def test_a_check_that_could_not_be_done_leaves_it_open():
    verdict = verdict_of(sound(), not_done={"heldout": "too few", "stability": "too few"})
    assert states(verdict)[Scope.NEW_SAMPLES] is State.UNKNOWN
    assert states(verdict)[Scope.FACTORS] is State.CARE
    assert ": resamples could not be tried" in verdict.headline


def test_one_start_does_not_say_whether_another_fit_gives_the_same():
    verdict = verdict_of(one_start(sound()))
    assert states(verdict)[Scope.FACTORS] is State.UNKNOWN
    assert states(verdict)[Scope.NAMES] is State.YES
    assert "Not known: whether another fit would give the same factors" in verdict.headline


def test_factors_that_change_in_resamples_are_named():
    result = sound()
    table = random_checks(result).tables["stability"].assign(effect=[0.9, 0.8, 0.2])
    verdict = verdict_of(result, {"stability": table})
    assert verdict.headline.startswith(
        "Reliable: factors F1 and F2 (other fits do not find F3), their names and the comparison of views."
    )
    words = {row.label: row.word for row in trust_section(verdict).blocks[0].rows}
    told = [words[name] for name in ("Factors", "Names of the factors", "Comparison of views")]
    assert told == ["use in part", "use in part", "use"]
    (point,) = use(verdict, Scope.FACTORS).points
    assert point.text.endswith("; F3 does not come back (similarity below 0.5).")


def test_few_samples_leave_no_factor_reliable_whether_it_comes_back_or_not():
    few = sound(n_samples=29)
    table = random_checks(few).tables["stability"].assign(effect=[0.9, 0.8, 0.2])
    verdict = verdict_of(few, {"stability": table})
    assert "Reliable" not in verdict.headline
    assert "with care: only 29 samples; F3 does not come back in resamples." in verdict.headline
    words = {row.label: row.word for row in trust_section(verdict).blocks[0].rows}
    assert words["Factors"] == "use with care"


def test_factors_that_other_starts_do_not_find_are_named():
    result = sound()
    settings = {**result.settings, "factor_agreement": [[0.9, 0.5, 0.9], [1.0, 0.6, 0.6]]}
    verdict = verdict_of(sound(settings=settings))
    assert verdict.headline.startswith("Reliable: factor F1 (other fits do not find F2 and F3), their names")
    assert use(verdict, Scope.FACTORS).topics == ("other starts agree by less than 0.8 on F2 and F3",)


def _one_view(result):
    kept = {name: getattr(result, name) for name in result.__dataclass_fields__}
    for name in ("loadings", "loadings_cov", "noise", "masks", "view_scores", "data", "preprocessing"):
        kept[name] = {"rna": kept[name]["rna"]}
    for name in ("omega", "view_scale", "variance_explained", "presence"):
        kept[name] = kept[name][["rna"]]
    kept["settings"] = {**kept["settings"], "views": ["rna"]}
    return type(result)(**kept)
