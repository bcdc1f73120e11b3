"""Which of several finished fits of the same data is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pathfa.options import LoadingPrior

LEAST = 5.0  # least gain of what is not simpler, nats: very strong evidence (Kass & Raftery 1995)
CLOSE = 4e-4  # difference of evidence, nats per observed value, within which starts count as equally good


class Contender(Protocol):
    """What the choice looks at."""

    @property
    def n_factors(self) -> int:
        """Number of factors."""

    @property
    def loading_prior(self) -> LoadingPrior:
        """Loading prior."""

    @property
    def log_evidence(self) -> float:
        """Log evidence, nats."""

    @property
    def annotated_share(self) -> float:
        """Share of the loadings that their gene sets explain, 0 to 1."""

    @property
    def n_weights(self) -> int:
        """Number of gene-set weights that are not pruned."""


_Item = TypeVar("_Item", bound=Contender)


def same_model(a: Contender, b: Contender) -> bool:
    """Return whether two fits are starts of one model: number of factors and loading prior."""
    return a.n_factors == b.n_factors and a.loading_prior is b.loading_prior


def worth_more(other: Contender, best: Contender) -> bool:
    """Return whether a fit that is not simpler than the best so far takes its place.

    Strict is the limit of soft: a tie goes to the simpler model.
    """
    return other.log_evidence > best.log_evidence + LEAST


def close_to(best: Contender, items: Sequence[_Item], n_values: float) -> list[_Item]:
    """Return the starts of the model of ``best`` whose evidence is no more than ``CLOSE`` per value below its own."""
    least = best.log_evidence - CLOSE * n_values
    return [item for item in items if same_model(item, best) and item.log_evidence > least]


def plainest(starts: Sequence[_Item], n_values: float) -> _Item:
    """Return the start with the highest evidence, or the plainest where some are close to it.

    Parameters
    ----------
    starts
        Starts of one model.
    n_values
        Number of observed values.

    Returns
    -------
    Contender
        Of those that are close, the one with the highest annotated share in per cent, then the fewest gene-set
        weights, then the highest evidence.
    """
    top = max(starts, key=lambda item: item.log_evidence)
    return max(
        close_to(top, starts, n_values),
        key=lambda item: (round(item.annotated_share, 2), -item.n_weights, item.log_evidence),
    )
