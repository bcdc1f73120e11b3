"""Where labels are shuffled, a q value below 0.05 is as rare as it says: tests of many activities that correlate."""

import numpy as np
import pandas as pd
import pytest

from pathfa.analysis import associate


@pytest.mark.parametrize(("minority", "n"), [(5, 90), (10, 60), (30, 60)])
def test_two_groups_of_any_size(make_result, minority, n):
    rng = np.random.default_rng(minority)
    false = []
    for seed in range(4):
        result = make_result(seed=seed, n=n, factors=6, sets=30, features=120)
        labels = np.where(np.arange(n) < minority, "few", "many")
        shuffled = pd.DataFrame({str(i): rng.permutation(labels) for i in range(50)}, index=result.sample_names)
        found = associate(result, shuffled, draws=0)
        false.append(found.groupby("covariate")["q"].min() < 0.05)
    share = np.mean(false)
    assert share < 0.05 + 2.0 * np.sqrt(0.05 * 0.95 / (4 * 50))
