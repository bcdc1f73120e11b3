"""The sentence of a figure says what is drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from figures_of_one import CHECKS, RESULT, figure
from random_result import random_result

from pathfa import pl


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
        ([(3, "strict", -1000.0, True), (3, "soft", -997.0, False)], "the simpler one, the strict prior, is taken"),
        ([(3, "soft", -10000.0, True), (3, "soft", -9999.0, False), (2, "soft", -10100.0, False)],
         "another ended 1.0 nats higher. Over all measured values this is too little to tell them apart"),
    ],
)  # fmt: skip
def test_the_choice_is_explained(rows, words):
    assert words in candidates(*rows)


def test_the_figure_of_a_sample_has_open_intervals_only_where_none_is_clear():
    from_none = RESULT.score_cov * 1e6
    for result in (RESULT, replace(RESULT, score_cov=from_none)):
        for sample in result.sample_names[:6]:
            made = pl.sample_activity(result, sample)
            clear = made.table[(made.table["lower"] > 0) | (made.table["upper"] < 0)]["gene_set"]
            assert set(made.marks[0].ids) == set(clear if len(clear) else made.table["gene_set"])
