"""From a cohort and gene sets to the problem that inference sees, and back to the scores of every sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from pathfa.core.errors import InputError
from pathfa.core.side_by_side import in_order
from pathfa.data import Cohort, GeneSets, View
from pathfa.data.cohort.matrix import Stored, stored
from pathfa.data.cohort.views import blocks_of
from pathfa.data.preprocess.preprocessor import FittedPreprocessor, ViewPreprocessor, with_fitted_steps
from pathfa.fit.cost import fit_cost, require_memory
from pathfa.fit.rows import MOST_KEPT, FittedRows, ViewShape, rows_of
from pathfa.inference.posterior.calibration import CALIBRATION_SAMPLES
from pathfa.inference.problem.compressed import compressed_problem
from pathfa.inference.problem.problem import Problem, make_problem, with_limits
from pathfa.options import Features, FitOptions


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
    rows
        Which rows the problem has.
    some
        Samples drawn at random where the rows of the problem are pseudo-samples; else the problem itself.
    """

    cohort: Cohort
    gene_sets: GeneSets
    fitted: dict[str, FittedPreprocessor]
    masks: dict[str, sp.csr_matrix]
    problem: Problem
    rows: FittedRows
    some: Problem

    @property
    def streamed(self) -> bool:
        """Whether rows of the problem are pseudo-samples."""
        return self.rows.compressed

    @property
    def features(self) -> dict[str, pd.Index]:
        """Features of every view in the order of the loadings."""
        return {view.name: self.fitted[view.name].features for view in self.cohort.views}

    def blocks(self, rated: Problem, measured: Problem) -> Iterator[Callable[[], tuple[Problem, Problem]]]:
        """Yield what returns the samples of the cohort a few at a time, twice, as ``of_samples`` takes them.

        Parameters
        ----------
        rated, measured
            The rows of the problem as the fit has them in the end, and as they were measured: the samples, unless these
            are read again.
        """
        if self.streamed:
            views = blocks_of(self.cohort.views, np.arange(self.rows.n_samples))
            return (partial(self._read, block) for block in views)
        return (partial(_taken, rated, measured, rows) for rows in measured.blocks())

    def _read(self, views: Sequence[View]) -> tuple[Problem, Problem]:
        """Return some samples of the cohort twice."""
        values = [self.fitted[view.name].transform(view) for view in views]
        made = make_problem(list(zip(values, self.masks.values(), strict=True)), self.problem.device)
        same = tuple(replace(view, sets=known.sets) for view, known in zip(made.views, self.problem.views, strict=True))
        return (replace(made, views=same),) * 2

    def positions(self, n: int, seed: int) -> torch.Tensor:
        """Return the rows of the problem, or ``n`` of more drawn at random, in their order."""
        drawn = np.random.default_rng(seed).permutation(self.problem.n_rows)[:n]
        return torch.as_tensor(np.sort(drawn), device=self.problem.device)

    @property
    def too_large_to_keep(self) -> bool:
        """Whether the fitted values never were in memory together, and are too many to be."""
        return self.streamed and self.rows.n_samples * self.rows.n_features > MOST_KEPT

    def values(self) -> dict[str, pd.DataFrame]:
        """Return per view the values after preprocessing, N x G with NaN where nothing was measured."""
        tables = {}
        for position, view in enumerate(self.cohort.views):
            values = (
                _values(self.fitted[view.name], view)
                if self.streamed
                else self.problem.views[position].measured().cpu().numpy()
            )
            tables[view.name] = pd.DataFrame(values, self.cohort.samples, self.fitted[view.name].features)
        return tables


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
    levels = [fitted[view.name].level for view in cohort.views]
    shapes = [_shape(view, fitted[view.name]) for view in cohort.views]
    rows = rows_of(cohort.presence.to_numpy(), shapes)
    require_memory(fit_cost(len(cohort.samples), shapes, len(used), options), shapes)
    if rows.compressed:
        drawn = _Drawn(np.random.default_rng(options.seed).permutation(rows.n_samples)[:CALIBRATION_SAMPLES])
        blocks = blocks_of(cohort.views, np.arange(rows.n_samples))
        chunks = map(drawn.passing, in_order(partial(transformed, fitted), blocks))
        problem = compressed_problem(chunks, list(masks.values()), device, levels)
        some = make_problem(list(zip(drawn.values(), masks.values(), strict=True)), device)
    else:
        views = [(_values(fitted[view.name], view), masks[view.name]) for view in cohort.views]
        some = problem = with_limits(
            make_problem(views, device, levels), [view.name in options.left_censored for view in cohort.views]
        )
    problem = replace(problem, known_names=_names([fitted[view.name].features for view in cohort.views], device))
    return Prepared(cohort=cohort, gene_sets=used, fitted=fitted, masks=masks, problem=problem, rows=rows, some=some)


def transformed(fitted: Mapping[str, FittedPreprocessor], views: Sequence[View]) -> list[np.ndarray]:
    """Return the values of some samples after preprocessing, n x G per view.

    They are in single precision where those of all views were given so and are centred: it rounds them no more than
    they were.
    """
    items = [fitted[view.name] for view in views]
    single = all(stored(view.values[:]).dtype == np.float32 for view in views) and all(item.centred for item in items)
    values = (item.transform(view) for item, view in zip(items, views, strict=True))
    return [x.astype(np.float32) if single else x for x in values]


def _taken(rated: Problem, measured: Problem, rows: slice) -> tuple[Problem, Problem]:
    return rated.take(rows), measured.take(rows)


class _Drawn:
    """Samples that were drawn, kept while all samples pass in their order."""

    def __init__(self, positions: np.ndarray) -> None:
        self._positions, self._passed = positions, 0
        self._kept: list[list[np.ndarray]] = []

    def passing(self, views: list[np.ndarray]) -> list[np.ndarray]:
        """Return the values of the next samples, of every view, as they are given."""
        n = len(views[0])
        drawn = np.isin(np.arange(self._passed, self._passed + n), self._positions)
        self._kept.append([x[drawn] for x in views])
        self._passed += n
        return views

    def values(self) -> list[np.ndarray]:
        """Return the values of the drawn samples, of every view."""
        return [np.vstack(same) for same in zip(*self._kept, strict=True)]


def _shape(view: View, fitted: FittedPreprocessor) -> ViewShape:
    """Return the shape of a view after preprocessing."""
    complete = not fitted.missing.any()
    return ViewShape(
        name=view.name,
        n_features=len(fitted.features),
        complete=complete,
        n_samples=view.n_present,
        stored=isinstance(view.values, Stored),
    )


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


def _values(fitted: FittedPreprocessor, view: View) -> np.ndarray:
    """Return the values of a view after preprocessing, N x G, made a few samples at a time."""
    values, start = np.empty((len(view.samples), len(fitted.features))), 0
    for some in in_order(lambda block: fitted.transform(block[0]), blocks_of([view], np.arange(len(view.samples)))):
        values[start : start + len(some)] = some
        start += len(some)
    return values
