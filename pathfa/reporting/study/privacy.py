"""What does not belong into a file that is passed on: names of people, and of samples where asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.result.result import PathFAResult


def code_names(names: pd.Index, salt: str) -> dict[str, str]:
    """Return a code per sample name: a hash that does not give the name away unless the salt is known."""
    digests = {str(name): hashlib.sha256(f"{salt}\x00{name}".encode()).hexdigest() for name in names}
    length = 8
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 1
    return {name: f"S-{digest[:length]}" for name, digest in digests.items()}


def anonymise(result: PathFAResult, covariates: pd.DataFrame, salt: str) -> tuple[PathFAResult, pd.DataFrame]:
    """Return the result and the covariates with codes instead of sample names, and without the paths of the inputs.

    Findings lose their examples, which may hold sample names; the steps of the input and the gene sets lose their
    paths.

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
        flow=_without_paths(result.flow),
        settings={**result.settings, "gene_sets": _without_path(result.settings.get("gene_sets", {}))},
        findings=tuple(replace(item, examples=(), place="") for item in result.findings),
        provenance=provenance,
    )
    return new, coded(covariates)


def _without_paths(flow: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of the input without the file that each view was read from."""
    return flow.assign(detail=flow["detail"].where(flow["step"] != "read", "")) if "detail" in flow else flow


def _without_path(gene_sets: Mapping[str, Any]) -> dict[str, Any]:
    """Return where gene sets came from with the name of the file alone."""
    return {**gene_sets, "source": Path(str(gene_sets["source"])).name} if "source" in gene_sets else dict(gene_sets)
