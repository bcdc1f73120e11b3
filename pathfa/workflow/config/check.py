"""JSON-schema errors, told as findings that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pathfa.core.findings import Finding, error
from pathfa.core.text import did_you_mean
from pathfa.workflow.config.source import Keys, Source


def check(values: Mapping[str, Any], schema: Mapping[str, Any], sources: Sequence[Source] = ()) -> list[Finding]:
    """Compare values with a schema.

    Parameters
    ----------
    values
        What was given.
    schema
        JSON schema; ``errorMessage`` beside a keyword says in words what is expected.
    sources
        The files the values come from, for the lines in the findings.
    """
    problems = Draft202012Validator(dict(schema)).iter_errors(dict(values))
    findings = dict.fromkeys(finding for problem in problems for finding in _findings(problem, sources))
    return sorted(findings, key=_by_line)


def _by_line(finding: Finding) -> tuple[str, int]:
    path, _, line = finding.place.rpartition(", line ")
    return path, int(line) if path else 0


def _findings(problem: ValidationError, sources: Sequence[Source]) -> Iterator[Finding]:
    keys: Keys = tuple(problem.absolute_path)
    here, place = _dotted(keys), place_of(keys, sources)
    match problem.validator:
        case "additionalProperties":
            allowed = sorted(_dict(problem.schema).get("properties", {}))
            for key in _dict(problem.instance):
                if key not in allowed:
                    yield _unknown_key(str(key), allowed, (*keys, str(key)), sources)
        case "required":
            missing = [key for key in _list(problem.validator_value) if key not in _dict(problem.instance)]
            yield error("missing-key", f"{here} lacks {_quoted(missing)}", fix=f"add {_quoted(missing)}", place=place)
        case "dependentRequired":
            yield error("missing-key", f"{here}: {problem.message}", fix="give both or neither", place=place)
        case _ if "propertyNames" in problem.absolute_schema_path:
            name = str(problem.instance)
            yield error(
                "bad-name",
                f"'{name}' in {here} cannot be a name",
                _expected(problem),
                "rename it",
                place=place_of((*keys, name), sources),
            )
        case _:
            yield error("bad-value", f"{here} is {_shown(problem.instance)}", _expected(problem), place=place)


def place_of(keys: Keys, sources: Sequence[Source]) -> str:
    """Return the file and line to mend, of the last file that has the key: later files override earlier ones."""
    places = (source.place(keys) or (None if keys else str(source.path)) for source in reversed(sources))
    return next((place for place in places if place), "")


def _unknown_key(key: str, allowed: Sequence[str], keys: Keys, sources: Sequence[Source]) -> Finding:
    found, place = f"unknown key '{key}' in {_dotted(keys[:-1])}", place_of(keys, sources)
    return error(
        "unknown-key", found, "one of " + ", ".join(allowed), did_you_mean(key, allowed, "remove it"), place=place
    )


def _expected(error: ValidationError) -> str:
    schema = error.schema
    if isinstance(schema, dict) and "errorMessage" in schema:
        return str(schema["errorMessage"])
    value = error.validator_value
    match error.validator:
        case "type":
            return " or ".join(_KINDS[kind] for kind in ([value] if isinstance(value, str) else _list(value)))
        case "enum":
            return "one of " + ", ".join(str(item) for item in _list(value))
        case "const":
            return _shown(value)
        case "minimum":
            return f"at least {value}"
        case "exclusiveMinimum":
            return f"more than {value}"
        case "minLength" | "minItems" | "minProperties":
            return "at least one entry"
        case "uniqueItems":
            return "every entry once"
        case _:
            return error.message


def _dict(value: Any) -> dict[str, Any]:
    return dict(value)


def _list(value: Any) -> list[Any]:
    return list(value)


_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping (key: value)",
    "array": "a list",
    "null": "nothing",
}


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping with " + (_quoted([str(key) for key in value][:5]) or "nothing in it")
        case list():
            return f"a list of {len(value)}"
        case str():
            return f"'{value}'"
        case _:
            return str(value)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _dotted(keys: Keys) -> str:
    return ".".join(str(key) for key in keys) or "the configuration"
