"""Where a fit begins, and what it is in the end."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from pathfa.inference.evidence import EvidenceTerms
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.outlying import Outlying
from pathfa.inference.updates.state import Acceleration, FitState
from pathfa.options import ModelSpec


@dataclass(frozen=True, kw_only=True)
class Initialisation:
    """Where a fit begins.

    Attributes
    ----------
    name
        How it was made.
    scores
        Scores, N x K.
    omega
        Prior precision of the loadings in the unit of their view, one value for all; infinite for the strict prior.
    """

    name: str
    scores: Tensor
    omega: float

    @property
    def n_factors(self) -> int:
        """Number of factors, K."""
        return int(self.scores.shape[1])


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A finished fit.

    Attributes
    ----------
    state
        The last state.
    terms
        The terms of its log evidence.
    problem
        The data as they were fitted: values below a detection limit at their expected values.
    spec
        The model; ``curvature`` and ``loading_prior`` as they were used.
    initialisation
        Its name.
    trace
        Log evidence after each iteration, unchanged by an iteration that was rejected.
    changes
        Numbers of iterations after which the model was another: without outlying values, with uncertain members.
    converged
        Whether the convergence criterion was met.
    tol
        The criterion: nats per observed value.
    seconds
        Wall time.
    acceleration
        From where an unfinished fit continues.
    outlying
        Of each view the values that were taken for missing; None where there are none.
    compared
        Log evidence when all values counted and all members took part, where that is not so in the end; None otherwise.
    """

    state: FitState
    terms: EvidenceTerms
    problem: Problem
    spec: ModelSpec
    initialisation: str
    trace: tuple[float, ...]
    converged: bool
    tol: float
    seconds: float
    acceleration: Acceleration
    outlying: tuple[Outlying | None, ...]
    changes: tuple[int, ...] = ()
    compared: float | None = None

    @property
    def comparable_evidence(self) -> float:
        """Log evidence with all values and members, as in the fits that it is compared with, nats."""
        return self.log_evidence if self.compared is None else self.compared

    @property
    def log_evidence(self) -> float:
        """Log evidence, nats."""
        return self.terms.total

    @property
    def n_factors(self) -> int:
        """Number of factors, K."""
        return int(self.state.scores.mean.shape[1])
