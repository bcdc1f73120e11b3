import json

import numpy as np
import pandas as pd
import pytest

from pathfa.analysis import associate, survival
from pathfa.core.errors import ConfigError

FIRST = "F1 f0"


def covariate(result, values, name="x"):
    return pd.DataFrame({name: values}, index=result.sample_names)


def test_confounded_with_batch_is_withheld(result):
    batch = np.arange(80) % 4
    table = pd.DataFrame(
        {
            "condition": np.where(batch < 2, "a", "b"),
            "sex": np.arange(80) // 40,
            "batch": batch.astype(str),
        },
        index=result.sample_names,
    )
    found = associate(result, table, draws=0).groupby("covariate").first()
    assert np.isnan(found.loc["condition", "p"])
    assert "confounded with batch 'batch'" in found.loc["condition", "note"]
    assert found.loc["sex", "p"] >= 0
    assert found.loc["batch", "p"] >= 0


def test_a_measured_quantity_is_no_set_of_batches(result):
    """Every tumour has its own purity: that must not hide everything else."""
    rng = np.random.default_rng(0)
    quantity = rng.uniform(size=80)
    table = pd.DataFrame(
        {
            "subtype": np.array(["a", "b", "c"])[np.arange(80) % 3],
            "same": 1000 * quantity + 1e-6 * rng.normal(size=80),
            "close": quantity + 0.08 * rng.normal(size=80),
            "purity": quantity,
        },
        index=result.sample_names,
    )
    found = associate(result, table, batch="purity", draws=0).groupby("covariate").first()
    assert found.loc["subtype", "note"] == ""
    assert found["p"].notna().to_dict() == {"subtype": True, "same": False, "close": True, "purity": True}
    assert "batch 'purity' explains 9" in found.loc["close", "note"]


def test_partly_confounded_says_so(result):
    batch = pd.Series(np.arange(80) // 40, index=result.sample_names)
    condition = batch.copy()
    condition.iloc[[0, 1, 2, 41, 42]] = 1 - condition.iloc[[0, 1, 2, 41, 42]]
    table = pd.DataFrame({"condition": condition, "batch": batch})
    found = associate(result, table[["condition"]].assign(batch=batch), batch="batch", draws=0)
    assert "adjust for it" in found["note"].iloc[0]


def test_covariates_used_in_the_fit_are_refused(result):
    result.preprocessing["rna"] = {"design": json.dumps({"age": None, "plate": ["b"]})}
    with pytest.raises(ConfigError, match=r"'age'.*used in fitting"):
        associate(result, covariate(result, np.arange(80.0), "age"))
    for values, what in [
        (result.activity["set0"] * 3 + 1, "an activity"),
        (result.scores[FIRST], "an activity|a score"),
        (result.data["rna"]["g3"], "fitted feature of view 'rna': g3"),
    ]:
        with pytest.raises(ConfigError, match=what):
            associate(result, covariate(result, values))


def test_a_covariate_that_was_regressed_out_is_refused():
    import pathfa as pf
    from pathfa.data.preprocess.preprocessor import ViewPreprocessor

    cohort = pf.simulate(n_samples=30, seed=0)
    options = {view: ViewPreprocessor(regress=["age"]) for view in cohort.mdata.mod}
    fast = {"n_factors": 2, "loading_prior": "soft", "n_starts": 1, "max_iter": 5, "progress": False}
    model = pf.PathFA(preprocess=options, **fast).fit(cohort.mdata, cohort.gene_sets)
    with pytest.raises(ConfigError, match=r"'age'.*regressed on it"):
        associate(model, "age")
    assert len(associate(model, "subtype")) == len(model.result_.gene_set_names)


@pytest.mark.parametrize("surplus", ["copy", "mixture", "levels"])
def test_a_surplus_column_of_the_adjustment_is_dropped_and_noted(result, surplus):
    rng = np.random.default_rng(0)
    index = result.scores.index
    table = pd.DataFrame({"age": rng.normal(60, 9, 80), "grade": rng.choice(["low", "high"], 80)}, index)
    more = {
        "copy": {"months": 12.0 * table["age"]},
        "mixture": {"score": table["age"] + 3.0 * (table["grade"] == "low")},
        "levels": {"code": table["grade"].map({"low": 1, "high": 2})},
    }[surplus]
    time, event = pd.Series(rng.exponential(size=80), index, name="os"), pd.Series(rng.integers(0, 2, 80), index)
    treated = pd.Series(rng.choice(["yes", "no"], 80), index, name="treated")

    for test in (
        lambda adjust: survival(result, time, event, adjust, level="scores"),
        lambda adjust: associate(result, treated, adjust=adjust, level="scores"),
    ):
        found, expected = test(table.assign(**more)), test(table)
        pd.testing.assert_frame_equal(found.drop(columns="note"), expected.drop(columns="note"), rtol=1e-6)
        assert (
            found["note"]
            .str.contains(f"dropped from the adjustment, as the rest determines it: {next(iter(more))}")
            .all()
        )
        assert not expected["note"].str.contains("dropped").any()
