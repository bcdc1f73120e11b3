"""What every table of the analyses has in common: its columns, the features that are tested, false discovery rates.

Figures may rely on the columns ``covariate``, ``feature``, ``effect``, ``lower``, ``upper``, ``statistic``, ``p``,
``q``, ``n``, ``test`` and ``note``; an empty note means that there is nothing to warn of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd

from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.core.text import did_you_mean
from pathfa.result.judgement import require_factors
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import LIKELY, SURE

COLUMNS = ("covariate", "feature", "effect", "lower", "upper", "statistic", "p", "q", "n", "test", "note")

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
    probability
        That each is part of the model, P; 1 for factors.
    reliability
        Squared correlation of the posterior mean with the true value over the samples, P; NaN where it never varies.
        None when values are taken as known.
    """

    values: pd.DataFrame
    probability: pd.Series[float]
    reliability: np.ndarray | None = None

    @property
    def notes(self) -> list[str]:
        """What to note on each feature: that it may not be part of the model, or is hardly determined by the data."""
        notes = []
        for p, known in zip(self.probability, self._reliability(), strict=True):
            doubt = f"plays a part with a probability of {p:.0%} only" if p < SURE else ""
            doubt += ", not counted in q" if p < LIKELY else ""
            notes.append(join_notes([doubt, f"hardly known: reliability {known:.2f}" if known < _POORLY_KNOWN else ""]))
        return notes

    def q_values(self, p: pd.Series[float], family: pd.Series[str] | None = None) -> pd.Series[float]:
        """Return false discovery rates over the features that are likely part of the model.

        Parameters
        ----------
        p
            P values of all features, once or for several covariates one after the other.
        family
            As for ``false_discovery_rate``.
        """
        return false_discovery_rate(p.where(self._repeated(self.probability, p) >= LIKELY), family)

    def finish(self, found: pd.DataFrame, extra: Sequence[str]) -> pd.DataFrame:
        """Return the rows of all features, for one or several covariates, complete and in order.

        Within a covariate rows are ordered by p; features that are not likely part of the model come last.

        Parameters
        ----------
        found
            The rows of all features, covariate after covariate.
        extra
            Columns beside ``COLUMNS``, ``reliability`` and ``probability``.
        """
        found = found.assign(
            reliability=self._repeated(self._reliability(), found), probability=self._repeated(self.probability, found)
        )
        order = found.assign(block=np.arange(len(found)) // len(self.values.columns))
        order["last"] = order["probability"] < LIKELY
        found = found.loc[order.sort_values(["block", "last", "p"]).index]
        return found[[*COLUMNS, *extra, "reliability", "probability"]].reset_index(drop=True)

    def _reliability(self) -> np.ndarray:
        return np.full(len(self.probability), np.nan) if self.reliability is None else self.reliability

    def _repeated(self, values: pd.Series[float] | np.ndarray, rows: pd.DataFrame | pd.Series[float]) -> np.ndarray:
        return np.tile(np.asarray(values), len(rows) // len(values))


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
        If ``level`` is neither, or there is one draw, or fewer than none.
    """
    values = level_table(result, level)
    if draws == 1 or draws < 0 or draws != int(draws):
        raise ConfigError.of("too-few-draws", f"draws={draws}", "0, or 2 and more", "use draws=50", place="draws")
    probability = pd.Series(1.0, index=values.columns)
    if level == _Level.ACTIVITY:
        probability = 1.0 - (1.0 - result.gene_set_probability).prod(axis=1)
    known = reliability(result, level, int(draws), seed) if draws else None
    return TestedFeatures(values=values, probability=probability, reliability=known)


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


def require_features(names: Sequence[object], known: pd.Index, place: str) -> None:
    """Raise ConfigError unless all are names of gene sets or factors of the model."""
    if strange := [name for name in names if not isinstance(name, str)]:
        found, expected = f"a {type(strange[0]).__name__}", f"a name such as {known[0]!r}"
        fix = "look at the order of the arguments: the gene set or factor comes before times and events"
        raise ConfigError.of("bad-feature", found, expected, fix, place=place)
    if unknown := [name for name in names if name not in known]:
        fix = did_you_mean(str(unknown[0]), map(str, known), "use names from there")
        few = ", ".join(map(repr, known[:3]))
        raise ConfigError.of("unknown-feature", "unknown names", f"{few}, ...", fix, place=place, examples=unknown)


def false_discovery_rate(p: pd.Series[float], family: pd.Series[str] | None = None) -> pd.Series[float]:
    """Return Benjamini-Hochberg q values, through statsmodels.

    Parameters
    ----------
    p
        P values; NaN stands for a test that was not done and counts nowhere.
    family
        Tests with the same value are corrected together; all of them when None.
    """
    from statsmodels.stats.multitest import multipletests

    q = pd.Series(np.nan, index=p.index, dtype=float)
    done = p.notna()
    families = pd.Series("", index=p.index) if family is None else family
    for rows in p[done].groupby(families[done]).groups.values():
        q[rows] = multipletests(p[rows].to_numpy(), method="fdr_bh")[1]
    return q


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
