"""The command that says what is wrong with an input: of one cohort, or of all that a configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from pathfa.cli import inputs
from pathfa.cli.command import HelpPanel
from pathfa.cli.console import Answer, Exit, job
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, Severity
from pathfa.core.text import count
from pathfa.workflow.config import CohortSource, File, Roles


def _of_config(path: Path) -> dict[str, dict[str, Any]]:
    """Return the cohorts of a configuration whose files are there, which those of a simulation are not."""
    from pathfa.workflow.config import load_config

    config = load_config(path)
    sets = {name: item for name, item in config.gene_sets.items() if not item.demo}
    return {
        name: {
            "source": source,
            "collections": {key: sets[key] for key in source.gene_sets or sets if key in sets},
            "roles": config.covariates,
            "runs": config.runs,
        }
        for name, source in config.cohorts.items()
        if source.demo is None
    }


@job("validate")
@inputs.made_of_options(source=inputs.later(inputs.cohort_source), known=inputs.later(inputs.covariate_inputs))
def validate(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CONFIG.yaml]",
            help="A configuration whose cohorts are to be looked at, in the place of options.",
            show_default=False,
        ),
    ] = None,
    *,
    gene_sets: Annotated[
        list[str] | None,
        typer.Option(
            "--gene-sets",
            metavar="[NAME=]FILE",
            help=f"{inputs.GENE_SETS} May be given again.",
            show_default=False,
            rich_help_panel=HelpPanel.DATA,
        ),
    ] = None,
    min_size: inputs.MinSize = 5,
    max_size: inputs.MaxSize = 500,
    source: partial[CohortSource],
    known: partial[tuple[File | None, Roles]],
    simulated: inputs.IsSimulated = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write what was found in a cohort as JSON and end with 0.",
            rich_help_panel=HelpPanel.OUTPUT,
        ),
    ] = None,
    cohort: Annotated[
        str, typer.Option(help="Name of the cohort in the output.", rich_help_panel=HelpPanel.OUTPUT)
    ] = "cohort",
) -> Answer:
    """List everything that is wrong with an input, at once. Nothing is fitted.

    Ends with 65 when there are errors.

    Example: pathfa validate --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt, or
    pathfa validate config.yaml
    """
    from pathfa.workflow.validation import validate_cohort

    files = any([*source.keywords.values(), gene_sets, known.keywords["covariates"]])
    if config is not None:
        if out is not None or files:
            raise ConfigError(f"{config} says what the cohorts are. Fix: leave out the options that name files")
        every = {name: validate_cohort(name, **each) for name, each in _of_config(config).items()}
        lines = [line for name, found in every.items() for line in (f"{name}:", *_said(found))]
        errors = sum(_errors(found) for found in every.values())
        lines = lines or ["nothing to look at: every cohort is simulated"]
        return Answer(result={"cohorts": every}, lines=lines, code=Exit.BAD_DATA if errors else Exit.DONE)
    if not files:
        msg = "no input is named. Fix: --view NAME=FILE, once per view, and --gene-sets FILE; or a configuration"
        raise ConfigError(msg)
    made = source()
    if not gene_sets:
        raise ConfigError("no gene sets are named. Fix: add --gene-sets FILE, or a collection such as msigdb:h.all")
    collections = inputs.named_collections(gene_sets, min_size, max_size)
    covariates, roles = known()
    made = replace(made, covariates=covariates, simulated=simulated)
    found = validate_cohort(cohort, source=made, collections=collections, roles=roles, out=out)
    errors = _errors(found)
    code = Exit.BAD_DATA if errors and out is None else Exit.DONE
    return Answer(result=found, lines=_said(found), state={"errors": errors}, code=code)


def _findings(found: Mapping[str, Any]) -> list[Finding]:
    """Return what was found in a cohort, errors first."""
    values = [*found["findings"], *(item for each in found["collections"].values() for item in each["findings"])]
    order = list(Severity)
    return sorted((Finding.from_dict(item) for item in values), key=lambda finding: order.index(finding.severity))


def _errors(found: Mapping[str, Any]) -> int:
    return sum(finding.severity is Severity.ERROR for finding in _findings(found))


def _said(found: Mapping[str, Any]) -> list[str]:
    """Return what was found in a cohort as text."""
    errors = _errors(found)
    lines = [*_counts(found), *(f"{finding.severity}: {finding}" for finding in _findings(found))]
    if errors and not found["views"]:
        lines.append("no cohort could be made of it: how its samples and genes meet is told when that is mended")
    return [*lines, f"nothing can be fitted: {count(errors, 'error')}" if errors else "ready to fit"]


def _counts(found: Mapping[str, Any]) -> list[str]:
    """Return the counts of an input, as far as it could be read."""
    if not found["views"]:
        return []
    views = ", ".join(f"{name} ({count(size, 'feature')})" for name, size in found["views"].items())
    shared = f", {found['n_shared']} of them in every view" if len(found["views"]) > 1 else ""
    lines = [f"{count(found['n_samples'], 'sample')}{shared}: {views}"]
    lines += [f"view '{name}': values {scale}" for name, scale in found["scales"].items()]
    for name, item in found["collections"].items():
        measured = ", ".join(f"{n} of {view}" for view, n in item["n_features"].items())
        lines.append(f"gene sets '{name}': {item['n_gene_sets']} usable; features in a set: {measured or 'none'}")
    return lines
