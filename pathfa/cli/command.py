"""How the help of a command looks: options in panels, and what they take in words instead of the types of Python."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from typer.core import TyperCommand, TyperGroup


class HelpPanel(StrEnum):
    """The panels of the help, in their order; options of none come after them."""

    DATA = "Data"
    MODEL = "Model"
    SEARCH = "Search"
    OUTPUT = "Output"


_WORDS = {"int": "NUMBER", "float": "NUMBER", "str": "TEXT", "path": "FILE", "bool": ""}  # a flag takes nothing
_PYTHON = re.compile(r"<(?:list\[)?([^\] ]+)(?: range)?\]?>")


class _InWords:
    """Help for people who do not write Python."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters with what they take in words, in the order of the panels."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for item in parameters:
            described = getattr(item, "display_type", None)  # earlier versions of typer say it in words themselves
            if item.metavar is None and described and (found := _PYTHON.fullmatch(str(described(ctx)))):
                item.metavar = _WORDS.get(found[1], f"<{found[1]}>")  # choices stay as they are
        return sorted(parameters, key=_place)


class HelpfulCommand(_InWords, TyperCommand):
    """A command whose help says what its options take in words."""


class HelpfulGroup(_InWords, TyperGroup):
    """The program, whose help does the same."""


def _place(item: Any) -> int:
    """Return the place of the panel of an option; arguments keep theirs, before all options."""
    panels = list(HelpPanel)
    if item.param_type_name == "argument":
        return -1
    panel = getattr(item, "rich_help_panel", None)
    return panels.index(panel) if panel in panels else len(panels)
