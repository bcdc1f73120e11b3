"""From a model and covariates to a study: what is shown, what is tested, what is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pathfa.report.privacy import anonymise, personal
from pathfa.report.study import Study
from pathfa.result import PathFAResult

_TECHNICAL = re.compile(
    r"batch|plate|\bplex|tmt|lane|\brun\b|run[_ ]|site|cent(er|re)|instrument|operator|library", re.IGNORECASE
)


def gather(
    result: PathFAResult,
    *,
    covariates: pd.DataFrame | None,
    technical: Sequence[str],
    title: str,
    salt: str,
    command: str,
    extras: Mapping[str, Any],
) -> Study:
    """Return the study of a report; sample names become codes where a salt is given."""
    table = (result.obs if covariates is None else covariates).reindex(result.scores.index)
    left_out = {str(name): reason for name in table.columns if (reason := personal(str(name), table[name]))}
    table = table.drop(columns=[name for name in table.columns if str(name) in left_out])
    named = tuple(str(name) for name in table.columns if name in technical or _TECHNICAL.search(str(name)))
    if salt:
        result, table = anonymise(result, table, salt)
    return Study(
        result=result,
        title=title,
        covariates=table,
        technical=named,
        left_out=left_out,
        extras=extras,
        anonymous=bool(salt),
        command="" if salt else command,
    )
