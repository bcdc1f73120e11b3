"""Every command with its options, as its help has them."""

from __future__ import annotations

import re

import typer
from reference_tables import cell, table
from typer.core import TyperOption

from pathfa.cli.main import COMMANDS, app

_MARKUP = re.compile(r"\[/?\w+\]")


def made() -> str:
    """Return the commands by the panels of ``pathfa --help``."""
    group = typer.main.get_command(app)
    parts = []
    for panel, functions in COMMANDS.items():
        parts.append(f"## {panel}\n")
        for function in functions:
            name = function.__name__.replace("_", "-")
            parts.append(_command(name, group.commands[name]))  # type: ignore[attr-defined] # of a group
    return "\n".join(parts)


def _command(name: str, command: typer.core.TyperCommand) -> str:
    context = typer.Context(command, info_name=name)
    rows = []
    for item in command.get_params(context):
        if getattr(item, "hidden", False) or item.name == "help":
            continue
        takes = item.metavar or ""
        words = [*item.opts, *item.secondary_opts] if isinstance(item, TyperOption) else [takes]
        takes = "" if not isinstance(item, TyperOption) or item.is_flag else takes
        default = "" if item.default in (None, "", (), False) or callable(item.default) else str(item.default)
        needed = "needed" if item.required else default
        about = cell(_MARKUP.sub("", getattr(item, "help", "") or ""))
        rows.append([" ".join(f"`{word}`" for word in words) + (f" {cell(takes)}" if takes else ""), needed, about])
    about, _, example = _MARKUP.sub("", command.help or "").partition("Example: ")
    usage = f"```text\n{' '.join(example.split())}\n```\n" if example else ""
    return f"### `pathfa {name}`\n\n{about.strip()}\n\n{usage}\n{table(['option', 'default', 'what it says'], rows)}"
