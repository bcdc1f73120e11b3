"""Parts of a configuration as words of a command line that a person can repeat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from shlex import join

from pathfa.options import FitOptions
from pathfa.workflow.config.options import CohortSource, Collection, Config, File, Gate, Roles, ViewSource, plain

_OF_COHORTS = ("output", "cohorts", "gene_sets", "runs", "covariates", "checks", "report")


def words(**options: object) -> list[str]:
    """Return options as words: a flag where the value is True, one option per entry of a tuple or list."""
    found: list[str] = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            found.append(option)
        elif isinstance(value, (list, tuple)):
            found += [word for each in value for word in (option, str(each))]
        elif value is not None and value is not False:
            found += [option, str(value)]
    return found


def cohort_words(source: CohortSource) -> list[str]:
    """Return the words that name the input of a cohort."""
    views = [f"{name}={_file(view)}" for name, view in source.views.items()]
    return words(view=views, mudata=_file(source.mudata), samples=_file(source.samples), simulated=source.simulated)


def covariate_words(source: CohortSource, roles: Roles) -> list[str]:
    """Return the words that name the covariates and what they are."""
    return words(
        covariates=_file(source.covariates),
        biological=roles.biological,
        technical=roles.technical,
        time=roles.time or None,
        event=roles.event or None,
    )


def collection_words(item: Collection) -> list[str]:
    """Return the words that name a collection."""
    return words(gene_sets=_file(File(path=item.path, sha256=item.sha256)))


def size_words(item: Collection) -> list[str]:
    """Return the words that say which sizes of gene sets are used."""
    return words(min_size=item.min_size, max_size=item.max_size)


def named_collection_words(collections: Mapping[str, Collection]) -> list[str]:
    """Return the words that name collections with their sizes, for a command that takes several."""
    sizes = {name: {"min_size": item.min_size, "max_size": item.max_size} for name, item in collections.items()}
    return words(
        gene_sets=[f"{name}={json.dumps({'path': item.path, **sizes[name]})}" for name, item in collections.items()]
    )


def title_words(cohorts: Mapping[str, CohortSource]) -> list[str]:
    """Return the words that give the titles of cohorts, of those that have one."""
    return words(cohort_title=[f"{name}={source.title}" for name, source in cohorts.items() if source.title])


def changed_words(options: FitOptions | Gate) -> list[str]:
    """Return the words for the options that differ from the defaults."""
    values = [(item, getattr(options, item.name)) for item in fields(options)]
    return words(**{item.name: value for item, value in values if value != item.default})


def fit_command(source: CohortSource, item: Collection, options: FitOptions, out: Path) -> str:
    """Return the command that repeats a fit."""
    parts = (cohort_words(source), collection_words(item), size_words(item), changed_words(options), words(out=out))
    return join(["pathfa", "fit", *(word for part in parts for word in part)])


def part_words(config: Config) -> list[str]:
    """Return the words that hold all of a configuration that the fits of its cohorts depend on."""
    return words(config=json.dumps({name: value for name, value in plain(config).items() if name in _OF_COHORTS}))


def _file(file: File | None) -> str | None:
    """Return a path, or a mapping as in the configuration when there is more to say."""
    if file is None:
        return None
    more = {"sha256": file.sha256} if file.sha256 else {}
    more |= file.options if isinstance(file, ViewSource) else {}
    return json.dumps(({"path": file.path} if file.path else {}) | more) if more else file.path
