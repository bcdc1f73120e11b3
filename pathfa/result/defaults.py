"""What a result holds where nothing else was learned: samples alike, and all members of gene sets taking part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy.sparse as sp


def alike(presence: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the qualities of samples that are all alike, for which of them were measured in which view."""
    same = presence.astype(float).where(presence.astype(bool))
    prior = pd.DataFrame({"freedom": np.inf, "mean": 1.0}, index=presence.columns)
    return {"sample_quality": same, "sample_quality_sd": 0.0 * same, "sample_quality_prior": prior}


def all_members(masks: Mapping[str, sp.csr_matrix]) -> dict[str, sp.csr_matrix]:
    """Return the probabilities of members that all take part, for the mask of the gene sets in every view."""
    return {view: (mask != 0).astype(float).tocsr() for view, mask in masks.items()}
