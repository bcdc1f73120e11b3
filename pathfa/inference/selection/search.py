"""Choice of the number of factors, the loading prior and the start by evidence.

For every number of factors K that is tried, all starts run for a few iterations, then the most promising one goes on
to convergence. K grows geometrically from 2 for as long as the evidence pays, then the bracket around the best K is
halved until it is closed. What pays depends on how the evidence ends:

* flat, as in data that follow the model: K is the last factor that adds more than ``LEAST`` nats and more than ``FLAT``
  of what all factors before it have added, however weak it is;
* rising with every factor, as in real data, whose residuals always hold some structure: growth stops where a factor
  adds less than ``MIN_GAIN`` of that. Beyond it, starts of nearly equal evidence agree less on single factors.

At the chosen K the other starts go on for up to twice as long, so that the result can say how well they agree; those
that could not come close to the best any more are given up. Fits that are only compared stop at ``ROUGH`` times the
tolerance; the chosen one goes on to the full one.

With ``auto``, the strict prior is given up as soon as it reaches less with the next number of factors than the soft one
reached with the last: it would need more than twice as many factors to say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from joblib import Parallel, delayed

from pathfa.inference.evidence import null_evidence
from pathfa.inference.fit import Fit, FitSettings, Start, fit
from pathfa.inference.linalg import one_thread
from pathfa.inference.posterior.summary import annotated_share
from pathfa.inference.problem.problem import Problem
from pathfa.inference.selection.rule import CLOSE, LEAST, close_to, plainest, same_model, worth_more
from pathfa.inference.updates.initialisation import plan_starts, start_scores
from pathfa.options import LoadingPrior, ModelSpec

MIN_GAIN = 0.025  # least gain of one more factor, as a share of what all factors so far have added
FLAT = 2e-4  # the same where the evidence ends in a plateau: below it, a factor adds nothing
ROUGH = 10.0  # tolerance of fits that are only compared, over that of the chosen one
_PATIENCE = 2  # other starts of the chosen model get this many times its iterations
_TRIAL_ITERATIONS = 6
_SOFT_FROM_STRICT = 300.0  # precision of the loadings of a soft fit that starts from strict factors
_SOFT = 1.0  # the same for other starts


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One fit that was tried."""

    fit: Fit
    seed: int
    finished: bool  # False where it was given up after its trial

    @property
    def log_evidence(self) -> float:
        """Log evidence, nats."""
        return self.fit.log_evidence

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        return self.fit.n_factors

    @property
    def loading_prior(self) -> LoadingPrior:
        """Loading prior."""
        return self.fit.spec.loading_prior

    @property
    def annotated_share(self) -> float:
        """Share of the loadings that their gene sets explain."""
        return annotated_share(self.fit.state)

    @property
    def n_weights(self) -> int:
        """Number of gene-set weights that are not pruned."""
        return self.fit.state.weights.n_active


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
        Names of other starts whose evidence was within ``CLOSE`` nats per observed value of the chosen one's when all
        had been fitted to the rough tolerance.
    """

    best: Candidate
    candidates: tuple[Candidate, ...]
    stopped: str
    close: tuple[str, ...]


Progress = Callable[[str, int, float], None]  # what is running, its iteration, its log evidence


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to search over.

    Attributes
    ----------
    n_factors
        Number of factors, or None to choose it by evidence.
    max_factors
        Most factors that are tried.
    n_starts
        Starts per number of factors.
    settings
        When a fit stops.
    seed
        Seed of the starts.
    n_jobs
        Starts that run side by side, one thread each.
    """

    n_factors: int | None
    max_factors: int
    n_starts: int
    settings: FitSettings
    seed: int
    n_jobs: int = 1


