"""Prose of the report, a paragraph per line."""

from importlib.resources import files


def lines(name: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, such as ``"glossary"``."""
    text = files("pathfa.reporting.prose").joinpath("texts", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)
