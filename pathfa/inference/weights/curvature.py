"""Structure of the Hessian of the gene-set weights, from exact to cheap, each a lower bound of the one before.

    H_U = sum over views and features of (c c' * A_g) kron (C_g' C_g),      C_g a row of the gene-set mask

``full`` keeps all of it, ``factor`` the blocks of each factor, ``diagonal`` the diagonal. With a Gaussian posterior of
that structure the evidence loses 1/2 (sum log|blocks| - log|H|) >= 0 (Fischer's inequality), so each is a lower bound
of the evidence of the one before (compare Immer et al. 2023, ICML). The means are solved jointly in ``full`` and factor
by factor in the other two, which on some data end in a lower optimum.
Weights are flattened factor by factor: entry k * P + p.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.loadings.posterior import MarginalView
from pathfa.inference.loadings.quadratic import DenseQuadratic, FactorQuadratic, Quadratic, SumQuadratic
from pathfa.inference.loadings.structured import DenseMatrices, DiagonalCov, JointCov, PriorCov, pair_cov
from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.weights.weights import (
    WeightPosterior,
    inclusion_cost,
    rescaled_block,
    solve_block,
    truncation_evidence,
    update_block,
)
from pathfa.options import Curvature, Sign

FULL_BUDGET = 500  # entries P K up to which "auto" keeps the full Hessian


def resolve_curvature(curvature: Curvature, n_sets: int, n_factors: int) -> Curvature:
    """Return the structure that ``auto`` stands for: full while P K fits the budget, else factor.

    Without factors there is one block, which is empty, whatever was asked for.
    """
    if curvature is not Curvature.AUTO and n_factors:
        return curvature
    return Curvature.FULL if n_sets * n_factors <= FULL_BUDGET else Curvature.FACTOR


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Posterior of all gene-set weights.

    Attributes
    ----------
    mean, alpha
        Weights U and ARD precisions, P x K; 0 and infinity where pruned.
    blocks
        Posterior of each block: one for ``full``, one per factor otherwise.
    """

    mean: Tensor
    alpha: Tensor
    blocks: tuple[WeightPosterior, ...]

    @property
    def n_active(self) -> int:
        """Number of weights that are not pruned."""
        return int((self.alpha < math.inf).sum())

    @property
    def log_det(self) -> float:
        """Log |H_U + diag(alpha)| on the active weights, with the structure of the blocks."""
        return sum(block.log_det for block in self.blocks)

    def rescaled(self, scale: Tensor) -> Weights:
        """Return the posterior of U diag(scale), scale of shape K; the evidence stays the same."""
        n_sets = self.mean.shape[0]
        parts = scale.repeat_interleave(n_sets).chunk(len(self.blocks))
        blocks = [rescaled_block(block, part) for block, part in zip(self.blocks, parts, strict=True)]
        return _gather(blocks, n_sets)

    def variance(self) -> Tensor:
        """Return the posterior variance of each weight, P x K; 0 where pruned."""
        parts = []
        for block in self.blocks:
            variance = torch.zeros_like(block.mean)
            variance[block.active] = block.cov.diagonal()
            parts.append(variance)
        return _unflatten(torch.cat(parts), self.mean.shape[0])

    def truncation(self) -> float:
        """Return the evidence of the truncation at 0, nats."""
        return sum(truncation_evidence(block) for block in self.blocks)

    @cached_property
    def _pair_cov(self) -> Tensor:
        n_sets, size = self.mean.shape
        return pair_cov(self.blocks[0].active, self.blocks[0].cov, n_sets, size)

    def prior_cov(self, view: ViewData) -> PriorCov:
        """Return the covariance of (C U)_g of the annotated features of a view."""
        size = self.mean.shape[1]
        if len(self.blocks) == 1 and size > 1:
            return JointCov(*view.sets.moments(self._pair_cov, self.mean))
        sets = view.sets.of_annotated
        found = torch.stack([sets.variance(block.active, block.cov) for block in self.blocks], dim=1)[:, :size]
        if sets.spread is None:
            return DiagonalCov(found)
        second = torch.diag_embed(self.variance()) + self.mean[:, :, None] * self.mean[:, None, :]
        unsure = (sets.spread @ second.flatten(1)).reshape(-1, size, size)
        unsure.diagonal(dim1=1, dim2=2).add_(found)
        return DenseMatrices(unsure)


def initial_weights(problem: Problem, n_factors: int) -> Weights:
    """Return weights of zero, active wherever the gene set has a measured feature, in the least unit of the views."""
    zeros = torch.zeros(problem.n_sets, n_factors, dtype=DTYPE, device=problem.device)
    precision = torch.full_like(zeros, min(view.unit for view in problem.views) ** -2)
    alpha = torch.where(problem.measured_sets[:, None], precision, torch.full_like(zeros, math.inf))
    return Weights(mean=zeros, alpha=alpha, blocks=())


def n_possible(problem: Problem, n_factors: int) -> int:
    """Return how many weights there are to choose from: one per factor and gene set with a measured feature."""
    return n_factors * int(problem.measured_sets.sum())


