"""A report of one view, one factor and one gene set says nothing of several."""

import re

import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.reporting import report

SEVERAL = re.compile(
    r"\b1 (?:[a-z-]+ ){0,2}(?:views|factors|sets|samples|features|activities|covariates|starts|rows)\b"
)


@pytest.fixture(scope="module")
def words(tmp_path_factory) -> str:
    rng = np.random.default_rng(0)
    samples, genes = [f"P{i}" for i in range(20)], [f"G{i}" for i in range(30)]
    values = rng.normal(size=(20, 30))
    values[:, :12] += 2.0 * rng.normal(size=(20, 1))
    view = pd.DataFrame(values, samples, genes)
    obs = pd.DataFrame(
        {"age": rng.normal(60, 8, 20), "months": rng.exponential(10, 20), "died": rng.integers(0, 2, 20)}, samples
    )
    model = pf.PathFA(n_factors=1, n_starts=2, progress=False).fit({"rna": view}, {"SET_ONE": genes[:12]})
    path = tmp_path_factory.mktemp("one") / "report.html"
    report(model, path, covariates=obs, time="months", event="died")
    return re.sub(r"<(script|style)\b.*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_nouns_follow_their_number(words):
    assert "1 factor, 1 gene set" in words
    assert SEVERAL.findall(words) == []


@pytest.mark.parametrize(
    "said",
    [
        "20 samples have rna.",
        "With 1 of 1 gene set it is specific to none.",
        "1 factor.",
        "was analysed with PathFA",
        "measured members was used",
        "How do the samples lie?",
        "<title>PathFA report</title>",
    ],
)
def test_sentences_are_of_one(words, said):
    assert said in words
