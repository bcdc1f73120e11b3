"""Samples that the model has not seen, in any subset of its views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from pathfa.core.errors import AlignmentError, InputError
from pathfa.data import Cohort, View
from pathfa.data.cohort.orientation import transposed
from pathfa.data.preprocess.arrays import from_arrays
from pathfa.fit.new_samples.findings import findings_of, little_known
from pathfa.fit.new_samples.scoring import scoring
from pathfa.fit.sample_findings import noisy_samples
from pathfa.inference.numerics import one_thread
from pathfa.inference.posterior.activity import Activity, activities
from pathfa.inference.posterior.project import noise_variance, predict_view
from pathfa.inference.posterior.residuals import expected_residual
from pathfa.inference.problem.problem import Problem, make_problem
from pathfa.inference.updates.censored import censored_entries, moments_below
from pathfa.result.fitted import copied
from pathfa.result.intervals import array
from pathfa.result.result import PathFAResult
from pathfa.result.shared_features import correlation_tensor, places_of
from pathfa.result.tensors import effects_of

_RENAME = "name the views as in the training cohort"
_READ_ALIKE = "read the view with the options that it had in the fit (id_table, strip_suffix and others)"
_TRANSPOSED = 0.05  # share of sample names that are those of features

if TYPE_CHECKING:
    from mudata import MuData


Estimate: TypeAlias = tuple[pd.DataFrame, pd.DataFrame]
"""Posterior mean and sd of a quantity."""


class NewSamples:
    """Samples that the model has not seen: their scores, and from these activities and expected values.

    Parameters
    ----------
    result
        The model.
    cohort
        The samples, in any subset of the views and features of the model.

    Attributes
    ----------
    quality
        Noise precision of each sample in each view relative to that of the cohort, samples x views; NaN where a sample
        lacks the view.
    findings
        What was found when they were read, and what the model does not know of them or they lack of it.

    Raises
    ------
    InputError
        If there is no sample.
    AlignmentError
        If the cohort has no view of the model, or one with none of its features.
    """

    @one_thread()
    def __init__(self, result: PathFAResult, cohort: Cohort) -> None:
        self._result, self._cohort = result, cohort
        values = _values(result, cohort)
        self.findings = (*cohort.findings, *findings_of(result, cohort, values))
        how = scoring(result)
        self._loadings, self._known = how.loadings, how.known
        self._measured = _problem(result, cohort, values)
        self._censored = {
            name: (view.limit, censored_entries(view))
            for name, view in zip(result.view_names, self._measured.views, strict=True)
            if view.limit is not None
        }
        filled, self._scores = how.again(self._measured, result.scores.reindex(cohort.samples))
        self.findings += tuple(little_known(self._scores, self._measured, how.calibration, cohort.samples))
        quality = {
            name: np.where(view.present, 1.0 if view.weight is None else view.weight, np.nan)
            for name, view in zip(result.view_names, filled.views, strict=True)
        }
        self.quality = pd.DataFrame(quality, index=cohort.samples)
        self.findings += tuple(noisy_samples(self.quality))
        self._every = self._measured.weighted([view.weight for view in filled.views])
        pairs = zip(self._every.views, filled.views, strict=True)
        used = tuple(given if given.limit is not None else item for given, item in pairs)
        self._measured = replace(self._every, views=used)

    @property
    def view_names(self) -> list[str]:
        """Names of the views of the model."""
        return self._result.view_names

    @property
    def lacking(self) -> list[str]:
        """Names of the views of the model that the samples lack."""
        return [view for view in self.view_names if view not in self._cohort.view_names]

    @property
    def scores(self) -> Estimate:
        """Scores and their posterior sd, samples x factors each."""
        sd = self._result.posterior.score_sd(self._scores.mean.numpy(), self._scores.variance.numpy())
        return self._table(self._scores.mean, torch.as_tensor(sd), self._result.scores.columns)

    @property
    def outlying(self) -> pd.DataFrame:
        """Single values that are taken for missing, see ``pathfa.analysis.outlying_values``."""
        tables = []
        parts = zip(self._loadings, self._known, self._every.views, self._measured.views, strict=True)
        for name, (loadings, known, given, used) in zip(self.view_names, parts, strict=True):
            rows, columns = torch.nonzero(given.seen > used.seen, as_tuple=True)
            mean, variance = predict_view(self._scores, loadings)
            sd = (variance + noise_variance(loadings, used, known)).sqrt()
            features = self._result.loadings[name].index
            table = pd.DataFrame({"sample": self._cohort.samples[rows.numpy()], "view": name})
            table["feature"] = features[columns.numpy()]
            for column, values in (("value", given.x), ("expected", mean), ("sd", sd)):
                table[column] = values[rows, columns].numpy()
            tables.append(table)
        found = pd.concat(tables, ignore_index=True)
        order = ((found["value"] - found["expected"]) / found["sd"]).abs().sort_values(ascending=False).index
        return found.loc[order].reset_index(drop=True)

    def activity(self, view: str | None = None) -> Estimate:
        """Return the activities and their posterior sd, of a view or of all, samples x gene sets each.

        Raises
        ------
        AlignmentError
            If the model has no such view.
        """
        found = self._activities[-1 if view is None else self._position(view)]
        return self._table(found.mean, found.sd, self._result.activity.columns)

    @cached_property
    @one_thread()
    def _activities(self) -> list[Activity]:
        return activities(self._measured, self._scores, self._loadings, effects_of(self._result))

    @cached_property
    def _shared(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Where features that several views share are in each, L x M, and how their residuals correlate, L x M x M."""
        table = self._result.residual_correlation
        features = {view: loadings.index for view, loadings in self._result.loadings.items()}
        return places_of(table.index, features), correlation_tensor(table, self._result.view_names)

    @one_thread()
    def expected(self, view: str, *, below_limits: bool = False) -> Estimate:
        """Return expected values of a view and their sd, in the units that were given, samples x features each.

        Parameters
        ----------
        view
            The view, measured or not.
        below_limits
            Whether a value that was not detected is expected below the detection limit of its feature.

        Raises
        ------
        AlignmentError
            If the model has no such view.
        """
        position = self._position(view)
        loadings = self._loadings[position]
        mean, variance = predict_view(self._scores, loadings)
        # a value that the factors do not explain may be true, and then the same gene in another view says so too
        shift, share = expected_residual(self._every, self._scores, self._loadings, *self._shared, position)
        noise = noise_variance(loadings, self._measured.views[position], self._known[position])
        mean, variance = mean + shift, variance + (1.0 - share) * noise
        if below_limits and view in self._censored:
            limit, censored = self._censored[view]
            lower, narrower = moments_below(mean, variance, limit)
            mean, variance = torch.where(censored, lower, mean), torch.where(censored, narrower, variance)
        fitted = from_arrays(self._result.preprocessing[view])
        index, columns = self._cohort.samples, fitted.features
        measured = self._cohort.view(view) if view in self._cohort.view_names else None
        values = fitted.inverse(mean.numpy(), measured)
        sd = fitted.inverse_sd(variance.sqrt().numpy(), mean.numpy(), measured)
        return pd.DataFrame(values, index=index, columns=columns), pd.DataFrame(sd, index=index, columns=columns)

    def _position(self, view: str) -> int:
        names = self._result.view_names
        if view not in names:
            found, expected = f"no view '{view}' in the model", f"one of {', '.join(names)}"
            raise AlignmentError.of("other-features", found, expected, _RENAME, place=view)
        return names.index(view)

    def _table(self, mean: torch.Tensor, sd: torch.Tensor, columns: pd.Index) -> Estimate:
        mean_table, sd_table = (
            pd.DataFrame(values.numpy(), index=self._cohort.samples, columns=columns) for values in (mean, sd)
        )
        return mean_table, sd_table


