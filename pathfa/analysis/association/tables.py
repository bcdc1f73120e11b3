"""What every table of the analyses has in common: its columns, and the features that are tested.

Figures may rely on the columns ``covariate``, ``feature``, ``effect``, ``lower``, ``upper``, ``statistic``, ``p``,
``q``, ``n``, ``test`` and ``note``; an empty note means that there is nothing to warn of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd

from pathfa.analysis.association.copies import near_copies
from pathfa.analysis.association.random_sets import RandomSets
from pathfa.analysis.association.significance import false_discovery_rate
from pathfa.analysis.association.tested import Tested
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.core.names import find_factor, find_gene_set
from pathfa.inference.posterior.random_sets import Comparison
from pathfa.result.judgement import require_factors
from pathfa.result.result import PathFAResult

COLUMNS = ("covariate", "feature", "effect", "lower", "upper", "statistic", "p", "q", "n", "test", "note")
CORRECTED = ("corrected_effect", "corrected_lower", "corrected_upper")
"""Columns of the effect on the true activity and its interval, beside the observed one."""

_POORLY_KNOWN = 0.5  # reliability below which results say so
_MOST_NUMBERS = 20_000_000  # that are drawn at once

FeatureLevel = Literal["activity", "scores"]


class _Level(StrEnum):
    ACTIVITY = "activity"
    SCORES = "scores"


@dataclass(frozen=True, kw_only=True, eq=False)
class TestedFeatures:
    """Activities of gene sets, scores of factors, or other values of the samples that are tested.

    Attributes
    ----------
    values
        Samples x features, N x P.
    reliability
        Squared correlation of the posterior mean with the true value over the samples, P; NaN where it never varies.
        None when values are taken as known.
    random
        Random gene sets that activities are compared with; None for factors and other values.
    """

    values: pd.DataFrame
    reliability: np.ndarray | None = None
    random: RandomSets | None = None

    @property
    def notes(self) -> list[str]:
        """What to note on each feature: that the data hardly determine it, or that nothing was compared with it."""
        lone = "" if self.random is None else self.random.note
        unsure = (f"hardly known: reliability {known:.2f}" if known < _POORLY_KNOWN else "" for known in self._known())
        return [join_notes([note, lone]) for note in unsure]

    def compared(self, found: pd.DataFrame, comparisons: Sequence[Comparison | None]) -> pd.DataFrame:
        """Return the rows with how they compare with random gene sets, where the features are gene sets.

        Parameters
        ----------
        found
            The rows of all features, covariate after covariate.
        comparisons
            What the features of each covariate are compared with; None where it was not tested.
        """
        if self.random is None:
            return found
        p = np.where(found["p"].notna(), self.random.p_values(comparisons).ravel(), np.nan)
        return found.assign(competitive_p=p)

    def finish(self, found: pd.DataFrame, extra: Sequence[str], *, together: bool = False) -> pd.DataFrame:
        """Return the rows of all features, for one or several covariates, complete and in order of p.

        Parameters
        ----------
        found
            The rows of all features, covariate after covariate.
        extra
            Columns beside ``COLUMNS``, those of the comparison with random sets, and ``reliability``.
        together
            Whether all rows are corrected together; else those of each covariate.
        """
        blocks = len(found) // self.values.shape[1]
        families = None if together else found["covariate"]
        found = found.assign(
            q=false_discovery_rate(found["p"], families),
            reliability=np.tile(self._known(), blocks),
            near_copies=np.tile(near_copies(self._standard(), list(self.values.columns)), blocks),
        )
        more = ["reliability", "near_copies"]
        if self.random is not None:
            found["competitive_q"] = false_discovery_rate(found["competitive_p"], families)
            more = ["competitive_p", "competitive_q", *more]
        order = found.assign(block=np.repeat(np.arange(blocks), self.values.shape[1])).sort_values(["block", "p"])
        return found.loc[order.index, [*COLUMNS, *extra, *more]].reset_index(drop=True)

    def _standard(self) -> np.ndarray:
        """Return the values with mean 0 and sd 1 over the samples that have any, n x P."""
        values = self.values.to_numpy(dtype=float)
        return standardised(values[np.isfinite(values).any(axis=1)])[0]

    def _known(self) -> np.ndarray:
        return np.full(self.values.shape[1], np.nan) if self.reliability is None else self.reliability


def features_of(result: PathFAResult, level: str, draws: int, seed: int) -> TestedFeatures:
    """Return the activities or scores of a model, and how well they are known.

    Parameters
    ----------
    result
        The fitted model.
    level
        ``"activity"`` or ``"scores"``.
    draws
        Posterior draws; 0 takes the values as known.
    seed
        Seed of the draws.

    Raises
    ------
    ConfigError
        If ``draws`` is 1 or no number from 0 on, or there is no such level.
    """
    values = level_table(result, level)
    if draws == 1 or draws < 0 or draws != int(draws):
        raise ConfigError.of("too-few-draws", f"draws={draws}", "0, or 2 and more", "use draws=50", place="draws")
    known = reliability(result, level, int(draws), seed) if draws else None
    random = RandomSets(result=result) if level == _Level.ACTIVITY else None
    return TestedFeatures(values=values, reliability=known, random=random)


def reliability(
    result: PathFAResult, level: str, draws: int, seed: int, most_numbers: int = _MOST_NUMBERS
) -> np.ndarray:
    """Return the squared correlation of posterior mean and true value over the samples, P; NaN where it never varies.

    Parameters
    ----------
    result, level, draws, seed
        As for ``features_of``.
    most_numbers
        Most numbers that are drawn at once.
    """
    mean, _ = standardised(level_table(result, level).to_numpy())
    size = max(1, min(draws, most_numbers // mean.size))
    total, count = np.zeros(mean.shape[1]), np.zeros(mean.shape[1])
    for start in range(0, draws, size):
        part = result.sample_posterior(min(size, draws - start), seed + start, level)  # type: ignore[arg-type]
        drawn, constant = standardised(part)
        agreement = (np.einsum("dnp,np->dp", drawn, mean) / (len(mean) - 1)) ** 2
        total += np.where(constant, 0.0, agreement).sum(axis=0)
        count += (~constant).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, total / count, np.nan)


def standardised(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values with mean 0 and sd 1 over the samples, ... x N x P, and where they do not vary, ... x P."""
    centred = values - values.mean(axis=-2, keepdims=True)
    sd = centred.std(axis=-2, ddof=1, keepdims=True)
    size = np.abs(values).max(axis=-2, keepdims=True)
    constant = sd <= 1e-12 * np.maximum(size, 1e-300)
    return centred / np.where(constant, np.nan, sd), constant[..., 0, :]


