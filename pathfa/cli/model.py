"""Commands on a fitted model: check, tables, predict, report, index."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pathfa.cli import inputs
from pathfa.cli.command import HelpPanel
from pathfa.cli.console import Answer, AsJson, job, there_before
from pathfa.core.findings import Finding
from pathfa.workflow.config import CohortSource, File, ReportOptions, Roles

ModelFile = Annotated[Path, typer.Argument(metavar="MODEL.h5", help="What 'pathfa fit' wrote.", show_default=False)]


class CheckName(StrEnum):
    """The checks, as in :mod:`pathfa.analysis.refits.checks`, which takes long to load."""

    HELDOUT = "heldout"
    UNINFORMED = "uninformed"
    DECOYS = "decoys"
    STABILITY = "stability"


@job("report")
@inputs.made_of_options(covariates=inputs.covariate_inputs)
def report(
    *,
    model: ModelFile,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="HTML file to write.", rich_help_panel=HelpPanel.OUTPUT)
    ] = Path("report.html"),
    covariates: tuple[File | None, Roles],
    title: Annotated[str, typer.Option(help="Heading of the report.", rich_help_panel=HelpPanel.OUTPUT)] = "",
    checks: Annotated[
        Path | None,
        typer.Option(
            "--checks", metavar="FILE", help="What 'pathfa check' wrote for this model.", rich_help_panel=HelpPanel.DATA
        ),
    ] = None,
    anonymise: Annotated[
        bool,
        typer.Option("--anonymise", help="Put codes in the place of sample names.", rich_help_panel=HelpPanel.OUTPUT),
    ] = False,
) -> Answer:
    """Write the report of a fitted model: one HTML file that opens without a network.

    Example: pathfa report model.h5 --covariates patients.tsv --technical batch --out report.html
    """
    from pathfa.workflow import actions

    options = ReportOptions(title=title, anonymise=anonymise)
    details = actions.report(model, out, *covariates, options, checks)
    lines = [f"{details['verdict']}: {details['headline']}", f"open {out}"]
    return Answer(result={"out": str(out), **details}, lines=lines, state={"verdict": details["verdict"]})


@job("check")
@inputs.made_of_options(source=inputs.cohort_source)
def check(
    *,
    model: ModelFile,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="File to write.", rich_help_panel=HelpPanel.OUTPUT)
    ] = Path("checks.json"),
    source: CohortSource,
    which: Annotated[
        list[CheckName] | None,
        typer.Option(
            "--check", help="A check to run; may be given again. All by default.", rich_help_panel=HelpPanel.SEARCH
        ),
    ] = None,
    folds: Annotated[
        int, typer.Option(min=2, help="Folds of 'heldout', two fits each.", rich_help_panel=HelpPanel.SEARCH)
    ] = 5,
    repeats: Annotated[
        int, typer.Option(min=1, help="Refits with decoy gene sets.", rich_help_panel=HelpPanel.SEARCH)
    ] = 5,
    resamples: Annotated[
        int,
        typer.Option(min=2, help="Refits of 'stability', on parts of the samples.", rich_help_panel=HelpPanel.SEARCH),
    ] = 10,
    seed: inputs.Seed = 0,
    n_jobs: inputs.Jobs = None,
) -> Answer:
    """Refit a model in many ways, to see which of its results can be relied on. Takes as long as many fits.

    heldout: samples that were left out. uninformed: the fit without gene sets. decoys: gene sets of random genes.
    stability: parts of the samples.

    Example: pathfa check model.h5 --view rna=rna.tsv --view protein=protein.tsv --out checks.json, then
    pathfa report model.h5 --checks checks.json
    """
    from pathfa.workflow import actions

    sizes = {"folds": folds, "repeats": repeats, "resamples": resamples, "seed": seed}
    details = actions.check(model, source, tuple(which or CheckName), out, n_jobs=n_jobs, **sizes)
    seconds, not_done = details["checks"], details["not_done"]
    lines = [f"{name}: {taken:.0f} s" for name, taken in seconds.items() if name not in not_done]
    lines += [f"{name}: not done: {reason}" for name, reason in not_done.items()]
    lines.append(f"{out} written; next: pathfa report {model} --checks {out}")
    return Answer(result={"out": str(out), **details}, lines=lines, state=details)


@job("tables")
def tables(model: ModelFile, out: inputs.OutFolder) -> Answer:
    """Write every result of a model as a tab-separated table.

    Example: pathfa tables model.h5 --out tables
    """
    from pathfa.workflow import actions

    written = actions.tables(model, out)
    return Answer(result={"files": written}, lines=written)


@inputs.made_of_options(source=inputs.cohort_source)
def predict(
    *,
    model: ModelFile,
    out: inputs.OutFolder,
    source: CohortSource,
    predicted: Annotated[
        list[str] | None,
        typer.Option(
            "--predict",
            metavar="VIEW",
            help="A view to predict; may be given again. Those they lack by default.",
            rich_help_panel=HelpPanel.OUTPUT,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what a model says of new samples: scores, activities of the gene sets, and the values of a view they lack.

    Any subset of the views and features of the model will do; views and features are named as in its cohort.

    Example: pathfa predict model.h5 --view rna=new_rna.tsv --out predictions
    """
    from pathfa.workflow import actions

    there = there_before(out)
    details = actions.predict(model, source, predicted or None, out)
    findings = [Finding.from_dict(item) for item in details["findings"]]
    lines = [*there, *(f"{finding.severity}: {finding}" for finding in findings), *details["files"]]
    Answer(result=details, lines=lines).give(as_json=as_json)


@job("index")
def index(
    folder: Annotated[Path, typer.Argument(metavar="RESULTS", help="Folder of a workflow's results.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Page to write; RESULTS/index.html by default.",
            rich_help_panel=HelpPanel.OUTPUT,
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="Heading of the page.", rich_help_panel=HelpPanel.OUTPUT)] = "PathFA",
    run: Annotated[list[str] | None, typer.Option(help="A run to list; all by default.")] = None,
    cohort_title: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COHORT=TITLE",
            help="The title of a cohort; that of its report by default.",
            rich_help_panel=HelpPanel.OUTPUT,
        ),
    ] = None,
) -> Answer:
    """Write the page that links all reports, says what was skipped or failed, and what the cohorts have in common.

    Example: pathfa index results --title "Colon cancer"
    """
    from pathfa.workflow.index import write_index

    page = out or folder / "index.html"
    titles = inputs.titles_of(cohort_title or [])
    counts = write_index(folder, page, title, tuple(run or ()), titles)
    return Answer(result={"out": str(page), **counts}, lines=[str(page)])
