"""Samples that stand apart, and features that one sample alone shows, are named before a fit drowns in them."""

import numpy as np
import pandas as pd
import pytest
from finding_checks import only
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.data import read_cohort, validate

CODES = {"samples-apart", "constant-samples", "sparse-samples", "features-of-one-sample"}
GENES = [f"G{i}" for i in range(60)]
SETS = {"A": GENES[:10], "B": GENES[10:20]}


def logs(n: int = 30, seed: int = 0) -> pd.DataFrame:
    """Log intensities: features of different levels and spreads, two factors, heavy tails."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=(n, 2)) @ rng.normal(size=(2, 60))
    values = rng.uniform(4, 12, 60) + signal + rng.uniform(0.2, 1.0, 60) * rng.standard_t(4, size=(n, 60))
    return pd.DataFrame(values, index=[f"S{i}" for i in range(n)], columns=GENES)


def apart(table: pd.DataFrame) -> set[str]:
    return {item.code for item in validate({"rna": table}, SETS)} & CODES


def changed(table: pd.DataFrame, values) -> pd.DataFrame:
    table = table.copy()
    table.iloc[3] = values
    return table


@settings(max_examples=25, derandomize=True)
@given(seed=st.integers(0, 10_000), n=st.sampled_from([8, 15, 60]), scale=st.sampled_from(["log", "counts", "linear"]))
def test_nothing_is_said_of_samples_that_vary(seed, n, scale):
    table = logs(n, seed)
    if scale == "counts":
        depth = np.random.default_rng(seed).uniform(0.3, 3.0, (n, 1))
        table = pd.DataFrame(
            np.random.default_rng(seed).poisson(depth * np.exp2(table.clip(upper=14))), table.index, GENES
        )
    elif scale == "linear":
        table = np.exp2(table)
    assert apart(table) == set()


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda table: changed(table, 1e6), "constant-samples", "S3: 1e+06"),
        (lambda table: changed(np.exp2(table), 0.0), "constant-samples", "S3: 0"),
        (lambda table: changed(table, np.exp2(table.iloc[3])), "samples-apart", "S3: "),
        (lambda table: changed(np.exp2(table) * 1e3, np.exp2(table.iloc[3])), "samples-apart", "S3: "),
        (lambda table: changed(table, table.iloc[3].where(np.arange(60) < 15)), "sparse-samples", "S3: 75%"),
    ],
)
def test_a_sample_that_stands_apart_is_named(spoil, code, said):
    found = validate({"rna": spoil(logs())}, SETS)
    assert only(found, code).examples[0].startswith(said)
    assert only(found, code).view == "rna"
    assert {item.code for item in found} & CODES == {code}


def test_features_of_one_sample_are_named():
    table = logs()
    table.iloc[:, :20] = 0.0
    table.iloc[4, :20] = 1.0
    found = only(validate({"rna": table}, SETS), "features-of-one-sample")
    assert found.found == "20 of 60 features have one value in all samples but 'S4'"


def test_a_sample_without_mutations_is_like_the_others():
    table = (logs() > 12).astype(float)
    assert apart(changed(table, 0.0)) == set()


@pytest.mark.parametrize("in_rows", [True, False])
def test_covariates_among_the_features_are_named(frame, gene_sets, tmp_path, in_rows) -> None:
    table = frame()
    described = table.assign(
        age=np.arange(20) + 40.5, marker=range(100, 120), IRF1=range(20), low=[0.0, 1.0, 2.0, 3.0] * 5
    )
    if in_rows:
        described.to_csv(tmp_path / "rna.tsv", sep="\t")
        cohort = read_cohort({"rna": tmp_path / "rna.tsv"}, gene_sets=gene_sets)
    else:
        cohort = {"rna": described}
    found = only(validate(cohort, gene_sets), "odd-features")
    assert found.fix == "set drop_columns: [age, marker] and give them in the sample sheet"
    assert "odd-features" not in [item.code for item in validate({"rna": table}, gene_sets)]
    assert "odd-features" not in [item.code for item in validate({"rna": (table * 9).round()}, gene_sets)]
