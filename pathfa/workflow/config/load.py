"""A configuration from a file, or from values that Snakemake merged, with errors by line; a template to start from."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pathfa.core.errors import ConfigError
from pathfa.core.files import write_text
from pathfa.core.findings import Finding, error
from pathfa.core.schemas import schema, validator
from pathfa.core.text import did_you_mean
from pathfa.workflow.config.options import Collection, Config, make, make_config
from pathfa.workflow.config.sources import Keys, Source, read_cohort_sheet, read_yaml

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_COMMAND_LINE = Path("--config")
_TEMPLATE = Path(__file__).with_name("template.yaml")


def load_config(path: str | Path) -> Config:
    """Read and check a configuration file.

    Parameters
    ----------
    path
        YAML file as in ``data_schemas/config.schema.json``. Paths in it are relative to the current folder.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If the file, or the cohort sheet that it names, cannot be opened.
    pathfa.core.errors.ConfigError
        If it is not valid; the message lists every problem with its line.
    """
    source = read_yaml(Path(path))
    return parse_config(source.values, [source])


def write_template(path: Path, *, force: bool, files: Sequence[Path] = (), **known: Any) -> None:
    """Write a commented configuration.

    Parameters
    ----------
    path
        The file.
    force
        Whether an existing file is replaced.
    files
        Files of a cohort, from which its options are guessed.
    **known
        What is known of them, as for :func:`pathfa.workflow.guess.guess_config`.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If there is a file of that name and ``force`` is not set, or no file contains values.
    pathfa.core.errors.MissingInputError
        If one of the files does not exist.
    """
    if path.exists() and not force:
        msg = f"{path} exists already and was left as it is. Fix: choose another name, or --force to replace it"
        raise ConfigError(msg)
    if not files and not known:
        write_text(path, _TEMPLATE.read_text(encoding="utf-8").replace("config.yaml", path.name))
        return
    from pathfa.workflow.guess import guess_config

    write_text(path, guess_config(files, **known))


def parse_config(values: Mapping[str, Any], sources: Sequence[Source | Path] = ()) -> Config:
    """Check values and make a configuration of them.

    Parameters
    ----------
    values
        As in ``data_schemas/config.schema.json``.
    sources
        The files the values come from, for the lines in the messages. Later files override earlier ones, and what is in
        none of them comes from the command line, where numbers are text.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If it is not valid.
    """
    read = [source if isinstance(source, Source) else read_yaml(source) for source in sources]
    given = dict(values)
    if read:
        read.append(_command_line(given, read))
        given = _typed(given, read[-1])
    sheet_path = given.get("cohorts")
    if isinstance(sheet_path, str) and sheet_path:
        sheet = read_cohort_sheet(Path(sheet_path))
        given = _typed({**given, "cohorts": sheet.values["cohorts"]}, sheet)
        read.append(sheet)
    findings = _schema_findings(given, schema("config"), read) or list(_references(given, read))
    if findings:
        raise ConfigError(findings=findings)
    return make_config(given)


def _command_line(values: Mapping[str, Any], sources: Sequence[Source]) -> Source:
    """Return the values that are in none of the files, which Snakemake merged with them from ``--config``."""
    added: dict[Keys, int] = {}

    def look(found: Mapping[str, Any], known: Sequence[Mapping[str, Any]], keys: Keys) -> None:
        for key, value in found.items():
            there = [each[key] for each in known if key in each]
            if isinstance(value, Mapping):
                look(value, [each for each in there if isinstance(each, Mapping)], (*keys, key))
            elif value not in there:
                added[*keys, key] = 0

    look(values, [source.values for source in sources], ())
    return Source(path=_COMMAND_LINE, values={}, lines=added)


def _typed(values: dict[str, Any], given: Source) -> dict[str, Any]:
    """Return values with the text of one source as numbers, truth values or mappings where these are expected."""
    read = copy.deepcopy(values)
    for problem in validator(schema("config")).iter_errors(values):
        *parents, last = problem.absolute_path or [""]
        if given.place((*parents, last)) is not None and isinstance(problem.instance, str):
            place = reduce(getitem, parents, read)
            place[last] = _value(problem.instance)
    return read


def _value(text: str) -> Any:
    """Return what YAML makes of a text, and numbers without a point before the exponent, which it leaves as text."""
    try:
        read = yaml.safe_load(text)
        return float(read) if isinstance(read, str) else read
    except (yaml.YAMLError, ValueError):
        return text


def parse_part(name: str, values: Mapping[str, Any]) -> None:
    """Check one part of a configuration, such as a cohort given on the command line.

    Parameters
    ----------
    name
        Its definition in the schema: ``"cohort"``, ``"collection"``, ``"run"``, ``"roles"`` or ``"gate"``.
    values
        The part.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If it is not valid.
    """
    findings = _schema_findings(values, {"$defs": schema("config")["$defs"], "$ref": f"#/$defs/{name}"}, ())
    if findings:
        raise ConfigError(findings=findings)


def _references(values: Mapping[str, Any], sources: Sequence[Source]) -> Iterator[Finding]:
    """Yield what the schema cannot check: names that do not exist, and sizes that exclude each other."""
    known = list(values["gene_sets"])
    for cohort, source in values["cohorts"].items():
        views = {} if "mudata" in source else source.get("views", {})
        for view in (name for name, each in views.items() if isinstance(each, dict) and "path" not in each):
            found = f"view '{view}' of cohort '{cohort}' has no path"
            place = _place(("cohorts", cohort, "views", view), sources)
            fix = "add 'path', or name the whole cohort under 'mudata'"
            yield error("missing-key", found, fix=fix, place=place)
        for index, name in enumerate(source.get("gene_sets", ())):
            if name not in known:
                yield error(
                    "unknown-collection",
                    f"cohort '{cohort}' asks for the gene-set collection '{name}'",
                    expected="one of " + ", ".join(known),
                    fix=did_you_mean(name, known, f"add it under 'gene_sets', or remove '{name}' here"),
                    place=_place(("cohorts", cohort, "gene_sets", index), sources),
                )
    for collection, item in values["gene_sets"].items():
        made = make(Collection, item)
        if made.min_size > made.max_size:
            found = f"collection '{collection}' keeps sets of {made.min_size} to {made.max_size} genes"
            place = _place(("gene_sets", collection), sources)
            expected, fix = "min_size at most max_size", "exchange or change them"
            yield error("bad-value", found, expected=expected, fix=fix, place=place)


def _place(keys: Keys, sources: Sequence[Source]) -> str:
    """Return the file and line to correct, of the last file that has the key: later files override earlier ones."""
    places = (source.place(keys) or (None if keys else str(source.path)) for source in reversed(sources))
    return next((place for place in places if place), "")


def _schema_findings(values: Mapping[str, Any], schema: Mapping[str, Any], sources: Sequence[Source]) -> list[Finding]:
    """Return what a JSON schema says of values; ``errorMessage`` beside a keyword says in words what is expected."""

    def by_line(finding: Finding) -> tuple[str, int]:
        path, _, line = finding.place.rpartition(", line ")
        return path, int(line) if path else 0

    errors = validator(schema).iter_errors(dict(values))
    findings = dict.fromkeys(finding for each in errors for finding in _findings(each, sources))
    return sorted(findings, key=by_line)


def _findings(problem: ValidationError, sources: Sequence[Source]) -> Iterator[Finding]:
    keys: Keys = tuple(problem.absolute_path)
    here, place = _dotted(keys), _place(keys, sources)
    found: Any = problem.instance
    limit: Any = problem.validator_value
    if problem.validator == "additionalProperties":
        rules: Any = problem.schema
        allowed = sorted(rules.get("properties", {}))
        otherwise = "remove it, or call it 'path' if it is the file" if "path" in {*allowed} - {*found} else "remove it"
        for key in (str(key) for key in found if key not in allowed):
            yield error(
                "unknown-key",
                f"unknown key '{key}' in {here}",
                expected="one of " + ", ".join(allowed),
                fix=did_you_mean(key, allowed, otherwise),
                place=_place((*keys, key), sources),
            )
    elif problem.validator == "required":
        missing = _quoted([key for key in limit if key not in found])
        yield error("missing-key", f"{here} lacks {missing}", fix=f"add {missing}", place=place)
    elif problem.validator == "dependentRequired":
        yield error("missing-key", f"{here}: {problem.message}", fix="give both or neither", place=place)
    elif "propertyNames" in problem.absolute_schema_path:
        said = f"'{found}' in {here} cannot be a name"
        place = _place((*keys, str(found)), sources)
        yield error("bad-name", said, expected=_expected(problem), fix="rename it", place=place)
    else:
        yield error("bad-value", f"{here} is {_shown(found)}", expected=_expected(problem), place=place)


def _expected(problem: ValidationError) -> str:
    schema = problem.schema
    if isinstance(schema, dict) and "errorMessage" in schema:
        return str(schema["errorMessage"])
    limit: Any = problem.validator_value
    match problem.validator:
        case "type":
            return " or ".join(_TYPES[kind] for kind in ([limit] if isinstance(limit, str) else limit))
        case "enum":
            return "one of " + ", ".join(str(item) for item in limit)
        case "const":
            return _shown(limit)
        case "minimum":
            return f"at least {limit}"
        case "exclusiveMinimum":
            return f"more than {limit}"
        case "minLength" | "minItems" | "minProperties":
            return "at least one entry"
        case "uniqueItems":
            return "every entry once"
    return problem.message


_TYPES = {
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
    return f"'{value}'" if isinstance(value, str) else str(value)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _dotted(keys: Keys) -> str:
    return ".".join(str(key) for key in keys) or "the configuration"
