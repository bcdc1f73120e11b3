"""Names that several views share."""

import numpy as np
import pandas as pd
import torch

import pathfa as pf
from pathfa.result.shared_features import correlation_table, correlation_tensor, places_of, shared_names

FEATURES = {"rna": pd.Index(["A", "B", "C"]), "mirna": pd.Index(["m1"]), "protein": pd.Index(["C", "D", "A"])}


def test_places_of_shared_names():
    names = shared_names(FEATURES)

    assert list(names) == ["C", "A"]
    assert places_of(names, FEATURES).tolist() == [[2, -1, 0], [0, -1, 2]]
    assert len(shared_names({"rna": FEATURES["rna"]})) == 0


def test_correlations_survive_their_table():
    names = shared_names(FEATURES)
    given = torch.eye(3, dtype=torch.float64).repeat(2, 1, 1)
    given[:, 0, 2] = given[:, 2, 0] = torch.tensor([0.3, -0.2], dtype=torch.float64)

    table = correlation_table(names, list(FEATURES), places_of(names, FEATURES), given)

    assert table["rna & protein"].tolist() == [0.3, -0.2]
    assert table["rna & mirna"].isna().all()
    torch.testing.assert_close(correlation_tensor(table, list(FEATURES)), given)


def test_a_protein_is_predicted_better_with_its_own_rna(tmp_path):
    simulated = pf.simulate(n_samples=80, seed=3)
    views = {name: data.to_df() for name, data in simulated.mdata.mod.items()}
    both = views["rna"].index.intersection(views["protein"].index)
    shared = views["rna"].columns.intersection(views["protein"].columns)
    rng = np.random.default_rng(0)
    own = pd.DataFrame(rng.standard_normal((len(both), len(shared))), index=both, columns=shared)
    views = {name: table.loc[both] for name, table in views.items()}
    for table in views.values():
        table[shared] += own * table[shared].std()
    train = {name: table.iloc[:50] for name, table in views.items()}
    test = {name: table.iloc[50:] for name, table in views.items()}
    model = pf.PathFA(n_factors=3, loading_prior="soft", n_starts=1, progress=False).fit(train, simulated.gene_sets)

    model.save(tmp_path / "model.h5")
    found, sd = pf.PathFA.load(tmp_path / "model.h5").predict({"rna": test["rna"]}, "protein", return_std=True)

    pd.testing.assert_frame_equal(found, model.predict({"rna": test["rna"]}, "protein"))
    assert list(model.residual_correlation_.columns) == ["rna & protein"]
    assert 0.4 < model.residual_correlation_["rna & protein"].mean() < 0.75
    error = (test["protein"] - found)[shared]
    factors = model.transform({"rna": test["rna"]}) @ model.loadings_["protein"].T
    without = (test["protein"] - train["protein"].mean()) - factors * train["protein"].std(ddof=0)
    assert (error**2).sum().sum() < 0.85 * (without[shared] ** 2).sum().sum()
    assert 0.91 < (error.abs() < 1.96 * sd[shared]).to_numpy()[test["protein"][shared].notna()].mean() < 0.98


def test_a_value_below_its_limit_says_nothing_of_its_namesake():
    simulated = pf.simulate(n_samples=60, seed=3)
    views = {name: data.to_df() for name, data in simulated.mdata.mod.items()}
    views = {name: table.loc[views["protein"].index] for name, table in views.items()}
    feature = views["rna"].columns.intersection(views["protein"].columns)[0]
    views["rna"][feature] += 3.0 * views["protein"][feature]  # a strong correlation of residuals
    undetected = views["protein"][feature] < views["protein"][feature].quantile(0.3)
    views["protein"].loc[undetected, feature] = np.nan
    model = pf.PathFA(n_factors=2, n_starts=1, left_censored=["protein"], sample_quality="equal", progress=False)

    _, sd = model.fit(views, simulated.gene_sets).predict(views, "rna", return_std=True)

    detected = views["protein"][feature].notna()
    assert sd.loc[~detected, feature].min() > 1.02 * sd.loc[detected, feature].max()
