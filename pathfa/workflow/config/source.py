"""YAML text -> plain values, and the line on which each of them stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pathfa.core.errors import ConfigError, MissingInputError
from pathfa.core.findings import Finding, error

Keys = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A YAML file as read.

    Parameters
    ----------
    path
        The file.
    values
        Its content.
    lines
        The line of every key and list item, by the keys that lead to it.
    """

    path: Path
    values: dict[str, Any]
    lines: dict[Keys, int]

    def place(self, keys: Keys) -> str | None:
        """Return ``file, line n`` of the deepest of ``keys`` that stands in the file, None when none does."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.lines:
                return f"{self.path}, line {self.lines[keys[:length]]}"
        return None


def read_yaml(path: Path) -> Source:
    """Read a YAML file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If it cannot be opened.
    pathfa.core.errors.ConfigError
        If it is not YAML, has a key twice, or is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{path}: cannot be opened ({error.strerror}); looked in {Path.cwd()}"
        raise MissingInputError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path}: not a text file in UTF-8 ({error.reason} at byte {error.start}); expected YAML"
        raise ConfigError(msg) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        shown = f"\n    {text.splitlines()[mark.line]}" if mark and mark.line < len(text.splitlines()) else ""
        msg = f"{path}{line}: not valid YAML: {error.problem}{shown}\nFix: check indentation, colons and quotes there"
        raise ConfigError(msg) from error
    except (yaml.YAMLError, ValueError) as error:
        msg = f"{path}: not valid YAML: {error}"
        raise ConfigError(msg) from error
    if not isinstance(values, dict):
        msg = f"{path}: holds {'nothing' if values is None else type(values).__name__}; expected 'key: value' lines"
        raise ConfigError(msg)
    doubles: list[Finding] = []
    lines = dict(_positions(root, (), path, doubles))
    if doubles:
        raise ConfigError(findings=doubles)
    return Source(path=path, values=values, lines=lines)


def _positions(node: yaml.Node | None, keys: Keys, path: Path, doubles: list[Finding]) -> Iterator[tuple[Keys, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen:
                first = f"'{name}' stands a second time; the first is on line {seen[name]}"
                place = f"{path}, line {line}"
                fix = "remove or rename one of them"
                doubles.append(error("duplicate-key", first, "every key once", fix, place=place))
            seen[name] = line
            yield (*keys, name), line
            yield from _positions(value, (*keys, name), path, doubles)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*keys, index), value.start_mark.line + 1
            yield from _positions(value, (*keys, index), path, doubles)
