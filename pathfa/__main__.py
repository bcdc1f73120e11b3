"""``python -m pathfa``."""

from pathfa.cli import script

script()