def select(problem: Problem, spec: ModelSpec, search: Search, on_progress: Progress | None = None) -> Selection:
    """Return the fit with the highest evidence over what is left open in ``spec`` and ``search``."""
    runner = _Runner(problem, search, on_progress)
    auto = spec.loading_prior is LoadingPrior.AUTO
    priors = [LoadingPrior.STRICT, LoadingPrior.SOFT] if auto else [spec.loading_prior]
    chosen: list[tuple[Candidate, str]] = []
    with one_thread():
        for prior in priors:
            with_prior = replace(spec, loading_prior=prior)
            if search.n_factors is not None:
                chosen.append((runner.best_at(with_prior, search.n_factors), "given"))
            else:
                rival = (
                    replace(spec, loading_prior=LoadingPrior.SOFT) if auto and prior is LoadingPrior.STRICT else None
                )
                chosen.append(runner.grow(with_prior, rival))
        best, stopped = chosen[0]
        for other, why in chosen[1:]:
            if worth_more(other, best):
                best, stopped = other, why
        best, close = runner.finish(best)
    return Selection(best=best, candidates=tuple(runner.candidates), stopped=stopped, close=close)


class _Runner:
    """Runs fits, remembers them all, and never runs the same one twice."""

    def __init__(self, problem: Problem, search: Search, on_progress: Progress | None) -> None:
        self.problem, self.search, self.on_progress = problem, search, on_progress
        self.candidates: list[Candidate] = []
        self.best: dict[tuple[LoadingPrior, int], Candidate] = {}
        self.null = null_evidence(problem)
        self.rough = replace(search.settings, tol=ROUGH * search.settings.tol)

    def grow(self, spec: ModelSpec, rival: ModelSpec | None) -> tuple[Candidate, str]:
        """Return the best fit over the number of factors, and why the search stopped.

        It is given up where the rival reaches as much with the number of factors before.
        """
        limit = self.search.max_factors
        previous, size = 0, min(2, limit)
        tried = {size: self.best_at(spec, size).log_evidence}
        while size < limit:
            previous, size = size, min(2 * size, limit)
            tried[size] = self.best_at(spec, size).log_evidence
            if rival is not None and self.best_at(rival, previous).log_evidence > tried[size]:
                return self.best[spec.loading_prior, size], "rival"
            if not self._pays(tried, previous, size, MIN_GAIN):
                break
        else:
            return self.best[spec.loading_prior, size], "limit"
        beyond = min(size + max(1, size // 4), limit)
        for fewer, more in (((previous + size) // 2, size), (size, beyond)):
            if previous < fewer < more:
                for probe in (fewer, more):
                    tried[probe] = self.best_at(spec, probe).log_evidence
                if not self._pays(tried, fewer, more, FLAT):
                    return self._close_in(spec, tried, FLAT), "evidence"
        return self._close_in(spec, tried, MIN_GAIN), "gain"

    def _close_in(self, spec: ModelSpec, tried: dict[int, float], share: float) -> Candidate:
        """Return the fit with the most factors that pay, after halving the bracket around it until it is closed."""
        sizes = sorted(tried)
        best = max(k for k in sizes if k == sizes[0] or self._pays(tried, sizes[sizes.index(k) - 1], k, share))
        low = max((k for k in sizes if k < best), default=best)
        high = min((k for k in sizes if k > best), default=best)
        while best != sizes[-1] and (high - best > _step(best) or best - low > _step(best)):
            upper = high - best >= best - low
            fewer, more = (best, (best + high) // 2) if upper else ((low + best) // 2, best)
            middle = more if upper else fewer
            tried[middle] = self.best_at(spec, middle).log_evidence
            pays = self._pays(tried, fewer, more, share)
            if upper:
                best, low, high = (middle, best, high) if pays else (best, low, middle)
            else:
                best, low, high = (best, middle, high) if pays else (middle, low, best)
        return self.best[spec.loading_prior, best]

    def _pays(self, tried: dict[int, float], fewer: int, more: int, share: float) -> bool:
        gain = (tried[more] - tried[fewer]) / (more - fewer)
        return gain > max(LEAST, share * (tried[fewer] - self.null))

    def best_at(self, spec: ModelSpec, size: int) -> Candidate:
        """Return the best fit with ``size`` factors: every start on trial, the most promising to convergence."""
        key = spec.loading_prior, size
        if key in self.best:
            return self.best[key]
        trial = replace(self.rough, max_iter=min(_TRIAL_ITERATIONS, self.rough.max_iter))
        starts = self._starts(spec, size)
        fits = self._side_by_side([(spec, start, trial) for start, _ in starts])
        trials = [Candidate(fit=item, seed=seed, finished=False) for item, (_, seed) in zip(fits, starts, strict=True)]
        chosen = max(trials, key=lambda item: item.log_evidence)
        finished = Candidate(fit=self._fit(spec, chosen.fit, self.rough), seed=chosen.seed, finished=True)
        self.candidates += [*(item for item in trials if item is not chosen), finished]
        self.best[key] = finished
        return finished

    def finish(self, best: Candidate) -> tuple[Candidate, tuple[str, ...]]:
        """Run the other starts of the chosen model for up to twice its iterations, and return the best of all.

        Beside it stand the names of the starts that are close to it, told before it alone goes on to the full
        tolerance.
        """
        same = [item for item in self.candidates if same_model(item, best)]
        open_ = [item for item in same if not item.finished]
        enough = max(_PATIENCE * len(best.fit.trace), _TRIAL_ITERATIONS)
        goal = best.log_evidence - CLOSE * self.problem.n_values
        settings = replace(self.rough, max_iter=min(enough, self.rough.max_iter), goal=goal)
        fits = self._side_by_side([(item.fit.spec, item.fit, settings) for item in open_])
        for item, done in zip(open_, fits, strict=True):
            same[same.index(item)] = self._replace(item, done)
        chosen = plainest(same, self.problem.n_values)
        close = close_to(chosen, same, self.problem.n_values)
        names = tuple(item.fit.start for item in close if item is not chosen)
        return self._replace(chosen, self._fit(chosen.fit.spec, chosen.fit, self.search.settings)), names

    def _replace(self, item: Candidate, done: Fit) -> Candidate:
        finished = Candidate(fit=done, seed=item.seed, finished=True)
        self.candidates[self.candidates.index(item)] = finished
        return finished

    def _side_by_side(self, jobs: list[tuple[ModelSpec, Start | Fit, FitSettings]]) -> list[Fit]:
        if self.search.n_jobs == 1 or len(jobs) == 1:
            return [self._fit(*job) for job in jobs]
        fits: list[Fit] = Parallel(n_jobs=self.search.n_jobs, backend="threading")(
            delayed(self._fit)(*job) for job in jobs
        )
        return fits

    def _starts(self, spec: ModelSpec, size: int) -> list[tuple[Start, int]]:
        starts = [
            (Start(name=kind, scores=start_scores(self.problem, kind, size, seed), omega=_SOFT), seed)
            for kind, seed in plan_starts(self.search.n_starts, self.search.seed)
        ]
        strict = self.best.get((LoadingPrior.STRICT, size))
        if spec.loading_prior is LoadingPrior.SOFT and strict is not None:
            scores = strict.fit.state.scores.mean
            starts.append((Start(name="strict", scores=scores, omega=_SOFT_FROM_STRICT), strict.seed))
        return starts

    def _fit(self, spec: ModelSpec, start: Start | Fit, settings: FitSettings) -> Fit:
        if isinstance(start, Fit):
            done = start.converged and start.tol <= settings.tol
            if done or len(start.trace) >= settings.max_iter:
                return start
        size = start.n_factors if isinstance(start, Fit) else start.scores.shape[1]
        name = start.start if isinstance(start, Fit) else start.name
        label = f"{spec.loading_prior}, {size} factors, start '{name}'"

        def report(iteration: int, value: float) -> None:
            if self.on_progress is not None:
                self.on_progress(label, iteration, value)

        return fit(self.problem, spec, start, settings, on_iteration=report)


def _step(size: int) -> int:
    """Return how closely the best number of factors is looked for: every one up to 16, then an eighth."""
    return max(1, size // 8)
