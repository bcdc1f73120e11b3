"""Commands on the input: ingest, genesets, gate, pseudobulk, simulate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from pathfa.cli import inputs
from pathfa.cli.command import HelpPanel
from pathfa.cli.console import Answer, AsJson, job, there_before
from pathfa.core.findings import Finding
from pathfa.core.text import count, part_of
from pathfa.workflow.config import CohortSource, Gate, OnInvalid


@job("ingest")
@inputs.made_of_options(source=inputs.cohort_source)
def ingest(
    *,
    out: inputs.Out,
    source: CohortSource,
    validation: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What 'pathfa validate --out' wrote, for samples in rows.")
    ] = None,
    simulated: inputs.IsSimulated = False,
) -> Answer:
    """Read a cohort from its tables and write it as one .h5mu file.

    Example: pathfa ingest --view rna=rna.tsv --samples sheet.tsv --out cohort.h5mu
    """
    from pathfa.workflow import actions

    details = actions.ingest(replace(source, simulated=simulated), out, validation)
    line = f"{out}: {count(details['n_samples'], 'sample')}, views {', '.join(details['views'])}"
    return Answer(result={"out": str(out), **details}, lines=[line], state=details)


@job("gene_sets")
def genesets(
    gene_sets: inputs.GeneSetFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write the checked sets in GMT format.", rich_help_panel=HelpPanel.OUTPUT
        ),
    ] = None,
    found: Annotated[
        Path | None,
        typer.Option(
            "--found",
            metavar="FILE",
            help="With --out: write what is wrong as JSON and end with 0.",
            rich_help_panel=HelpPanel.OUTPUT,
        ),
    ] = None,
    view: inputs.Views = None,
    mudata: inputs.MuDataFile = None,
    collection: Annotated[str, typer.Option("--collection", "--name", hidden=True)] = "",
) -> Answer:
    """Describe a gene-set collection, and how much of it a cohort measures.

    Example: pathfa genesets --gene-sets h.all.gmt --view rna=rna.tsv
    """
    from pathfa.workflow.validation import check_collection, describe_collection

    item = inputs.collection_of(gene_sets)
    if found is None:
        source = inputs.cohort_source(view, mudata) if view or mudata else None
        counts = describe_collection(item, source, out)
        return Answer(result=counts, lines=_description(counts), state={"n_gene_sets": counts["n_gene_sets"]})
    if out is None or view or mudata:
        raise typer.BadParameter("--found needs --out, and cannot be used with a cohort")
    details = check_collection(collection, item, out, found)
    line = f"{found}: {count(details['n_gene_sets'], 'gene set')}, {count(details['errors'], 'error')}"
    return Answer(result=details, lines=[line], state=details)


def _description(found: Mapping[str, Any]) -> list[str]:
    """Describe a collection in words."""
    least = "" if found["smallest"] == found["largest"] else f"{found['smallest']} to "
    sizes = f"{least}{count(found['largest'], 'gene')}"
    sets, genes = count(found["n_gene_sets"], "gene set"), count(found["n_genes"], "different gene")
    lines = [f"{found['source']}: {sets} of {sizes}, {genes}", f"sha256: {found['sha256']}"]
    for view, measured in found.get("measured", {}).items():
        features, usable = count(measured["n_features"], "feature"), count(measured["n_gene_sets"], "usable gene set")
        lines.append(f"view '{view}': {features} in {usable}")
    return lines


@job("gate")
def gate(
    out: inputs.Out,
    validations: Annotated[
        list[Path] | None,
        typer.Argument(metavar="VALIDATION.json...", help="What 'pathfa validate --out' wrote.", show_default=False),
    ] = None,
    on_invalid: Annotated[OnInvalid, typer.Option(help="What happens to cohorts that do not pass.")] = OnInvalid.SKIP,
    collections: Annotated[
        list[Path] | None,
        typer.Option("--collection", metavar="FILE", help="What 'pathfa genesets --found' wrote; may be given again."),
    ] = None,
    min_samples: Annotated[int, typer.Option(min=2, help="Fewest samples.")] = 2,
    min_shared: Annotated[int, typer.Option(min=0, help="Fewest samples that are measured in every view.")] = 0,
    min_features: Annotated[int, typer.Option(min=0, help="Fewest features per view that are in a gene set.")] = 10,
    min_gene_sets: Annotated[int, typer.Option(min=1, help="Fewest gene sets with enough measured members.")] = 2,
) -> Answer:
    """Decide which cohorts are fitted, and say why the others are not.

    Example: pathfa gate validation.json --min-samples 20 --out gate.tsv
    """
    from pathfa.workflow.gate import pass_gate

    rules = Gate(
        on_invalid=on_invalid,
        min_samples=min_samples,
        min_shared=min_shared,
        min_features=min_features,
        min_gene_sets=min_gene_sets,
    )
    verdicts = pass_gate(validations or (), rules, out, collections or ())
    skipped = [verdict for verdict in verdicts if verdict.decision == "skip"]
    lines = [f"{part_of(len(verdicts) - len(skipped), len(verdicts), 'pair of cohort and collection', 'are')} fitted"]
    lines += [f"skipped: {item.cohort} with {item.collection}: {item.reason}" for item in skipped]
    result = {"verdicts": [asdict(verdict) for verdict in verdicts]}
    return Answer(result=result, lines=lines, state={"skipped": len(skipped)})


def pseudobulk(
    cells: Annotated[
        Path, typer.Argument(metavar="CELLS.h5ad", help="Cells x features with raw counts.", show_default=False)
    ],
    out: inputs.OutFolder,
    sample: Annotated[
        str, typer.Option(metavar="COLUMN", help="Whom a cell came from: these become the samples.", show_default=False)
    ],
    cell_type: Annotated[
        str, typer.Option(metavar="COLUMN", help="Type of a cell: each becomes a view. One view without it.")
    ] = "",
    layer: Annotated[str | None, typer.Option(help="Layer with the counts; X by default.")] = None,
    min_cells: Annotated[int, typer.Option(min=1, help="Fewest cells of a sample and type.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Sum the counts of single cells per sample and cell type: a cohort with a view per type.

    Example: pathfa pseudobulk cells.h5ad --sample donor --cell-type type --out bulk, then
    pathfa fit --mudata bulk/cohort.h5mu --gene-sets sets.gmt --out model.h5
    """
    from pathfa.workflow.pseudobulk import write_pseudobulk

    there = there_before(out)
    made = write_pseudobulk(cells, out, sample=sample, cell_type=cell_type, layer=layer, min_cells=min_cells)
    findings = [Finding.from_dict(item) for item in made["findings"]]
    lines = [*there, f"{count(made['n_samples'], 'sample')}, views {', '.join(made['views'])}"]
    lines += [f"{finding.severity}: {finding}" for finding in findings]
    lines.append(f"{', '.join(made['files'])} written; next: pathfa fit --mudata {made['files'][0]}")
    Answer(result=made, lines=lines).give(as_json=as_json)


@job("simulate")
def simulate(out: inputs.OutFolder, seed: inputs.Seed = 0) -> Answer:
    """Write the simulated demo cohort: rna.tsv, protein.tsv, samples.tsv, gene_sets.gmt.

    Example: pathfa simulate --out demo
    """
    from pathfa.workflow import actions

    written = actions.simulate(out, seed)
    return Answer(result={"files": written}, lines=written)
