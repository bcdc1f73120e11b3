"""A block of weights of which some are pruned."""

import math

import pytest
import torch
from quadratics import quadratic, solve_block

INF = math.inf


@pytest.fixture
def partly():
    h, f = quadratic(3, 6)
    alpha = torch.tensor([1.0, INF, 0.5, 2.0, INF, 1.0], dtype=torch.float64)
    return h, f, alpha, solve_block(h, f, alpha, nonnegative=False)
