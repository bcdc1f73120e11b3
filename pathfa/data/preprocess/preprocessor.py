"""How a view is prepared: options, their fit to a training cohort, and what every step kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError, InputError
from pathfa.core.text import count
from pathfa.data.cohort.matrix import as_dense
from pathfa.data.cohort.profile import Moments, Profile, moments_of
from pathfa.data.cohort.views import FLOW_COLUMNS, Cohort, View
from pathfa.data.io.settings import ValueKind
from pathfa.data.preprocess.design import fit_coefficients, fit_design
from pathfa.data.preprocess.fitted import FittedPreprocessor
from pathfa.data.preprocess.identical import repeats
from pathfa.data.preprocess.scale import summarise
from pathfa.data.preprocess.transforms import DEFAULT_TRANSFORM, Normalise, Transform, reference_quantiles
from pathfa.options import Scale

__all__ = ["FittedPreprocessor", "ViewPreprocessor"]


@dataclass(frozen=True, kw_only=True)
class ViewPreprocessor:
    """How a view is prepared. What is None is taken from what the view declares, else from the default.

    Parameters
    ----------
    scale
        ``"zscore"``, ``"center"`` or ``"none"``.
    kind
        Scale of the values (:class:`~pathfa.data.io.settings.ValueKind`); recognised from the values by default.
    transform
        ``"none"``, ``"log1p"``, ``"log2"``, ``"log2p1"`` or ``"sqrt"``; by default what suits the kind: counts are
        brought to one total and ``log1p``, normalised values ``log2p1``, intensities ``log2``.
    normalise
        ``"none"`` (default), ``"median"`` or ``"quantile"``: sample-wise, after the transformation.
    min_sd
        Features with a smaller standard deviation (after the transformation) are dropped; constant ones always are.
    max_missing
        Features with a larger share of missing values are dropped; 0.5 by default.
    max_features
        Keep only so many features, those that vary most.
    drop_identical
        Whether of features with the same values in every sample only the first is kept, which then stands for all of
        them in the gene sets; by default it is.
    regress
        Covariates whose linear effect is subtracted from every feature.

    Raises
    ------
    ConfigError
        When an option has a value that it cannot have.
    """

    scale: str = Scale.ZSCORE
    kind: str | None = None
    transform: str | None = None
    normalise: str | None = None
    min_sd: float | None = None
    max_missing: float | None = None
    max_features: int | None = None
    drop_identical: bool | None = None
    regress: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for name, choices in (
            ("scale", Scale),
            ("kind", ValueKind),
            ("transform", Transform),
            ("normalise", Normalise),
        ):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, choose(choices, getattr(self, name), name))
        if isinstance(self.regress, str):
            raise ConfigError(f"regress is {self.regress!r}; expected a list of covariates, such as [{self.regress!r}]")
        if self.max_missing is not None and not 0 <= self.max_missing <= 1:
            raise ConfigError(f"max_missing is {self.max_missing}; expected a share between 0 and 1")
        if self.min_sd is not None and not self.min_sd >= 0:
            raise ConfigError(f"min_sd is {self.min_sd}; expected 0 or more")
        if self.max_features is not None and self.max_features < 1:
            raise ConfigError(f"max_features is {self.max_features}; expected 1 or more")

    def resolved(self, view: View) -> ViewPreprocessor:
        """Return the options with what the view declares in place of None."""
        known = [item.name for item in fields(self)]
        if strange := [name for name in view.preprocessing if name not in known]:
            raise ConfigError(f"view '{view.name}' declares the unknown preprocessing {strange[0]!r}; expected {known}")
        merged = {"kind": view.kind, **view.preprocessing}
        own = {name: getattr(self, name) for name in known if getattr(self, name) is not None}
        return ViewPreprocessor(**{**merged, **own})

    def scale_of(self, view: View) -> tuple[ValueKind, Transform, str]:
        """Return what the values of a view are, how they are transformed, and in words how that is known."""
        kind = ValueKind(self.kind or ValueKind.AUTO)
        words = f"declared as {kind}"
        if kind is ValueKind.AUTO:
            summary = summarise(view)
            kind = summary.kind
            words = f"taken for {kind}: {summary}"
        return kind, DEFAULT_TRANSFORM[kind] if self.transform is None else Transform(self.transform), words

    def fit(self, view: View) -> FittedPreprocessor:
        """Return the preprocessing with the statistics of a view.

        Raises
        ------
        InputError
            If no feature is left, or a covariate cannot be regressed on.
        """
        options = self.resolved(view)
        kind, transformation, words = options.scale_of(view)
        steps, n = [words], view.n_present
        fitted = FittedPreprocessor.blank(view.features, transformation)
        if kind in (ValueKind.COUNTS, ValueKind.ESTIMATED_COUNTS):
            share, target = _library(view)
            fitted = replace(fitted, share=share, target=target)
            steps.append(f"samples brought to a total of {fitted.target:,.0f}, the training median")
        if transformation is not Transform.NONE:
            steps.append(f"transformed: {transformation}")
        mode = Normalise(options.normalise or Normalise.NONE)
        if mode is not Normalise.NONE:
            reference = _moments(fitted, view).mean if mode is Normalise.MEDIAN else _quantiles(fitted, view)
            fitted = replace(fitted, mode=mode, reference=reference)
            steps.append(f"samples normalised: {mode}")
        copies = None if options.drop_identical is False else repeats(view)
        moments = _moments(fitted, view)
        kept, dropped = _filter(moments, n, view, options, copies)
        mean, sd, missing = moments.mean[kept], moments.sd[kept], n - moments.n[kept]
        fitted = replace(fitted.subset(kept), dropped=dropped)
        steps += [f"{count(size, 'feature')} dropped: {why}" for why, size in dropped["reason"].value_counts().items()]
        if options.regress:
            obs = view.obs.iloc[np.flatnonzero(view.present)]
            design = fit_design(options.regress, obs, view.name)
            columns = design.matrix(obs, view.name)
            coefficients = fit_coefficients(columns, (fitted.transform(block) for block in view.blocks()))
            fitted = replace(fitted, design=design, coefficients=coefficients)
            steps.append(f"linear effect of {', '.join(design.levels)} subtracted")
            after = moments_of(view.blocks(), len(kept), fitted.transform)
            mean, sd = after.mean, after.sd
        steps.append(f"each feature scaled: {options.scale}")
        spread = np.where(sd > 0, sd, 1.0) if options.scale == Scale.ZSCORE else np.ones(len(kept))
        centre = np.zeros(len(kept)) if options.scale == Scale.NONE else mean
        return replace(fitted, centre=centre, spread=spread, level=mean, missing=missing, steps=tuple(steps))


def _library(view: View) -> tuple[np.ndarray, float]:
    """Return the share of every feature in all counts, G, and the median total of a sample."""
    totals, sums = view.profile.totals, view.profile.mean * view.profile.n
    positive = totals[totals > 0]
    return sums / max(sums.sum(), 1.0), float(np.median(positive)) if positive.size else 1.0


def _moments(fitted: FittedPreprocessor, view: View) -> Moments | Profile:
    """Return the moments of the values after all steps that are fitted; those of the values where there is none."""
    if fitted.as_given:
        return view.profile
    return moments_of(view.blocks(), len(view.features), fitted.before_scaling)


def _quantiles(fitted: FittedPreprocessor, view: View) -> np.ndarray:
    """Return the mean over the samples of their quantiles."""
    found = [reference_quantiles(as_dense(fitted.before_scaling(block))) for block in view.blocks()]
    return np.asarray(np.average([part for part, _ in found], axis=0, weights=[n for _, n in found]))


def _filter(
    moments: Moments | Profile,
    n_samples: int,
    view: View,
    options: ViewPreprocessor,
    copies: tuple[np.ndarray, np.ndarray] | None,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the positions of the features to keep, and why the others are dropped."""
    min_sd = 0.0 if options.min_sd is None else options.min_sd
    max_missing = 0.5 if options.max_missing is None else options.max_missing
    mean, sd, n = moments.mean, moments.sd, moments.n
    reason = np.full(len(view.features), "", dtype=object)
    reason[sd < min_sd] = f"standard deviation below {min_sd:g}"
    reason[sd <= 1e-12 * np.maximum(np.abs(mean), 1e-300)] = "constant"
    reason[n < (1.0 - max_missing) * n_samples] = f"more than {max_missing:.0%} missing"
    reason[n < 2] = "fewer than 2 values"
    same_as = np.full(len(reason), "", dtype=object)
    if copies is not None:
        again, first = (positions[reason[copies[0]] == ""] for positions in copies)
        reason[again], same_as[again] = "identical to another", view.features[first]
    left = np.flatnonzero(reason == "")
    if options.max_features is not None and len(left) > options.max_features:
        surplus = left[np.argsort(-sd[left], kind="stable")[options.max_features :]]
        reason[surplus] = f"not among the {options.max_features} that vary most"
    kept = np.flatnonzero(reason == "")
    if not len(kept):
        counts = pd.Series(reason).value_counts()
        raise InputError.of(
            "no-features",
            f"none of {count(len(reason), 'feature')} is left: "
            + ", ".join(f"{size} {why}" for why, size in counts.items()),
            "features that vary",
            "check that samples are in rows, or raise max_missing",
            view=view.name,
        )
    lost = reason != ""
    columns = {"feature": view.features[lost], "reason": reason[lost], "same_as": same_as[lost]}
    return kept, pd.DataFrame(columns)


