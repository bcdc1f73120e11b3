"""Qualities of samples that are all alike, as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd


def alike(presence: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the qualities of samples that are all alike, for which of them were measured in which view."""
    same = presence.astype(float).where(presence.astype(bool))
    prior = pd.DataFrame({"freedom": np.inf, "mean": 1.0}, index=presence.columns)
    return {"sample_quality": same, "sample_quality_sd": 0.0 * same, "sample_quality_prior": prior}
