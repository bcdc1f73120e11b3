"""What a fit will cost, from the shapes of its input: time, memory, and what to change where that is too much.

Times are sums of the products that a fit computes, each with a time per number that ``benchmarks/fit_costs.py``
measured on one core; memory is what is held at the same time. The number of iterations is not known before a fit:
it is taken from fits of simulated and real cohorts, and is what makes most of the error: hence a range.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathfa.core.errors import InputError
from pathfa.core.progress import in_words
from pathfa.core.text import count
from pathfa.data import Cohort, GeneSets, View
from pathfa.data.cohort.matrix import Stored
from pathfa.fit.possible import possible_factors
from pathfa.fit.rows import MOST_KEPT, FittedRows, ViewShape, planned_rows
from pathfa.inference.posterior.calibration import CALIBRATION_SAMPLES
from pathfa.inference.selection.rule import LOSSES, TRIAL
from pathfa.inference.weights.curvature import resolve_curvature
from pathfa.options import Curvature, Features, FitOptions, LoadingPrior

_BYTES = 8.0  # of a number
# Seconds of one core, and numbers in memory, per number of a product of: N samples, R rows that the fit sees, G
# features, I of them with missing values, V of views in memory, P gene sets, K factors; "looked": values that are
# searched for samples that stand apart, "tables": activities, C samples that scores are calibrated with. Measured by
# benchmarks/fit_costs.py --solve; those of N, G and what is looked at from profiles of benchmarks/scale.py.
ONCE = {"fit": 0.17, "NG": 5e-8, "looked": 1.4e-7, "gram": 1.5e-11, "NGK": 1e-9, "CGK": 2e-8, "GKK": 3.9e-7}
ONCE |= {"NPP": 2.1e-9, "NIKK": 1e-8, "IKKK": 2.4e-7}
ITERATION = {"fit": 8.3e-3, "RGK": 3.6e-10, "GKK": 8.2e-9, "PK": 5e-6, "RIKK": 2.2e-10, "IKKK": 3.2e-9}
# tensors that are there at the same time for certain
LEAST = {"RG": 1.0, "NI": 1.0, "GKK": 1.0, "IKK": 1.0, "GG": 2.0}
HELD = {"fit": 5.8e7, "VG": 1.0, "RG": 1.4, "GG": 2.0, "looked": 4.0, "kept": 1.0, "tables": 1.5}
HELD |= {"GKK": 9.8, "IKK": 8.4, "NI": 3.0, "PP": 2.0}
_LOOKED = (5000, 2000)  # most samples and features that are searched for what stands apart
# iterations of a fit that is compared with others, and further ones of the chosen one: usual, fewest and most of the
# simulated and real cohorts of benchmarks/fit_costs.py --cohorts
_USUAL, _FEWEST, _MOST = (30, 40), (15, 10), (90, 400)
_MOST_FACTORS = 40  # most factors that are tried without being asked for
_SIZES = (2, 4, 8, 10, 12, 16)  # numbers of factors that a search tries: real cohorts end below 16
_WORTH_A_GPU = 0.2  # seconds of an iteration from which a GPU saves time


@dataclass(frozen=True, kw_only=True)
class FitCost:
    """What a fit costs.

    Attributes
    ----------
    seconds
        Seconds of one core, for all that is fitted, where it converges as fits of real cohorts usually do.
    seconds_range
        The same where it converges as fast, and as slowly, as any fit that was looked at.
    seconds_per_iteration
        Of one iteration with that many factors.
    memory, least_memory
        Most bytes at the same time, with values that are dense; and those of the tensors of the fit alone.
    rows
        Which rows an iteration reads.
    n_factors
        Number of factors that is reckoned with; where the evidence chooses, what it hardly ever exceeds.
    n_fits
        Fits to convergence, and starts that are only tried.
    curvature
        Curvature that ``"auto"`` stands for.
    """

    seconds: float
    seconds_range: tuple[float, float]
    seconds_per_iteration: float
    memory: float
    least_memory: float
    rows: FittedRows
    n_factors: int
    n_fits: tuple[int, int]
    curvature: Curvature

    @property
    def device(self) -> str:
        """Device that is worth using: a GPU where one is at hand and an iteration is long enough to keep it busy."""
        import torch

        return "cuda" if torch.cuda.is_available() and self.seconds_per_iteration > _WORTH_A_GPU else "cpu"

    def lines(self) -> list[str]:
        """Return the cost in words."""
        limit = memory_limit()
        have = f"; this machine has {in_bytes(limit)}" if limit else ""
        fits = f"{count(self.n_fits[0], 'fit')} and {count(self.n_fits[1], 'short start')}"
        least, most = map(in_words, self.seconds_range)
        return [
            f"time: about {in_words(self.seconds)} of one core; {least} to {most}, by how fast fits converge",
            f"fits: {fits} with {self.n_factors} factors or fewer",
            f"memory: about {in_bytes(self.memory)} with dense values{have}",
            f"rows: {self.rows.words}",
            f"curvature: {self.curvature}",
            f"device: {self.device}",
        ]


def fit_cost(n_samples: int, views: Sequence[ViewShape], n_gene_sets: int, options: FitOptions) -> FitCost:
    """Return what a fit costs.

    Parameters
    ----------
    n_samples
        Number of samples, in any view.
    views
        Shapes of the views, after features were left out.
    n_gene_sets
        Number of gene sets with enough measured members.
    options
        Options of the fit.

    Examples
    --------
    >>> cost = fit_cost(100, [ViewShape(name="rna", n_features=5000)], 50, FitOptions(n_factors=5))
    >>> cost.n_fits
    (2, 8)
    """
    known = options.n_factors != "auto"
    most = int(options.n_factors) if known else most_factors(options.max_factors, n_samples)
    priors = 2 if options.loading_prior is LoadingPrior.AUTO else 1
    most = most if known else min(most, _SIZES[-1])
    sizes = [most] if known else sorted({min(most, size) for size in _SIZES})
    tried = {size: priors * (options.n_starts if position < LOSSES else 1) for position, size in enumerate(sizes)}

    def total(prices: dict[str, float], n_factors: int) -> float:
        found = products(n_samples, views, n_gene_sets, n_factors)
        return sum(price * found[name] for name, price in prices.items())

    def seconds(each: int, further: int) -> float:
        numbers = {size: priors * each + starts * TRIAL for size, starts in tried.items()}
        numbers[most] += (options.n_starts - 1) * each + further  # the other starts, at the chosen number
        return total(ONCE, most) + sum(n * total(ITERATION, size) for size, n in numbers.items())

    return FitCost(
        seconds=seconds(*_USUAL),
        seconds_range=(seconds(*_FEWEST), seconds(*_MOST)),
        seconds_per_iteration=total(ITERATION, most),
        memory=_BYTES * total(HELD, most),
        least_memory=_BYTES * total(LEAST, most),
        rows=planned_rows(n_samples, views),
        n_factors=most,
        n_fits=(priors * len(sizes), sum(tried.values())),
        curvature=resolve_curvature(options.curvature, n_gene_sets, most),
    )


def cohort_cost(cohort: Cohort, gene_sets: GeneSets, options: FitOptions) -> FitCost:
    """Return what the fit of a cohort costs, without preprocessing it: constant features still count."""
    used = gene_sets.filter(
        min_size=options.min_set_size, features={name for view in cohort.views for name in view.features}
    )
    shapes = [_shape(view, used, options) for view in cohort.views]
    return fit_cost(len(cohort.samples), shapes, len(used), options)


def _n_features(view: View, gene_sets: GeneSets, options: FitOptions) -> int:
    """Return the most features of a view that can be fitted."""
    given = (options.preprocess or {}).get(view.name)
    most = view.preprocessing.get("max_features") if given is None else given.max_features
    annotated = options.features is Features.ANNOTATED
    n = int(view.features.isin(gene_sets.all_members).sum()) if annotated else len(view.features)
    return n if most is None else min(n, int(str(most)))


def _shape(view: View, gene_sets: GeneSets, options: FitOptions) -> ViewShape:
    """Return the shape of a view before preprocessing."""
    n_features = _n_features(view, gene_sets, options)
    return ViewShape(
        name=view.name,
        n_features=n_features,
        complete=view.profile.complete,
        n_samples=view.n_present,
        stored=isinstance(view.values, Stored),
    )


def products(n_samples: int, views: Sequence[ViewShape], n_gene_sets: int, n_factors: int) -> dict[str, float]:
    """Return how many numbers the steps of a fit compute, by the name of the product; see ``ONCE``."""
    n, p, k = float(n_samples), float(n_gene_sets), float(n_factors)
    g = float(sum(view.n_features for view in views))
    i = float(sum(view.n_features for view in views if not view.complete))
    seen = planned_rows(n_samples, views)
    rows, streamed = float(seen.number), seen.compressed
    return {
        "fit": 1.0,
        "gram": streamed * float(sum(number * size**2 + size**3 for number, size in seen.alike)),
        "NG": n * g,
        "VG": n * float(sum(view.n_features for view in views if not view.stored)),
        "looked": min(n, _LOOKED[0]) * min(g, _LOOKED[1]),
        "kept": streamed * min(n * g, MOST_KEPT),
        "tables": n * p * 2.0 * (len(views) + 1 if len(views) > 1 else 1),
        "NI": n * i,
        "NGK": n * g * k,
        "CGK": min(n, CALIBRATION_SAMPLES) * g * k,
        "RG": rows * g,
        "GG": streamed * float(sum(size**2 for _, size in seen.alike)),
        "RGK": rows * g * k,
        "GKK": g * k**2,
        "IKK": i * k**2,
        "NIKK": n * i * k**2,
        "RIKK": rows * i * k**2,
        "IKKK": i * k**3,
        "NPP": n * p**2,
        "PK": p * k,
        "PP": p**2,
    }


def most_factors(max_factors: int | None, n_samples: int) -> int:
    """Return the most factors that are tried: beyond half the samples, factors soon hold the noise as well."""
    if max_factors is not None:
        return min(max_factors, possible_factors(n_samples))
    return max(1, min(max(10, n_samples // 4), _MOST_FACTORS, (n_samples - 1) // 2))


def require_memory(cost: FitCost, views: Sequence[ViewShape], limit: float | None = None) -> None:
    """Raise where not even the tensors of a fit fit into the memory of this machine.

    Parameters
    ----------
    cost
        What the fit costs.
    views
        Shapes of the views.
    limit
        Bytes; those of the machine, or of its container, when None.

    Raises
    ------
    InputError
        With what would fit.
    """
    limit = memory_limit() if limit is None else limit
    if not limit or cost.least_memory <= limit:
        return
    largest = max(views, key=lambda view: view.n_features)
    fewer = max(1, int(largest.n_features * limit / cost.least_memory / 2))
    found = f"the tensors of the fit alone need {in_bytes(cost.least_memory)} of memory"
    fix = (
        f"set max_features: {fewer} for view '{largest.name}', or features='annotated', or fewer factors; or use a "
        f"machine with {in_bytes(max(cost.memory, 2.0 * cost.least_memory))}"
    )
    raise InputError.of("too-large", found, f"at most the {in_bytes(limit)} of this machine", fix)


def memory_limit() -> float | None:
    """Return the bytes of memory of this machine, or of the container that it is in; None where nothing says so."""
    found = []
    for path in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        if path.is_file() and (text := path.read_text().strip()).isdigit():
            found.append(float(text))
    if hasattr(os, "sysconf"):
        found.append(float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")))
    return min(found, default=None)


def in_bytes(number: float) -> str:
    """Return a number of bytes as a person would say it.

    >>> in_bytes(2.46e9), in_bytes(3.2e8)
    ('2.5 GB', '320 MB')
    """
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
