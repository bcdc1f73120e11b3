"""The standard normal distribution where its tails count."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def inverse_mills(x: Tensor) -> Tensor:
    """Return phi(x) / Phi(x), with all its digits also where both are 0 in floating point: there it is nearly -x."""
    scaled_tail: Tensor = torch.special.erfcx(-x * math.sqrt(0.5))
    return math.sqrt(2.0 / math.pi) / scaled_tail
