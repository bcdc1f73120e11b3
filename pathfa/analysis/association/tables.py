"""What every table of the analyses has in common: columns, false discovery rates, messages.

Figures may rely on the columns ``covariate``, ``feature``, ``effect``, ``lower``, ``upper``, ``statistic``, ``p``,
``q``, ``n``, ``test`` and ``note``; an empty note means that there is nothing to warn of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from pathfa.core.choices import bad_option as bad_choice
from pathfa.core.errors import ConfigError, Finding, Severity
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
    raise bad_option("level", level, ("activity", "scores"))


def bad_option(place: str, found: object, allowed: Sequence[str]) -> ConfigError:
    """Return the error for an option that is not one of those allowed."""
    expected = "one of " + ", ".join(repr(option) for option in allowed)
    return ConfigError(findings=[bad_choice(place, found, expected, f"{place}={allowed[0]!r}")])


def config_error(
    code: str, place: str, found: str, expected: str, fix: str, examples: Sequence[object] = ()
) -> ConfigError:
    """Return a ConfigError with one finding."""
    finding = Finding(
        code=code,
        severity=Severity.ERROR,
        place=place,
        found=found,
        expected=expected,
        fix=fix,
        examples=tuple(str(example) for example in examples[:3]),
    )
    return ConfigError(findings=[finding])


def check_confidence(confidence: float) -> None:
    """Raise unless the level of the intervals lies between 0 and 1.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if not 0.0 < confidence < 1.0:
        raise config_error("bad-level", "confidence", f"{confidence}", "between 0 and 1", "use confidence=0.95")


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
        raise config_error("unknown-view", "view", repr(view), f"one of {names}", f"use view={result.view_names[0]!r}")
    return view
