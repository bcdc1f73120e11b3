import re

import numpy as np
import pytest
from judged_fits import LOADINGS, sound, states, use, verdict_of
from random_result import random_checks, random_result

from pathfa.reporting.verdict.prose import trust_section
from pathfa.reporting.verdict.use import Scope, State
from pathfa.result.judgement import Level


def test_names_that_say_little_leave_the_factors():
    loadings = {view: table * 1.0 for view, table in LOADINGS.items()}
    rng = np.random.default_rng(0)
    for table in loadings.values():  # the loadings of two factors are all but those of their gene sets
        table.iloc[:, 1:] += 9.0 * rng.normal(size=(len(table), 2)) * table.iloc[:, 1:].abs().max().to_numpy()
    verdict = verdict_of(sound(loadings=loadings))
    found = use(verdict, Scope.NAMES)
    assert (found.kept, found.lost) == (("F1",), ("F2", "F3"))
    assert any(note.startswith("Weak names: F2 and F3.") for note in found.notes)
    assert states(verdict)[Scope.FACTORS] is State.YES
    assert "Reliable: the factors, the name of F1 (not of F2 and F3) and " in verdict.headline


@pytest.mark.parametrize(
    ("after_genes", "said"),
    [
        ([], "the factors, their names and the comparison of views"),
        ([1], "the factors, the names of F1 and F3 and the comparison of views"),
        ([0, 2], "the factors, the name of F2 and the comparison of views"),
        ([0, 1, 2], "the factors and the comparison of views"),
    ],
)
def test_names_of_gene_sets_are_judged_and_not_those_of_genes(after_genes, said):
    result = sound()
    names = {result.factor_names[place]: f"F{place + 1} ABC{place}, DEF{place}, GHI{place}" for place in after_genes}
    verdict = verdict_of(result.rename_factors(names))
    assert verdict.headline.startswith(f"Reliable: {said}.")
    assert (Scope.NAMES in states(verdict)) is (len(after_genes) < 3)


def after_genes(result):
    """Return the result with all factors named after genes."""
    names = {name: f"F{place} ABC{place}, DEF{place}" for place, name in enumerate(result.factor_names, start=1)}
    return result.rename_factors(names)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"selected": False}, "Do not use the gene sets: no gene set takes part in a factor."),
        ({"decoy_share": 0.6}, "Do not use the gene sets: random gene sets do as well."),
        ({"decoy_share": 0.2}, "Use the gene sets with care: random gene sets take 20 % of the contributions."),
        ({}, "Reliable: the factors and the comparison of views."),
    ],
)
def test_where_no_factor_is_named_after_gene_sets_what_is_against_them_is_told(spoilt, said):
    result = after_genes(sound())
    tables = random_checks(result).tables
    verdict = verdict_of(result, {**tables, "decoys": tables["decoys"].assign(**spoilt)})
    assert said in verdict.headline
    assert Scope.NAMES not in states(verdict)
    assert (Scope.SETS in states(verdict)) is bool(spoilt)
    assert verdict.marks.get("programmes") == (
        next(row for row in trust_section(verdict).blocks[0].rows if row.label == "Gene sets") if spoilt else None
    )


SPOILT = {
    "sets do not follow": lambda result, tables: (random_result(n_samples=60), tables),
    "few samples": lambda result, tables: (sound(n_samples=14), {}),
    "no set selected": lambda result, tables: (result, {**tables, "decoys": tables["decoys"].assign(selected=False)}),
    "no better than decoys": lambda result, tables: (
        result,
        {**tables, "decoys": tables["decoys"].assign(decoy_share=0.6)},
    ),
    "not predicted": lambda result, tables: (
        result,
        {**tables, "heldout": tables["heldout"].assign(r2=-0.1, lower=-0.2, upper=0.0)},
    ),
    "all explained": lambda result, tables: (sound(variance_explained=result.variance_explained * 0.0 + 0.99), tables),
}


@pytest.mark.parametrize("named", [lambda result: result, after_genes], ids=["after sets", "after genes"])
@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_whatever_must_not_be_interpreted_is_told_with_its_reason(spoilt, named):
    result = sound()
    result, tables = spoilt(result, random_checks(result).tables)
    verdict = verdict_of(named(result), tables)
    stops = [reason for reason in verdict.reasons if reason.level is Level.STOP]
    assert stops
    for reason in stops:
        assert any(reason in found.points and found.state is State.NO for found in verdict.uses)
    assert re.search(f"(Do not use|can be used|describe these samples).*{re.escape(stops[0].topic)}", verdict.headline)


def test_of_names_that_need_care_the_weak_ones_are_not_to_be_used():
    loadings, rng = {view: table * 1.0 for view, table in LOADINGS.items()}, np.random.default_rng(0)
    for table in loadings.values():
        table += rng.normal(size=table.shape) * [0.6, 9.0, 9.0] * table.abs().max().to_numpy()
    assert (
        "Do not use the names of F2 and F3. Use the name of F1 with care: gene sets account for only "
        in verdict_of(sound(loadings=loadings)).headline
    )


@pytest.mark.parametrize("lost", [(), (1,), (0, 2)])
def test_where_each_name_that_could_be_used_is_weak_none_is(lost):
    rng, weak = np.random.default_rng(0), np.array([4.0 * (place not in lost) for place in range(3)])
    broad = {
        view: table + weak * rng.normal(size=table.shape) * table.abs().max().to_numpy()
        for view, table in LOADINGS.items()
    }
    result = sound(loadings=broad)
    stability = random_checks(result).tables["stability"]
    stability.loc[stability["feature"].isin([result.factor_names[place] for place in lost]), "effect"] = 0.2
    verdict = verdict_of(result, {"stability": stability})
    assert states(verdict)[Scope.NAMES] is State.NO
    assert (
        "Do not use the names of the factors: gene sets account for less than 10 % of their members' loadings on each."
        in verdict.headline
    )
    assert "names" not in verdict.headline.split("loadings on each.")[1]


def test_weak_names_are_told_of_the_factors_that_come_back_alone():
    loadings = {view: table * 1.0 for view, table in LOADINGS.items()}
    for table in loadings.values():
        table.iloc[:, 2] += 9.0 * np.random.default_rng(0).normal(size=len(table)) * table.iloc[:, 2].abs().max()
    result = sound(loadings=loadings)
    stability = random_checks(result).tables["stability"]
    assert ", the names of F1 and F2 (not of F3) and " in verdict_of(result, {"stability": stability}).headline
    stability.loc[stability["feature"] == result.factor_names[2], "effect"] = 0.2
    headline = verdict_of(result, {"stability": stability}).headline
    assert headline.startswith(
        "Reliable: factors F1 and F2 (other fits do not find F3), their names and the comparison"
    )


def test_names_that_say_nothing_are_not_used_while_the_factors_need_care():
    verdict = verdict_of(random_result(n_samples=60))
    assert verdict.level is Level.STOP
    assert states(verdict)[Scope.NAMES] is State.NO
    assert states(verdict)[Scope.FACTORS] is State.CARE  # nothing is better beside a verdict of DO NOT INTERPRET
    assert verdict.headline.startswith("Do not use the names of the factors: gene sets account for")


def test_a_strict_prior_does_not_say_whether_the_names_hold():
    result = sound()
    strict = sound(settings={**result.settings, "loading_prior": "strict"})
    assert states(verdict_of(strict))[Scope.NAMES] is State.UNKNOWN
    tables = {"decoys": random_checks(strict).tables["decoys"]}
    assert states(verdict_of(strict, tables))[Scope.NAMES] is State.YES
