"""From a cohort and gene sets to the problem that inference sees, and back to the scores of every sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from pathfa.core.errors import InputError
from pathfa.data import Cohort, GeneSets, View
from pathfa.data.preprocess.preprocessor import FittedPreprocessor, ViewPreprocessor, with_fitted_steps
from pathfa.fit.cost import ViewShape, fit_cost, is_complete, require_memory
from pathfa.inference.posterior.activity import Activity, activities
from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.posterior.project import project
from pathfa.inference.posterior.set_effects import SetEffects
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem, compressed_problem, make_problem, with_limits
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.options import Features, FitOptions

_CHUNK = 4096  # samples that are dense at the same time in a large cohort
MOST_KEPT = 50_000_000  # values of a compressed cohort that are kept in the result, 0.4 GB


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A cohort ready for inference.

    Attributes
    ----------
    cohort
        The aligned cohort, its flow up to the fit.
    gene_sets
        The gene sets with enough measured members.
    fitted
        Preprocessing per view, fitted on the cohort.
    masks
        Gene-set mask per view, G x P.
    problem
        What inference sees: the samples, or pseudo-samples that stand for them.
    streamed
        Whether the rows of the problem are pseudo-samples.
    """

    cohort: Cohort
    gene_sets: GeneSets
    fitted: dict[str, FittedPreprocessor]
    masks: dict[str, sp.csr_matrix]
    problem: Problem
    streamed: bool

    @property
    def features(self) -> dict[str, pd.Index]:
        """Features of every view in the order of the loadings."""
        return {view.name: self.fitted[view.name].features for view in self.cohort.views}

    def score(
        self, loadings: Sequence[ViewLoadings], calibration: Calibration, views: Sequence[int] | None = None
    ) -> ScorePosterior:
        """Return the scores of every sample of the cohort, from all views or from those at some positions."""

        def some(problem: Problem) -> Problem:
            return problem if views is None else problem.only(views)

        if not self.streamed:
            return project(some(self.problem), loadings, calibration)
        blocks = _blocks(len(self.cohort.samples))
        parts = [project(some(self._problem(rows)), loadings, calibration) for rows in blocks]
        first = parts[0]
        return replace(
            first,
            mean=torch.cat([part.mean for part in parts]),
            pattern=torch.cat([part.pattern for part in parts]),
            log_det=sum(part.log_det for part in parts),
        )

    def activities(
        self, scores: ScorePosterior, loadings: Sequence[ViewLoadings], effects: SetEffects
    ) -> list[Activity]:
        """Return the activities of every sample of the cohort with these scores, from each view and from all."""
        if not self.streamed:
            return activities(self.problem, scores, loadings, effects)
        found = []
        for rows in _blocks(len(self.cohort.samples)):
            some = replace(scores, mean=scores.mean[rows], pattern=scores.pattern[rows])
            found.append(activities(self._problem(rows), some, loadings, effects))
        return [
            Activity(mean=torch.cat([item.mean for item in same]), variance=torch.cat([item.variance for item in same]))
            for same in zip(*found, strict=True)
        ]

    @property
    def too_large_to_keep(self) -> bool:
        """Whether the fitted values never were in memory together, and are too many to be."""
        return self.streamed and len(self.cohort.samples) * sum(map(len, self.features.values())) > MOST_KEPT

    def values(self) -> dict[str, pd.DataFrame]:
        """Return per view the values after preprocessing, N x G with NaN where nothing was measured."""
        samples = self.cohort.samples
        tables = {}
        for view, made in zip(self.cohort.views, self.problem.views, strict=True):
            if self.streamed:
                transform = self.fitted[view.name].transform
                values = np.vstack([transform(_rows(view, rows)) for rows in _blocks(len(samples))])
            else:
                seen = made.present[:, None].expand_as(made.x) if made.observed is None else made.observed > 0
                values = torch.where(seen, made.x, torch.full_like(made.x, torch.nan)).cpu().numpy()
            tables[view.name] = pd.DataFrame(values, index=samples, columns=self.fitted[view.name].features)
        return tables

    def samples(self, n: int, seed: int) -> Problem:
        """Return the problem of ``n`` samples drawn at random, or of all where there are no more."""
        rows = np.sort(np.random.default_rng(seed).permutation(len(self.cohort.samples))[:n])
        return self._problem(rows)

    def _problem(self, rows: np.ndarray) -> Problem:
        views = [
            (self.fitted[view.name].transform(_rows(view, rows)), self.masks[view.name]) for view in self.cohort.views
        ]
        return make_problem(views, self.problem.device)


