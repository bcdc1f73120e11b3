"""From tensors to labels: the result of a finished fit, factors ordered, signed and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from pathfa.core.findings import Finding
from pathfa.data import GeneSets
from pathfa.data.preprocess.arrays import to_arrays
from pathfa.fit.names import likely_weights, names_of_factors
from pathfa.fit.of_samples import EFFECT_SAMPLES, of_samples
from pathfa.fit.problem import Prepared
from pathfa.fit.scored import scored
from pathfa.fit.starts import factor_activity_agreement, factor_agreement, selection_table
from pathfa.inference.ends import Fit
from pathfa.inference.posterior.activity import ActivityModel
from pathfa.inference.posterior.calibration import ScoreMap
from pathfa.inference.posterior.project import project
from pathfa.inference.posterior.residuals import residual_correlation, variance_explained
from pathfa.inference.posterior.set_effects import learn_set_effects
from pathfa.inference.posterior.view_loadings import ViewLoadings, score_directions
from pathfa.inference.problem.problem import Problem
from pathfa.inference.selection.search import Selection
from pathfa.inference.updates.members import probabilities
from pathfa.inference.updates.outlying import Outlying
from pathfa.inference.updates.quality import Quality
from pathfa.inference.updates.state import loading_posteriors, marginal_views
from pathfa.inference.weights.inclusion import inclusion
from pathfa.options import FitOptions, Sign
from pathfa.result.defaults import alike
from pathfa.result.labels import factor_order
from pathfa.result.result import PathFAResult
from pathfa.result.shared_features import correlation_table, places_of, shared_names
from pathfa.result.tensors import pack

_NAMING = 500  # most samples from which factors get their names

SCORE_MAP = ("map", "cov", "seen")
"""The matrices of a ``ScoreMap``, as they are stored."""


def assemble(
    prepared: Prepared,
    selection: Selection,
    options: FitOptions,
    findings: Sequence[Finding],
    settings: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> PathFAResult:
    """Return the labelled result of a selection: factors in order, with signs and names.

    The fitted values become part of it where the options say so, unless they are too many.
    """
    fit, cohort, measured = selection.best.fit, prepared.cohort, prepared.problem
    kept = prepared.values() if options.keep_data and not prepared.too_large_to_keep else {}
    found = scored(prepared, fit, options.seed)
    fit, loadings, calibration = found.fit, found.loadings, found.calibration
    problem, qualities = fit.problem, [view.weight for view in found.rated.views]
    outlying = dict(zip(cohort.presence.columns, fit.outlying, strict=True))
    pairs = zip(measured.views, found.rated.views, outlying.values(), strict=True)
    measured = replace(measured, views=tuple(given if item is None else used for given, used, item in pairs))
    measured = measured.weighted(qualities)
    marginal = marginal_views(fit.state, loading_posteriors(problem, fit.state))
    slab = inclusion(marginal, fit.state.weights, nonnegative=fit.spec.sign is Sign.NONNEGATIVE)
    r2, total = variance_explained(
        problem.weighted([None] * len(problem.views)), found.scores.mean, [item.mean for item in loadings]
    )
    arrange = _Arrangement(order=factor_order(r2), sign=_signs(fit, loadings), n_sets=problem.n_sets)
    weights = pd.DataFrame(arrange.columns(fit.state.weights.mean), index=prepared.gene_sets.names)
    views, features = cohort.presence.columns.tolist(), prepared.features
    by_view = pd.DataFrame(r2[arrange.order], columns=views)
    means = {
        view: pd.DataFrame(arrange.columns(item.mean), index=features[view])
        for view, item in zip(views, loadings, strict=True)
    }
    drawn = prepared.positions(EFFECT_SAMPLES, options.seed)
    seen = found.some if prepared.streamed else measured.take(drawn)
    seen_scores = project(seen, loadings, calibration) if prepared.streamed else found.scores.take(drawn)
    likely = likely_weights(weights, arrange.columns(slab.probability, signed=False))
    toward = [arrange.columns(item) for item in score_directions(loadings)]
    some = seen.take(slice(0, seen.n_rows, -(-seen.n_rows // _NAMING)))
    scale, level = arrange.rows(fit.state.scale), arrange.rows(fit.state.intercept) * arrange.sign[:, None]
    member_probability = dict(zip(views, probabilities(problem, fit.state.members), strict=True))
    names = names_of_factors(likely, prepared.masks, means, by_view, some.views, toward)
    factors = pd.Index(names)
    shared = shared_names(features)
    places = places_of(shared, features)
    effects = learn_set_effects(seen, seen_scores, loadings)
    together = residual_correlation(seen, seen_scores, loadings, places.to(problem.device))
    blocks, moving = prepared.blocks(found.rated, measured), ActivityModel(prepared.problem.views, loadings, effects)
    each = of_samples(blocks, len(cohort.samples), loadings, calibration, moving)
    *own, every = each.activities

    def over_factors(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=factors, columns=views)

    def over_sets(values: torch.Tensor, *, signed: bool = False) -> pd.DataFrame:
        return pd.DataFrame(arrange.columns(values, signed=signed), index=weights.index, columns=factors)

    def scores_of(mean: torch.Tensor) -> pd.DataFrame:
        return pd.DataFrame(arrange.columns(mean), index=cohort.samples, columns=factors)

    def over_samples(values: torch.Tensor) -> pd.DataFrame:
        return pd.DataFrame(values.cpu().numpy(), index=cohort.samples, columns=weights.index)

    view_scores = {view: scores_of(alone) for view, alone in zip(views, each.alone, strict=True)}
    agreement, spread = factor_activity_agreement(selection)
    explained = pd.DataFrame(np.vstack([r2[arrange.order], total]), index=[*names, "total"], columns=views)
    return PathFAResult(
        scores=scores_of(each.scores.mean),
        score_cov=arrange.covariance(each.scores.cov),
        score_pattern=each.scores.pattern.cpu().numpy(),
        gene_set_weights=weights.set_axis(factors, axis=1),
        alpha=over_sets(fit.state.weights.alpha),
        gene_set_probability=over_sets(slab.probability),
        slab_mean=over_sets(slab.mean, signed=True),
        slab_sd=over_sets(slab.sd),
        weight_blocks=arrange.blocks([(block.active, block.cov) for block in fit.state.weights.blocks]),
        loadings={view: table.set_axis(factors, axis=1) for view, table in means.items()},
        loadings_cov={view: pack(arrange.covariance(item.cov)) for view, item in zip(views, loadings, strict=True)},
        noise={
            view: pd.Series(item.sd.cpu().numpy(), index=features[view], name="sd")
            for view, item in zip(views, fit.state.noise, strict=True)
        },
        residual_correlation=correlation_table(shared, views, places, together),
        **_qualities(fit.state.quality, qualities, cohort.presence),
        omega=over_factors(arrange.rows(fit.state.omega)),
        view_scale=over_factors(scale),
        loading_intercepts=over_factors(level),
        variance_explained=explained,
        evidence_terms=fit.terms.to_dict(),
        trace=pd.DataFrame({"iteration": np.arange(1, len(fit.trace) + 1), "log_evidence": fit.trace}),
        selection=selection_table(selection),
        converged=fit.converged,
        gene_sets=given_members(prepared.gene_sets),
        masks=dict(prepared.masks),
        member_probability=member_probability,
        activity=over_samples(every.mean),
        activity_sd=over_samples(every.sd),
        view_activity={view: over_samples(item.mean) for view, item in zip(views, own, strict=True)},
        view_activity_sd={view: over_samples(item.sd) for view, item in zip(views, own, strict=True)},
        set_effect_sd=pd.DataFrame(effects.variance[:-1].sqrt().cpu().numpy(), index=weights.index, columns=views),
        shared_effect_sd=pd.Series(effects.variance[-1].sqrt().cpu().numpy(), index=views, name="sd"),
        set_effect_correlation=pd.DataFrame(effects.correlation.cpu().numpy(), index=views, columns=views),
        detection_limits={
            view: pd.Series(item.limit.cpu().numpy(), index=features[view], name="limit")
            for view, item in zip(views, measured.views, strict=True)
            if item.limit is not None
        },
        presence=cohort.presence,
        obs=cohort.obs,
        data=kept,
        view_scores=view_scores,
        preprocessing={name: to_arrays(item) for name, item in prepared.fitted.items()},
        calibration={
            subset_name(subset): {
                **{name: arrange.covariance(getattr(item, name)) for name in SCORE_MAP},
                "inflation": np.array(item.inflation),
            }
            for subset, item in calibration.items()
        },
        flow=cohort.flow,
        findings=tuple(findings),
        settings={
            **settings,
            "n_factors": fit.n_factors,
            "loading_prior": str(fit.spec.loading_prior),
            "curvature": str(fit.spec.curvature),
            "view_scale": str(fit.spec.view_scale),
            "views": views,
            "n_values": prepared.problem.n_values,
            "scored_as_new": True,
            "outlying_values": _outlying(outlying, prepared.problem, measured),
            "refined_after": list(fit.changes),
            "stopped": selection.stopped,
            "close_starts": list(selection.close),
            "factor_agreement": [values[arrange.order].tolist() for values in factor_agreement(selection)],
            "activity_agreement": agreement,
            "factor_activity_spread": spread.tolist(),
        },
        provenance={**provenance, "identifiers": [dict(row) for row in cohort.identifiers]},
    )


def _outlying(found: Mapping[str, Outlying | None], problem: Problem, measured: Problem) -> dict[str, Any]:
    """Return per view that has outlying values their number and what is known of them."""
    pairs = zip(found.items(), problem.views, measured.views, strict=True)
    return {
        name: {
            "number": int(view.n_observed.sum() - used.n_observed.sum()),
            "share": item.share,
            "spread": item.spread,
        }
        for (name, item), view, used in pairs
        if item is not None
    }


def _qualities(
    fitted: Sequence[Quality | None], qualities: Sequence[torch.Tensor | None], presence: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the fields of the result that hold the qualities of the samples."""
    found = alike(presence)
    for view, item, mean in zip(presence.columns, fitted, qualities, strict=True):
        if item is not None and mean is not None:
            for name, values in (("sample_quality", mean), ("sample_quality_sd", item.sd / item.mean * mean)):
                found[name][view] = np.where(presence[view], values.cpu().numpy(), np.nan)
            found["sample_quality_prior"].loc[view] = [item.freedom, item.unit]
    return found


