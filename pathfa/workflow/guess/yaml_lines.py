"""Lines of YAML: values quoted where needed, comments that stay on their line."""

from __future__ import annotations

import yaml


def scalar(value: object) -> str:
    """Return a value as a YAML scalar, quoted where needed.

    >>> scalar("a: b"), scalar("x.tsv")
    ("'a: b'", 'x.tsv')
    """
    text = yaml.safe_dump(str(value), default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n...\n").strip()


def comment(text: object) -> str:
    """Return text that stays on its line."""
    return " ".join(str(text).split())
