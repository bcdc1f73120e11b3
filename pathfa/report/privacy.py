"""What does not belong into a file that is passed on: names of people, and of samples where asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd

from pathfa.result import PathFAResult


def code_names(names: pd.Index, salt: str) -> dict[str, str]:
    """Return a code per sample name: a hash that does not give the name away unless the salt is known."""
    digests = {str(name): hashlib.sha256(f"{salt}\x00{name}".encode()).hexdigest() for name in names}
    length = 8
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 1
    return {name: f"S-{digest[:length]}" for name, digest in digests.items()}


def anonymise(result: PathFAResult, covariates: pd.DataFrame, salt: str) -> tuple[PathFAResult, pd.DataFrame]:
    """Return the result and the covariates with codes instead of sample names, and without the paths of the inputs.

    Findings lose their examples, which may hold sample names.

    Parameters
    ----------
    result, covariates
        As they are; rows are samples.
    salt
        Secret that the codes depend on; the same salt gives the same codes.
    """
    codes = code_names(result.scores.index, salt)

    def coded(table: pd.DataFrame) -> pd.DataFrame:
        return table.set_axis(pd.Index([codes[str(name)] for name in table.index]), axis=0)

    provenance = {key: value for key, value in result.provenance.items() if key not in ("inputs", "command", "host")}
    new = replace(
        result,
        scores=coded(result.scores),
        presence=coded(result.presence),
        obs=coded(result.obs),
        data={view: coded(table) for view, table in result.data.items()},
        view_scores={view: coded(table) for view, table in result.view_scores.items()},
        findings=tuple(replace(item, examples=(), place="") for item in result.findings),
        provenance=provenance,
    )
    return new, coded(covariates)
