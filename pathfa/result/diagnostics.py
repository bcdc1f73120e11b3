"""What a reader should know about a fit before believing it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pathfa.core.findings import Finding, warning
from pathfa.core.text import count
from pathfa.result.result import PathFAResult

COLLINEAR = 0.8  # absolute correlation of the scores above which two factors count as one
COMMON = 0.5  # share of a factor's squared loadings in a view above which their common level is a finding
AGREEMENT = 0.8  # mean correlation of matched factors below which starts count as disagreeing
NOT_CONVERGED = "not-converged"
"""Code of the finding that a fit stopped too early."""

_FALL = 1e-6  # relative fall of the evidence that is worth a word
_SEEN = 0.01  # R2 from which a factor counts in a view


def with_diagnostics(result: PathFAResult) -> PathFAResult:
    """Return the result with what ``diagnose`` found among its findings."""
    return replace(result, findings=(*result.findings, *diagnose(result)))


def diagnose(result: PathFAResult) -> list[Finding]:
    """Return warnings about convergence, the evidence, the factors and the starts."""
    checks = (_convergence, _falls, _collinear, _common_level, _size, _limit, _starts)
    return [finding for check in checks for finding in check(result)]


def _convergence(result: PathFAResult) -> list[Finding]:
    if result.converged:
        return []
    found = f"the fit stopped after {count(result.n_iter, 'iteration')} while the log evidence still rose"
    return [warning(NOT_CONVERGED, found, "a change below tol twice in a row", "raise max_iter")]


def _falls(result: PathFAResult) -> list[Finding]:
    trace = result.trace["log_evidence"].to_numpy()
    steps = np.diff(trace)
    falls = np.flatnonzero(steps < -_FALL * np.abs(trace[1:]))
    if len(falls) == 0:
        return []
    found = (
        f"the log evidence fell in {len(falls)} of {count(len(steps), 'iteration')}, at most by {-steps.min():.1f} nats"
    )
    return [
        warning(
            "evidence-fell",
            found,
            "a rise; it may fall where a gene set enters or leaves a factor, since that step is greedy",
        )
    ]


def _collinear(result: PathFAResult) -> list[Finding]:
    if result.scores.shape[1] < 2:
        return []
    with np.errstate(divide="ignore", invalid="ignore"):  # a factor that no sample has goes with none
        correlation = np.abs(np.corrcoef(result.scores.to_numpy().T))
    pairs = np.argwhere(np.triu(correlation, k=1) > COLLINEAR)
    if len(pairs) == 0:
        return []
    names = tuple(f"{result.factor_names[a]} and {result.factor_names[b]}" for a, b in pairs[:3])
    found = f"{count(len(pairs), 'pair of factors', 'correlate')} by more than {COLLINEAR} over the samples"
    return [
        warning(
            "collinear-factors",
            found,
            "factors that differ",
            "read them together, or fit fewer factors",
            examples=names,
        )
    ]


def _common_level(result: PathFAResult) -> list[Finding]:
    """Return a warning per view in which a factor raises or lowers most features alike."""
    found: list[Finding] = []
    for view, table in result.loadings.items():
        squares = (table.to_numpy() ** 2).sum(axis=0)
        level = len(table) * result.background[view].to_numpy() ** 2
        share = np.divide(level, squares, out=np.zeros_like(level), where=squares > 0)
        seen = result.variance_explained[view].drop(index="total").to_numpy() >= _SEEN
        names = tuple(str(name) for name in table.columns[(share > COMMON) & seen])
        if names:
            said = f"{count(len(names), 'factor', 'move')} most features of {view} alike: their common level holds more"
            found += [
                warning(
                    "common-level",
                    f"{said} than {100 * COMMON:.0f} % of the squared loadings",
                    "factors in which features differ",
                    "check the normalisation of the samples in this view: sample totals that differ look like this",
                    view=view,
                    examples=names,
                )
            ]
    return found


def _size(result: PathFAResult) -> list[Finding]:
    n, size = result.scores.shape
    if 3 * size <= n:
        return []
    return [
        warning(
            "many-factors",
            f"{count(size, 'factor')} for {count(n, 'sample')}",
            "at least three samples per factor",
            "lower n_factors",
        )
    ]


def _limit(result: PathFAResult) -> list[Finding]:
    if result.settings["stopped"] != "limit":
        return []
    found = f"the log evidence still rose at {count(result.settings['n_factors'], 'factor')}, the most that were tried"
    return [warning("factor-limit", found, "a peak; real residuals always hold structure", "raise max_factors")]


def _starts(result: PathFAResult) -> list[Finding]:
    others = result.selection[~result.selection["chosen"]]["agreement"].dropna()
    if len(others) == 0 or others.mean() >= AGREEMENT:
        return []
    found = f"other starts agree with the chosen one by {others.mean():.2f} on average (correlation of matched factors)"
    return [warning("starts-disagree", found, f"{AGREEMENT} or more", "read single factors with care; raise n_starts")]
