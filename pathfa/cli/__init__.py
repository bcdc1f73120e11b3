"""The command line: one thin command per stage of :mod:`pathfa.pipeline`."""

from pathfa.cli.main import main

__all__ = ["main"]
