"""The choices that define a PathFA model, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pathfa.core.choices import bad_option, choose
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error


class LoadingPrior(StrEnum):
    """How closely the feature loadings follow the gene sets."""

    STRICT = "strict"  # loadings are the mask times the gene-set weights
    SOFT = "soft"  # loadings scatter around them with a precision learned per view and factor
    AUTO = "auto"  # fit both and keep the one with the higher evidence


class Sign(StrEnum):
    """Which signs the gene-set weights may have."""

    NONNEGATIVE = "nonnegative"
    ANY = "any"


class Curvature(StrEnum):
    """Structure of the Hessian of the gene-set weights; each gives a lower bound of the evidence of the one before."""

    FULL = "full"
    FACTOR = "factor"
    DIAGONAL = "diagonal"
    AUTO = "auto"


class Noise(StrEnum):
    """How the noise variances of the features of a view relate."""

    MODERATED = "moderated"  # one per feature, shrunk to a prior fitted on the view
    FEATURE = "feature"  # one per feature, each on its own
    VIEW = "view"  # one for the whole view


class ViewScale(StrEnum):
    """How much the gene-set weights count in each view."""

    FACTOR = "factor"  # one scale per view and factor, so that a factor can be silent in a view
    VIEW = "view"  # one scale per view
    FIXED = "fixed"  # 1 in every view
    AUTO = "auto"  # per view and factor under the soft prior, per view under the strict one


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A PathFA model, without its numbers.

    Text is accepted for every enumeration and stored as its member.

    Parameters
    ----------
    loading_prior
        How closely the feature loadings follow the gene sets.
    sign
        Which signs the gene-set weights may have.
    curvature
        Structure of the Hessian of the gene-set weights.
    noise
        How the noise variances of the features of a view relate.
    noise_trend
        Whether the noise variance may depend on the mean of the feature; only with moderated noise.
    view_scale
        How much the gene-set weights count in each view.

    Raises
    ------
    ConfigError
        When a value is not a choice, or two choices exclude each other.
    """

    loading_prior: LoadingPrior = LoadingPrior.AUTO
    sign: Sign = Sign.NONNEGATIVE
    curvature: Curvature = Curvature.AUTO
    noise: Noise = Noise.MODERATED
    noise_trend: bool = False
    view_scale: ViewScale = ViewScale.AUTO

    def __post_init__(self) -> None:
        findings: list[Finding] = []
        enums: dict[str, type[StrEnum]] = {
            "loading_prior": LoadingPrior,
            "sign": Sign,
            "curvature": Curvature,
            "view_scale": ViewScale,
            "noise": Noise,
        }
        for place, options in enums.items():
            try:
                object.__setattr__(self, place, choose(options, getattr(self, place), place))
            except ConfigError as reason:
                findings.extend(reason.findings)
        trend: object = self.noise_trend
        if not isinstance(trend, bool):
            fix = f"use noise_trend={bool(trend)}"
            findings.append(bad_option("noise_trend", trend, "True or False", fix))
        elif trend and self.noise != Noise.MODERATED:
            findings.append(
                error(
                    "conflicting-options",
                    f"noise_trend=True with noise={str(self.noise)!r}",
                    "a trend only where the variances share a prior",
                    "use noise='moderated' or noise_trend=False",
                    place="noise_trend",
                )
            )
        if findings:
            raise ConfigError(findings=findings)
