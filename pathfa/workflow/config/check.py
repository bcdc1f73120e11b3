"""JSON-schema errors, told as findings that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pathfa.core.errors import Finding, Severity
from pathfa.core.names import did_you_mean
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
    errors = Draft202012Validator(dict(schema)).iter_errors(dict(values))
    findings = dict.fromkeys(finding for error in errors for finding in _findings(error, sources))
    return sorted(findings, key=_by_line)


def _by_line(finding: Finding) -> tuple[str, int]:
    path, _, line = finding.place.rpartition(", line ")
    return path, int(line) if path else 0


def _findings(error: ValidationError, sources: Sequence[Source]) -> Iterator[Finding]:
    keys: Keys = tuple(error.absolute_path)
    here = _dotted(keys)
    match error.validator:
        case "additionalProperties":
            allowed = sorted(_dict(error.schema).get("properties", {}))
            for key in _dict(error.instance):
                if key not in allowed:
                    yield _unknown_key(str(key), allowed, (*keys, str(key)), sources)
        case "required":
            missing = [key for key in _list(error.validator_value) if key not in _dict(error.instance)]
            yield _finding(
                "missing-key",
                keys,
                sources,
                found=f"{here} lacks {_quoted(missing)}",
                fix=f"add {_quoted(missing)}",
            )
        case "dependentRequired":
            yield _finding("missing-key", keys, sources, found=f"{here}: {error.message}", fix="give both or neither")
        case _ if "propertyNames" in error.absolute_schema_path:
            name = str(error.instance)
            yield _finding(
                "bad-name",
                (*keys, name),
                sources,
                found=f"'{name}' in {here} cannot be a name",
                expected=_expected(error),
                fix="rename it",
            )
        case _:
            yield _finding(
                "bad-value",
                keys,
                sources,
                found=f"{here} is {_shown(error.instance)}",
                expected=_expected(error),
            )


def place_of(keys: Keys, sources: Sequence[Source]) -> str:
    """Return the file and line to mend, of the last file that has the key: later files override earlier ones."""
    places = (source.place(keys) or (None if keys else str(source.path)) for source in reversed(sources))
    return next((place for place in places if place), "")


def _unknown_key(key: str, allowed: Sequence[str], keys: Keys, sources: Sequence[Source]) -> Finding:
    return _finding(
        "unknown-key",
        keys,
        sources,
        found=f"unknown key '{key}' in {_dotted(keys[:-1])}",
        expected="one of " + ", ".join(allowed),
        fix=did_you_mean(key, allowed, "remove it"),
    )


def _finding(
    code: str, keys: Keys, sources: Sequence[Source], *, found: str, expected: str = "", fix: str = ""
) -> Finding:
    place = place_of(keys, sources)
    return Finding(code=code, severity=Severity.ERROR, place=place, found=found, expected=expected, fix=fix)


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
