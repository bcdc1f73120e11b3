import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.analysis.association.tables import COLUMNS
from pathfa.analysis.refits.decoys import PREFIX, decoy_gene_sets, decoys, empirical_fdr
from pathfa.analysis.refits.refit import match_factors, take_samples
from pathfa.analysis.refits.stability import stability
from pathfa.core.errors import ConfigError
from pathfa.data import as_cohort

FAST = {"n_factors": 3, "loading_prior": "soft", "n_starts": 1, "progress": False}


def test_match_factors_finds_order_and_sign():
    rng = np.random.default_rng(0)
    loadings = {view: pd.DataFrame(rng.normal(size=(30, 3))) for view in "ab"}
    turned = {view: table[[2, 0, 1]] * [1, -1, 1] for view, table in loadings.items()}
    order, similarity = match_factors(loadings, turned)
    assert order.tolist() == [1, 2, 0]
    assert similarity == pytest.approx([-1, 1, 1])
    order, similarity = match_factors(loadings, {view: table[[1]] for view, table in loadings.items()})
    assert order.tolist() == [-1, 0, -1]
    assert similarity == pytest.approx([0, 1, 0])


def test_take_samples_names_repeats(cohort):
    whole = as_cohort(cohort.mdata)
    taken = take_samples(whole, np.array([4, 4, 0]))
    first = whole.samples[4]
    assert taken.samples.tolist() == [first, f"{first}~1", whole.samples[0]]
    for before, after in zip(whole.views, taken.views, strict=True):
        np.testing.assert_array_equal(after.dense(), before.dense()[[4, 4, 0]])
    assert taken.obs.index.equals(taken.samples)


def test_stability_of_strong_factors(cohort, model):
    found = stability(cohort.mdata, cohort.gene_sets, model=model, n_resamples=3)
    assert list(found.columns[: len(COLUMNS)]) == list(COLUMNS)
    factors = found[found["level"] == "factor"]
    assert factors["feature"].tolist() == model.factor_names_
    assert (factors["effect"] > 0.9).all()
    assert (factors["note"] == "").all()
    activities = found[found["level"] == "activity"]
    assert activities["feature"].tolist() == list(model.activity_.columns)
    assert activities["effect"].median() > 0.98
    sets = found[found["level"] == "gene_set"]
    leading = model.gene_set_weights_.idxmax()
    for factor, name in leading.items():
        row = sets[(sets["covariate"] == factor) & (sets["feature"] == name)].iloc[0]
        assert row["effect"] == 1.0
        assert row["reference"]
        assert 0.3 < row["lower"] < 1.0


def test_the_space_of_strong_factors_comes_back_whatever_its_axes(cohort, model):
    turned = cohort.mdata[np.random.default_rng(0).permutation(cohort.mdata.n_obs)].copy()
    for data in (cohort.mdata, turned):
        found = stability(data, cohort.gene_sets, model=model, n_resamples=2)
        assert (found["dimensions"] == len(model.factor_names_)).all()


def test_stability_of_noise_is_low():
    rng = np.random.default_rng(0)
    features = [f"g{i}" for i in range(60)]
    data = {"rna": pd.DataFrame(rng.normal(size=(30, 60)), [f"s{i}" for i in range(30)], features)}
    sets = {f"set{p}": features[10 * p : 10 * p + 10] for p in range(6)}
    found = stability(data, sets, n_resamples=3, resampling="bootstrap", **FAST)
    factors = found[found["level"] == "factor"]
    assert factors["effect"].min() < 0.7
    assert factors["note"].str.contains("do not interpret").any()
    activities = found[found["level"] == "activity"]
    assert len(activities) == 6
    assert activities["effect"].between(-1.0, 1.0).all()
    assert found["dimensions"].iloc[0] < 1.0


def test_stability_refuses_bad_options(cohort):
    for options, match in [
        ({"n_resamples": 1}, "n_resamples"),
        ({"fraction": 1.0}, "fraction"),
        ({"resampling": "jackknife"}, "resampling"),
    ]:
        with pytest.raises(ConfigError, match=match):
            stability(cohort.mdata, cohort.gene_sets, **options)


def test_decoys_match_the_sizes_in_every_view():
    features = {"rna": pd.Index([f"g{i}" for i in range(80)]), "protein": pd.Index([f"g{i}" for i in range(60, 100)])}
    real = {"a": [f"g{i}" for i in range(50, 70)], "b": ["g1", "g2", "elsewhere"], "c": ["nowhere"]}
    made = decoy_gene_sets(real, features, np.random.default_rng(0))
    assert made.names == [f"{PREFIX}a", f"{PREFIX}b"]
    for name in "ab":
        for index in features.values():
            assert len(index.intersection(made[f"{PREFIX}{name}"])) == len(index.intersection(real[name]))
    assert set(made[f"{PREFIX}a"]) != set(real["a"])


def test_empirical_fdr_by_hand():
    decoy = np.array([[0.5, 0.0], [0.0, 0.0], [2.5, 0.0]])
    q = empirical_fdr(np.array([3.0, 2.0, 1.0, 0.0]), decoy)
    # at 3: (1 + 0) / 2 / 1; at 2: (1 + 1) / 2 / 2; at 1: (1 + 1) / 2 / 3; made monotone
    assert q == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1.0])


def test_decoys_take_little(cohort, model):
    found = decoys(cohort.mdata, cohort.gene_sets, model=model, repeats=2)
    assert found["decoy_share"].iloc[0] < 0.05
    true = set(cohort.truth.gene_set_weights.index[(cohort.truth.gene_set_weights > 0.3).any(axis=1)])
    assert true <= set(found["feature"][found["q"] < 0.2])
    assert (found["q"][found["effect"] == 0] == 1).all()


@pytest.mark.slow
def test_decoy_false_discovery_rate_is_within_nominal():
    """Half of the collection are random sets that nothing depends on: of the sets called at 10 %, few are those."""
    rates = []
    for seed in range(12):
        cohort = pf.simulate(n_samples=40, seed=seed, factors=4, gene_sets=16, other_features=150)
        null = decoy_gene_sets(
            cohort.gene_sets,
            {view: data.var_names for view, data in cohort.mdata.mod.items()},
            np.random.default_rng(seed),
        )
        names = {f"null {name}": list(genes) for name, genes in null.items()}
        options = {**FAST, "n_factors": 4}
        found = decoys(cohort.mdata, {**cohort.gene_sets, **names}, repeats=5, seed=seed + 100, **options)
        called = found[found["q"] < 0.1]
        unused = set(cohort.truth.gene_set_weights.index[(cohort.truth.gene_set_weights == 0).all(axis=1)])
        wrong = called["feature"].isin(unused) | called["feature"].str.startswith("null ")
        rates.append(wrong.sum() / max(1, len(called)))
    assert np.mean(rates) < 0.1 + 2 * np.std(rates) / np.sqrt(len(rates))
