"""Transformations of the scale of values, with their inverses and the standard deviations that go with them."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from pathfa.data.io.settings import Kind


class Link(StrEnum):
    """What is done to values before they are centred."""

    NONE = "none"
    LOG1P = "log1p"  # ln(x + 1)
    LOG2 = "log2"  # log2(x); zero and below count as missing
    LOG2P1 = "log2p1"  # log2(x + 1)
    SQRT = "sqrt"  # 2 sqrt(x + 3/8), which makes the variance of counts about 1 (Anscombe 1948)


DEFAULT_LINK = {
    Kind.COUNTS: Link.LOG1P,
    Kind.ESTIMATED_COUNTS: Link.LOG1P,
    Kind.NORMALISED: Link.LOG2P1,
    Kind.INTENSITY: Link.LOG2,
    Kind.LOG: Link.NONE,
    Kind.RATIO: Link.NONE,
    Kind.ZSCORED: Link.NONE,
}
KEEPS_ZEROS = (Link.NONE, Link.LOG1P, Link.LOG2P1)


def apply_link(values: np.ndarray, link: Link) -> np.ndarray:
    """Return transformed values, NaN where they were NaN or have no logarithm."""
    if link is Link.LOG1P:
        return np.asarray(np.log1p(values))
    if link is Link.LOG2P1:
        return np.asarray(np.log1p(values) / np.log(2.0))
    if link is Link.LOG2:
        return np.asarray(np.log2(np.where(values > 0, values, np.nan)))
    if link is Link.SQRT:
        return np.asarray(2.0 * np.sqrt(values + 0.375))
    return values


def invert_link(values: np.ndarray, link: Link) -> np.ndarray:
    """Return the values that :func:`apply_link` transforms into the given ones."""
    if link is Link.LOG1P:
        return np.asarray(np.expm1(values))
    if link is Link.LOG2P1:
        return np.asarray(np.expm1(values * np.log(2.0)))
    if link is Link.LOG2:
        return np.asarray(np.exp2(values))
    if link is Link.SQRT:
        return np.asarray(np.maximum(values, 0.0) ** 2 / 4.0 - 0.375)
    return values


def invert_sd(sd: np.ndarray, mean: np.ndarray, link: Link) -> np.ndarray:
    """Return the standard deviation of inverted values that are Gaussian before.

    Parameters
    ----------
    sd, mean
        Standard deviation and mean of the transformed values.
    link
        The transformation.

    Returns
    -------
    ndarray
        Exact: log-normal for logarithms, scaled non-central chi-square for the square root.
    """
    if link is Link.NONE:
        return sd
    if link is Link.SQRT:
        return np.asarray(np.sqrt(4.0 * mean**2 * sd**2 + 2.0 * sd**4) / 4.0)
    unit = 1.0 if link is Link.LOG1P else np.log(2.0)
    m, s2 = mean * unit, (sd * unit) ** 2
    return np.asarray(np.exp(m + s2 / 2.0) * np.sqrt(np.expm1(s2)))
