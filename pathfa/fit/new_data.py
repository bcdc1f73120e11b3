"""Samples that the model has not seen, in any subset of its views."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from scipy.stats import norm

from pathfa.core.errors import AlignmentError, InputError, UnitsWarning
from pathfa.data import Cohort, View
from pathfa.data.cohort.orientation import transposed
from pathfa.data.preprocess.fitted import FittedPreprocessor
from pathfa.data.preprocess.transforms import Normalise, Transform
from pathfa.fit.assemble import score_map
from pathfa.inference.numerics import one_thread
from pathfa.inference.posterior.activity import activities
from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.posterior.project import predict_view, project
from pathfa.inference.posterior.residuals import expected_residual
from pathfa.inference.posterior.set_effects import SetEffects
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem, make_problem
from pathfa.inference.updates.censored import censored_entries, fill_censored, moments_below
from pathfa.result.fitted import copied
from pathfa.result.intervals import array
from pathfa.result.result import PathFAResult
from pathfa.result.shared_features import correlation_tensor, places_of
from pathfa.result.tensors import loadings_of

_CENSORED_STEPS = 200  # most passes between scores and values below their detection limits
_CENSORED_TOLERANCE = 1e-6  # change of the scores at which they stop
_FAR = 4.0  # median distance, sd; of a sample like those of the cohort it is 0.7, of normal tissue beside tumours 1.5
_ENOUGH = 100  # values from which a sign or a range that is never seen means something
_OFTEN = 0.2  # share of negative values in the training cohort from which none at all is odd
_LARGEST_LOG = 40.0  # 2 to this power is more than any instrument counts
_TRANSPOSED = 0.05  # share of sample names that are those of features
_DEEP = 10.0  # times that the highest count is expected above it

if TYPE_CHECKING:
    from mudata import MuData


@one_thread()
def transform(result: PathFAResult, cohort: Cohort) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores of new samples and their posterior sd, samples x factors each.

    Raises
    ------
    AlignmentError
        If the cohort has no view of the model, or one with none of its features.
    """
    scores = _Scored(result, cohort).scores
    mean = pd.DataFrame(scores.mean.numpy(), index=cohort.samples, columns=result.scores.columns)
    sd = result.posterior.score_sd(array(mean), scores.variance.numpy())
    return mean, pd.DataFrame(sd, index=mean.index, columns=mean.columns)


