"""The command that makes a model: fit."""

from __future__ import annotations

from dataclasses import Field
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from pathfa.cli.console import answer
from pathfa.cli.inputs import (
    AsJson,
    CohortName,
    CollectionName,
    GeneSetFile,
    Jobs,
    MaxSize,
    MinSize,
    MuDataFile,
    Out,
    RunName,
    Samples,
    StatusFile,
    Views,
    cohort_source,
    collection,
    fit_names,
)
from pathfa.cli.words import fit_lines
from pathfa.options import Allowed, FitOptions, configured
from pathfa.workflow.config import parse_part


def register(app: typer.Typer) -> None:
    """Add the command to the app, with the options of a fit between those of its own."""
    own = signature(fit, eval_str=True)
    parameters = [item for item in own.parameters.values() if item.kind is not Parameter.VAR_KEYWORD]
    place = next(index for index, item in enumerate(parameters) if item.kind is Parameter.KEYWORD_ONLY)
    parameters[place:place] = [_parameter(item) for item in configured()]
    fit.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    fit.__annotations__ = {item.name: item.annotation for item in parameters}
    app.command(rich_help_panel="One cohort")(fit)


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
    cohort: CohortName = "",
    collection_name: CollectionName = "",
    run: RunName = "",
    status: StatusFile = None,
    as_json: AsJson = False,
    **options: Any,
) -> None:
    """Fit the model and save it in one file.

    Example: pathfa fit --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt --out model.h5
    """
    from pathfa.workflow import stages
    from pathfa.workflow.status import recorded

    if options["n_factors"].isdigit():
        options["n_factors"] = int(options["n_factors"])
    parse_part("run", options)
    source = cohort_source(view, mudata, samples)
    sets = collection(gene_sets, min_size, max_size)
    with recorded(status, "fit", fit_names(cohort, collection_name, run)) as details:
        details.update(stages.fit(source, sets, FitOptions(**options), out, n_jobs=n_jobs, progress=True))
    answer({"out": str(out), **details}, as_json=as_json, lines=fit_lines(out, details))