def impute(samples: NewSamples, mdata: MuData) -> MuData:
    """Return a copy of the data with missing values filled, and their sd in the layer ``imputed_sd``.

    Measured values keep an sd of 0; features that preprocessing dropped stay as they are, with an sd of NaN.
    """
    filled = copied(mdata)
    for view in samples.view_names:
        if view not in filled.mod:
            continue
        mean, sd = samples.expected(view, below_limits=True)
        data = filled.mod[view]
        values = data.X.toarray() if sp.issparse(data.X) else np.array(data.X, dtype=np.float64)
        missing = ~np.isfinite(values)
        spread = np.where(missing, np.nan, 0.0)
        labels = {"index": data.obs_names, "columns": data.var_names}  # not a number where preprocessing dropped it
        expected, uncertain = (table.reindex(**labels).to_numpy() for table in (mean, sd))
        data.X = np.where(missing, expected, values)
        data.layers["imputed_sd"] = np.where(missing, uncertain, spread)
    return filled


def _values(result: PathFAResult, cohort: Cohort) -> dict[str, np.ndarray]:
    """Return the values of every view after the preprocessing of the model, N x G with NaN where missing."""
    if not len(cohort.samples):
        raise InputError("the data hold no sample; expected at least one")
    strange = [view.name for view in cohort.views if view.name not in result.loadings]
    if strange or not cohort.views:
        found = f"views {strange[:3]}" if strange else "no view"
        expected = f"views among {', '.join(result.view_names)}"
        raise AlignmentError.of("other-features", found, expected, _RENAME, place="data")
    values = {}
    for view in cohort.views:
        fitted = from_arrays(result.preprocessing[view.name])
        if not view.features.isin(fitted.features).any():
            if view.samples.isin(fitted.features).mean() > _TRANSPOSED:
                raise AlignmentError(findings=[transposed(view.name, view.samples)])
            examples = ", ".join(map(str, view.features[:3]))
            expected = f"features such as {', '.join(map(str, fitted.features[:3]))}"
            found = f"view '{view.name}' has features {examples}"
            raise AlignmentError.of("other-features", found, expected, _READ_ALIKE, place=view.name)
        values[view.name] = fitted.transform(view)
    return values


def _problem(result: PathFAResult, cohort: Cohort, values: Mapping[str, np.ndarray]) -> Problem:
    """Return the samples as tensors; a view that they lack is missing."""
    views, limits = [], []
    for name in result.view_names:
        nothing = np.full((len(cohort.samples), len(result.loadings[name])), np.nan)
        views.append((values.get(name, nothing), result.masks[name]))
        limits.append(_limits(result, name, cohort.view(name) if name in values else None))
    problem = make_problem(views)
    return replace(
        problem, views=tuple(replace(view, limit=limit) for view, limit in zip(problem.views, limits, strict=True))
    )


def _limits(result: PathFAResult, name: str, view: View | None) -> torch.Tensor | None:
    """Return the detection limit of every feature of a view; infinity for those that were not looked for."""
    if name not in result.detection_limits or view is None:
        return None
    limits = result.detection_limits[name]
    return torch.as_tensor(array(limits.where(limits.index.isin(view.features), np.inf)))
