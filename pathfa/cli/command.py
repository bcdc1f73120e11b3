"""How the help of a command looks: options in panels, and what they take in words instead of the types of Python."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup

from pathfa.core.errors import InputError
from pathfa.workflow.config.kinds import FileKind, misplaced


class HelpPanel(StrEnum):
    """The panels of the help, in their order; options of none come after them."""

    DATA = "Data"
    MODEL = "Model"
    SEARCH = "Search"
    OUTPUT = "Output"


_NUMBER, _TEXT, _NOTHING = "NUMBER", "TEXT", ""  # a flag takes nothing
# By the names of typer, and by those of its versions before 0.29, in which choices stand in square brackets.
_WORDS = {"int": _NUMBER, "float": _NUMBER, "str": _TEXT, "path": "FILE", "bool": _NOTHING}
_WORDS |= {"integer": _NUMBER, "text": _TEXT, "boolean": _NOTHING}
_TYPE = re.compile(r"[<\[]?(?:list\[)?([^<>\[\] ]+)(?: range)?\]?>?", re.IGNORECASE)


class _InWords:
    """Help for people who do not write Python."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters with what they take in words, in the order of the panels."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for item in parameters:
            described = getattr(item, "display_type", None) or item.make_metavar
            if item.metavar is None and (found := _TYPE.fullmatch(str(described(ctx)))):
                item.metavar = _WORDS.get(found[1].lower(), f"<{found[1]}>")  # choices stay as they are
        return sorted(parameters, key=_place)


# What an argument of the command line is, by its name; one that is not here takes anything.
_ARGUMENTS = {
    "model": (FileKind.MODEL,),
    "config": (FileKind.CONFIGURATION,),
    "cells": (FileKind.ANNDATA, FileKind.COHORT),
    "folder": (FileKind.RESULTS,),
    "validations": (FileKind.VALIDATION,),
}


class HelpfulCommand(_InWords, TyperCommand):
    """A command with help in words, which says where a file belongs that it does not take."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a command line, after a look at the files that are named without an option."""
        if not (ctx.resilient_parsing or set(args) & set(ctx.help_option_names)):
            given, more, _ = self.make_parser(ctx).parse_args(list(args))
            self._look_at(given, more)
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def _look_at(self, given: dict[str, Any], more: list[str]) -> None:
        """Raise where an argument is a file of another kind, or there is one that the command does not take."""
        for name, kinds in _ARGUMENTS.items():
            values = given.get(name) or ()
            for value in [values] if isinstance(values, str) else values:
                if finding := misplaced(value, f"pathfa {self.name}", *kinds):
                    raise InputError(findings=[finding])
        for value in more:
            if finding := misplaced(value, f"pathfa {self.name}"):
                raise BadParameter(f"{finding.found}, which 'pathfa {self.name}' does not take so. Fix: {finding.fix}")


class HelpfulGroup(_InWords, TyperGroup):
    """The program, whose help does the same."""


def _place(item: Any) -> int:
    """Return the place of the panel of an option; arguments keep theirs, before all options."""
    panels = list(HelpPanel)
    if item.param_type_name == "argument":
        return -1
    panel = getattr(item, "rich_help_panel", None)
    return panels.index(panel) if panel in panels else len(panels)
