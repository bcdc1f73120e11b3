"""How a model is made: what is repeatable, refused, warned of."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.data.preprocess.preprocessor import ViewPreprocessor


def test_the_same_seed_gives_the_same_result_and_fit_transform_returns_its_scores(model, simulated):
    again = pf.PathFA(n_factors=3, n_starts=2, progress=False)
    scores = again.fit_transform(simulated.mdata, simulated.gene_sets)

    pd.testing.assert_frame_equal(again.scores_, model.scores_, check_exact=True)
    pd.testing.assert_frame_equal(scores, again.scores_)
    np.testing.assert_allclose(scores, model.transform(simulated.mdata), atol=1e-4)
    assert list(model.get_feature_names_out()) == list(scores.columns)


def test_one_view_is_no_special_case(simulated):
    model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(simulated.mdata.mod["rna"], simulated.gene_sets)

    assert len(model.view_names_) == 1
    assert model.scores_.shape == (36, 2)


def test_an_unfitted_model_says_so():
    with pytest.raises(pf.errors.NotFittedError, match="call fit"):
        _ = pf.PathFA().scores_


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n_factors": -1}, "n_factors"),
        ({"n_factors": 36}, "or fewer for"),
        ({"loading_prior": "firm"}, "loading_prior"),
        ({"sign": "positive"}, "sign"),
        ({"curvature": "block"}, "curvature"),
        ({"scale": "robust"}, "scale"),
        ({"device": "abacus"}, "device"),
        ({"left_censored": ["rnaa"]}, "left_censored"),
        ({"left_censored": "rna"}, "a list of names of views"),
        ({"preprocess": {"rnaa": ViewPreprocessor()}}, "rnaa"),
        ({"preprocess": {"rna": "zscore"}}, "ViewPreprocessor"),
        ({"tol": -1.0}, "tol"),
        ({"features": "some"}, "features"),
    ],
)
def test_impossible_options_are_named(simulated, options, named):
    with pytest.raises(pf.errors.ConfigError, match=named):
        pf.PathFA(progress=False, **options).fit(simulated.mdata, simulated.gene_sets)


def test_errors_have_one_root():
    for name in ("InputError", "AlignmentError", "GeneSetError", "NotPositiveDefiniteError", "NotFittedError"):
        assert issubclass(getattr(pf.errors, name), pf.errors.PathFAError)
    assert issubclass(pf.errors.InputError, ValueError)
    assert issubclass(pf.errors.ConvergenceWarning, Warning)


def test_a_fit_that_stops_too_early_warns(simulated):
    model = pf.PathFA(n_factors=2, max_iter=2, n_starts=1, progress=False)

    with pytest.warns(pf.errors.ConvergenceWarning, match="after 2 iterations") as said:
        model.fit(simulated.mdata, simulated.gene_sets)

    assert str(said[0].message) in map(str, model.result_.findings)  # what the report says, in the same words


def test_import_is_light():
    heavy = ["torch", "scanpy", "anndata", "pandas", "plotly", "matplotlib", "pyro", "gseapy", "lifelines"]
    code = f"import sys, pathfa; print([name for name in {heavy!r} if name in sys.modules])"

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"
