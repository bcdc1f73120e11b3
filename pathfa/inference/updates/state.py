"""Everything that is known about a model at one iteration, and where the next iteration starts.

Coordinate ascent moves scores and loadings towards the gene sets by small steps in almost one direction. Nesterov's
extrapolation follows that direction, z + beta (z - z_previous), with omega likewise on its logarithm; everything else
follows from these two. It starts again from rest when the evidence falls (O'Donoghue & Candes 2015), so that the
evidence of the iterations that count never falls because of it.

Soft factors are also rotated, once, to where the priors of loadings and scores are best met. For any invertible B the
likelihood is the same at Z B^-T and W B. Coordinate ascent moves in that direction by small steps only, because scores
and loadings are updated given each other, and often stops before the optimum. With the precisions Omega of the loadings
at their optimum, the bound of the log evidence depends on B through

    - sum over views of  G_m / 2 [ log |diag(B' T_m B)| - log |B' T_m B| ],     T_m = E[W_m' W_m]

where gene sets explain nothing, and through the scores with T = E[Z' Z] and N in place of T_m and G_m, rotated by B^-T.
Near the optimum the latter is the same to second order as the term of T = E[Z' Z]^-1 rotated by B, which is used
instead. The sum is the likelihood criterion of joint diagonalisation (Pham 2001), with one B for all matrices, here
minimised by quasi-Newton steps (Ablin, Cardoso and Gramfort 2019). Of the covariances of loadings, only the variance
around the gene sets counts in T_m. A rotation is kept only where the evidence of the whole model rises, which it does
where gene sets explain little. Luttinen and Ilin (2010) use such transformations in factor analysis without gene sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.loadings.group import LoadingMoments
from pathfa.inference.loadings.posterior import LoadingPosterior, MarginalView, loading_posterior
from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.members import Members
from pathfa.inference.updates.noise import NoisePosterior, known_noise
from pathfa.inference.updates.quality import Quality, weights_of
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.inference.weights.curvature import Weights, initial_weights

_MOST = 0.95  # largest extrapolation, as a share of the last step
_DELAY = 2.0  # beta after t steps is t / (t + delay)
_STEPS = 50
_HALVINGS = 20
_TOLERANCE = 1e-8  # change of the criterion at which the steps end


@dataclass(frozen=True, kw_only=True)
class FitState:
    """Everything that is known about a model at one iteration; per-view entries in the order of the views."""

    scores: ScorePosterior
    weights: Weights
    moments: tuple[LoadingMoments, ...]
    noise: tuple[NoisePosterior, ...]
    omega: tuple[Tensor, ...]
    scale: tuple[Tensor, ...]
    intercept: tuple[Tensor, ...]
    quality: tuple[Quality | None, ...]
    members: Members | None = None

    @property
    def annotated_share(self) -> float:
        """Share of the loadings, without their intercepts, that gene sets explain: all views and factors."""
        off = sum(float((item.mean - item.prior_mean).square().sum()) for item in self.moments)
        total = sum(float((m.mean - b).square().sum()) for m, b in zip(self.moments, self.intercept, strict=True))
        return 1.0 - off / total if total > 0 else 0.0


def loading_posteriors(problem: Problem, state: FitState) -> list[LoadingPosterior]:
    """Return the posterior of the loadings of every view given the scores and hyper-parameters of a state."""
    return [
        loading_posterior(view, noise.precision, state.scores.second(view), state.scores.cross(view), omega)
        for view, noise, omega in zip(problem.views, state.noise, state.omega, strict=True)
    ]


def marginal_views(state: FitState, posteriors: Sequence[LoadingPosterior]) -> tuple[MarginalView, ...]:
    """Return what every view says about the gene-set weights with its loadings integrated out."""
    views = zip(posteriors, state.intercept, state.scale, strict=True)
    return tuple(posterior.marginal(intercept, scale) for posterior, intercept, scale in views)


def initial_state(problem: Problem, scores: Tensor, omega: float) -> FitState:
    """Return the state in which the scores, N x K, are known exactly, and nothing else is.

    ``omega`` is the prior precision of all loadings in the unit of their view, infinite for the strict prior.
    """
    n, size = scores.shape
    device = problem.device
    known = ScorePosterior(
        mean=scores,
        cov=torch.zeros(1, size, size, dtype=DTYPE, device=device),
        pattern=torch.zeros(n, dtype=torch.int64, device=device),
        log_det=0.0,
        multiplicity=problem.multiplicity,
    )
    variances = [view.variance for view in problem.views]
    return FitState(
        scores=known,
        weights=initial_weights(problem, size),
        moments=(),
        noise=tuple(known_noise(2.0 / (variance + variance.mean())) for variance in variances),
        omega=tuple(torch.full((size,), omega / view.unit**2, dtype=DTYPE, device=device) for view in problem.views),
        scale=tuple(torch.ones(size, dtype=DTYPE, device=device) for _ in problem.views),
        intercept=tuple(torch.zeros(size, dtype=DTYPE, device=device) for _ in problem.views),
        quality=(None,) * len(problem.views),
    )


def with_unit_scores(state: FitState) -> FitState:
    """Return the state with a mean of E[z_k^2] of 1: scores divided by s, precisions by s^2.

    Loadings and weights follow in the update that comes next.
    """
    square = state.scores.mean_square().clamp(min=1e-12)
    return replace(
        state,
        scores=state.scores.rescaled(square.sqrt()),
        weights=replace(state.weights, alpha=state.weights.alpha / square),
        omega=tuple(omega / square for omega in state.omega),
        intercept=tuple(intercept * square.sqrt() for intercept in state.intercept),
    )


def in_units(state: FitState, unit: Tensor) -> FitState:
    """Return the state with scores divided by a unit, K, and loadings and weights times it: the same fitted values."""
    pairs = unit[:, None] * unit
    return replace(
        state,
        scores=state.scores.rescaled(unit),
        weights=state.weights.rescaled(unit),
        moments=tuple(
            replace(
                item,
                mean=item.mean * unit,
                prior_mean=item.prior_mean * unit,
                precision=tuple(precision * pairs for precision in item.precision),
                deviation=item.deviation * unit**2,
                deviation_cov=item.deviation_cov * unit**2,
            )
            for item in state.moments
        ),
        omega=tuple(omega / unit**2 for omega in state.omega),
        intercept=tuple(intercept * unit for intercept in state.intercept),
    )


def with_average_noise(problem: Problem, state: FitState) -> tuple[Problem, FitState]:
    """Return the same model with 1 / lambda as the mean noise variance of the samples, and qualities relative to it."""
    quality, noise, moments = list(state.quality), list(state.noise), list(state.moments)
    for position, (view, item) in enumerate(zip(problem.views, state.quality, strict=True)):
        if item is not None:
            unit = float((1.0 / item.mean[view.present]).mean())
            quality[position], noise[position] = item.times(unit), noise[position].times(unit)
            precision = tuple(part / unit for part in moments[position].precision)
            moments[position] = replace(moments[position], precision=precision)
    state = replace(state, quality=tuple(quality), noise=tuple(noise), moments=tuple(moments))
    return problem.weighted(weights_of(state.quality)), state


@dataclass(frozen=True, kw_only=True)
class Acceleration:
    """Extrapolation of the iterations: the last state and the number of steps.

    Attributes
    ----------
    last
        The state before the present one; None at rest.
    steps
        Iterations since the last rest.
    precisions
        Whether omega is extrapolated too. It follows from a fixed point that may overshoot, where its extrapolation is
        rejected again and again.
    """

    last: FitState | None = None
    steps: int = 0
    precisions: bool = True

    def extrapolate(self, state: FitState) -> FitState:
        """Return where the next iteration starts: the state extrapolated from the last one."""
        if self.last is None:
            return state
        beta = min(self.steps / (self.steps + _DELAY), _MOST)
        mean = state.scores.mean + beta * (state.scores.mean - self.last.scores.mean)
        scores = replace(state.scores, mean=mean)
        if not self.precisions:
            return replace(state, scores=scores)
        omega = tuple(
            torch.where(torch.isfinite(new), new * (new / old) ** beta, new)
            for new, old in zip(state.omega, self.last.omega, strict=True)
        )
        return replace(state, scores=scores, omega=omega)

    def after(self, state: FitState) -> Acceleration:
        """Return the acceleration after an iteration from ``state`` that counts."""
        return replace(self, last=state, steps=self.steps + 1)

    def rejected(self) -> Acceleration:
        """Return the acceleration at rest after an extrapolation that went too far, the next one of the other kind."""
        return Acceleration(precisions=not self.precisions)


def rotated(state: FitState) -> FitState:
    """Return the state with rotated factors and the precisions of their loadings.

    Loadings, weights and noise follow in the update that comes next.
    """
    scores = state.scores
    moments = [m.mean.T @ m.mean + m.deviation_cov.diag() for m in state.moments]
    sizes = [float(m.mean.shape[0]) for m in state.moments]
    basis = joint_diagonaliser([*moments, torch.linalg.inv(scores.total())], [*sizes, scores.n_samples])
    omega = [
        torch.where(torch.isfinite(old), size / (basis * (moment @ basis)).sum(0), old)
        for old, moment, size in zip(state.omega, moments, sizes, strict=True)
    ]
    return replace(
        state,
        scores=scores.mixed(torch.linalg.inv(basis).T),
        omega=tuple(omega),
        intercept=tuple(intercept @ basis for intercept in state.intercept),
    )


def joint_diagonaliser(matrices: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Return the invertible B that makes every B' T_m B as diagonal as possible, K x K.

    Parameters
    ----------
    matrices
        Positive definite T_m, K x K each.
    weights
        How much each of them counts.
    """
    size = len(matrices[0])
    share = torch.tensor(weights, dtype=DTYPE, device=matrices[0].device) / sum(weights)
    scale = torch.stack([matrix.diagonal() for matrix in matrices]).log().mul(share[:, None]).sum(0).mul(-0.5).exp()
    basis = scale.diag()
    present = [basis @ matrix @ basis for matrix in matrices]
    criterion = _criterion(basis, present, share)
    for _ in range(_STEPS):
        inverse = torch.stack([1.0 / item.diagonal() for item in present])  # M x K
        slope = torch.einsum("m,mij,mj->ij", share, torch.stack(present), inverse).fill_diagonal_(0.0)
        ratio = torch.einsum("m,mi,mj->ij", share, 1.0 / inverse, inverse)
        step = -(ratio.T * slope - slope.T) / (ratio * ratio.T - 1.0).clamp(min=1e-3)
        for _ in range(_HALVINGS):
            move = torch.eye(size, dtype=DTYPE, device=step.device) + step
            moved = [move.T @ item @ move for item in present]
            found = _criterion(basis @ move, moved, share)
            if found < criterion:
                break
            step = 0.5 * step
        else:
            break
        gain, criterion = criterion - found, found
        basis, present = basis @ move, moved
        if gain < _TOLERANCE:
            break
    return basis


def _criterion(basis: Tensor, present: Sequence[Tensor], share: Tensor) -> float:
    """Return sum_m share_m / 2 log |diag(B' T_m B)| - log |B|."""
    logs = torch.stack([item.diagonal().log().sum() for item in present])
    return float(0.5 * (share * logs).sum() - torch.linalg.slogdet(basis)[1])
