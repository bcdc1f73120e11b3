"""The limits of the judgement of a fit, as a table."""

from __future__ import annotations

import operator
from math import isnan

from reference_tables import cell, table

from pathfa.result.judgement import LIMITS

_WORDS = {operator.lt: "below", operator.le: "at most", operator.gt: "above", operator.ge: "at least"}


def made() -> str:
    """Return the limits with their reasons, a row each."""
    rows = []
    for code, limit in LIMITS.items():
        word = _WORDS[limit.worse]  # type: ignore[index] # mypy does not know that functions are hashable here
        levels = ("" if isnan(value) else f"{word} {value:g}" for value in (limit.caution, limit.stop))
        rows.append([f"`{code}`", cell(limit.observed), *levels, cell(limit.reason)])
    return table(["code", "what is observed", "caution", "do not interpret", "why there"], rows)
