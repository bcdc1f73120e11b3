"""The command that makes a model: fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from pathfa.cli.console import Answer, job
from pathfa.cli.inputs import (
    GeneSetFile,
    Jobs,
    MaxSize,
    MinSize,
    MuDataFile,
    Out,
    Samples,
    Views,
    cohort_source,
    collection_of,
)
from pathfa.core.text import count
from pathfa.options import Allowed, FitOptions, configured
from pathfa.workflow.config import parse_part


def _with_fit_options(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command the options of a fit in the place of its ``**options``, before those by keyword."""
    own = signature(function, eval_str=True)
    parameters = [item for item in own.parameters.values() if item.kind is not Parameter.VAR_KEYWORD]
    place = next(index for index, item in enumerate(parameters) if item.kind is Parameter.KEYWORD_ONLY)
    parameters[place:place] = [_parameter(item) for item in configured()]
    function.__dict__["__signature__"] = own.replace(parameters=parameters)
    return function


def _parameter(item: Field[Any]) -> Parameter:
    """Return an option of a fit as one of the command line."""
    allowed, default = item.metadata["allowed"], item.default
    names = ["--" + item.name.replace("_", "-")]
    metavar = "VIEW" if allowed.schema.get("type") == "array" else None
    option = typer.Option(*names, metavar=metavar, help=item.metadata["description"])
    if isinstance(default, tuple):
        default = list(default)
    return Parameter(item.name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[_type(allowed), option])


def _type(allowed: Allowed) -> Any:
    match allowed.schema.get("type"):
        case None:
            return allowed.choices
        case "array":
            return list[str]
        case ["integer", "null"]:
            return int | None
        case ["integer", "string"]:
            return str
        case kind:
            return {"boolean": bool, "integer": int, "number": float, "string": str}[kind]


@job("fit")
@_with_fit_options
def fit(
    gene_sets: GeneSetFile,
    out: Out,
    view: Views = None,
    mudata: MuDataFile = None,
    samples: Samples = None,
    min_size: MinSize = 5,
    max_size: MaxSize = 500,
    *,
    n_jobs: Jobs = None,
    **options: Any,
) -> Answer:
    """Fit the model and save it in one file.

    Example: pathfa fit --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt --out model.h5
    """
    from pathfa.workflow import actions

    if options["n_factors"].isdigit():
        options["n_factors"] = int(options["n_factors"])
    parse_part("run", options)
    source = cohort_source(view, mudata, samples)
    sets = collection_of(gene_sets, min_size, max_size)
    details = actions.fit(source, sets, FitOptions(**options), out, n_jobs=n_jobs, progress=True)
    how = f"converged in {count(details['n_iter'], 'iteration')}" if details["converged"] else "did NOT converge"
    lines = [
        f"{count(details['n_factors'], 'factor')}, log evidence {details['log_evidence']:.1f}, {how}",
        f"{out} written; next: pathfa report {out}",
    ]
    return Answer(result={"out": str(out), **details}, lines=lines, state=details)
