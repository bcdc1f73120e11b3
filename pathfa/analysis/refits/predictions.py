"""Values of samples that a fit has not seen, predicted from a part of what was measured of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.stats import norm

from pathfa.data import Cohort
from pathfa.data.preprocess.arrays import from_arrays
from pathfa.fit.new_samples.scoring import scoring
from pathfa.inference.posterior.project import noise_variance, predict_view
from pathfa.inference.problem.problem import Problem, make_problem
from pathfa.result.result import PathFAResult

HALF = "half of its own features and the other views"
HALF_ALONE = "half of its own features"
OTHERS = "the other views"


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """A view of left-out samples as a fit to others predicts it, in fitted units of these, N x G each.

    Attributes
    ----------
    view, source
        Its name, and from what it was predicted.
    values
        What was measured; NaN where nothing was, or where the sample has nothing to predict it from.
    mean, sd
        Of the prediction by the factors, noise included.
    """

    view: str
    source: str
    values: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    @property
    def squares(self) -> tuple[np.ndarray, np.ndarray]:
        """Sum of squared errors and of squared values of each sample, N each."""
        return np.nansum((self.values - self.mean) ** 2, axis=1), np.nansum(self.values**2, axis=1)

    @property
    def log_density(self) -> np.ndarray:
        """Log density of every measured value, nats."""
        return self._measured(norm.logpdf(self.values, self.mean, self.sd))

    @property
    def ranks(self) -> np.ndarray:
        """Probability of a lower value than the measured one (PIT): uniform from 0 to 1 where predictions are right."""
        return self._measured(norm.cdf(self.values, self.mean, self.sd))

    def _measured(self, table: np.ndarray) -> np.ndarray:
        return np.asarray(table[np.isfinite(self.values)])


def predictions(result: PathFAResult, test: Cohort, rng: np.random.Generator) -> Iterator[Predicted]:
    """Yield the predictions of every view of some samples, from each random half of its features and from other views.

    Parameters
    ----------
    result
        A fit that has not seen them.
    test
        The samples.
    rng
        Source of the halves.
    """
    values, how = _fitted(result, test), scoring(result)

    def predict(view: str, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and sd of the values of a view, N x G, given some of its own and all of the others."""
        (samples, scores), at = how.new(_problem(result, {**values, view: seen})), list(values).index(view)
        mean, variance = predict_view(scores, how.loadings[at])
        noise = noise_variance(how.loadings[at], samples.views[at], how.known[at])
        return mean.numpy(), (variance + noise).sqrt().numpy()

    several = len(values) > 1
    for view, x in values.items():
        first = rng.permutation(x.shape[1]) < x.shape[1] // 2
        from_first, from_second = (predict(view, np.where(hidden, np.nan, x)) for hidden in (~first, first))
        mean, sd = (np.where(first, b, a) for a, b in zip(from_first, from_second, strict=True))
        yield Predicted(view=view, source=HALF if several else HALF_ALONE, values=x, mean=mean, sd=sd)
        if several:
            others = np.any([np.isfinite(item).any(axis=1) for name, item in values.items() if name != view], axis=0)
            mean, sd = predict(view, np.full_like(x, np.nan))
            known = np.where(others[:, None], x, np.nan)
            yield Predicted(view=view, source=OTHERS, values=known, mean=mean, sd=sd)


def scores_of(result: PathFAResult, samples: Cohort) -> np.ndarray:
    """Return the scores of samples under a fit that need not have seen them, N x K."""
    return np.asarray(scoring(result).new(_problem(result, _fitted(result, samples)))[1].mean.numpy())


def _fitted(result: PathFAResult, samples: Cohort) -> dict[str, np.ndarray]:
    """Return the values of every view in fitted units, N x G each."""
    return {view: from_arrays(result.preprocessing[view]).transform(samples.view(view)) for view in result.view_names}


def _problem(result: PathFAResult, values: Mapping[str, np.ndarray]) -> Problem:
    """Return values of all views in fitted units as a problem without gene sets."""
    n_sets = len(result.gene_set_names)
    return make_problem([(x, sp.csr_matrix((x.shape[1], n_sets))) for x in values.values()])