def prepare(
    cohort: Cohort, gene_sets: GeneSets, options: FitOptions, device: torch.device, *, informed: bool = True
) -> Prepared:
    """Return the cohort preprocessed, with the masks of the gene sets that have enough measured members.

    Parameters
    ----------
    cohort, gene_sets
        The data.
    options
        How views are preprocessed, and which features, gene sets and missing values count.
    device
        Where the tensors go.
    informed
        Whether the fit sees which features belong to which gene set; else the masks are empty.

    Raises
    ------
    InputError
        If a view has no usable feature.
    GeneSetError
        If no gene set has enough members.
    """
    given, common = options.preprocess or {}, ViewPreprocessor(scale=options.scale)
    fitted = {view.name: given.get(view.name, common).fit(view) for view in cohort.views}
    measured = {feature for item in fitted.values() for feature in (*item.features, *item.copies)}
    used = gene_sets.filter(min_size=options.min_set_size, features=measured)
    masks = {name: _mask(used, item) for name, item in fitted.items()}
    if options.features is Features.ANNOTATED:
        kept = {name: np.flatnonzero(np.diff(mask.indptr)) for name, mask in masks.items()}
        if bare := [name for name, rows in kept.items() if not len(rows)]:
            found = "none of its features is in a gene set, and features='annotated' leaves out all others"
            fix = "use features='all', or leave the view out"
            raise InputError.of("no-features", found, "features in gene sets", fix, view=bare[0])
        fitted = {name: item.subset(kept[name]) for name, item in fitted.items()}
        masks = {name: mask[kept[name]] for name, mask in masks.items()}
    cohort = with_fitted_steps(cohort, fitted, masks)
    if not informed:
        masks = {name: sp.csr_matrix(mask.shape) for name, mask in masks.items()}
    n_features = sum(len(item.features) for item in fitted.values())
    levels = [fitted[view.name].level for view in cohort.views]
    shapes = [
        ViewShape(name=view.name, n_features=len(fitted[view.name].features), complete=is_complete(view))
        for view in cohort.views
    ]
    require_memory(fit_cost(len(cohort.samples), shapes, len(used), options), shapes)
    everywhere = all(bool(view.present.all()) for view in cohort.views)
    if len(cohort.samples) > n_features and everywhere and all(shape.complete for shape in shapes):
        chunks = (
            [fitted[view.name].transform(_rows(view, rows)) for view in cohort.views]
            for rows in _blocks(len(cohort.samples))
        )
        in_order = [masks[view.name] for view in cohort.views]
        problem, streamed = compressed_problem(chunks, in_order, device, levels), True
    else:
        views = [(fitted[view.name].transform(view), masks[view.name]) for view in cohort.views]
        problem, streamed = make_problem(views, device, levels), False
        problem = with_limits(problem, [view.name in options.left_censored for view in cohort.views])
    problem = replace(problem, known_names=_names([fitted[view.name].features for view in cohort.views], device))
    return Prepared(cohort=cohort, gene_sets=used, fitted=fitted, masks=masks, problem=problem, streamed=streamed)


def _names(features: Sequence[pd.Index], device: torch.device) -> tuple[torch.Tensor, ...]:
    """Return the number of the name of each feature, the same in all views that have it."""
    numbers, _ = pd.factorize(np.concatenate([index.to_numpy(dtype=object) for index in features]))
    return tuple(torch.split(torch.as_tensor(numbers, device=device), [len(index) for index in features]))


def _mask(gene_sets: GeneSets, fitted: FittedPreprocessor) -> sp.csr_matrix:
    """Return which features are in which gene sets, G x P; one that stands for copies is in the sets of them all."""
    own, copies = sp.coo_matrix(gene_sets.mask(fitted.features)), fitted.copies
    if not copies:
        return own.tocsr()
    more = sp.coo_matrix(gene_sets.mask(copies))
    rows = np.concatenate([own.row, fitted.features.get_indexer(pd.Index(copies.values()))[more.row]])
    table = pd.DataFrame({"row": rows, "set": np.concatenate([own.col, more.col])})
    first = ~table.duplicated().to_numpy()  # its own weight goes before those of its copies
    values = np.concatenate([own.data, more.data])[first]
    return sp.csr_matrix((values, (table["row"][first], table["set"][first])), shape=own.shape)


def _blocks(n: int) -> Iterator[np.ndarray]:
    for start in range(0, n, _CHUNK):
        yield np.arange(start, min(start + _CHUNK, n))


def _rows(view: View, rows: np.ndarray) -> View:
    return replace(
        view, values=view.values[rows], present=view.present[rows], samples=view.samples[rows], obs=view.obs.iloc[rows]
    )
