"""Commands that do everything: demo, init, run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pathfa.cli.console import answer, on_terminal
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
    from pathfa.config import parse_config
    from pathfa.pipeline.run import run_config
    from pathfa.pipeline.templates import demo_config

    config = parse_config(demo_config(str(out), seed))
    outcome = run_config(config, progress=on_terminal())
    answer(outcome.to_dict(), as_json=as_json, lines=outcome.lines())
    if outcome.failed:
        raise typer.Exit(Exit.BAD_DATA)


def init(
    path: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="File to write.")] = Path("config.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented configuration to start from."""
    from pathfa.pipeline.templates import write_template

    write_template(path, force=force)
    lines = [
        f"{path} written. Put your files in, then:",
        f"  pathfa run {path}",
        f"  snakemake --cores 2 --configfile {path}",
    ]
    answer({"out": str(path)}, as_json=as_json, lines=lines)


def run(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG.yaml", help="Configuration; 'pathfa init' writes one.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Run a whole configuration without Snakemake: the same stages, the same files.

    What is done already is not done again. Ends with 65 when a job failed; the others finish first.
    """
    from pathfa.config import load_config
    from pathfa.pipeline.run import run_config

    outcome = run_config(load_config(config), progress=on_terminal())
    answer(outcome.to_dict(), as_json=as_json, lines=outcome.lines())
    if outcome.failed:
        raise typer.Exit(Exit.BAD_DATA)
