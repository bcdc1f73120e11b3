"""The JSON schemas of configuration, sheets and result files, wherever PathFA is installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathfa.core.errors import PathFAError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (_PACKAGE / "_schemas", _PACKAGE.parent / "data_schemas")  # in the wheel; in a checkout


def schema(name: str) -> dict[str, Any]:
    """Return a schema by name.

    Parameters
    ----------
    name
        Name of the file without ``.schema.json``, such as ``"config"``.

    Raises
    ------
    pathfa.core.errors.PathFAError
        If the installation lacks the schema.
    """
    for folder in _FOLDERS:
        path = folder / f"{name}.schema.json"
        if path.is_file():
            loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return loaded
    looked = ", ".join(str(folder) for folder in _FOLDERS)
    msg = f"the schema '{name}' is not part of this installation (looked in {looked}). Fix: reinstall PathFA"
    raise PathFAError(msg)


def validator(given: Mapping[str, Any]) -> Draft202012Validator:
    """Return what checks values by a schema, or by a part of one."""
    from jsonschema import Draft202012Validator  # takes long to load, and most jobs check nothing by a schema

    return Draft202012Validator(given)
