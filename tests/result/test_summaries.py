"""Facts about a fitted model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_result import random_result

from pathfa.analysis.loading_tables import member_loadings
from pathfa.analysis.summaries import low_names
from pathfa.core.names import readable
from pathfa.result.summaries import (
    coverage_table,
    mean_member_share,
    member_share,
    model_choice,
    outliers,
    residual_quantiles,
    sample_activities,
    seen_in,
    weight_table,
)

RESULT = random_result()


def test_outliers_are_found():
    scores = RESULT.scores.copy()
    scores.iloc[5] = 30.0
    found = outliers(replace(RESULT, scores=scores))
    assert found.index[0] == "patient5"
    assert found["outlier"].sum() == 1


def test_weights_are_those_of_the_fit_within_their_limits():
    for row in weight_table(RESULT).itertuples():
        assert row.weight == RESULT.gene_set_weights.loc[row.gene_set, row.factor]
        assert row.lower <= row.weight <= row.upper


def test_coverage_counts_measured_members():
    table = coverage_table(RESULT).set_index(["view", "gene_set"])
    name = RESULT.gene_set_names[0]
    members = RESULT.gene_sets[name]
    for view, loadings in RESULT.loadings.items():
        row = table.loc[(view, name)]
        assert row["members"] == len(members)
        assert row["measured"] == loadings.index.isin(members).sum()
        assert row["share"] == row["measured"] / row["members"]


def test_members_have_the_limits_of_their_loadings():
    name, factor = RESULT.gene_set_names[0], RESULT.factor_names[1]
    table = member_loadings(RESULT, name, factor)
    for row in table.itertuples():
        assert row.gene in RESULT.gene_sets[name]
        assert row.loading == RESULT.loadings[row.view].loc[row.gene, factor]
        assert row.upper - row.loading == pytest.approx(1.96 * RESULT.loadings_sd[row.view].loc[row.gene, factor])
        assert row.excludes_zero == (row.lower > 0 or row.upper < 0)


def test_a_factor_is_seen_where_it_explains_a_fifth_of_its_best_view():
    explained = RESULT.variance_explained.copy()
    explained.iloc[:3] = [[0.10, 0.03], [0.01, 0.10], [0.0, -0.1]]
    assert seen_in(replace(RESULT, variance_explained=explained)).to_numpy().tolist() == [
        [True, True],
        [False, True],
        [False, False],
    ]


def test_the_mean_share_weighs_factors_by_what_they_explain():
    explained = RESULT.variance_explained * 0.0
    explained.iloc[1, 0] = 0.3
    result = replace(RESULT, variance_explained=explained)
    assert mean_member_share(result) == pytest.approx(member_share(result).iloc[1, 0])


def test_only_names_of_gene_sets_say_little_of_a_factor():
    noise = np.random.default_rng(0)
    low = replace(
        RESULT,
        loadings={view: table + 99.0 * noise.normal(size=table.shape) for view, table in RESULT.loadings.items()},
    )
    first, second = map(readable, low.gene_set_names[:2])
    names = {"F1": f"F1 {first} + {second}", "F2": "F2 TP53, EGFR", "F3": f"F3 {second} ({low.view_names[0]})"}
    assert low_names(low.rename_factors(names)) == ["F1", "F3"]


@pytest.mark.parametrize(
    ("rows", "gap", "start_gap"),
    [
        ([(3, -100.0, True)], 0.0, 0.0),
        ([(3, -100.0, True), (3, -99.0, False)], 0.0, 1.0),
        ([(3, -100.0, True), (3, -99.0, False), (4, -97.0, False), (2, -120.0, False)], -2.0, 1.0),
    ],
)
def test_the_chosen_model_is_set_beside_the_best_of_the_others(rows, gap, start_gap):
    table = pd.DataFrame(rows, columns=["n_factors", "log_evidence", "chosen"])
    table = table.assign(loading_prior="soft", finished=True)
    choice = model_choice(replace(RESULT, selection=table))
    assert (choice.gap, choice.start_gap) == (gap, start_gap)
    assert (choice.rival is None) == (len(set(table["n_factors"])) == 1)


def test_residuals_of_noise_are_normal():
    rng = np.random.default_rng(1)
    result = random_result(n_samples=200, n_features=60)
    noise = {
        view: rng.normal(size=values.shape) * result.noise[view].to_numpy() for view, values in result.data.items()
    }
    data = {view: result.scores @ loadings.T + noise[view] for view, loadings in result.loadings.items()}
    table, far = residual_quantiles(replace(result, data=data))
    middle = table[table["share"].between(0.1, 0.9)]
    assert np.abs(middle["residual"] - middle["normal"]).max() < 0.1
    assert max(far.values()) < 0.01


def test_activities_of_a_sample_are_told_from_the_mean_of_the_cohort():
    table = sample_activities(RESULT, "patient3")
    activity = RESULT.activity[table.index]
    expected = (activity.loc["patient3"] - activity.mean()) / activity.std(ddof=0)
    pd.testing.assert_series_equal(table["activity"], expected, check_names=False)
    assert table["activity"].abs().is_monotonic_decreasing
    assert (table["lower"] <= table["upper"]).all()
