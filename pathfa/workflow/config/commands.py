"""Parts of a configuration as options of the command line, so that every job is a command that a person can repeat."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from shlex import quote

from pathfa.options import FitOptions
from pathfa.workflow.config import CohortSource, Collection, Config, File, Gate, ReportOptions, Roles, View
from pathfa.workflow.layout import Layout


def cohort_options(source: CohortSource) -> str:
    """Return the options that name the input of a cohort, quoted for a shell."""
    parts = ["--view " + quote(f"{name}={_file(view)}") for name, view in source.views.items()]
    if source.mudata is not None:
        parts.append(f"--mudata {quote(_file(source.mudata))}")
    if source.samples is not None:
        parts.append(f"--samples {quote(_file(source.samples))}")
    if source.simulated:
        parts.append("--simulated")
    return " ".join(parts)


def covariate_options(source: CohortSource, roles: Roles) -> str:
    """Return the options that name the covariates and what they are."""
    parts = [] if source.covariates is None else [f"--covariates {quote(_file(source.covariates))}"]
    parts += [f"--biological {quote(name)}" for name in roles.biological]
    parts += [f"--technical {quote(name)}" for name in roles.technical]
    if roles.time:
        parts += [f"--time {quote(roles.time)}", f"--event {quote(roles.event)}"]
    return " ".join(parts)


def size_options(item: Collection) -> str:
    """Return the options that say which sizes of gene sets are used."""
    return f"--min-size {item.min_size} --max-size {item.max_size}"


def validate_options(collections: Mapping[str, Collection], layout: Layout) -> str:
    """Return the options that name the checked collections a cohort is validated with."""
    parts = []
    for name, item in collections.items():
        values = {"path": layout.gene_sets(name), "min_size": item.min_size, "max_size": item.max_size}
        parts.append("--gene-sets " + quote(f"{name}={json.dumps(values)}"))
    return " ".join(parts)


def collection_files(config: Config, layout: Layout) -> str:
    """Return the options that name what was found in every collection."""
    return " ".join(f"--collection {quote(layout.collection(name))}" for name in config.gene_sets)


def report_options(config: Config, cohort: str) -> str:
    """Return what the report shows beyond the result: its heading, and whether samples have codes."""
    options = heading(config, cohort)
    return " ".join([f"--title {quote(options.title)}", *(["--anonymise"] if options.anonymise else [])])


def heading(config: Config, cohort: str) -> ReportOptions:
    """Return the options of the report of a cohort; its title is that of all reports, its own, or its name."""
    return replace(config.report, title=config.report.title or config.cohorts[cohort].title or cohort)


def index_options(config: Config) -> str:
    """Return the heading of the index page and the runs that it lists."""
    return " ".join([f"--title {quote(config.title)}", *(f"--run {quote(run)}" for run in config.runs)])


def check_options(checks: Sequence[str]) -> str:
    """Return the options that name the checks that refit a model."""
    return " ".join(f"--check {name}" for name in checks)


def checks_file(path: str) -> str:
    """Return the option that names what the checks found, empty without any."""
    return f"--checks {quote(path)}" if path else ""


def collection_options(item: Collection) -> str:
    """Return the option that names a collection."""
    return f"--gene-sets {quote(_file(File(path=item.path, sha256=item.sha256)))}"


def fit_options(options: FitOptions) -> str:
    """Return the options of a fit that differ from the defaults."""
    return " ".join(_words(options))


def fit_command(source: CohortSource, item: Collection, options: FitOptions, out: Path) -> str:
    """Return the command that repeats a fit."""
    parts = ["pathfa fit", cohort_options(source), collection_options(item), size_options(item), fit_options(options)]
    return " ".join(filter(None, [*parts, f"--out {quote(str(out))}"]))


def gate_options(gate: Gate) -> str:
    """Return the options of the gate that differ from the defaults."""
    return " ".join(_words(gate))


def _words(options: FitOptions | Gate) -> Iterator[str]:
    for item in fields(options):
        value = getattr(options, item.name)
        name = item.name.replace("_", "-")
        if value == item.default:
            continue
        if value is True:
            yield f"--{name}"
        else:
            yield from (f"--{name} {quote(str(each))}" for each in (value if isinstance(value, tuple) else (value,)))


def _file(file: File) -> str:
    """Return a path, or a mapping as in the configuration when there is more to say."""
    more = {"sha256": file.sha256} if file.sha256 else {}
    more |= file.options if isinstance(file, View) else {}
    return json.dumps(({"path": file.path} if file.path else {}) | more) if more else file.path
