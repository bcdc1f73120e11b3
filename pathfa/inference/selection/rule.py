"""Which of several finished fits of the same data is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pathfa.inference.ends import Fit
from pathfa.options import LoadingPrior

LEAST = 5.0  # least gain of what is not simpler, nats: very strong evidence (Kass & Raftery 1995)
TRIAL = 6  # iterations of an initialisation that is only tried
LOSSES = 2  # numbers of factors in a row with which one was far behind before it is left out
CLOSE = 4e-4  # difference of evidence, nats per observed value, within which fits count as equally good


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One fit that was tried."""

    fit: Fit
    seed: int
    finished: bool  # False where it stopped after its trial

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
        return self.fit.state.annotated_share

    @property
    def n_weights(self) -> int:
        """Number of gene-set weights that are not pruned."""
        return self.fit.state.weights.n_active


def same_model(a: Candidate, b: Candidate) -> bool:
    """Return whether two fits are of one model: number of factors and loading prior."""
    return a.n_factors == b.n_factors and a.loading_prior is b.loading_prior


def is_better(other: Candidate, best: Candidate) -> bool:
    """Return whether a fit that is not simpler than the best so far takes its place.

    Strict is the limit of soft: a tie goes to the simpler model.
    """
    return other.log_evidence > best.log_evidence + LEAST


def close_to(best: Candidate, items: Sequence[Candidate], n_values: float) -> list[Candidate]:
    """Return the fits of the model of ``best`` whose evidence is no more than ``CLOSE`` per value below its own."""
    least = best.log_evidence - CLOSE * n_values
    return [item for item in items if same_model(item, best) and item.log_evidence > least]


def simplest(items: Sequence[Candidate], n_values: float) -> Candidate:
    """Return the fit with the highest evidence, or the simplest where some are close to it.

    Parameters
    ----------
    items
        Fits of one model.
    n_values
        Number of observed values.

    Returns
    -------
    Candidate
        Of those that are close, the one with the highest annotated share in per cent, then the fewest gene-set
        weights, then the highest evidence.
    """
    top = max(items, key=lambda item: item.log_evidence)
    return max(
        close_to(top, items, n_values),
        key=lambda item: (round(item.annotated_share, 2), -item.n_weights, item.log_evidence),
    )