def hessian_full(views: Sequence[MarginalView]) -> SumQuadratic:
    """Return H_U without the prior, (K P) x (K P); without factors the pairs of gene sets, often many, are not made."""
    if not len(views[0].scale):
        return SumQuadratic([DenseQuadratic(views[0].scale.new_empty(0, 0))])
    return SumQuadratic([item.precision.quadratic(item.view.sets, item.scale) for item in views])


def hessian_block(views: Sequence[MarginalView], factor: int) -> SumQuadratic:
    """Return the block of H_U of a factor without the prior, P x P."""
    parts = []
    for item in views:
        weight = item.precision.row(factor)[:, factor] * item.scale[factor] ** 2
        parts.append(FactorQuadratic(item.view.sets.of_annotated, weight))
    return SumQuadratic(parts)


def linear_term(views: Sequence[MarginalView]) -> Tensor:
    """Return F = sum_m c_m C_m' F_m, P x K."""
    return torch.stack([item.linear_of_sets * item.scale for item in views]).sum(0)


class _Coupling:
    """Coupling of the factors in a block-wise update, through the prior means of the loadings."""

    def __init__(self, views: Sequence[MarginalView], mean: Tensor) -> None:
        self.views, self.mean = views, mean.clone()
        self.sets = [item.view.sets.of_annotated for item in views]
        self.prior_means = [sets.mask @ mean * item.scale for sets, item in zip(self.sets, views, strict=True)]

    def linear(self, factor: int) -> Tensor:
        """Return the sum over all other factors l of H_kl u_l, P."""
        parts = []
        for item, sets, prior_mean in zip(self.views, self.sets, self.prior_means, strict=True):
            others = item.precision.row(factor) * item.scale[factor]
            others[:, factor] = 0.0
            parts.append(torch.mv(sets.mask_t, (others * prior_mean).sum(1)))
            if sets.spread_t is not None:  # entries of the mask that are not known: their second moments
                parts.append(((sets.spread_t @ (others * item.scale)) * self.mean).sum(1))
        return torch.stack(parts).sum(0)

    def replace(self, factor: int, mean: Tensor) -> None:
        """Replace the weights of one factor, P."""
        self.mean[:, factor] = mean
        for item, sets, prior_mean in zip(self.views, self.sets, self.prior_means, strict=True):
            prior_mean[:, factor] = torch.mv(sets.mask, mean) * item.scale[factor]


def update_weights(
    problem: Problem,
    views: Sequence[MarginalView],
    weights: Weights,
    *,
    sign: Sign,
    curvature: Curvature,
    learn_alpha: bool = True,
) -> Weights:
    """Return the weights after one update of their posterior and of alpha.

    Parameters
    ----------
    problem, views
        The data and what each view says about the weights.
    weights
        Where the update starts.
    sign
        Whether weights must be at least 0.
    curvature
        ``full``, ``factor`` or ``diagonal``.
    learn_alpha
        False keeps alpha as it is.
    """
    nonnegative, diagonal = sign is Sign.NONNEGATIVE, curvature is Curvature.DIAGONAL
    linear, cost = linear_term(views), inclusion_cost(weights.n_active, n_possible(problem, weights.mean.shape[1]))

    alpha = weights.alpha
    if learn_alpha and nonnegative and not weights.blocks:  # most of those whose slope at 0 points down would end there
        alpha = torch.where(linear > 0, alpha, torch.full_like(alpha, math.inf))

    def update(h: Quadratic, f: Tensor, alpha: Tensor) -> WeightPosterior:
        if learn_alpha:
            return update_block(h, f, alpha, nonnegative, cost=cost, diagonal=diagonal)
        return solve_block(h, f, alpha, nonnegative, diagonal)

    if curvature is Curvature.FULL:
        return _gather([update(hessian_full(views), linear.T.reshape(-1), alpha.T.reshape(-1))], problem.n_sets)
    coupling, blocks = _Coupling(views, weights.mean), []
    for factor in range(weights.mean.shape[1]):
        h = hessian_block(views, factor)
        f = linear[:, factor] - coupling.linear(factor)
        blocks.append(update(h, f, alpha[:, factor]))
        coupling.replace(factor, blocks[-1].mean)
    return _gather(blocks, problem.n_sets)


def weight_blocks(
    views: Sequence[MarginalView], weights: Weights, linear: Tensor
) -> Iterator[tuple[slice, Quadratic, Tensor, WeightPosterior]]:
    """Yield per block its factors, quadratic and linear term given the other blocks, and its posterior."""
    size = weights.mean.shape[1]
    if len(weights.blocks) == 1 and size != 1:
        yield slice(0, size), hessian_full(views), linear.T.reshape(-1), weights.blocks[0]
        return
    coupling = _Coupling(views, weights.mean)
    for factor, block in enumerate(weights.blocks):
        h = hessian_block(views, factor)
        f = linear[:, factor] - coupling.linear(factor)
        yield slice(factor, factor + 1), h, f, block


def _gather(blocks: Sequence[WeightPosterior], n_sets: int) -> Weights:
    return Weights(
        mean=_unflatten(torch.cat([block.mean for block in blocks]), n_sets),
        alpha=_unflatten(torch.cat([block.alpha for block in blocks]), n_sets),
        blocks=tuple(blocks),
    )


def _unflatten(flat: Tensor, n_sets: int) -> Tensor:
    return flat.reshape(-1, n_sets).T.contiguous()
