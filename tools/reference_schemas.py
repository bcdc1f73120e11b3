"""The JSON schemas of configuration, sheets and files, as tables."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from numpydoc.docscrape import NumpyDocString
from reference_tables import cell, table

from pathfa.core.schemas import schema
from pathfa.data.io.settings import ViewOptions

FILES = {
    "cohort_sheet": "The cohort sheet",
    "sample_sheet": "The sample sheet",
    "gene_set_sheet": "Gene sets as a table",
    "validation": "`validation.json`",
    "collection": "`COLLECTION.json`",
    "report_status": "`status.json` beside a report",
    "status": "State of a job",
}
"""Per schema the heading of what it describes; ``configuration`` has that of the configuration."""
_PARTS = {
    "cohort": "cohorts.NAME",
    "view": "cohorts.NAME.views.NAME",
    "collection": "gene_sets.NAME",
    "run": "runs.NAME",
    "roles": "covariates",
    "gate": "gate",
    "report": "report",
    "resources": "resources",
}
_HEAD = ["key", "value", "default", "what it says"]


def configuration() -> str:
    """Return the keys of a configuration, a table for each part."""
    whole = schema("config")
    parts = [table(_HEAD, _rows(whole, whole))]
    for name, heading in _PARTS.items():
        part = whole["$defs"][name]
        about = f"{part['description']}\n\n" if "description" in part else ""
        rows = _rows(part, whole, _of_a_view() if name == "view" else {})
        parts.append(f"## `{heading}`\n\n{about}{table(_HEAD, rows)}")
    return "\n".join(parts)


def files() -> str:
    """Return the keys of every other file that a schema describes."""
    parts = []
    for name, heading in FILES.items():
        whole = schema(name)
        about = whole.get("description", whole["title"])
        parts.append(f"## {heading}\n\n{about}\n\n{table(_HEAD, _rows(whole, whole))}")
    return "\n".join(parts)


def _of_a_view() -> dict[str, str]:
    """Return what the docstring of the options of a view says of each, of those that it names together once."""
    said = {}
    for item in NumpyDocString(inspect.getdoc(ViewOptions) or "")["Parameters"]:
        first, *others = item.name.split(", ")
        said |= {first: " ".join(item.desc)} | dict.fromkeys(others, f"See `{first}`.")
    return said


def _resolved(part: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return dict(part)
    found = whole["$defs"][part["$ref"].rpartition("/")[2]]
    return {**found, **{key: value for key, value in part.items() if key != "$ref"}}


def _rows(
    part: Mapping[str, Any],
    whole: Mapping[str, Any],
    said: Mapping[str, str] = MappingProxyType({}),
    before: str = "",
) -> Iterator[list[str]]:
    """Yield a row per key, of lists and nested objects too."""
    part = _resolved(part, whole)
    if "items" in part and "properties" in _resolved(part["items"], whole):
        part = _resolved(part["items"], whole)
    for name, value in part.get("properties", {}).items():
        item = _resolved(value, whole)
        default = f"`{_shown(item['default'])}`" if "default" in item else ""
        needed = "needed" if name in part.get("required", ()) else default
        about = said.get(name) or item.get("description", "")
        yield [f"`{before}{name}`", _kind(item, whole), needed, cell(about)]
        nested = item.get("additionalProperties")
        inside = _resolved(item["items"], whole) if isinstance(item.get("items"), dict) else item
        if "$ref" not in value and inside.get("properties"):
            yield from _rows(inside, whole, before=f"{before}{name}{'[]' if inside is not item else ''}.")
        elif isinstance(nested, dict) and "$ref" not in nested and nested.get("properties"):
            yield from _rows(nested, whole, before=f"{before}{name}.NAME.")


def _shown(value: object) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


def _kind(item: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """Return what a key takes, in words."""
    if "enum" in item:
        return ", ".join(f"`{_shown(value)}`" for value in item["enum"])
    if "const" in item:
        return f"`{_shown(item['const'])}`"
    kinds = item.get("type", "anything")
    words = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    inner = _resolved(item["items"], whole) if isinstance(item.get("items"), dict) else {}
    if inner.get("enum"):
        words += f" of {', '.join(f'`{value}`' for value in inner['enum'])}"
    limits = [
        f"{word} {item[key]:g}"
        for key, word in (("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"))
        if key in item
    ]
    return ", ".join([words, *limits])
