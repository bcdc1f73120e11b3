import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.data import GeneSets, as_cohort
from pathfa.data.preprocess.preprocessor import ViewPreprocessor, with_fitted_steps

SETS = GeneSets({"A": ["g0", "g1", "g2"], "B": ["g2", "g3", "absent"]})


def _frame(n: int, genes: list[str], seed: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(n, len(genes)))
    return pd.DataFrame(values, index=[f"s{i}" for i in range(n)], columns=genes)


@pytest.fixture
def cohort():
    rna, protein = _frame(6, [f"g{i}" for i in range(6)], 0), _frame(4, ["g0", "g1", "g2"], 1)
    rna["g4"] = 3.0
    rna.loc["s0":"s3", "g5"] = np.nan
    return as_cohort({"rna": rna, "protein": protein})


def _flow(cohort, fitted):
    masks = {name: SETS.mask(item.features) for name, item in fitted.items()}
    return with_fitted_steps(cohort, fitted, masks).flow


def test_drops_are_counted_with_their_reasons(cohort) -> None:
    fitted = {view.name: ViewPreprocessor().fit(view) for view in cohort.views}
    flow = _flow(cohort, fitted).set_index(["view", "step"])
    assert flow.loc[("rna", "aligned"), "n_features"] == 6
    assert flow.loc[("rna", "preprocessed"), "n_features"] == 4
    assert flow.loc[("rna", "preprocessed"), "detail"].split("; ") == list(fitted["rna"].steps)
    assert "1 feature dropped: constant" in fitted["rna"].steps
    assert "1 feature dropped: more than 50% missing" in fitted["rna"].steps
    assert flow.loc[("rna", "fitted"), "detail"] == "4 in 2 gene sets"
    assert flow.loc[("protein", "fitted"), ["n_samples", "n_features"]].tolist() == [4, 3]


def test_features_outside_the_gene_sets_leave_at_the_last_step(cohort) -> None:
    fitted = {view.name: ViewPreprocessor().fit(view) for view in cohort.views}
    fitted["rna"] = fitted["rna"].subset(np.array([0, 1, 2]))
    flow = _flow(cohort, fitted).set_index(["view", "step"])["n_features"]
    assert flow[("rna", "preprocessed")] == 4
    assert flow[("rna", "fitted")] == 3


def test_every_view_has_every_step_in_one_order(tmp_path) -> None:
    wide = _frame(6, ["g0", "g1", "g2", "g3"], 2)
    counts = np.abs(_frame(6, ["g0", "g1", "g1", "g2"], 3) * 10).round()
    for name, frame in (("wide", wide), ("counts", counts)):
        frame.T.to_csv(tmp_path / f"{name}.tsv", sep="\t")
    mdata = pf.read_cohort({name: tmp_path / f"{name}.tsv" for name in ("wide", "counts")}, gene_sets=SETS)
    cohort = as_cohort(mdata)
    fitted = {view.name: ViewPreprocessor().fit(view) for view in cohort.views}
    flow = _flow(cohort, fitted)
    steps = ["read", "duplicates", "aligned", "preprocessed", "fitted"]
    assert flow.loc[flow["view"] == "wide", "step"].tolist() == steps
    assert flow.loc[flow["view"] == "counts", "step"].tolist() == steps
    assert flow.loc[flow["view"] == "counts", "n_features"].tolist() == [4, 3, 3, 3, 3]
    assert flow.loc[flow["view"] == "wide", "n_features"].tolist() == [4] * 5


def test_a_fit_keeps_the_whole_flow() -> None:
    simulated = pf.simulate(n_samples=20, seed=0)
    model = pf.PathFA(n_factors=2, n_starts=1, max_iter=3, progress=False).fit(simulated.mdata, simulated.gene_sets)
    assert model.flow_["step"].unique().tolist() == ["aligned", "preprocessed", "fitted"]
    left = model.flow_.groupby("view")["n_features"].last()
    assert left.to_dict() == {name: len(table) for name, table in model.loadings_.items()}
