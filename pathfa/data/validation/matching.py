"""Whether the views of a sample are of the same sample: where names were mixed up, its values do not go together.

Views that measure the same features, such as RNA and protein of the same genes, agree on some of them. Let A and B be
the values of N samples in two views, as normal scores of every feature. With r the sum over the samples of the products
of both views of a feature, sample i of one view and j of the other are alike by

    S_ij = sum over features of r A_i B_j,      r without the samples i and j

in which a feature counts by how well it agrees in all other samples, whichever sign that has. S less the means of its
row and column, over the sd of what is left of different samples, is z. Names that mean the same samples have a mean of
z_ii above those of other orders of one view.

What many samples share hides what is each one's own. So z is that of U V' instead of A = U D V', and likewise of B,
where these pass that test too; where samples differ in a few directions only they do not. Single samples are judged by
the odds of z_ii as of two different samples, N(0, 1), against those of the same one, N(m, s), with the median and the
median absolute deviation of all z_ii. Told are odds of 10 N and more: a ratio of likelihoods exceeds c with a
probability of 1 / c at most where the second one is true, so that is one sample in ten cohorts at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pathfa.core.findings import Finding, warning
from pathfa.core.text import count
from pathfa.data.cohort.matrix import as_dense, select
from pathfa.data.cohort.views import Cohort, View, blocks_of, some_of
from pathfa.data.validation.apart import TO_SD

UNMATCHED, MIXED_UP = "views-do-not-match", "mixed-up-samples"

_FEWEST_SAMPLES = 15
_FEWEST_FEATURES = 100  # in common
_MOST_SAMPLES, _MOST_FEATURES = 500, 4000  # that are looked at
_ORDERS = 39  # other orders that one of two mean likenesses must exceed: one of 20 does by chance
_IN_ORDER, _OF_FEATURES = 100, 1000  # samples and features of which orders are tried
_ODDS_PER_SAMPLE = 10.0  # least odds against a sample that is told
_ALIKE = 1.0  # z of two different samples that five of six do not reach
_PAIRS = 0.05  # how often two samples of a cohort may be taken for exchanged by chance


@dataclass(frozen=True, kw_only=True, eq=False)
class Matching:
    """How alike the samples of two views are.

    Attributes
    ----------
    samples
        Names of the N samples of both views that were compared.
    n_features
        Features of both views that were compared.
    z
        N x N, how alike a sample of the first view, in rows, and one of the second are.
    matched
        Whether samples of the same name are more alike than in other orders.
    """

    samples: pd.Index
    n_features: int
    z: np.ndarray
    matched: bool

    @property
    def own(self) -> np.ndarray:
        """How alike both views of each sample are, N."""
        return np.diagonal(self.z)

    @cached_property
    def log_odds(self) -> np.ndarray:
        """Log odds that the views of a sample are of two different samples, before anything else is known, N."""
        middle = np.median(self.own)
        sd = max(TO_SD * float(np.median(np.abs(self.own - middle))), 1e-9)
        return np.asarray(np.log(sd) + 0.5 * ((self.own - middle) / sd) ** 2 - 0.5 * self.own**2)

    @cached_property
    def exchanged(self) -> list[tuple[int, int]]:
        """Pairs of samples of which each is like the other and not like itself."""
        gain = self.z + self.z.T - self.own[:, None] - self.own[None, :]
        first, second = np.triu_indices(len(gain), k=1)
        least = -2.0 * float(ndtri(_PAIRS / max(1, len(first))))  # a sum of four numbers whose sd is 1
        found = gain[first, second] > least
        return [(int(one), int(two)) for one, two in zip(first[found], second[found], strict=True)]

    @cached_property
    def partners(self) -> dict[int, int]:
        """The sample that each one that seems exchanged seems to be exchanged with; none where views do not match."""
        pairs = self.exchanged if self.matched else []
        return {**dict(pairs), **{second: first for first, second in pairs}}

    @cached_property
    def mixed_up(self) -> np.ndarray:
        """Whether the views of a sample are likely of different samples, N; of none where the views do not match."""
        if not self.matched:
            return np.zeros(len(self.own), dtype=bool)
        found = (self.own < min(_ALIKE, float(np.median(self.own)))) & (
            self.log_odds > np.log(_ODDS_PER_SAMPLE * len(self.own))
        )
        found[list(self.partners)] = True
        return np.asarray(found)


def check_matching(cohort: Cohort) -> Iterator[Finding]:
    """Return findings about samples that are not the same in two views of the same features."""
    for one, two, found in matchings(cohort):
        if not found.matched:
            yield _unmatched(one, two, found)
        elif found.mixed_up.any():
            yield _mixed_up(one, two, found)


def matchings(cohort: Cohort) -> Iterator[tuple[str, str, Matching]]:
    """Yield the names of two views that have enough in common, and how alike their samples are."""
    for one, two in combinations(cohort.views, 2):
        if (found := match(one, two)) is not None:
            yield one.name, two.name, found


def match(one: View, two: View) -> Matching | None:
    """Return how alike the samples of two views are; None where they have too little in common to tell.

    Parameters
    ----------
    one, two
        Views over the same samples. Of many samples and features, some from all over them are compared.
    """
    common = one.features.intersection(two.features, sort=False)
    rows = some_of(np.flatnonzero(one.present & two.present), _MOST_SAMPLES)
    if len(common) < _FEWEST_FEATURES or len(rows) < _FEWEST_SAMPLES:
        return None
    common = common[np.linspace(0, len(common) - 1, min(len(common), _MOST_FEATURES)).astype(int)]
    columns = [view.features.get_indexer(common) for view in (one, two)]
    parts = [
        [as_dense(select(view.values, columns=at)) for view, at in zip(few, columns, strict=True)]
        for few in blocks_of([one, two], rows)
    ]
    values = [np.vstack(part) for part in zip(*parts, strict=True)]
    both = np.logical_and(*map(_comparable, values))
    if both.sum() < _FEWEST_FEATURES:
        return None
    plain = [_normal_scores(part[:, both]) for part in values]
    own = [_decorrelated(part) for part in plain]
    apart = _is_matched(*own)
    return Matching(
        samples=one.samples[rows],
        n_features=int(both.sum()),
        z=_likeness(*(own if apart else plain)),
        matched=apart or _is_matched(*plain),
    )


def _comparable(values: np.ndarray) -> np.ndarray:
    """Return which features have values of enough samples, and not all the same."""
    known = np.isfinite(values)
    low, high = np.where(known, values, np.inf).min(axis=0), np.where(known, values, -np.inf).max(axis=0)
    return np.asarray((known.sum(axis=0) >= _FEWEST_SAMPLES) & (low < high))


def _is_matched(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether samples in their order are more alike than in any of some others."""
    rows, columns = slice(0, _IN_ORDER), slice(None, None, 1 + a.shape[1] // _OF_FEATURES)
    a, b, rng = a[rows, columns], b[rows, columns], np.random.default_rng(0)
    others = (_likeness(a, b[rng.permutation(len(b))]) for _ in range(_ORDERS))
    own = float(np.diagonal(_likeness(a, b)).mean())
    return all(own > float(np.diagonal(z).mean()) for z in others)


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """Return the normal scores of features that vary, with mean 0 and sd 1; 0 where one is missing."""
    ranks = pd.DataFrame(values).rank()
    scores = ndtri(((ranks - 0.5) / ranks.count()).to_numpy())
    scores = (scores - np.nanmean(scores, axis=0)) / np.nanstd(scores, axis=0)
    return np.asarray(np.where(np.isnan(scores), 0.0, scores))


def _decorrelated(values: np.ndarray) -> np.ndarray:
    """Return U V' of values whose singular value decomposition is U D V'."""
    size, left = np.linalg.eigh(values @ values.T)
    kept = size > 1e-9 * size[-1]
    return np.asarray((left[:, kept] / np.sqrt(size[kept])) @ (left[:, kept].T @ values))


def _likeness(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return z, N x N."""
    both = a * b
    total, different = both.sum(axis=0), ~np.eye(len(a), dtype=bool)
    alike = (a * total) @ b.T - (a * both) @ b.T - a @ (both * b).T
    np.fill_diagonal(alike, ((total - both) * both).sum(axis=1))
    apart = np.where(different, alike, np.nan)
    rows, columns = (np.nanmean(apart, axis=axis, keepdims=True) for axis in (1, 0))
    alike = alike - rows - columns + np.nanmean(apart)
    sd = float(np.sqrt((alike[different] ** 2).mean()))
    return np.asarray(alike / sd if sd > 0.0 else np.zeros_like(alike))


def _unmatched(one: str, two: str, matching: Matching) -> Finding:
    found = (
        f"{one} and {two} of the same sample are no more alike than those of different samples "
        f"({count(matching.n_features, 'common feature')}, {count(len(matching.samples), 'sample')})"
    )
    fix = "check that a name means the same sample in both; if it does, do not compare them"
    return warning(UNMATCHED, found, "views that go together", fix)


def _mixed_up(one: str, two: str, matching: Matching) -> Finding:
    names, partners = matching.samples.to_numpy(), matching.partners
    items = [
        f"{names[at]} as if exchanged with {names[partners[at]]}" if at in partners else str(names[at])
        for at in map(int, np.flatnonzero(matching.mixed_up))
    ]
    found = (
        f"in {len(items):,} of {count(len(names), 'sample')} {two} goes with {one} of other samples no less than with "
        "that of the same one"
    )
    fix = "check the labels; leave such a sample out of the view that is not its own"
    return warning(MIXED_UP, found, "the same sample in both views", fix, items=items)
