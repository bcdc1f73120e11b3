"""The configuration as frozen, typed values, made of plain ones and made plain again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pathfa._version import __version__
from pathfa.options import FitOptions

_Part = TypeVar("_Part")


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
class ViewSource(File):
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
    views: Mapping[str, ViewSource] = field(default_factory=dict)
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
    """A gene-set collection: a file, a collection by name such as msigdb:h.all, or the one of the demo cohort."""

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
    """What a cohort needs before it is fitted, and what happens when it does not."""

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


class JobOf(StrEnum):
    """What one job of Snakemake does once a cohort has passed the gate."""

    STAGE = "stage"  # one stage of one fit
    COHORT = "cohort"  # all stages of all fits of a cohort, in one process


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one job asks of a cluster: threads, MB of memory, minutes, GPUs; and what one job does."""

    job: JobOf = JobOf.STAGE
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
    """Make a configuration of values that meet the schema, with the cohorts as a mapping."""
    return make(Config, {"runs": {"main": {}}, **values})


def make(kind: type[_Part], value: str | Mapping[str, Any]) -> _Part:
    """Make a part of a configuration of values that meet the schema, or of a path where a path is enough."""
    given: dict[str, Any] = {"path": value} if isinstance(value, str) else dict(value)
    if kind is ViewSource:
        options = {name: item for name, item in given.items() if name not in ("path", "sha256")}
        given = {"path": given.get("path", ""), "sha256": given.get("sha256", ""), "options": options}
    types = get_type_hints(kind)
    return kind(**{name: _made(types[name], item) for name, item in given.items()})


def _made(kind: Any, value: Any) -> Any:
    """Return a value as an instance of the type of a field."""
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(value)
    if get_origin(kind) is Mapping:
        return {name: _made(parts[1], item) for name, item in value.items()}
    for part in parts or (kind,):
        if is_dataclass(part) and isinstance(part, type):
            return make(part, value)
        if isinstance(part, type) and issubclass(part, StrEnum):
            return part(value)
    return value


def plain(part: Any) -> Any:
    """Return a part of a configuration as the values that ``make`` makes it of, without those that are the default."""
    if isinstance(part, Mapping):
        return {name: plain(item) for name, item in part.items()}
    if isinstance(part, tuple):
        return [plain(item) for item in part]
    if not is_dataclass(part):
        return str(part) if isinstance(part, StrEnum) else part
    values = {item.name: (getattr(part, item.name), item.default) for item in fields(part)}
    found = {name: plain(value) for name, (value, default) in values.items() if value != default}
    if isinstance(part, ViewSource):
        found |= found.pop("options")
    return found
