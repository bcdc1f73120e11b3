"""Tables of 0 and 1, and of fractions: recognised, said, and fitted as they should be."""

import numpy as np
import pandas as pd
import pytest
from finding_checks import only

from pathfa.core.findings import Severity
from pathfa.data import as_cohort, read_cohort, validate
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.data.preprocess.transforms import Transform, apply_transform, invert_sd, invert_transform


@pytest.fixture
def mutations(frame) -> pd.DataFrame:
    return (frame() > 9.5).astype(int)


@pytest.fixture
def betas(frame) -> pd.DataFrame:
    return 1.0 / (1.0 + np.exp2(-(frame() - 8.0)))


def declared(table: pd.DataFrame, kind: str):
    return read_cohort({"v": table}, options={"v": {"kind": kind}})


def test_mutations_are_not_told_that_zeros_are_missing(mutations, gene_sets):
    found = validate({"v": mutations}, gene_sets)
    assert "set kind: binary" in only(found, "binary-values").fix
    assert not [item for item in found if item.code == "zero-spike"]
    said = validate(declared(mutations, "binary"), gene_sets)
    assert not [item for item in said if item.code in ("binary-values", "zero-spike")]
    fitted = ViewPreprocessor(scale="none").fit(as_cohort(declared(mutations, "binary")).view("v"))
    assert fitted.transformation is Transform.NONE


def test_fractions_are_proposed_as_m_values(betas, gene_sets):
    found = validate({"v": betas}, gene_sets)
    assert "kind: fraction" in only(found, "fraction-values").fix
    view = as_cohort(declared(betas, "fraction")).view("v")
    fitted = ViewPreprocessor(scale="none").fit(view)
    assert fitted.transformation is Transform.LOGIT
    inside = betas.clip(1e-3, 1 - 1e-3)
    np.testing.assert_allclose(fitted.transform(view), np.log2(inside / (1 - inside)))
    np.testing.assert_allclose(fitted.inverse(fitted.transform(view)), inside)
    assert not [item for item in validate(declared(betas, "fraction"), gene_sets) if item.code == "fraction-values"]


@pytest.mark.parametrize(("kind", "code"), [("fraction", "no-fractions"), ("binary", "not-binary")])
def test_a_wrong_declaration_is_an_error(betas, gene_sets, kind, code):
    assert only(validate(declared(100 * betas, kind), gene_sets), code).severity is Severity.ERROR


@pytest.mark.parametrize("kind", ["log", "ratio", "zscored"])
def test_a_declared_scale_is_not_questioned(betas, gene_sets, kind):
    assert "fraction-values" not in [item.code for item in validate(declared(betas, kind), gene_sets)]


def test_zeros_and_ones_have_ends(gene_sets):
    assert np.isfinite(apply_transform(np.array([0.0, 0.5, 1.0]), Transform.LOGIT)).all()
    assert np.isnan(apply_transform(np.array([np.nan]), Transform.LOGIT)).all()


def test_the_sd_of_fractions_is_that_of_draws():
    mean, sd = np.array([-3.0, 0.0, 2.0]), np.array([0.2, 1.0, 1.5])
    draws = invert_transform(mean + sd * np.random.default_rng(0).normal(size=(200_000, 3)), Transform.LOGIT)
    np.testing.assert_allclose(invert_sd(sd, mean, Transform.LOGIT), draws.std(axis=0), rtol=0.01)
