"""The command that looks at the installation."""

from __future__ import annotations

import typer

from pathfa.cli.console import answer
from pathfa.cli.exits import Exit
from pathfa.cli.inputs import AsJson


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(rich_help_panel="Start here")(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Check the installation: versions, threads, memory, GPU. Ends with 78 when something is missing."""
    from pathfa.workflow.environment import examine

    found = examine()
    lines = [f"{item.name:<22} {item.found}{f'   <- {item.fix}' if item.fix else ''}" for item in found]
    result = {"checks": [{"name": item.name, "found": item.found, "fix": item.fix} for item in found]}
    answer(result, as_json=as_json, lines=lines)
    if any(item.fix for item in found):
        raise typer.Exit(Exit.BAD_CONFIGURATION)
