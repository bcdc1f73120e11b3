"""The standard normal distribution where its tails count."""

import pytest
import torch
from scipy import stats

from pathfa.inference.normal import inverse_mills


@pytest.mark.parametrize("x", [-5.0, -1.0, 0.0, 2.0, 30.0])
def test_it_is_the_density_over_the_distribution(x):
    found = float(inverse_mills(torch.tensor(x, dtype=torch.float64)))

    assert found == pytest.approx(float(stats.norm.pdf(x) / stats.norm.cdf(x)), rel=1e-12)


@pytest.mark.parametrize("x", [-1e3, -1e5, -1e8])
def test_it_keeps_its_digits_far_out(x):
    found = float(inverse_mills(torch.tensor(x, dtype=torch.float64)))

    assert found == pytest.approx(-x - 1.0 / x, rel=1e-11)
