"""What stops a fit because of its options is known before it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pathfa as pf
from pathfa.core.errors import ConfigError
from pathfa.data import as_cohort
from pathfa.fit.possible import impossible_options
from pathfa.options import FitOptions


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    n=st.integers(3, 8),
    n_factors=st.one_of(st.integers(0, 7), st.just("auto")),
    censored=st.lists(st.sampled_from(["rna", "protein", "mirna"]), max_size=2, unique=True),
)
def test_a_fit_is_refused_exactly_where_its_options_are_impossible(n, n_factors, censored):
    data = pf.simulate(n_samples=n, seed=0)
    cohort, options = as_cohort(data.mdata), {"n_factors": n_factors, "left_censored": tuple(censored)}
    wrong = list(impossible_options(FitOptions(**options), len(cohort.samples), cohort.view_names))
    model = pf.PathFA(**options, n_starts=1, max_iter=1, progress=False)
    if not wrong:
        model.fit(data.mdata, data.gene_sets)
        return
    with pytest.raises(ConfigError) as refused:
        model.fit(data.mdata, data.gene_sets)
    assert list(refused.value.findings) == wrong
