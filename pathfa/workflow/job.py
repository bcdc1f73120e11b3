"""What a stage of the workflow is, and a job: a stage done once, for a cohort, a collection, or a fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pathfa.core.files import matching
from pathfa.options import FitOptions
from pathfa.workflow.config import CohortSource, Collection
from pathfa.workflow.config.words import words
from pathfa.workflow.plan import Plan

FIT = ("cohort", "collection", "run")  # the names of a fit


class Job:
    """A stage, done once: for a cohort, a collection, or a fit.

    Parameters
    ----------
    stage
        What is done.
    plan
        What the configuration asks for.
    *names
        The names that distinguish the jobs of the stage.

    Attributes
    ----------
    status, log, benchmark
        Files with its state, its log, and the time and memory that it took.
    """

    def __init__(self, stage: Stage, plan: Plan, *names: str) -> None:
        self.stage, self.plan, self.names = stage, plan, names
        self.config, self.paths = plan.config, plan.paths
        self.status = plan.paths.status(stage.name, *names)
        self.log = plan.paths.log(stage.name, *names)
        self.benchmark = plan.paths.benchmark(stage.name, *names)
        self.named = dict(zip(stage.names, names, strict=True))
        self.cohort, self.collection, self.run = (self.named.get(name, "") for name in FIT)
        self.fit = (self.cohort, self.collection, self.run)

    def __str__(self) -> str:
        return " ".join((self.stage.name, *self.names))

    @property
    def source(self) -> CohortSource:
        """Where the cohort comes from."""
        return self.config.cohorts[self.cohort]

    @property
    def gene_sets(self) -> Collection:
        """Where the gene sets come from."""
        return self.config.gene_sets[self.collection]

    @property
    def options(self) -> FitOptions:
        """The options of the fit."""
        return self.config.runs[self.run]

    @property
    def checked(self) -> dict[str, Collection]:
        """The collections that the cohort is fitted with, as they are kept once they were read."""
        return {
            name: replace(self.config.gene_sets[name], path=self.paths.gene_sets(name), sha256="")
            for name in self.plan.collections(self.cohort)
        }

    @property
    def data_files(self) -> list[str]:
        """Files from which the cohort is read."""
        return [str(path) for _, file in self.source.data_files() for path in matching(file.path)]

    @property
    def covariate_files(self) -> list[str]:
        """File with the covariates of the cohort, if there is one."""
        return [] if self.source.covariates is None else [self.source.covariates.path]

    @property
    def check_files(self) -> list[str]:
        """File with what the checks of the fit found, if the configuration asks for any."""
        return [self.paths.checks(*self.fit)] if self.config.checks else []

    @property
    def inputs(self) -> list[str]:
        """Files that must be there first."""
        return self.stage.inputs(self)

    @property
    def outputs(self) -> list[str]:
        """Files and folders that are written."""
        return self.stage.outputs(self)

    @property
    def command(self) -> list[str]:
        """Words of its command, after ``pathfa``."""
        out = self.outputs[0]
        end = {"out": Path(out).parent if self.stage.out_is_folder else out, **self.named, "status": self.status}
        return [self.stage.command or self.stage.name, *self.stage.words(self), *words(**end)]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One kind of job.

    Attributes
    ----------
    name
        Name of the rule, the log and the state.
    command
        Command of ``pathfa``; ``name`` when empty.
    names
        What distinguishes the jobs of the stage. Each is also an option of the command.
    inputs
        Files that must be there first. A job runs again when one of them has changed.
    outputs
        Files and folders (those without a suffix) that are written. The command writes the first one with ``--out``.
    words
        Inputs and the parts of the configuration that the job depends on, as words of the command. A job runs again
        when they have changed.
    out_is_folder
        Whether ``--out`` is the folder of the outputs.
    wanted
        Whether the configuration asks for the job.
    threads
        Fits that run side by side, where the command takes ``--n-jobs``.
    memory, minutes, gpu
        Shares of the memory and time that the configuration gives to a fit, and whether a GPU is used.
    """

    name: str
    command: str = ""
    names: tuple[str, ...] = ()
    inputs: Callable[[Job], list[str]] = lambda _: []
    outputs: Callable[[Job], list[str]]
    words: Callable[[Job], list[str]] = lambda _: []
    out_is_folder: bool = False
    wanted: Callable[[Job], bool] = lambda _: True
    threads: Callable[[Job], int] | None = None
    memory: float = 1.0
    minutes: float = 0.5
    gpu: bool = False
