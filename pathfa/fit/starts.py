"""Models of the same data, fitted apart, put together: the best one, with what is known of all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.findings import Finding, error
from pathfa.fit.assemble import agreement
from pathfa.inference.selection.rule import close_to, plainest, same_model, worth_more
from pathfa.options import LoadingPrior
from pathfa.result.diagnostics import diagnose, with_diagnostics
from pathfa.result.result import PathFAResult, as_result


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A row of a table of candidates, as far as the choice looks at it."""

    start: str
    n_factors: int
    loading_prior: LoadingPrior
    log_evidence: float
    annotated_share: float
    n_weights: int
    chosen: bool  # by the fit it is from


@dataclass(frozen=True, kw_only=True)
class _Model:
    """What is kept of a model while the others are read."""

    position: int
    name: str
    identity: dict[str, str]
    n_values: float
    rows: tuple[_Row, ...]
    table: pd.DataFrame
    scores: torch.Tensor
    seconds: float
    command: str

    @property
    def chosen(self) -> _Row:
        """The fit that the file holds."""
        return next(row for row in self.rows if row.chosen)


def select(models: Sequence[object]) -> PathFAResult:
    """Return the best of several models of the same data, such as single starts that ran in processes of their own.

    The rule is that of a fit in one process: the highest evidence, where soft must be better than strict by more than a
    tie; among starts of that model whose evidence is as good, the one with the highest annotated share, then the one
    with the fewest gene-set weights.

    Parameters
    ----------
    models
        Fitted ``PathFA``, ``PathFAResult``, or paths of saved models. Files are read one after the other.

    Returns
    -------
    PathFAResult
        The best one. Its ``selection`` lists the candidates of all, and how well the scores of each agree with its own.

    Raises
    ------
    ConfigError
        If there is no model, or one file is given twice.
    InputError
        If the models differ in samples, features, values or gene sets; every difference is named.
    """
    if not models:
        raise ConfigError("no model to select from; expected at least one")
    files = [str(source) for source in models if isinstance(source, str | Path)]
    if twice := [name for name in dict.fromkeys(files) if files.count(name) > 1]:
        raise ConfigError(f"{', '.join(twice)} given more than once; expected every model once")
    read = [_kept(source, position) for position, source in enumerate(models)]
    problems = list(_problems(read))
    if problems:
        raise InputError(findings=problems)
    n_values = read[0].n_values
    best = _best(read, n_values)
    rows = [row for model in read for row in model.rows]
    close = [row.start for row in close_to(best.chosen, rows, n_values) if row is not best.chosen]
    result = as_result(models[best.position])
    parameters = {**result.settings["parameters"], "only_start": None}
    said = set(diagnose(result))  # of this model alone
    merged = replace(
        result,
        selection=pd.concat([_table(model, best) for model in read], ignore_index=True),
        settings={**result.settings, "only_start": None, "parameters": parameters, "close_starts": close},
        provenance={
            **result.provenance,
            "seconds": sum(model.seconds for model in read),
            "command": "\n".join(model.command for model in read if model.command),
        },
        findings=tuple(finding for finding in result.findings if finding not in said),
    )
    return with_diagnostics(merged)


def _best(models: Sequence[_Model], n_values: float) -> _Model:
    """Return the model that is taken."""
    of_rows = {id(model.chosen): model for model in models}
    rows = [model.chosen for model in models]
    best: _Row | None = None
    for prior in (LoadingPrior.STRICT, LoadingPrior.SOFT):
        top = max((row for row in rows if row.loading_prior is prior), key=lambda row: row.log_evidence, default=None)
        if top is not None and (best is None or worth_more(top, best)):
            best = top
    starts = [row for row in rows if best is not None and same_model(row, best)]
    return of_rows[id(plainest(starts, n_values))]


def _kept(source: object, position: int) -> _Model:
    result = as_result(source)
    name = str(source) if isinstance(source, str | Path) else f"model {position + 1}"
    table = result.selection
    if "n_values" not in result.settings or "annotated_share" not in table:
        raise InputError(findings=[_outdated(name, result)])
    rows = tuple(
        _Row(
            start=str(row["start"]),
            n_factors=int(row["n_factors"]),
            loading_prior=LoadingPrior(row["loading_prior"]),
            log_evidence=float(row["log_evidence"]),
            annotated_share=float(row["annotated_share"]),
            n_weights=int(row["n_weights"]),
            chosen=bool(row["chosen"]),
        )
        for row in table.to_dict("records")
    )
    return _Model(
        position=position,
        name=name,
        identity=_identity(result),
        n_values=float(result.settings["n_values"]),
        rows=rows,
        table=table,
        scores=torch.as_tensor(result.scores.to_numpy()),
        seconds=float(result.provenance["seconds"]),
        command=str(result.provenance.get("command", "")),
    )


def _table(model: _Model, best: _Model) -> pd.DataFrame:
    """Return the candidates of a model as those of all; only scores that were kept can be compared."""
    if model is best:
        return model.table
    table = model.table.assign(agreement=np.nan)
    if model.chosen.n_factors == best.chosen.n_factors:
        table.loc[table["chosen"], "agreement"] = agreement(model.scores, best.scores)
    return table.assign(chosen=False)


def _identity(result: PathFAResult) -> dict[str, str]:
    """Return checksums of what a model was fitted to, by what they are of."""
    values = [table.to_numpy() for table in result.data.values()]
    prepared = [result.preprocessing[view] for view in result.view_names]
    values += [np.asarray(view[key]) for view in prepared for key in sorted(view)]  # a file has them in its own order
    parts: dict[str, list[bytes]] = {
        "samples": [json.dumps(result.sample_names).encode()],
        "views": [json.dumps(result.view_names).encode()],
        "features": [json.dumps([[str(name) for name in table.index] for table in result.loadings.values()]).encode()],
        "values": [item.tobytes() if item.dtype.kind in "fiub" else repr(item.tolist()).encode() for item in values],
        "gene sets": [json.dumps(result.gene_sets).encode()],
    }
    return {what: hashlib.sha256(b"\0".join(content)).hexdigest() for what, content in parts.items()}


def _problems(models: Sequence[_Model]) -> Iterator[Finding]:
    """Yield a finding for every model that is not one of the data of the first."""
    first = models[0]
    for model in models[1:]:
        different = [what for what, checksum in model.identity.items() if checksum != first.identity[what]]
        if different:
            yield error(
                "different-models",
                f"other {', '.join(different)} than {first.name}",
                "models of one cohort, read alike, with the same gene sets: else evidences do not compare",
                "leave it out, or fit it again from the same files with the same sizes of gene sets",
                place=model.name,
            )


def _outdated(name: str, result: PathFAResult) -> Finding:
    return error(
        "outdated-model",
        f"PathFA {result.provenance['version']} wrote it without what the choice looks at",
        "the number of values, and annotated share and number of weights of every candidate",
        "fit it again",
        place=name,
    )
