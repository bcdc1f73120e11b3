"""The competitive question: does a gene set go with a covariate more than random sets of its size do."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy import stats

from pathfa.analysis import associate, survival
from pathfa.analysis.association.random_sets import Comparison, RandomSets
from pathfa.analysis.association.significance import named


def shifted(make_result, seed, *, n=60, features=300, sets=20, size=15, common=0.8, own=0.0, signed=False):
    """Return a model of random gene sets, and a covariate that moves all genes, those of the first by ``own`` more."""
    result, rng = make_result(seed=seed, n=n, features=features, sets=sets), np.random.default_rng(seed)
    x = rng.normal(size=n)
    masks = {}
    mask = np.zeros((features, sets))
    for column in mask.T:
        column[rng.choice(features, size, replace=False)] = rng.choice([-1.0, 1.0], size) if signed else 1.0
    data = {}
    for view, table in result.data.items():
        rise = common + 0.3 * rng.normal(size=features) + own * mask[:, 0]
        values = x[:, None] * rise + rng.normal(size=(n, 1)) + rng.normal(size=table.shape)
        data[view] = pd.DataFrame(values, table.index, table.columns)
        masks[view] = sp.csr_matrix(mask)
    genes = next(iter(data.values())).columns
    members = {f"set{p}": dict(zip(genes[mask[:, p] != 0], mask[mask[:, p] != 0, p], strict=True)) for p in range(sets)}
    means = sum(table.to_numpy() @ mask for table in data.values()) / (2 * size)
    activity = pd.DataFrame(means, index=result.activity.index, columns=result.activity.columns)
    new = replace(result, data=data, masks=masks, activity=activity, gene_sets=members)
    return new, pd.DataFrame({"x": x}, index=result.sample_names)


def test_random_sets_are_associated_but_no_findings(make_result):
    p, findings, associated = [], 0, []
    for seed in range(12):
        result, x = shifted(make_result, seed)
        found = associate(result, x, draws=0)
        associated.append((found["q"] < 0.05).mean())
        findings += int(named(found).any())
        p += list(found["competitive_p"])
    assert np.mean(associated) > 0.95
    assert findings <= 2
    assert np.mean(np.array(p) < 0.05) < 0.06


def test_what_moves_more_than_the_others_is_a_finding(make_result):
    power = []
    for seed in range(8):
        result, x = shifted(make_result, seed, own=0.6)
        found = associate(result, x, draws=0).set_index("feature")
        power.append(bool(named(found)["set0"]))
        assert named(found).sum() <= 3
    assert np.mean(power) > 0.8


def test_sets_that_move_less_than_the_others_are_no_findings(make_result):
    result, x = shifted(make_result, 0, common=1.2, own=-0.6)
    found = associate(result, x, draws=0).set_index("feature")
    assert found.loc["set0", "q"] < 0.05
    assert found.loc["set0", "competitive_p"] == 1.0
    assert not named(found)["set0"]


def test_correlated_members_do_not_make_findings_of_a_covariate_of_nothing(make_result):
    p = []
    for seed in range(40):
        result, _ = shifted(make_result, seed, common=0.0)
        own = np.random.default_rng(seed).normal(size=(60, 1))
        for view, table in result.data.items():
            result.data[view] = table + own * result.masks[view][:, [0]].toarray().T
        x = pd.DataFrame({"x": np.random.default_rng(500 + seed).normal(size=60)}, index=result.sample_names)
        p.append(associate(result, x, draws=0).set_index("feature").loc["set0", "competitive_p"])
    assert stats.kstest(p, "uniform", alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("signed", [True, False])
def test_survival_is_compared_too(make_result, signed):
    result, x = shifted(make_result, 1, n=100, common=0.0, own=1.0, signed=signed)
    rng = np.random.default_rng(0)
    time = pd.Series(rng.exponential(np.exp(-x["x"])), index=result.sample_names, name="days")
    event = pd.Series(1, index=time.index, name="died")
    found = survival(result, time, event).set_index("feature")
    assert found["competitive_p"].idxmin() == "set0"
    assert named(found)["set0"]


def test_factors_are_not_compared_and_nothing_is_without_data(result):
    x = pd.DataFrame({"x": result.scores.iloc[:, 0]}, index=result.sample_names) + 0.1 * np.arange(80)[:, None] ** 0.5
    assert "competitive_p" not in associate(result, x, level="scores")
    found = associate(replace(result, data={}), x)
    assert found["competitive_p"].isna().all()
    assert found["note"].str.contains("not compared with random gene sets: the model keeps no data").all()
    assert not named(found).any()


@pytest.mark.parametrize(("scale", "shift", "levels"), [(0.01, 5.0, 1), (100.0, -3.0, 2), (-2.0, 0.0, 3)])
def test_units_of_the_covariate_do_not_matter(make_result, scale, shift, levels):
    result, columns = make_result(n=30), np.random.default_rng(levels).normal(size=(30, levels))
    rows, adjust = np.ones(30, dtype=bool), np.arange(30.0)[:, None]
    random = RandomSets(result=result)
    one, other = (Comparison(rows=rows, columns=values, adjust=adjust) for values in (columns, scale * columns + shift))
    np.testing.assert_allclose(random.p_values([one]), random.p_values([other]), rtol=1e-6)


def test_missing_values_are_left_out_of_means(make_result):
    result, x = shifted(make_result, 3, own=0.6)
    whole = associate(result, x, draws=0).set_index("feature")["competitive_p"]
    holes = np.random.default_rng(0)
    for view, table in result.data.items():
        result.data[view] = table.mask(holes.random(table.shape) < 0.1)
    result.data["protein"].iloc[:10] = np.nan
    some = associate(result, x, draws=0).set_index("feature")["competitive_p"]
    assert some.notna().all()
    assert np.corrcoef(some, whole)[0, 1] > 0.7


def test_the_competitive_effect_is_that_beyond_random_sets(make_result):
    """All genes rise with the covariate; the members of one set rise more, all others as random ones do."""
    result, x = shifted(make_result, 2, n=200, own=1.0)
    found = associate(result, x, draws=0).set_index("feature")
    assert found["effect"].min() > 0.4
    assert found["competitive_effect"].idxmax() == "set0"
    assert found.loc["set0", "competitive_effect"] > 0.5
    assert abs(found["competitive_effect"].drop("set0").mean()) < 0.15
    assert associate(replace(result, data={}), x)["competitive_effect"].isna().all()
    assert "competitive_effect" not in associate(result, x, level="scores")
