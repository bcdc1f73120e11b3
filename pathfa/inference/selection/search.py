"""Search over the number of factors, the loading prior and the initialisation by evidence.

For every number of factors K that is tried, all initialisations run for a few iterations, then the most promising one
continues to convergence. K grows geometrically from 0, where features are independent noise, over 2 for as long as more
factors gain enough evidence, then the bracket around the best K is halved until it is closed. A model that does not
gain ``LEAST`` nats over K = 0 is not taken. What is enough depends on how the evidence ends:

* flat, as in data that follow the model: K is the last factor that adds more than ``LEAST`` nats and more than ``FLAT``
  of what all factors before it have added, however weak it is;
* rising with every factor, as in real data, whose residuals always have some structure: growth stops where a factor
  adds less than ``MIN_GAIN`` of that. Beyond it, fits of nearly equal evidence agree less on single factors.

At the chosen K the other initialisations continue for up to twice as long, so that the result can say how well they
agree; those that can no longer come close to the best stop early. Fits that are only compared stop at ``ROUGH`` times
the tolerance; the chosen one continues to the full one, and then without values and members that are not as the model
has them (``refine.py``).

With ``auto``, the search stops with the strict prior as soon as it reaches less with the next number of factors than
the soft one with the last: it would need more than twice as many factors to explain the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from joblib import Parallel, delayed
from torch import Tensor

from pathfa.inference.ends import Fit, Initialisation
from pathfa.inference.fit import fit
from pathfa.inference.numerics import DTYPE, one_thread
from pathfa.inference.problem.problem import Problem
from pathfa.inference.selection.refine import refined
from pathfa.inference.selection.rule import CLOSE, LEAST, Candidate, close_to, is_better, same_model, simplest
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores, plan_initialisations, ridge_activities, tamed
from pathfa.options import LoadingPrior, ModelSpec

MIN_GAIN = 0.025  # least gain of one more factor, as a share of what all factors so far have added
FLAT = 2e-4  # the same where the evidence ends in a plateau: below it, a factor adds nothing
ROUGH = 10.0  # tolerance of fits that are only compared, over that of the chosen one
_PATIENCE = 2  # other initialisations of the chosen model get this many times its iterations
_TRIAL_ITERATIONS = 6
_SOFT_FROM_STRICT = 300.0  # precision of the loadings of a soft fit initialised with strict factors
_SOFT = 1.0  # the same for other initialisations


@dataclass(frozen=True, kw_only=True)
class Selection:
    """All fits that were tried and the chosen one.

    Attributes
    ----------
    best
        The chosen fit.
    candidates
        All of them, in the order in which they ran.
    stopped
        Why the number of factors did not grow further: ``"given"``, ``"evidence"`` (it rose no further), ``"gain"`` (a
        factor added too little), ``"limit"`` (as many as the cohort allows) or ``"rival"`` (soft needs fewer).
    close
        Names of other initialisations whose evidence was within ``CLOSE`` nats per observed value of the chosen one's
        when all had been fitted to the rough tolerance.
    """

    best: Candidate
    candidates: tuple[Candidate, ...]
    stopped: str
    close: tuple[str, ...]


Progress = Callable[[str, int, float], None]  # what is running, its iteration, its log evidence


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """What to search over.

    Attributes
    ----------
    n_factors
        Number of factors, 0 or more, or None to choose it by evidence.
    max_factors
        Most factors that are tried.
    n_starts
        Initialisations per number of factors.
    settings
        When a fit stops.
    seed
        Seed of the initialisations.
    n_jobs
        Fits that run side by side, one thread each.
    """

    n_factors: int | None
    max_factors: int
    n_starts: int
    settings: FitSettings
    seed: int
    n_jobs: int = 1


def search(
    problem: Problem, spec: ModelSpec, settings: SearchSettings, on_progress: Progress | None = None
) -> Selection:
    """Return the fit with the highest evidence over what is left open in ``spec`` and ``settings``."""
    runner = _Runner(problem, settings, on_progress)
    auto = spec.loading_prior is LoadingPrior.AUTO
    priors = [LoadingPrior.STRICT, LoadingPrior.SOFT] if auto else [spec.loading_prior]
    chosen: list[tuple[Candidate, str]] = []
    with one_thread(), torch.inference_mode():
        for prior in priors:
            with_prior = replace(spec, loading_prior=prior)
            if settings.n_factors is not None:
                chosen.append((runner.best_at(with_prior, settings.n_factors), "given"))
            else:
                soft = replace(spec, loading_prior=LoadingPrior.SOFT)
                chosen.append((runner.best_at(with_prior, 0), "evidence"))
                chosen.append(runner.grow(with_prior, soft if auto and prior is LoadingPrior.STRICT else None))
        best, stopped = chosen[0]
        for other, why in chosen[1:]:
            if is_better(other, best):
                best, stopped = other, why
        best, close = runner.finish(best)
    return Selection(best=best, candidates=tuple(runner.candidates), stopped=stopped, close=close)


class _Runner:
    """Runs fits, remembers them all, and never runs the same one twice."""

    def __init__(self, problem: Problem, settings: SearchSettings, on_progress: Progress | None) -> None:
        self.problem, self.settings, self.on_progress = problem, settings, on_progress
        self.candidates: list[Candidate] = []
        self.best: dict[tuple[LoadingPrior, int], Candidate] = {}
        self.full = settings.settings
        self.rough = replace(self.full, tol=ROUGH * self.full.tol)

    def grow(self, spec: ModelSpec, rival: ModelSpec | None) -> tuple[Candidate, str]:
        """Return the best fit over the number of factors, and why the search stopped.

        It stops where the rival reaches as much with the number of factors before.
        """
        limit = self.settings.max_factors
        previous, size = 0, 0
        tried = {size: self.best_at(spec, size).log_evidence}
        while size < limit:
            previous, size = size, min(max(2, 2 * size), limit)
            goal = self.best_at(rival, previous).log_evidence if rival is not None and previous else None
            tried[size] = self.best_at(spec, size, goal).log_evidence
            if goal is not None and goal > tried[size]:
                return self.best[spec.loading_prior, size], "rival"
            if not self._gains_enough(tried, previous, size, MIN_GAIN):
                break
        else:
            return self.best[spec.loading_prior, size], "limit"
        beyond = min(size + max(1, size // 4), limit)
        for fewer, more in (((previous + size) // 2, size), (size, beyond)):
            if previous < fewer < more:
                for probe in (fewer, more):
                    tried[probe] = self.best_at(spec, probe).log_evidence
                if not self._gains_enough(tried, fewer, more, FLAT):
                    return self._close_in(spec, tried, FLAT), "evidence"
        return self._close_in(spec, tried, MIN_GAIN), "gain"

    def _close_in(self, spec: ModelSpec, tried: dict[int, float], share: float) -> Candidate:
        """Return the fit with the most factors that gain enough, after closing the bracket around it by halving."""
        sizes = sorted(tried)
        best = max(k for k in sizes if k == sizes[0] or self._gains_enough(tried, sizes[sizes.index(k) - 1], k, share))
        low = max((k for k in sizes if k < best), default=best)
        high = min((k for k in sizes if k > best), default=best)
        while best != sizes[-1] and (high - best > _step(best) or best - low > _step(best)):
            upper = high - best >= best - low
            fewer, more = (best, (best + high) // 2) if upper else ((low + best) // 2, best)
            middle = more if upper else fewer
            tried[middle] = self.best_at(spec, middle).log_evidence
            enough = self._gains_enough(tried, fewer, more, share)
            if upper:
                best, low, high = (middle, best, high) if enough else (best, low, middle)
            else:
                best, low, high = (best, middle, high) if enough else (middle, low, best)
        return self.best[spec.loading_prior, best]

    def _gains_enough(self, tried: dict[int, float], fewer: int, more: int, share: float) -> bool:
        gain = (tried[more] - tried[fewer]) / (more - fewer)
        return gain > max(LEAST, share * (tried[fewer] - tried[0]))

    def best_at(self, spec: ModelSpec, size: int, goal: float | None = None) -> Candidate:
        """Return the best fit with ``size`` factors: a trial of all initialisations, the best one to convergence.

        One that cannot reach the goal stops early.
        """
        key = spec.loading_prior, size
        if key in self.best:
            return self.best[key]
        trial = replace(self.rough, max_iter=min(_TRIAL_ITERATIONS, self.rough.max_iter))
        initial = self._initialisations(spec, size)
        fits = self._side_by_side([(spec, item, trial) for item, _ in initial])
        trials = [Candidate(fit=item, seed=seed, finished=False) for item, (_, seed) in zip(fits, initial, strict=True)]
        chosen = max(trials, key=lambda item: item.log_evidence)
        done = self._fit(spec, chosen.fit, replace(self.rough, goal=goal))
        finished = Candidate(fit=done, seed=chosen.seed, finished=True)
        self.candidates += [*(item for item in trials if item is not chosen), finished]
        self.best[key] = finished
        return finished

    def finish(self, best: Candidate) -> tuple[Candidate, tuple[str, ...]]:
        """Run the other initialisations of the chosen model for up to twice its iterations.

        Returns the best of all and the names of those close to it, found before it alone continues to the full
        tolerance.
        """
        same = [item for item in self.candidates if same_model(item, best)]
        open_ = [item for item in same if not item.finished]
        most = max(_PATIENCE * len(best.fit.trace), _TRIAL_ITERATIONS)
        goal = best.log_evidence - CLOSE * self.problem.n_values
        settings = replace(self.rough, max_iter=min(most, self.rough.max_iter), goal=goal)
        fits = self._side_by_side([(item.fit.spec, item.fit, settings) for item in open_])
        for item, done in zip(open_, fits, strict=True):
            same[same.index(item)] = self._replace(item, done)
        chosen = simplest(same, self.problem.n_values)
        close = close_to(chosen, same, self.problem.n_values)
        names = tuple(item.fit.initialisation for item in close if item is not chosen)
        done = self._fit(chosen.fit.spec, chosen.fit, self.full)
        return self._replace(chosen, refined(done, self.problem, self._again)), names

    def _replace(self, item: Candidate, done: Fit) -> Candidate:
        finished = Candidate(fit=done, seed=item.seed, finished=True)
        self.candidates[self.candidates.index(item)] = finished
        return finished

    def _side_by_side(self, jobs: list[tuple[ModelSpec, Initialisation | Fit, FitSettings]]) -> list[Fit]:
        parallel = Parallel(n_jobs=min(self.settings.n_jobs, max(1, len(jobs))), backend="threading")
        return list(parallel(delayed(self._fit)(*job) for job in jobs))

    def _initialisations(self, spec: ModelSpec, size: int) -> list[tuple[Initialisation, int]]:
        """Return what to begin with, and the seed of each."""
        if not size:  # there is nothing to begin with
            nothing = torch.zeros(self.problem.n_rows, 0, dtype=DTYPE, device=self.problem.device)
            return [(Initialisation(name="none", scores=nothing, omega=_SOFT), self.settings.seed)]
        initial = [
            (Initialisation(name=kind, scores=self._scores(kind, size, seed), omega=_SOFT), seed)
            for kind, seed in plan_initialisations(self.settings.n_starts, self.settings.seed)
        ]
        strict = self.best.get((LoadingPrior.STRICT, size))
        if spec.loading_prior is LoadingPrior.SOFT and strict is not None:
            scores = strict.fit.state.scores.mean
            initial.append((Initialisation(name="strict", scores=scores, omega=_SOFT_FROM_STRICT), strict.seed))
        return initial

    def _scores(self, kind: str, size: int, seed: int) -> Tensor:
        return initial_scores(self.problem, kind, size, seed, lambda: self._activity)

    @cached_property
    def _activity(self) -> Tensor:
        """What the gene sets alone say of the samples: the same for every number of factors, prior and seed."""
        return ridge_activities(tamed(self.problem))

    def _fit(self, spec: ModelSpec, initial: Initialisation | Fit, settings: FitSettings) -> Fit:
        if isinstance(initial, Fit):
            done = initial.converged and initial.tol <= settings.tol
            if done or len(initial.trace) >= settings.max_iter:
                return initial
        name = initial.initialisation if isinstance(initial, Fit) else initial.name
        return fit(self.problem, spec, initial, settings, on_iteration=self._report(spec, initial.n_factors, name))

    def _again(self, problem: Problem, initial: Fit, *, refine: bool, goal: float | None = None) -> Fit:
        report = self._report(initial.spec, initial.n_factors, initial.initialisation)
        settings = replace(self.full, goal=goal)
        return fit(problem, initial.spec, initial, settings, refine=refine, on_iteration=report)

    def _report(self, spec: ModelSpec, size: int, name: str) -> Callable[[int, float], None] | None:
        label = f"{spec.loading_prior}, {size} factors, start '{name}'"
        return None if self.on_progress is None else partial(self.on_progress, label)


def _step(size: int) -> int:
    """Return how closely the bracket around a number of factors is closed: to 1 up to 16, then to an eighth."""
    return max(1, size // 8)
