"""Commands on a fitted model: check, tables, report, index."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pathfa.cli.console import answer
from pathfa.cli.inputs import (
    AsJson,
    Biological,
    CohortName,
    CollectionName,
    Covariates,
    Event,
    Jobs,
    ModelFile,
    MuDataFile,
    RunName,
    Samples,
    StatusFile,
    Technical,
    Time,
    Views,
    cohort_source,
    covariate_file,
    covariate_roles,
    fit_names,
)
from pathfa.cli.words import check_lines
from pathfa.workflow.config import ReportOptions


class Check(StrEnum):
    """The checks, as in :mod:`pathfa.analysis.refits.checks`, which takes long to load."""

    HELDOUT = "heldout"
    UNINFORMED = "uninformed"
    DECOYS = "decoys"
    STABILITY = "stability"


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command(rich_help_panel="One cohort")(report)
    app.command(rich_help_panel="One cohort")(check)
    app.command(rich_help_panel="One cohort")(tables)
    app.command(rich_help_panel="Parts of a workflow")(index)


def report(
    model: ModelFile,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="HTML file to write.")] = Path("report.html"),
    covariates: Covariates = None,
    biological: Biological = None,
    technical: Technical = None,
    time: Time = "",
    event: Event = "",
    title: Annotated[str, typer.Option(help="Heading of the report.")] = "",
    checks: Annotated[
        Path | None, typer.Option("--checks", metavar="FILE", help="What 'pathfa check' wrote for this model.")
    ] = None,
    anonymise: Annotated[bool, typer.Option("--anonymise", help="Put codes in the place of sample names.")] = False,
    cohort: CohortName = "",
    collection_name: CollectionName = "",
    run: RunName = "",
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a fitted model: one HTML file that opens without a network.

    Example: pathfa report model.h5 --covariates patients.tsv --technical batch --out report.html
    """
    from pathfa.workflow import stages
    from pathfa.workflow.status import recorded

    roles = covariate_roles(biological, technical, time, event)
    names = fit_names(cohort, collection_name, run)
    with recorded(status, "report", names) as details:
        options = ReportOptions(title=title, anonymise=anonymise)
        details.update(stages.report(model, out, covariate_file(covariates), roles, options, checks))
    answer({"out": str(out), **details}, as_json=as_json, lines=[str(out)])


def check(
    model: ModelFile,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")] = Path("checks.json"),
    view: Views = None,
    mudata: MuDataFile = None,
    samples: Samples = None,
    which: Annotated[
        list[Check] | None, typer.Option("--check", help="A check to run; may be given again. All by default.")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds of 'heldout', two fits each.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="Refits with decoy gene sets.")] = 5,
    resamples: Annotated[int, typer.Option(min=2, help="Refits of 'stability', on parts of the samples.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 0,
    n_jobs: Jobs = None,
    cohort: CohortName = "",
    collection_name: CollectionName = "",
    run: RunName = "",
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Refit a model in many ways, to see what of it holds. Takes as long as many fits.

    heldout: samples that were left out. uninformed: the fit without gene sets. decoys: gene sets of random genes.
    stability: parts of the samples.

    Example: pathfa check model.h5 --view rna=rna.tsv --view protein=protein.tsv --out checks.json, then
    pathfa report model.h5 --checks checks.json
    """
    from pathfa.workflow import stages
    from pathfa.workflow.status import recorded

    source = cohort_source(view, mudata, samples)
    wanted = tuple(which or Check)
    sizes = {"folds": folds, "repeats": repeats, "resamples": resamples, "seed": seed}
    with recorded(status, "check", fit_names(cohort, collection_name, run)) as details:
        details.update(stages.check(model, source, wanted, out, n_jobs=n_jobs, progress=True, **sizes))
    answer({"out": str(out), **details}, as_json=as_json, lines=check_lines(model, out, details))


def tables(
    model: ModelFile,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write.", show_default=False)],
    cohort: CohortName = "",
    collection_name: CollectionName = "",
    run: RunName = "",
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Write every result of a model as a tab-separated table.

    Example: pathfa tables model.h5 --out tables
    """
    from pathfa.workflow.status import recorded
    from pathfa.workflow.tables import write_tables

    names = fit_names(cohort, collection_name, run)
    with recorded(status, "tables", names):
        written = [str(path) for path in write_tables(model, out)]
    answer({"files": written}, as_json=as_json, lines=written)


def index(
    folder: Annotated[Path, typer.Argument(metavar="RESULTS", help="Folder of a workflow's results.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Page to write; RESULTS/index.html by default.")
    ] = None,
    title: Annotated[str, typer.Option(help="Heading of the page.")] = "PathFA",
    run: Annotated[list[str] | None, typer.Option(help="A run to list; all by default.")] = None,
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the page that links all reports and says what was skipped or failed, and why."""
    from pathfa.workflow.index import write_index
    from pathfa.workflow.status import recorded

    page = out or folder / "index.html"
    with recorded(status, "index"):
        counts = write_index(folder, page, title, tuple(run or ()))
    answer({"out": str(page), **counts}, as_json=as_json, lines=[str(page)])
