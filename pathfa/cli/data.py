"""Commands on the input: validate, ingest, genesets, gate, simulate."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from pathfa.cli.console import answer
from pathfa.cli.exits import Exit
from pathfa.cli.inputs import (
    AsJson,
    Biological,
    Covariates,
    Event,
    GeneSetFile,
    MaxSize,
    MinSize,
    MuDataFile,
    Out,
    Samples,
    Simulated,
    StatusFile,
    Technical,
    Time,
    Views,
    cohort_source,
    collection,
    covariate_file,
    covariate_roles,
    named_collections,
)
from pathfa.cli.words import all_findings, gene_set_lines, validation_lines
from pathfa.core.findings import Severity
from pathfa.core.text import count, part_of
from pathfa.workflow.config import Gate, OnInvalid


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command(rich_help_panel="One cohort")(validate)
    app.command(rich_help_panel="Parts of a workflow")(ingest)
    app.command(rich_help_panel="One cohort")(genesets)
    app.command(rich_help_panel="Parts of a workflow")(gate)
    app.command(rich_help_panel="Start here")(simulate)


def validate(
    gene_sets: Annotated[
        list[str],
        typer.Option(
            "--gene-sets",
            metavar="[NAME=]FILE",
            help="Gene sets in GMT format; may be given again.",
            show_default=False,
        ),
    ],
    view: Views = None,
    mudata: MuDataFile = None,
    samples: Samples = None,
    min_size: MinSize = 5,
    max_size: MaxSize = 500,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write what was found as JSON and end with 0.")
    ] = None,
    covariates: Covariates = None,
    biological: Biological = None,
    technical: Technical = None,
    time: Time = "",
    event: Event = "",
    cohort: Annotated[str, typer.Option(help="Name of the cohort in the output.")] = "cohort",
    simulated: Simulated = False,
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with an input, at once. Nothing is fitted.

    Ends with 65 when there are errors.

    Example: pathfa validate --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt
    """
    from pathfa.workflow import stages
    from pathfa.workflow.status import recorded

    source = replace(cohort_source(view, mudata, samples), covariates=covariate_file(covariates), simulated=simulated)
    collections = named_collections(gene_sets, min_size, max_size)
    roles = covariate_roles(biological, technical, time, event)
    with recorded(status, "validate", {"cohort": cohort}) as details:
        found = stages.validate(cohort, source, collections, roles, out)
        errors = sum(finding.severity is Severity.ERROR for finding in all_findings(found))
        details["errors"] = errors
    answer(found, as_json=as_json, lines=validation_lines(found))
    if errors and out is None:
        raise typer.Exit(Exit.BAD_DATA)


def ingest(
    out: Out,
    view: Views = None,
    mudata: MuDataFile = None,
    samples: Samples = None,
    cohort: Annotated[str, typer.Option(hidden=True)] = "cohort",
    simulated: Simulated = False,
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Read a cohort from its tables and write it as one .h5mu file."""
    from pathfa.workflow import stages
    from pathfa.workflow.status import recorded

    source = replace(cohort_source(view, mudata, samples), simulated=simulated)
    with recorded(status, "ingest", {"cohort": cohort}) as details:
        details.update(stages.ingest(source, out))
    answer(
        {"out": str(out), **details},
        as_json=as_json,
        lines=[f"{out}: {count(details['n_samples'], 'sample')}, views {', '.join(details['views'])}"],
    )


def genesets(
    gene_sets: GeneSetFile,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the checked sets in GMT format.")
    ] = None,
    found: Annotated[
        Path | None,
        typer.Option("--found", metavar="FILE", help="With --out: write what is wrong as JSON and end with 0."),
    ] = None,
    view: Views = None,
    mudata: MuDataFile = None,
    collection_name: Annotated[str, typer.Option("--name", hidden=True)] = "",
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Describe a gene-set collection, and how much of it a cohort measures.

    Example: pathfa genesets --gene-sets h.all.gmt --view rna=rna.tsv
    """
    from pathfa.workflow.gene_sets import check, describe
    from pathfa.workflow.status import recorded

    if found is not None and (out is None or view or mudata):
        raise typer.BadParameter("--found goes with --out, and without a cohort")
    source = cohort_source(view, mudata) if view or mudata else None
    with recorded(status, "gene_sets", {"collection": collection_name}) as details:
        if found is not None and out is not None:
            details.update(check(collection_name, collection(gene_sets), out, found))
            counts, sets = details, count(details["n_gene_sets"], "gene set")
            lines = [f"{found}: {sets}, {count(details['errors'], 'error')}"]
        else:
            counts = describe(collection(gene_sets), source, out)
            details.update({"n_gene_sets": counts["n_gene_sets"]})
            lines = gene_set_lines(counts)
    answer(counts, as_json=as_json, lines=lines)


def gate(
    validations: Annotated[
        list[Path], typer.Argument(metavar="VALIDATION.json...", help="What 'pathfa validate --out' wrote.")
    ],
    out: Out,
    on_invalid: Annotated[OnInvalid, typer.Option(help="What happens to cohorts that do not pass.")] = OnInvalid.SKIP,
    collections: Annotated[
        list[Path] | None,
        typer.Option("--collection", metavar="FILE", help="What 'pathfa genesets --found' wrote; may be given again."),
    ] = None,
    min_samples: Annotated[int, typer.Option(min=2, help="Fewest samples.")] = 2,
    min_shared: Annotated[int, typer.Option(min=0, help="Fewest samples that are measured in every view.")] = 0,
    min_features: Annotated[int, typer.Option(min=0, help="Fewest features per view that are in a gene set.")] = 10,
    min_gene_sets: Annotated[int, typer.Option(min=1, help="Fewest gene sets with enough measured members.")] = 2,
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Decide which cohorts are fitted, and say why the others are not."""
    from pathfa.workflow.gate import pass_gate
    from pathfa.workflow.status import recorded

    rules = Gate(
        on_invalid=on_invalid,
        min_samples=min_samples,
        min_shared=min_shared,
        min_features=min_features,
        min_gene_sets=min_gene_sets,
    )
    with recorded(status, "gate") as details:
        verdicts = pass_gate(validations, rules, out, collections or ())
        skipped = [verdict for verdict in verdicts if verdict.decision == "skip"]
        details["skipped"] = len(skipped)
    lines = [f"{part_of(len(verdicts) - len(skipped), len(verdicts), 'pair of cohort and collection', 'are')} fitted"]
    lines += [f"skipped: {item.cohort} with {item.collection}: {item.reason}" for item in skipped]
    answer({"verdicts": [asdict(verdict) for verdict in verdicts]}, as_json=as_json, lines=lines)


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write.", show_default=False)],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same cohort.")] = 0,
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the simulated demo cohort: rna.tsv, protein.tsv, samples.tsv, gene_sets.gmt."""
    from pathfa.workflow import stages
    from pathfa.workflow.status import recorded

    with recorded(status, "simulate"):
        written = stages.simulate(out, seed)
    answer({"files": written}, as_json=as_json, lines=written)
