"""The command line: one thin command per stage of :mod:`pathfa.workflow`."""

from pathfa.cli.main import main, script

__all__ = ["main", "script"]
