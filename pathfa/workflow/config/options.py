"""The configuration as frozen, typed values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pathfa._version import __version__
from pathfa.options import FitOptions


class OnInvalid(StrEnum):
    """What happens to a cohort that does not pass the gate."""

    SKIP = "skip"  # the others go on; the index page says why
    FAIL = "fail"  # nothing is fitted


@dataclass(frozen=True, kw_only=True)
class File:
    """A file, with the checksum it must have when one is given."""

    path: str
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class View(File):
    """One view: its file and how it is read, as in :class:`pathfa.data.io.settings.ViewOptions`."""

    options: Mapping[str, Any] = field(default_factory=dict)

    def other_files(self) -> Iterator[tuple[str, File]]:
        """Yield the files that the options name."""
        for name in ("features_file", "samples_file", "id_table", "orthologues", "sample_table"):
            if name in self.options and not self.options[name].startswith("biomart:"):  # that one is downloaded
                yield name, File(path=self.options[name])


@dataclass(frozen=True, kw_only=True)
class CohortSource:
    """Where a cohort comes from: one file per view, one MuData file, or the simulator."""

    title: str = ""
    views: Mapping[str, View] = field(default_factory=dict)
    mudata: File | None = None
    demo: int | None = None
    samples: File | None = None
    covariates: File | None = None
    gene_sets: tuple[str, ...] = ()
    simulated: bool = False  # the files are those of a simulated cohort

    def files(self) -> Iterator[tuple[str, File]]:
        """Yield every file of the cohort with what it is."""
        yield from self.data_files()
        if self.covariates is not None:
            yield "covariates", self.covariates

    def data_files(self) -> Iterator[tuple[str, File]]:
        """Yield the files from which the cohort is read: all but the covariates, which only the report needs."""
        for name, view in self.views.items():
            if view.path:
                yield f"view '{name}'", view
            yield from ((f"{label} of view '{name}'", file) for label, file in view.other_files())
        for label, file in (("mudata", self.mudata), ("samples", self.samples)):
            if file is not None:
                yield label, file


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A gene-set collection: a GMT file, or the one of the demo cohort."""

    path: str = ""
    demo: bool = False
    sha256: str = ""
    min_size: int = 5
    max_size: int = 500


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What the columns of the covariates are."""

    biological: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    time: str = ""
    event: str = ""

    def named(self) -> tuple[str, ...]:
        """Return every column that has a role."""
        return (*self.biological, *self.technical, *filter(None, (self.time, self.event)))


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What a cohort must bring before it is fitted, and what happens when it does not."""

    on_invalid: OnInvalid = OnInvalid.SKIP
    min_samples: int = 2
    min_shared: int = 0
    min_features: int = 10
    min_gene_sets: int = 2


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """What the report shows beyond the result itself."""

    title: str = ""
    anonymise: bool = False  # codes in the place of sample names


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one fit asks of a cluster: threads, MB of memory, minutes, GPUs."""

    threads: int = 2
    mem_mb: int = 2000
    runtime: int = 30
    gpu: int = 0


@dataclass(frozen=True, kw_only=True)
class Config:
    """A whole configuration."""

    title: str = "PathFA"
    output: str = "results"
    cohorts: Mapping[str, CohortSource]
    gene_sets: Mapping[str, Collection]
    runs: Mapping[str, FitOptions]
    covariates: Roles = Roles()
    gate: Gate = Gate()
    checks: tuple[str, ...] = ()  # those that refit every model
    report: ReportOptions = ReportOptions()
    resources: Resources = Resources()
    container: str = f"docker-daemon://pathfa:{__version__}"  # what `make image` builds


def make_config(values: Mapping[str, Any]) -> Config:
    """Make a configuration of values that meet the schema.

    Parameters
    ----------
    values
        As in ``data_schemas/config.schema.json``, with the cohorts as a mapping.
    """
    given = dict(values)
    given["cohorts"] = {name: make_cohort(cohort) for name, cohort in given["cohorts"].items()}
    given["gene_sets"] = {name: make_collection(item) for name, item in given["gene_sets"].items()}
    given["runs"] = {name: FitOptions(**run) for name, run in given.get("runs", {"main": {}}).items()}
    for name, make in (("covariates", _make_roles), ("gate", _make_gate)):
        if name in given:
            given[name] = make(given[name])
    given["checks"] = tuple(given.get("checks", ()))
    if "report" in given:
        given["report"] = ReportOptions(**given["report"])
    if "resources" in given:
        given["resources"] = Resources(**given["resources"])
    return Config(**given)


def make_cohort(values: Mapping[str, Any]) -> CohortSource:
    """Make the source of a cohort of values that meet the schema."""
    given = dict(values)
    given["views"] = {name: _make_view(view) for name, view in given.get("views", {}).items()}
    for name in ("mudata", "samples", "covariates"):
        if name in given:
            given[name] = make_file(given[name])
    given["gene_sets"] = tuple(given.get("gene_sets", ()))
    return CohortSource(**given)


def make_file(value: str | Mapping[str, Any]) -> File:
    """Make a file of a path or of values that meet the schema."""
    return File(path=value) if isinstance(value, str) else File(**value)


def _make_view(value: str | Mapping[str, Any]) -> View:
    given = {"path": value} if isinstance(value, str) else dict(value)
    return View(path=given.pop("path", ""), sha256=given.pop("sha256", ""), options=given)


def make_collection(value: str | Mapping[str, Any]) -> Collection:
    """Make a collection of a path or of values that meet the schema."""
    return Collection(path=value) if isinstance(value, str) else Collection(**value)


def _make_roles(values: Mapping[str, Any]) -> Roles:
    lists = {name: tuple(values.get(name, ())) for name in ("biological", "technical")}
    return Roles(**{**values, **lists})


def _make_gate(values: Mapping[str, Any]) -> Gate:
    on_invalid = OnInvalid(values.get("on_invalid", OnInvalid.SKIP))
    return Gate(**{**values, "on_invalid": on_invalid})
