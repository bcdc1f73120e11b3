"""A configuration from a file, or from values that Snakemake has merged already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error
from pathfa.core.schemas import schema
from pathfa.core.text import did_you_mean
from pathfa.workflow.config.check import check, place_of
from pathfa.workflow.config.options import Config, make_collection, make_config
from pathfa.workflow.config.sheet import read_sheet
from pathfa.workflow.config.source import Source, read_yaml


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


def parse_config(values: Mapping[str, Any], sources: Sequence[Source | Path] = ()) -> Config:
    """Check values and make a configuration of them.

    Parameters
    ----------
    values
        The configuration.
    sources
        The files it comes from, for the lines in messages. Later files override earlier ones.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If it is not valid.
    """
    read = [source if isinstance(source, Source) else read_yaml(source) for source in sources]
    given = dict(values)
    sheet_path = given.get("cohorts")
    if isinstance(sheet_path, str) and sheet_path:
        sheet = read_sheet(Path(sheet_path))
        given["cohorts"] = sheet.values["cohorts"]
        read.append(sheet)
    findings = check(given, schema("config"), read)
    if not findings:
        findings = list(_references(given, read))
    if findings:
        raise ConfigError(findings=findings)
    return make_config(given)


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
    whole = schema("config")
    findings = check(values, {"$defs": whole["$defs"], "$ref": f"#/$defs/{name}"})
    if findings:
        raise ConfigError(findings=findings)


def _references(values: Mapping[str, Any], sources: Sequence[Source]) -> Iterator[Finding]:
    known = list(values["gene_sets"])
    for cohort, source in values["cohorts"].items():
        for view in _pathless(source):
            yield error(
                "missing-key",
                f"view '{view}' of cohort '{cohort}' has no path",
                fix="add 'path', or name the whole cohort under 'mudata'",
                place=place_of(("cohorts", cohort, "views", view), sources),
            )
        for index, name in enumerate(source.get("gene_sets", ())):
            if name not in known:
                yield error(
                    "unknown-collection",
                    f"cohort '{cohort}' asks for the gene-set collection '{name}'",
                    "one of " + ", ".join(known),
                    did_you_mean(name, known, f"add it under 'gene_sets', or remove '{name}' here"),
                    place=place_of(("cohorts", cohort, "gene_sets", index), sources),
                )
    for collection, item in values["gene_sets"].items():
        made = make_collection(item)
        if made.min_size > made.max_size:
            yield error(
                "bad-value",
                f"collection '{collection}' keeps sets of {made.min_size} to {made.max_size} genes",
                "min_size at most max_size",
                "exchange or change them",
                place=place_of(("gene_sets", collection), sources),
            )


def _pathless(cohort: Mapping[str, Any]) -> list[str]:
    """Return the views that need a path and have none."""
    views = {} if "mudata" in cohort else cohort.get("views", {})
    return [name for name, view in views.items() if isinstance(view, dict) and "path" not in view]
