"""The commands, and what happens to their errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import typer

from pathfa._version import __version__
from pathfa.cli import data, fit, model, run
from pathfa.cli.command import HelpfulCommand, HelpfulGroup
from pathfa.cli.console import Exit, set_up_logging, set_up_warnings, tell
from pathfa.cli.validate import validate

HELP = """
Which programmes vary between patients, do RNA and protein agree, and who is high?

PathFA is a factor model of matched omics with gene sets in its prior.

See it work in a minute: [bold]pathfa demo[/bold]. Your own data:

  pathfa validate --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt\n
  pathfa fit      --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt --out model.h5\n
  pathfa report   model.h5 --out report.html

Many cohorts: [bold]pathfa init[/bold] writes a configuration, [bold]pathfa run config.yaml[/bold] does all of it.

Exit codes: 0 done, 2 usage, 65 bad data, 66 input missing, 70 bug, 78 bad configuration.
"""

app = typer.Typer(
    name="pathfa",
    cls=HelpfulGroup,
    help=HELP,
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"pathfa {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    _: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    set_up_logging()
    set_up_warnings()


COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Start here": (run.demo, run.doctor, data.simulate),
    "Many cohorts": (run.init, run.run, run.snakefile),
    "Single cells": (data.pseudobulk,),
    "One cohort": (
        validate,
        data.genesets,
        fit.plan,
        fit.fit,
        model.report,
        model.check,
        model.tables,
        model.predict,
    ),
    "Parts of a workflow": (data.ingest, data.gate, run.cohort, model.index),
}
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel, cls=HelpfulCommand)(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments
        The command line without the name of the program; of this process when None.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=given, prog_name="pathfa")
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:  # typer ends so, without a message
            return tell(KeyboardInterrupt(), as_json="--json" in given)
        return int(end.code or 0)
    except (Exception, KeyboardInterrupt) as error:
        return tell(error, as_json="--json" in given)
    return Exit.DONE


def script() -> NoReturn:
    """Run the command of this process and end it.

    Under ``python -OO`` the process starts again with ``-O``: anndata cannot be imported without its docstrings.
    When a file could not be written the process ends without finalisers: HDF5 crashes in them after a full disk.
    """
    if sys.flags.optimize > 1:
        words = ["-O" if word == "-OO" else word for word in sys.orig_argv[1:]]
        os.execve(sys.executable, [sys.executable, *words], {**os.environ, "PYTHONOPTIMIZE": "1"})  # noqa: S606
    code = main()
    if code == Exit.BAD_CONFIGURATION:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