def in_sd(test: Callable[[np.ndarray], Tested], values: np.ndarray) -> tuple[Tested, np.ndarray]:
    """Return the test of values in their sd, n x P, NaN for those that do not vary, and which these are, P."""
    scaled, constant = standardised(values)
    varying = np.isfinite(scaled).any(axis=0) | ~np.isfinite(scaled).any()  # no test takes nothing
    with np.errstate(invalid="ignore", divide="ignore"):
        return test(scaled[:, varying]).spread(varying), constant


def level_table(result: PathFAResult, level: str) -> pd.DataFrame:
    """Return the activities, N x P, or the factor scores, N x K.

    Raises
    ------
    ConfigError
        If ``level`` is neither, or the model has no factors to have scores.
    """
    if choose(_Level, level, "level") is _Level.ACTIVITY:
        return result.activity
    require_factors(result)
    return result.scores


def find_features(names: Sequence[object], known: pd.Index, level: str, place: str) -> list[str]:
    """Return the gene sets or factors of a level that are meant, in whatever spelling.

    Raises
    ------
    ConfigError
        If something is no name, or no such gene set or factor is in the model.
    """
    if strange := [name for name in names if not isinstance(name, str)]:
        found, expected = f"a {type(strange[0]).__name__}", f"a name such as {known[0]!r}"
        fix = "look at the order of the arguments: the gene set or factor comes before times and events"
        raise ConfigError.of("bad-feature", found, expected, fix, place=place)
    find = find_gene_set if level == _Level.ACTIVITY else find_factor
    return [find(str(name), list(map(str, known))) for name in names]


def check_data(result: PathFAResult) -> None:
    """Raise unless the model kept the values that were fitted."""
    if not result.data:
        raise ConfigError.of(
            "no-data", "a model without data", "fitted values", "fit with keep_data=True", place="model"
        )


def check_confidence(confidence: float) -> None:
    """Raise unless the level of the intervals lies between 0 and 1.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if not 0.0 < confidence < 1.0:
        raise ConfigError.of("bad-level", f"{confidence}", "between 0 and 1", "use confidence=0.95", place="confidence")


def join_notes(notes: Sequence[str]) -> str:
    """Return the notes that say something, in one line."""
    return "; ".join(note for note in notes if note)