@one_thread()
def activity(result: PathFAResult, cohort: Cohort, view: str | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the activities of new samples and their posterior sd, of a view or of all, samples x gene sets each.

    Raises
    ------
    AlignmentError
        If there is no such view, or the cohort has no view of the model, or one with none of its features.
    """
    position = -1 if view is None else _position(result, view)
    scored = _Scored(result, cohort)
    variance = np.vstack([array(result.set_effect_sd), array(result.shared_effect_sd)]) ** 2
    effects = SetEffects(
        variance=torch.as_tensor(variance), correlation=torch.as_tensor(array(result.set_effect_correlation))
    )
    found = activities(scored.measured, scored.scores, scored.loadings, effects)[position]
    mean = pd.DataFrame(found.mean.numpy(), index=cohort.samples, columns=result.activity.columns)
    return mean, pd.DataFrame(found.variance.sqrt().numpy(), index=mean.index, columns=mean.columns)


class _Scored:
    """New samples with their scores, and from these the expected values of any view."""

    def __init__(self, result: PathFAResult, cohort: Cohort) -> None:
        self.result, self.cohort = result, cohort
        self.loadings = [loadings_of(result, view) for view in result.view_names]
        self.measured = _problem(result, cohort)
        self.censored = {
            name: (view.limit, censored_entries(view))
            for name, view in zip(result.view_names, self.measured.views, strict=True)
            if view.limit is not None
        }
        filled = _filled(self.measured, self.loadings) if self.censored else self.measured
        self.scores = project(filled, self.loadings, calibration_of(result))

    @cached_property
    def _shared(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Where features that several views share are in each, L x M, and how their residuals correlate, L x M x M."""
        table = self.result.residual_correlation
        features = {view: loadings.index for view, loadings in self.result.loadings.items()}
        return places_of(table.index, features), correlation_tensor(table, self.result.view_names)

    def expected(self, view: str, below_limits: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return expected values of a view and their sd, in the units that were given, samples x features each.

        With ``below_limits`` a value that was not detected is expected below the detection limit of its feature.
        """
        position = self.result.view_names.index(view)
        loadings = self.loadings[position]
        mean, variance = predict_view(self.scores, loadings)
        shift, share = expected_residual(self.measured, self.scores, self.loadings, *self._shared, position)
        mean, variance = mean + shift, variance - share / loadings.noise_precision
        if below_limits and view in self.censored:
            limit, censored = self.censored[view]
            lower, narrower = moments_below(mean, variance, limit)
            mean, variance = torch.where(censored, lower, mean), torch.where(censored, narrower, variance)
        fitted = FittedPreprocessor.from_arrays(self.result.preprocessing[view])
        index, columns = self.cohort.samples, fitted.features
        measured = self.cohort.view(view) if view in self.cohort.view_names else None
        values = fitted.inverse(mean.numpy(), measured)
        sd = fitted.inverse_sd(variance.sqrt().numpy(), mean.numpy(), measured)
        return pd.DataFrame(values, index=index, columns=columns), pd.DataFrame(sd, index=index, columns=columns)


def _filled(problem: Problem, loadings: list[ViewLoadings]) -> Problem:
    """Return the problem with values below their detection limits where scores and values agree with each other."""
    means, precisions = [item.mean for item in loadings], [item.noise_precision for item in loadings]
    filled, scores = problem, project(problem, loadings, {}).mean
    for _ in range(_CENSORED_STEPS):
        filled, _entropy = fill_censored(problem, scores, means, precisions)
        previous, scores = scores, project(filled, loadings, {}).mean
        if float((scores - previous).abs().max()) < _CENSORED_TOLERANCE:
            break
    return filled


def calibration_of(result: PathFAResult) -> Calibration:
    """Return the maps from the scores of each subset of views to those of all, as tensors."""
    return {tuple(letter == "1" for letter in name): score_map(entry) for name, entry in result.calibration.items()}


_RENAME = "name views and features as in the training cohort"


@one_thread()
def predict(result: PathFAResult, cohort: Cohort, view: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return expected values of a view and their sd, in the units that were given, samples x features each."""
    _position(result, view)
    return _Scored(result, cohort).expected(view)


def _position(result: PathFAResult, view: str) -> int:
    if view not in result.view_names:
        found, expected = f"no view '{view}' in the model", f"one of {', '.join(result.view_names)}"
        raise AlignmentError.of("other-features", found, expected, _RENAME, place=view)
    return result.view_names.index(view)


@one_thread()
def impute(result: PathFAResult, cohort: Cohort, mdata: MuData) -> MuData:
    """Return a copy of the data with missing values filled, and their sd in the layer ``imputed_sd``.

    Measured values keep an sd of 0; features that preprocessing dropped stay as they are, with an sd of NaN.
    """
    filled, scored = copied(mdata), _Scored(result, cohort)
    for view in result.view_names:
        if view not in filled.mod:
            continue
        mean, sd = scored.expected(view, below_limits=True)
        data = filled.mod[view]
        values = data.X.toarray() if sp.issparse(data.X) else np.array(data.X, dtype=np.float64)
        missing = ~np.isfinite(values)
        spread = np.where(missing, np.nan, 0.0)
        labels = {"index": data.obs_names, "columns": data.var_names}  # not a number where preprocessing dropped it
        expected, uncertain = (table.reindex(**labels).to_numpy() for table in (mean, sd))
        data.X = np.where(missing, expected, values)
        data.layers["imputed_sd"] = np.where(missing, uncertain, spread)
    return filled


def _problem(result: PathFAResult, cohort: Cohort) -> Problem:
    if not len(cohort.samples):
        raise InputError("the data hold no sample; expected at least one")
    known = [view for view in cohort.views if view.name in result.loadings]
    strange = [view.name for view in cohort.views if view.name not in result.loadings]
    if strange or not known:
        found = f"views {strange[:3]}" if strange else "no view"
        expected = f"views among {', '.join(result.view_names)}"
        raise AlignmentError.of("other-features", found, expected, _RENAME, place="data")
    given = {view.name: view for view in known}
    views = []
    for name in result.view_names:
        fitted = FittedPreprocessor.from_arrays(result.preprocessing[name])
        if name in given:
            if not given[name].features.isin(fitted.features).any():
                if given[name].samples.isin(fitted.features).mean() > _TRANSPOSED:
                    raise AlignmentError(findings=[transposed(name, given[name].samples)])
                examples = ", ".join(map(str, given[name].features[:3]))
                expected = f"features such as {', '.join(map(str, fitted.features[:3]))}"
                found = f"view '{name}' has features {examples}"
                raise AlignmentError.of("other-features", found, expected, _RENAME, place=name)
            values = fitted.transform(given[name])
            warn_of_other_units(result, fitted, given[name], values)
        else:
            values = np.full((len(cohort.samples), len(fitted.features)), np.nan)
        views.append((values, result.masks[name]))
    problem = make_problem(views)
    limits = [_limits(result, name, given.get(name)) for name in result.view_names]
    return replace(
        problem, views=tuple(replace(view, limit=limit) for view, limit in zip(problem.views, limits, strict=True))
    )


def _limits(result: PathFAResult, name: str, view: View | None) -> torch.Tensor | None:
    """Return the detection limit of every feature of a view; infinity for those that were not looked for."""
    if name not in result.detection_limits or view is None:
        return None
    limits = result.detection_limits[name]
    return torch.as_tensor(array(limits.where(limits.index.isin(view.features), np.inf)))


def warn_of_other_units(result: PathFAResult, fitted: FittedPreprocessor, view: View, values: np.ndarray) -> None:
    """Warn when values of new samples cannot be in the units of the training cohort, whatever the tissue.

    ``view`` has the samples as they were given, ``values`` after preprocessing, N x G with NaN where missing.
    """
    sd = np.sqrt(array(result.noise[view.name]) ** 2 + (array(result.loadings[view.name]) ** 2).sum(axis=1))
    mean = (fitted.level - fitted.centre) / fitted.spread
    distance = np.abs((values - mean) / sd)
    known = distance[np.isfinite(distance)]
    if not known.size:
        return
    found = _never_negative(fitted, values, sd) or _logs_for_counts(fitted, view)
    if not found and (typical := float(np.median(known))) > _FAR:
        found = f"half of the values lie {typical:.1f} sd or more from the mean of the training cohort"
    if found:
        text = (
            f"view '{view.name}': {found}; expected the same units and normalisation. Results are not to be trusted "
            "if, for example, one of the two is on a log scale and the other is not"
        )
        warnings.warn(text, UnitsWarning, stacklevel=2)


def _never_negative(fitted: FittedPreprocessor, values: np.ndarray, sd: np.ndarray) -> str:
    """Say that no value is negative although many were: logarithms, such as log-ratios, that were taken back."""
    if fitted.transformation is not Transform.NONE or fitted.mode is not Normalise.NONE:
        return ""
    given = values * fitted.spread + fitted.centre
    known = np.isfinite(given)
    expected = float((known * norm.cdf(0.0, fitted.level, sd * fitted.spread)).sum() / known.sum())
    if known.sum() < _ENOUGH or expected < _OFTEN or (given[known] < 0).any():
        return ""
    return f"none of {known.sum():,} values is negative, where {expected:.0%} were in the training cohort"


def _logs_for_counts(fitted: FittedPreprocessor, view: View) -> str:
    """Say that values are fractions as small as logarithms, although counts were trained on."""
    if not fitted.target:
        return ""
    at = fitted.library.get_indexer(view.features)
    given = view.values[:, at >= 0]
    known = np.asarray(given.data) if sp.issparse(given) else given[np.isfinite(given) & (given != 0)]
    highest = fitted.target * float(fitted.share[at[at >= 0]].max())
    fractions = known.size >= _ENOUGH and np.mean(known != np.round(known)) > 0.5
    if not fractions or known.max() > _LARGEST_LOG or highest < _DEEP * _LARGEST_LOG:
        return ""
    return f"most values are fractions, none above {known.max():.3g}, where counts went up to about {highest:,.0f}"
