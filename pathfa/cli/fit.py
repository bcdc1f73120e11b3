"""The command that makes a model, and what it will cost: fit, plan."""

from __future__ import annotations

from dataclasses import Field, asdict, fields
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from pathfa.cli import inputs
from pathfa.cli.console import Answer, AsJson, job
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.options import Allowed, FitOptions, configured
from pathfa.workflow.config import CohortSource, parse_part


def _fit_options(**options: Any) -> FitOptions:
    """Return the options of a fit as they were given on the command line."""
    if options["n_factors"].isdigit():
        options["n_factors"] = int(options["n_factors"])
    parse_part("run", options)
    return FitOptions(**options)


def _parameter(item: Field[Any]) -> Parameter:
    """Return an option of a fit as one of the command line."""
    allowed, default = item.metadata["allowed"], item.default
    names = ["--" + item.name.replace("_", "-")]
    metavar = "VIEW" if allowed.schema.get("type") == "array" else None
    shown = {"help": item.metadata["description"], "rich_help_panel": item.metadata["panel"]}
    option = typer.Option(*names, metavar=metavar, **shown)
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


_fit_options.__dict__["__signature__"] = Signature([_parameter(item) for item in configured()])


@job("fit")
@inputs.made_of_options(source=inputs.cohort_source, options=_fit_options)
def fit(
    *,
    gene_sets: inputs.GeneSetFile,
    out: inputs.Out,
    source: CohortSource,
    min_size: inputs.MinSize = 5,
    max_size: inputs.MaxSize = 500,
    options: FitOptions,
    n_jobs: inputs.Jobs = None,
) -> Answer:
    """Fit the model and save it in one file.

    Example: pathfa fit --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt --out model.h5
    """
    from pathfa.workflow import actions

    sets = inputs.collection_of(gene_sets, min_size, max_size)
    details = actions.fit(source, sets, options, out, n_jobs=n_jobs)
    how = f"converged in {count(details['n_iter'], 'iteration')}" if details["converged"] else "did NOT converge"
    lines = [
        f"{count(details['n_factors'], 'factor')}, log evidence {details['log_evidence']:.1f}, {how}",
        f"{out} written; next: pathfa report {out}",
    ]
    return Answer(result={"out": str(out), **details}, lines=lines, state=details)


@inputs.made_of_options(options=_fit_options)
def plan(
    *,
    samples: Annotated[int, typer.Option("--samples", min=1, help="Number of samples.", show_default=False)],
    view: Annotated[
        list[str],
        typer.Option("--view", metavar="NAME=FEATURES", help="A view and its features.", show_default=False),
    ],
    gene_sets: Annotated[int, typer.Option("--gene-sets", min=1, help="Number of usable gene sets.")] = 50,
    incomplete: Annotated[
        list[str] | None, typer.Option(metavar="VIEW", help="A view with single missing values; may be given again.")
    ] = None,
    measured: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=SAMPLES", help="A view that some samples lack; may be given again."),
    ] = None,
    stored: Annotated[
        list[str] | None,
        typer.Option(metavar="VIEW", help="A view that stays in its file; may be given again."),
    ] = None,
    options: FitOptions,
    as_json: AsJson = False,
) -> None:
    """Say how long a fit will take and how much memory it needs, from numbers alone; nothing is read.

    Example: pathfa plan --samples 300 --view rna=15000 --view protein=8000 --incomplete protein --gene-sets 50
    """
    from pathfa.fit.plan import plan as plan_of

    pairs, counts = (dict(_pair(text) for text in texts) for texts in (view, measured or ()))
    given = {item.name: getattr(options, item.name) for item in fields(options)}
    cost = plan_of(
        samples, pairs, gene_sets, incomplete=incomplete or (), measured=counts, stored=stored or (), **given
    )
    Answer(result={**asdict(cost), "device": cost.device}, lines=cost.lines()).give(as_json=as_json)


def _pair(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name or not number.isdigit():
        raise ConfigError(f"'{text}' is no view with a number. Example: --view rna=15000")
    return name, int(number)
