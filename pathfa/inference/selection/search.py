"""Search over the number of factors, the loading prior and the initialisation by evidence.

For every number of factors K that is tried (``sizes.py``), initialisations run for a few iterations, then the most
promising one continues to convergence, or until it cannot reach what would matter. Initialisations that with two K in a
row were farther behind it, after these few iterations, than it still gained are not tried with other K.

At the chosen K all other initialisations continue for up to twice as long, so that the result can say how well they
agree; those that can no longer come close to the best stop early. Fits that are only compared stop at ``ROUGH`` times
the tolerance; the chosen one continues to the full one, and then without values and members that are not as the model
has them (``refine.py``).

With ``auto``, the search stops with the strict prior as soon as it reaches less with the next number of factors than
the soft one with the last: it would need more than twice as many factors to explain the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
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
from pathfa.inference.selection.rule import CLOSE, LOSSES, TRIAL, Candidate, close_to, is_better, same_model, simplest
from pathfa.inference.selection.sizes import choose_size
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.initialisation import initial_scores, plan_initialisations, ridge_activities, tamed
from pathfa.options import LoadingPrior, ModelSpec

ROUGH = 10.0  # tolerance of fits that are only compared, over that of the chosen one
_PATIENCE = 2  # other initialisations of the chosen model get this many times its iterations
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
        self.losses: Counter[tuple[LoadingPrior, str, int]] = Counter()
        self.full = settings.settings
        self.rough = replace(self.full, tol=ROUGH * self.full.tol)

    def grow(self, spec: ModelSpec, rival: ModelSpec | None) -> tuple[Candidate, str]:
        """Return the best fit over the number of factors, and why the search stopped.

        It stops where the rival reaches as much with the number of factors before.
        """

        def evidence(size: int, goal: float | None) -> float:
            return self.best_at(spec, size, goal).log_evidence

        of_rival = None if rival is None else (lambda size: self.best_at(rival, size).log_evidence)
        size, why = choose_size(evidence, self.settings.max_factors, of_rival)
        if why == "rival":  # which is taken: nothing more of this one is needed
            return self.best[spec.loading_prior, size], why
        return self.best_at(spec, size), why

    def best_at(self, spec: ModelSpec, size: int, goal: float | None = None) -> Candidate:
        """Return the best fit with ``size`` factors: a trial of all initialisations, the best one to convergence.

        One that cannot reach the goal stops early, and continues when it is asked for again.
        """
        key = spec.loading_prior, size
        if key not in self.best:
            self._try(spec, size)
        begun = self.best[key]
        done = self._fit(spec, begun.fit, replace(self.rough, goal=goal))
        if done is not begun.fit or not begun.finished:
            ended = done.converged or len(done.trace) >= self.rough.max_iter
            self.best[key] = self._replace(begun, Candidate(fit=done, seed=begun.seed, finished=ended))
            if ended and len(begun.fit.trace) <= TRIAL:
                self._count_losses(begun, done.log_evidence - begun.log_evidence)
        return self.best[key]

    def _try(self, spec: ModelSpec, size: int) -> None:
        """Fit all initialisations that may come first for a few iterations."""
        trial = replace(self.rough, max_iter=min(TRIAL, self.rough.max_iter))
        prior = spec.loading_prior
        lost = {(name, seed) for (of, name, seed), n in self.losses.items() if of is prior and n >= LOSSES}
        initial = self._initialisations(spec, size, lost) or self._initialisations(spec, size)
        fits = self._side_by_side([(spec, item, trial) for item, _ in initial])
        pairs = zip(fits, initial, strict=True)
        trials = [Candidate(fit=done, seed=seed, finished=False) for done, (_, seed) in pairs]
        self.candidates += trials
        self.best[prior, size] = max(trials, key=lambda item: item.log_evidence)

    def _count_losses(self, first: Candidate, gained: float) -> None:
        """Count with how many numbers of factors in a row each initialisation was too far behind the first one."""
        least = first.log_evidence - max(gained, CLOSE * self.problem.n_values)
        for item in self.candidates:
            if same_model(item, first):
                key = item.loading_prior, item.fit.initialisation, item.seed
                self.losses[key] = self.losses[key] + 1 if item.log_evidence < least else 0

    def finish(self, best: Candidate) -> tuple[Candidate, tuple[str, ...]]:
        """Run the other initialisations of the chosen model for up to twice its iterations.

        Returns the best of all and the names of those close to it, found before it alone continues to the full
        tolerance.
        """
        spec = best.fit.spec
        same = [item for item in self.candidates if same_model(item, best)]
        known = {(item.fit.initialisation, item.seed) for item in same}
        most = max(_PATIENCE * len(best.fit.trace), TRIAL)
        goal = best.log_evidence - CLOSE * self.problem.n_values
        settings = replace(self.rough, max_iter=min(most, self.rough.max_iter), goal=goal)
        begun = [item for item in same if item is not best]
        new = self._initialisations(spec, best.n_factors, known) if best.n_factors else []
        work: list[tuple[Initialisation | Fit, int]] = [*((item.fit, item.seed) for item in begun), *new]
        self.candidates = [item for item in self.candidates if item not in begun]
        fits = self._side_by_side([(spec, item, settings) for item, _ in work])
        pairs = zip(fits, work, strict=True)
        others = [Candidate(fit=done, seed=seed, finished=True) for done, (_, seed) in pairs]
        self.candidates += others
        same = [best, *others]
        chosen = simplest(same, self.problem.n_values)
        close = close_to(chosen, same, self.problem.n_values)
        names = tuple(item.fit.initialisation for item in close if item is not chosen)
        done = refined(self._fit(spec, chosen.fit, self.full), self.problem, self._again)
        return self._replace(chosen, Candidate(fit=done, seed=chosen.seed, finished=True)), names

    def _replace(self, item: Candidate, by: Candidate) -> Candidate:
        self.candidates[self.candidates.index(item)] = by
        return by

    def _side_by_side(self, jobs: list[tuple[ModelSpec, Initialisation | Fit, FitSettings]]) -> list[Fit]:
        parallel = Parallel(n_jobs=min(self.settings.n_jobs, max(1, len(jobs))), backend="threading")
        return list(parallel(delayed(self._fit)(*job) for job in jobs))

    def _initialisations(
        self, spec: ModelSpec, size: int, left_out: Collection[tuple[str, int]] = ()
    ) -> list[tuple[Initialisation, int]]:
        """Return what to begin with, and the seed of each, without those of some names and seeds."""
        if not size:  # there is nothing to begin with
            nothing = torch.zeros(self.problem.n_rows, 0, dtype=DTYPE, device=self.problem.device)
            return [(Initialisation(name="none", scores=nothing, omega=_SOFT), self.settings.seed)]
        initial = [
            (Initialisation(name=kind, scores=self._scores(kind, size, seed), omega=_SOFT), seed)
            for kind, seed in plan_initialisations(self.settings.n_starts, self.settings.seed)
            if (kind, seed) not in left_out
        ]
        strict = self.best.get((LoadingPrior.STRICT, size))
        if spec.loading_prior is LoadingPrior.SOFT and strict is not None and ("strict", strict.seed) not in left_out:
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
