"""The sentence of a figure says what is drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from figures_of_one import CHECKS, RESULT, figure
from hypothesis import given, settings
from hypothesis import strategies as st
from random_result import random_result

from pathfa import pl
from pathfa.result.summaries import seen_in


def test_each_factor_is_told_apart_by_what_happens_without_gene_sets():
    made = figure("uninformed")
    assert "Also found without gene sets: F1." in made.answer
    assert "Rotated by the gene sets (without them only a mixture of factors): F2." in made.answer
    assert "Not found without gene sets: F3." in made.answer


def test_held_out_words_say_where_gene_sets_help_and_what_is_not_predicted():
    table = CHECKS["heldout"].copy()
    assert "Gene sets help in every line, by up to 5.0 percentage points" in pl.heldout(table).answer
    table.loc[1, ["r2", "gain", "gain_lower"]] = [-0.01, -0.16, -0.2]
    made = pl.heldout(table)
    assert "20 % (10 to 30) of rna and nothing of protein from the other views" in made.answer
    assert (
        "Gene sets help for rna, from other views (by 5.0 percentage points); no clear difference otherwise."
        in made.answer
    )
    table[["gain", "gain_lower", "gain_upper"]] = [0.0005, 0.0001, 0.0009]
    assert "Gene sets change it by less than 0.1 percentage points." in pl.heldout(table).answer


def test_names_that_were_lost_are_counted():
    made = figure("identifiers")
    assert made.table.to_dict("records")[0] == {
        "view": "rna", "from": "ensembl", "to": "symbol", "features": 97, "unchanged": 0, "mapped": 86,
        "ambiguous": 4, "lost": 7, "merged": 1,
    }  # fmt: skip
    assert "7 have no known name; 1 name is shared" in made.answer


def test_single_features_on_which_views_agree_are_led_by_the_highest():
    table = pd.DataFrame({"rna & protein": [0.1, 0.7, np.nan], "rna & mirna": np.nan}, index=["A", "B", "C"])
    made = pl.residual_correlation(replace(RESULT, residual_correlation=table))
    assert "correlates by 0.40 on average between rna and protein (2 features" in made.answer
    assert "Highest: B and A" in made.answer
    assert made.table["feature"].tolist() == ["B", "A", "C"]
    assert sum(made.marks[0].values) == 2
    none = pl.residual_correlation(replace(RESULT, residual_correlation=0.01 * table))
    assert none.answer == "Beyond the factors, rna and protein share nothing of single features."


def candidates(*rows: tuple[int, str, float, bool]) -> str:
    table = pd.DataFrame(rows, columns=["n_factors", "loading_prior", "log_evidence", "chosen"])
    table = table.assign(start=[f"s{i}" for i in range(len(rows))], finished=True, converged=True)
    return pl.selection(random_result(selection=table)).answer


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(3, "soft", -1000.0, True)], "K = 3 with the soft prior was given, not chosen."),
        ([(3, "soft", -1000.0, True), (4, "soft", -1020.0, False)], "highest evidence, 20.0 nats more than K = 4"),
        ([(3, "soft", -1000.0, True), (4, "soft", -998.0, False)], "further factors add nothing"),
        ([(3, "soft", -1000.0, True), (4, "soft", -990.0, False)], "The further factor is not worth it"),
        ([(3, "strict", -1000.0, True), (3, "soft", -997.0, False)],
         "The strict prior was taken although the soft prior has 3.0 nats more. Within 5 nats both are as good"),
        ([(3, "strict", -1000.0, True), (3, "soft", -997.0, False), (2, "soft", -1100.0, False)],
         "the simpler one, the strict prior, is taken"),
        ([(3, "soft", -1000.0, True), (3, "strict", -1070.0, False)],
         "K = 3 was given: no other number of factors was tried, so nothing here speaks for it. With the soft prior"),
        ([(3, "soft", -10000.0, True), (3, "soft", -9999.0, False), (2, "soft", -10100.0, False)],
         "another ended 1.0 nats higher. Over all measured values this is too little to tell them apart"),
    ],
)  # fmt: skip
def test_the_choice_is_explained(rows, words):
    assert words in candidates(*rows)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(["soft", "strict"]), st.floats(-2000.0, -1000.0)),
        min_size=1, max_size=8,
    ),
    st.integers(0, 7),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_evidence_speaks_for_a_number_of_factors_only_beside_other_numbers(fits, which):
    rows = [(*fit, place == which % len(fits)) for place, fit in enumerate(fits)]
    words = candidates(*rows)
    assert ("has the highest evidence" in words or "was chosen" in words) == (len({fit[0] for fit in fits}) > 1)


def test_the_end_of_a_fit_is_told_beside_what_counts_as_equally_good():
    trace = pd.DataFrame({"iteration": range(1, 21), "log_evidence": -1000.0 + np.arange(20.0)})
    settings = {**RESULT.settings, "tol": 1e-6, "n_values": 2_000_000.0}
    made = pl.convergence(replace(RESULT, trace=trace, settings=settings))
    assert "(changes below 2 nats per iteration)" in made.answer
    assert made.answer.endswith(
        "rose by 10.0 nats; starts that end within 800 nats of each other count as equally good."
    )
    old = {name: value for name, value in settings.items() if name not in ("tol", "n_values")}
    assert pl.convergence(replace(RESULT, trace=trace, settings=old)).answer.endswith("rose by 10.0 nats.")


@pytest.mark.parametrize(
    ("scale", "words"), [(1.0, "That is about as many as expected."), (1.4, "the tails are heavier"), (0.5, "lighter")]
)
def test_far_residuals_are_judged(scale, words):
    rng = np.random.default_rng(0)
    result = random_result(n_samples=300, n_features=200)
    rest = {view: table * 0.0 + rng.normal(size=table.shape) * result.noise[view].to_numpy() * scale
            for view, table in result.data.items()}  # fmt: skip
    fitted = {view: result.scores.to_numpy() @ result.loadings[view].to_numpy().T for view in rest}
    made = pl.residuals(replace(result, data={view: rest[view] + fitted[view] for view in rest}))
    assert words in made.answer


def test_a_share_is_told_only_where_the_factor_is_seen():
    made = pl.annotated_share(RESULT)
    seen = seen_in(RESULT)
    for view in RESULT.view_names:
        for what in ("members", "all features"):
            assert list(made.table[f"{view} {what}"].notna()) == list(seen[view])
        assert list(made.marks[0].values[view].notna()) == list(seen[view])


@pytest.mark.parametrize("older", [False, True], ids=["says which ended", "says which converged"])
def test_a_fit_that_stopped_early_has_at_least_the_evidence_that_it_reached(older):
    rows = [(0, -5000.0, True, False), (4, -1000.0, True, True), (8, -900.0, False, False), (5, -1001.0, False, False)]
    table = pd.DataFrame(rows, columns=["n_factors", "log_evidence", "finished", "chosen"])
    table = table.assign(loading_prior="soft", start="pca", converged=table["finished"])
    table = table.drop(columns="finished") if older else table
    made = pl.selection(random_result(selection=table))
    assert "K = 8 with the soft prior has at least 100 nats more" in made.answer
    assert "stopped early (hollow points)" in made.answer
    below = pl.selection(random_result(selection=table.drop(index=2)))
    assert "4,000 nats more than the model without factors" in below.answer


COVARIATES = ["age", "score", "batch"]


@given(
    st.lists(st.tuples(st.sampled_from(COVARIATES), st.floats(0.0, 1.0), st.floats(-2.0, 2.0)), min_size=1, max_size=12)
)
@settings(max_examples=50, deadline=None)
def test_pairs_of_biological_covariates_are_counted_apart_from_derived_and_technical_ones(rows):
    table = pd.DataFrame(rows, columns=["covariate", "q", "effect"])
    table = table.assign(
        feature=[f"SET {i}" for i in range(len(rows))], p=table["q"], competitive_q=0.01, lower=-3.0, upper=3.0,
        measure="difference in sd", contrast="b vs a", near_copies="",
    )  # fmt: skip
    answer = pl.associations(table, technical=["batch"], derived=["score"]).answer
    hits = table[table["q"] <= 0.05].groupby("covariate").size().reindex(COVARIATES, fill_value=0)
    sizes = table.groupby("covariate").size().reindex(COVARIATES, fill_value=0)
    first = answer.split(" With ")[0]
    if hits["age"]:
        assert first.startswith(f"{hits['age']} of {sizes['age']} pair")
    elif sizes["age"]:
        assert first.startswith("No gene set has q of 0.05 or less")
    assert " by score:" not in answer
    assert " by batch:" not in answer
    assert (f"With derived covariates (paler): {hits['score']} of {sizes['score']} pair" in answer) == bool(
        sizes["score"]
    )
    assert ("With technical covariates: " in answer) == bool(hits["batch"])
    assert " lower in " not in answer


def test_the_figure_of_a_sample_has_open_intervals_only_where_none_is_clear():
    from_none = RESULT.score_cov * 1e6
    for result in (RESULT, replace(RESULT, score_cov=from_none)):
        for sample in result.sample_names[:6]:
            made = pl.sample_activity(result, sample)
            clear = made.table[(made.table["lower"] > 0) | (made.table["upper"] < 0)]["gene_set"]
            assert set(made.marks[0].ids) == set(clear if len(clear) else made.table["gene_set"])
