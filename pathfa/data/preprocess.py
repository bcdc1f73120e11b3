"""Preprocessing of a view: fitted on the training cohort, stored, inverted, reused for new samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from pathfa.data.findings import error
from pathfa.data.views import View
from pathfa.errors import InputError
from pathfa.options import choose


class Scale(StrEnum):
    """What is done to each feature, with statistics of the training cohort."""

    ZSCORE = "zscore"  # mean 0, standard deviation 1
    CENTER = "center"  # mean 0
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class ViewPreprocessor:
    """How a view is prepared.

    Parameters
    ----------
    scale
        ``"zscore"``, ``"center"`` or ``"none"``.
    min_sd
        Features with a smaller standard deviation are dropped; constant ones always are.
    max_missing
        Features with a larger share of missing values are dropped.
    """

    scale: str = Scale.ZSCORE
    min_sd: float = 0.0
    max_missing: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", choose(Scale, self.scale, "scale"))

    def fit(self, view: View) -> FittedPreprocessor:
        """Return the preprocessing with the statistics of a view.

        Raises
        ------
        InputError
            If no feature is left.
        """
        values = view.dense()[view.present]
        seen = np.isfinite(values)
        n_seen = seen.sum(axis=0)
        filled = np.where(seen, values, 0.0)
        mean = filled.sum(axis=0) / np.maximum(n_seen, 1)
        sd = np.sqrt((np.where(seen, values - mean, 0.0) ** 2).sum(axis=0) / np.maximum(n_seen, 1))
        reason = np.full(len(view.features), "", dtype=object)
        reason[sd <= max(self.min_sd, 0.0)] = f"standard deviation of at most {self.min_sd:g}"
        reason[sd <= 1e-12 * np.maximum(np.abs(mean), 1e-300)] = "constant"
        reason[n_seen < (1.0 - self.max_missing) * len(values)] = f"more than {self.max_missing:.0%} missing"
        reason[n_seen < 2] = "fewer than 2 values"
        kept = reason == ""
        if not kept.any():
            finding = error(
                "no-features",
                "every feature is constant or mostly missing",
                expected="features that vary",
                fix="check that samples are in rows, or raise max_missing",
                view=view.name,
            )
            raise InputError(findings=[finding])
        scale = sd[kept] if self.scale == Scale.ZSCORE else np.ones(int(kept.sum()))
        centre = np.zeros(int(kept.sum())) if self.scale == Scale.NONE else mean[kept]
        dropped = pd.DataFrame({"feature": view.features[~kept], "reason": reason[~kept]})
        return FittedPreprocessor(features=view.features[kept], centre=centre, spread=scale, dropped=dropped)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedPreprocessor:
    """Preprocessing with the statistics of a training cohort.

    Attributes
    ----------
    features
        Features that are kept, G.
    centre, spread
        What is subtracted from each and what it is divided by, G.
    dropped
        Features that were dropped, with the reason.
    """

    features: pd.Index
    centre: np.ndarray
    spread: np.ndarray
    dropped: pd.DataFrame

    def transform(self, view: View) -> np.ndarray:
        """Return the values of a view in fitted units, N x G, NaN where missing or where the view lacks a feature."""
        position = view.features.get_indexer(self.features)
        values = np.full((len(view.samples), len(self.features)), np.nan)
        values[:, position >= 0] = view.dense()[:, position[position >= 0]]
        return np.asarray((values - self.centre) / self.spread)

    def inverse(self, values: np.ndarray) -> np.ndarray:
        """Return values in fitted units, N x G, in the units that were given."""
        return np.asarray(values * self.spread + self.centre)

    def inverse_sd(self, sd: np.ndarray) -> np.ndarray:
        """Return standard deviations in fitted units, N x G, in the units that were given."""
        return np.asarray(sd * self.spread)

    def subset(self, kept: np.ndarray) -> FittedPreprocessor:
        """Return the preprocessing of the features at some positions."""
        return FittedPreprocessor(
            features=self.features[kept], centre=self.centre[kept], spread=self.spread[kept], dropped=self.dropped
        )

    def to_arrays(self) -> dict[str, Any]:
        """Return everything as plain arrays, for a file."""
        return {
            "features": self.features.to_numpy(dtype=object),
            "centre": self.centre,
            "spread": self.spread,
            "dropped": self.dropped["feature"].to_numpy(dtype=object),
            "reasons": self.dropped["reason"].to_numpy(dtype=object),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> FittedPreprocessor:
        """Return what ``to_arrays`` took apart."""
        return cls(
            features=pd.Index(arrays["features"], dtype=object),
            centre=np.asarray(arrays["centre"]),
            spread=np.asarray(arrays["spread"]),
            dropped=pd.DataFrame({"feature": arrays["dropped"], "reason": arrays["reasons"]}),
        )