def subset_name(subset: Sequence[bool]) -> str:
    """Return a subset of views as text, such as ``"10"`` for the first of two."""
    return "".join("1" if used else "0" for used in subset)


class _Arrangement:
    """Puts the factors of any tensor into their final order and sign."""

    def __init__(self, *, order: np.ndarray, sign: np.ndarray, n_sets: int) -> None:
        self.order, self.sign, self.n_sets = order, sign[order], n_sets

    def columns(self, values: torch.Tensor, *, signed: bool = True) -> np.ndarray:
        arranged: np.ndarray = np.take(values.cpu().numpy(), self.order, axis=1)
        if signed:
            arranged *= self.sign
        return arranged

    def rows(self, values: Sequence[torch.Tensor]) -> np.ndarray:
        """Return one value per factor of each view, K x views, from K each."""
        return np.asarray(torch.stack(list(values), dim=1).cpu().numpy()[self.order])

    def covariance(self, values: torch.Tensor) -> np.ndarray:
        """Return one matrix or a stack of them, ... x K x K."""
        arranged = values.cpu().numpy()[..., self.order, :][..., self.order]
        return np.array(arranged * self.sign[:, None] * self.sign, order="C")

    def blocks(self, blocks: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Return blocks with positions in U flattened factor by factor; a block is all factors or one of them."""
        size, place = len(self.order), np.argsort(self.order)
        arranged = []
        for index, (active, cov) in enumerate(blocks):
            position = active.cpu().numpy() + (0 if len(blocks) == 1 else index * self.n_sets)
            factor = place[position // self.n_sets]
            sign = self.sign[factor]
            arranged.append((factor * self.n_sets + position % self.n_sets, cov.cpu().numpy() * sign[:, None] * sign))
        return tuple(arranged) if len(arranged) == 1 else tuple(arranged[self.order[k]] for k in range(size))


def _signs(fit: Fit, loadings: Sequence[ViewLoadings]) -> np.ndarray:
    """Return the sign of each factor, K: that for which its gene sets, or its largest loadings, are positive."""
    weights = fit.state.weights.mean.sum(dim=0)
    skew = torch.stack([(item.mean**3).sum(dim=0) for item in loadings]).sum(dim=0)
    lead = torch.where(weights != 0, weights, skew)
    return np.asarray(torch.where(lead < 0, -1.0, 1.0).cpu().numpy(), dtype=np.float64)


def given_members(sets: GeneSets) -> dict[str, list[str] | dict[str, float]]:
    """Return the members of every set, with their weights if the collection has any."""
    if not sets.weighted:
        return {name: list(members) for name, members in sets.items()}
    return {name: {str(gene): float(weight) for gene, weight in sets.weights(name).items()} for name in sets}


def score_map(entry: Mapping[str, np.ndarray]) -> ScoreMap:
    """Return a stored calibration as tensors."""
    matrices = {name: torch.as_tensor(entry[name]) for name in SCORE_MAP}
    return ScoreMap(**matrices, inflation=float(entry["inflation"]))
