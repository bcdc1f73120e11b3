"""What a test of every feature found, on uncertain features and on true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats


class EffectScale(StrEnum):
    """What an effect is, and so how it falls short on an uncertain feature of reliability R."""

    LINEAR = "linear"  # a difference or coefficient in sd, a log hazard: by the root of R
    CORRELATION = "correlation"  # by the root of R
    SHARE = "share"  # a share of variance: by R, but for what chance gives
    AUC = "auc"  # the difference of the groups that gives this AUC, by the root of R


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One test of every feature.

    Attributes
    ----------
    effect, lower, upper
        Effect in the unit that is reported and limits of its interval, P.
    statistic, p
        Test statistic and two-sided p value, P.
    scale
        What the effect is.
    constant
        For shares the one that chance gives; for AUCs the product of the shares of the two groups.
    """

    effect: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    statistic: np.ndarray
    p: np.ndarray
    scale: EffectScale = EffectScale.LINEAR
    constant: float = 0.0

    def spread(self, place: np.ndarray) -> Tested:
        """Return the tests in their places among more features, NaN elsewhere.

        Parameters
        ----------
        place
            Which of the features these are, booleans, as many of them True as there are tests.
        """

        def wide(values: np.ndarray) -> np.ndarray:
            full = np.full(len(place), np.nan)
            full[place] = values
            return full

        found: dict[str, Any] = {name: wide(values) for name, values in self.columns().items()}
        return replace(self, **found)

    def columns(self) -> dict[str, Any]:
        """Return effect, limits, statistic and p value by name."""
        return {name: getattr(self, name) for name in ("effect", "lower", "upper", "statistic", "p")}

    def limits(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Return effect and limits under other names."""
        return dict(zip(names, (self.effect, self.lower, self.upper), strict=True))

    def corrected(self, reliability: np.ndarray | None) -> Tested:
        """Return the test with its effect and interval on the true feature.

        The posterior mean is a regression calibration of the feature: it is the feature less an error that it is
        uncorrelated with, so that a covariate which has no relation to the data has none to it, and its test is valid
        as it stands. Only the effect per sd is too small, by the reliability. The reliability is an estimate that
        trusts the posterior, so the interval contains the interval without correction too.

        Parameters
        ----------
        reliability
            Squared correlation of the posterior mean with the feature, P; None takes the feature as known.

        References
        ----------
        Carroll, Ruppert, Stefanski and Crainiceanu (2006), Measurement Error in Nonlinear Models, chapter 4.
        """
        if reliability is None:
            return self
        effect, lower, upper = (self._undo(values, reliability) for values in (self.effect, self.lower, self.upper))
        return replace(self, effect=effect, lower=np.minimum(self.lower, lower), upper=np.maximum(self.upper, upper))

    def _undo(self, values: np.ndarray, reliability: np.ndarray) -> np.ndarray:
        """Return effects on the true feature."""
        if self.scale is EffectScale.AUC:
            # two normal groups: from their distance within groups to that in sd of all samples, and back
            distance = np.sqrt(2.0) * stats.norm.ppf(np.clip(values, 1e-12, 1.0 - 1e-12))
            total = distance / np.sqrt((1.0 + self.constant * distance**2) * reliability)
            left = np.clip(1.0 - self.constant * total**2, 1e-9, None)
            return np.asarray(stats.norm.cdf(total / np.sqrt(2.0 * left)))
        if self.scale is EffectScale.SHARE:
            return np.asarray(np.clip(self.constant + (values - self.constant) / reliability, 0.0, 1.0))
        whole: np.ndarray = values / np.sqrt(reliability)
        return np.asarray(np.clip(whole, -1.0, 1.0)) if self.scale is EffectScale.CORRELATION else whole
