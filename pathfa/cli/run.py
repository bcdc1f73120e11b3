"""Commands that do everything: demo, init, run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pathfa.cli.console import answer
from pathfa.cli.exits import Exit
from pathfa.cli.inputs import AsJson


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command(rich_help_panel="Start here")(demo)
    app.command(rich_help_panel="Many cohorts")(init)
    app.command(rich_help_panel="Many cohorts")(run)


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write.")] = Path("pathfa-demo"),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated cohort.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Simulate a small cohort, fit it and write its report. Takes about half a minute."""
    from pathfa.workflow.config import parse_config
    from pathfa.workflow.config.templates import demo_config
    from pathfa.workflow.run import run_config

    config = parse_config(demo_config(str(out), seed))
    outcome = run_config(config, progress=True)
    answer(outcome.to_dict(), as_json=as_json, lines=outcome.lines())
    if outcome.failed:
        raise typer.Exit(Exit.BAD_DATA)


def init(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[CONFIG.yaml] [FILE]...",
            help="Configuration to write (config.yaml), and the files of a cohort to guess its options from: "
            "one table per view, sample sheet, GMT files.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented configuration to start from, with guesses when the files of a cohort are named."""
    from pathfa.workflow.config.templates import write_template

    named = files or []
    targets = [file for file in named if file.suffix.lower() in (".yaml", ".yml")]
    if len(targets) > 1:
        raise typer.BadParameter(f"{targets[0]} and {targets[1]}: only one configuration can be written")
    path = targets[0] if targets else Path("config.yaml")
    data = [file for file in named if file not in targets]
    write_template(path, force=force, files=data)
    lines = [
        f"{path} written. {'Check the lines marked GUESS' if data else 'Put your files in'}, then:",
        f"  pathfa run {path}",
        f"  snakemake --cores 2 --configfile {path}    (in the checkout, or with --snakefile PATH/Snakefile)",
    ]
    answer({"out": str(path)}, as_json=as_json, lines=lines)


def run(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG.yaml", help="Configuration; 'pathfa init' writes one.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Run a whole configuration without Snakemake: the same stages, the same files.

    What is done already is not done again. Ends with 65 when a job failed, after the others, or no cohort could be
    fitted.
    """
    from pathfa.workflow.config import load_config
    from pathfa.workflow.run import run_config

    outcome = run_config(load_config(config), progress=True)
    answer(outcome.to_dict(), as_json=as_json, lines=outcome.lines())
    if outcome.failed or not outcome.reports:
        raise typer.Exit(Exit.BAD_DATA)