STEPS = ("read", "identifiers", "zeros as missing", "duplicates", "aligned", "preprocessed", "fitted")
"""Steps in the order in which they happen; a view may lack some of them."""


def with_fitted_steps(
    cohort: Cohort, fitted: Mapping[str, FittedPreprocessor], masks: Mapping[str, sparse.csr_matrix]
) -> Cohort:
    """Return the cohort with preprocessing and gene sets in its flow.

    Parameters
    ----------
    cohort
        The aligned cohort.
    fitted
        Preprocessing per view, with the features that enter the fit.
    masks
        Which of these features are in which gene set, per view, G x P.

    Returns
    -------
    Cohort
        Its flow has one row per view and step; the detail of preprocessing says in words what was done. A step
        that only some views need is listed for the others with unchanged numbers, so that the views can be compared
        step by step.
    """
    rows = []
    for view in cohort.views:
        item, mask = fitted[view.name], masks[view.name]
        counts = {"view": view.name, "n_samples": view.n_present}
        rows.append(
            {
                **counts,
                "step": "preprocessed",
                "n_features": len(view.features) - len(item.dropped),
                "detail": "; ".join(item.steps),
            }
        )
        annotated = int(np.count_nonzero(np.diff(mask.indptr)))
        rows.append(
            {
                **counts,
                "step": "fitted",
                "n_features": len(item.features),
                "detail": f"{annotated:,} in {count(mask.shape[1], 'gene set')}",
            }
        )
    return replace(cohort, flow=_complete([*cohort.flow.to_dict("records"), *rows], cohort.view_names))


def _complete(records: Sequence[Mapping[Any, Any]], views: Sequence[str]) -> pd.DataFrame:
    """Return the steps of every view in one order, with the steps of other views repeated from the step before."""
    found = dict.fromkeys(record["step"] for record in records)
    used = [step for step in dict.fromkeys([*STEPS, *found]) if step in found]
    rows = []
    for name in views:
        own = {record["step"]: record for record in records if record["view"] == name}  # the last one of each step
        before = next(own[step] for step in used if step in own)
        for step in used:
            before = own.get(step, {**before, "step": step, "detail": ""})
            rows.append(before)
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))
