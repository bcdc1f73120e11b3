"""What every table of the analyses has in common: columns, false discovery rates, messages.

Figures may rely on the columns ``covariate``, ``feature``, ``effect``, ``lower``, ``upper``, ``statistic``, ``p``,
``q``, ``n``, ``test`` and ``note``; an empty note means that there is nothing to warn of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from pathfa.core.choices import bad_choice
from pathfa.core.errors import ConfigError
from pathfa.result.result import PathFAResult

COLUMNS = ("covariate", "feature", "effect", "lower", "upper", "statistic", "p", "q", "n", "test", "note")

Level = Literal["activity", "scores"]


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


def level_table(result: PathFAResult, level: str) -> pd.DataFrame:
    """Return the activities, N x P, or the factor scores, N x K.

    Raises
    ------
    ConfigError
        If ``level`` is neither.
    """
    if level == "activity":
        return result.activity
    if level == "scores":
        return result.scores
    raise ConfigError(findings=[bad_choice("level", level, ("activity", "scores"))])


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


def check_view(result: PathFAResult, view: str) -> str:
    """Return the name of a view if the model has it.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if view not in result.view_names:
        names = ", ".join(result.view_names)
        raise ConfigError.of(
            "unknown-view", repr(view), f"one of {names}", f"use view={result.view_names[0]!r}", place="view"
        )
    return view
