"""Commands on a fitted model: tables, report, index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pathfa.cli.console import answer
from pathfa.cli.inputs import AsJson, Covariates, StatusFile, covariate_file
from pathfa.config import ReportOptions, Roles, parse_part

Model = Annotated[Path, typer.Argument(metavar="MODEL.h5", help="What 'pathfa fit' wrote.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command(rich_help_panel="One cohort")(report)
    app.command(rich_help_panel="One cohort")(tables)
    app.command(rich_help_panel="Parts of a workflow")(index)


def report(
    model: Model,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="HTML file to write.")] = Path("report.html"),
    covariates: Covariates = None,
    biological: Annotated[list[str] | None, typer.Option(help="A covariate of interest; may be given again.")] = None,
    technical: Annotated[
        list[str] | None, typer.Option(help="A covariate that should not matter, such as the batch.")
    ] = None,
    time: Annotated[str, typer.Option(help="Column with the follow-up time.")] = "",
    event: Annotated[str, typer.Option(help="Column that says whether the event was seen.")] = "",
    title: Annotated[str, typer.Option(help="Heading of the report.")] = "",
    anonymise: Annotated[bool, typer.Option("--anonymise", help="Put codes in the place of sample names.")] = False,
    cohort: Annotated[str, typer.Option(hidden=True)] = "",
    collection_name: Annotated[str, typer.Option("--collection", hidden=True)] = "",
    run: Annotated[str, typer.Option(hidden=True)] = "",
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a fitted model: one HTML file that opens without a network.

    Example: pathfa report model.h5 --covariates patients.tsv --technical batch --out report.html
    """
    from pathfa.pipeline import stages
    from pathfa.pipeline.status import recorded

    given = {"biological": biological, "technical": technical, "time": time, "event": event}
    parse_part("roles", {key: value for key, value in given.items() if value})
    roles = Roles(biological=tuple(biological or ()), technical=tuple(technical or ()), time=time, event=event)
    names = {"cohort": cohort, "collection": collection_name, "run": run} if cohort else {}
    with recorded(status, "report", names) as details:
        options = ReportOptions(title=title, anonymise=anonymise)
        details.update(stages.report(model, out, covariate_file(covariates), roles, options))
    answer({"out": str(out), **details}, as_json=as_json, lines=[str(out)])


def tables(
    model: Model,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write.", show_default=False)],
    cohort: Annotated[str, typer.Option(hidden=True)] = "",
    collection_name: Annotated[str, typer.Option("--collection", hidden=True)] = "",
    run: Annotated[str, typer.Option(hidden=True)] = "",
    status: StatusFile = None,
    as_json: AsJson = False,
) -> None:
    """Write every result of a model as a tab-separated table.

    Example: pathfa tables model.h5 --out tables
    """
    from pathfa.pipeline.status import recorded
    from pathfa.pipeline.tables import write_tables

    names = {"cohort": cohort, "collection": collection_name, "run": run} if cohort else {}
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
    from pathfa.pipeline.index import write_index
    from pathfa.pipeline.status import recorded

    page = out or folder / "index.html"
    with recorded(status, "index"):
        counts = write_index(folder, page, title, tuple(run or ()))
    answer({"out": str(page), **counts}, as_json=as_json, lines=[str(page)])
