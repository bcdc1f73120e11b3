"""The stages of the workflow: one table, walked by ``pathfa run`` and by the rules of Snakemake."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from pathlib import Path

from pathfa.core.files import matching
from pathfa.options import FitOptions
from pathfa.workflow.config import CohortSource, Collection, Config
from pathfa.workflow.config.options import (
    changed_words,
    cohort_words,
    collection_words,
    covariate_words,
    named_collection_words,
    size_words,
    words,
)
from pathfa.workflow.gate import read_decisions
from pathfa.workflow.layout import DEMO_FILES, Layout, demo_seeds, on_disk

FIT = ("cohort", "collection", "run")  # the names of a fit


class Plan:
    """What a configuration asks for, and where its results are.

    Parameters
    ----------
    config
        The configuration. The files of simulated cohorts take the place of their seeds.
    """

    def __init__(self, config: Config) -> None:
        self.seeds = demo_seeds(config)
        self.config = on_disk(config)
        self.paths = Layout(config.output)

    def collections(self, cohort: str) -> tuple[str, ...]:
        """Return the names of the collections that a cohort is fitted with."""
        return self.config.cohorts[cohort].gene_sets or tuple(self.config.gene_sets)

    def fits(self) -> list[tuple[str, str, str]]:
        """Return cohort, collection and run of every fit that passed the gate."""
        passed = [decision for decision in read_decisions(Path(self.paths.gate)) if decision.decision == "fit"]
        return [(decision.cohort, decision.collection, run) for decision in passed for run in self.config.runs]

    def only(self, cohorts: Container[str], collections: Container[str]) -> Plan:
        """Return the plan for some of the cohorts and collections; cohorts without a collection are left out."""
        kept = {
            name: tuple(each for each in self.collections(name) if each in collections)
            for name in self.config.cohorts
            if name in cohorts
        }
        sources = {name: replace(self.config.cohorts[name], gene_sets=sets) for name, sets in kept.items() if sets}
        gene_sets = {name: item for name, item in self.config.gene_sets.items() if name in collections}
        return Plan(replace(self.config, cohorts=sources, gene_sets=gene_sets))


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


STAGES = (
    Stage(
        name="simulate",
        names=("seed",),
        outputs=lambda job: [job.paths.demo_file(job.named["seed"], name) for name in DEMO_FILES],
        out_is_folder=True,
    ),
    Stage(
        name="gene_sets",
        command="genesets",
        names=("collection",),
        inputs=lambda job: [job.gene_sets.path],
        outputs=lambda job: [job.paths.gene_sets(job.collection), job.paths.collection(job.collection)],
        words=lambda job: [*collection_words(job.gene_sets), *words(found=job.paths.collection(job.collection))],
    ),
    Stage(
        name="validate",
        names=("cohort",),
        inputs=lambda job: [*job.data_files, *job.covariate_files, *(item.path for item in job.checked.values())],
        outputs=lambda job: [job.paths.validation(job.cohort)],
        words=lambda job: [
            *cohort_words(job.source),
            *covariate_words(job.source, job.config.covariates),
            *named_collection_words(job.checked),
        ],
    ),
    Stage(
        name="gate",
        inputs=lambda job: [
            *(job.paths.validation(name) for name in job.config.cohorts),
            *(job.paths.collection(name) for name in job.config.gene_sets),
        ],
        outputs=lambda job: [job.paths.gate],
        words=lambda job: [
            *(job.paths.validation(name) for name in job.config.cohorts),
            *words(collection=[job.paths.collection(name) for name in job.config.gene_sets]),
            *changed_words(job.config.gate),
        ],
        memory=0.5,
    ),
    Stage(
        name="ingest",
        names=("cohort",),
        inputs=lambda job: [*job.data_files, job.paths.validation(job.cohort)],
        outputs=lambda job: [job.paths.cohort(job.cohort)],
        words=lambda job: [*cohort_words(job.source), *words(validation=job.paths.validation(job.cohort))],
    ),
    Stage(
        name="fit",
        names=FIT,
        inputs=lambda job: [job.paths.cohort(job.cohort), job.paths.gene_sets(job.collection)],
        outputs=lambda job: [job.paths.model(*job.fit)],
        words=lambda job: [
            *words(mudata=job.paths.cohort(job.cohort), gene_sets=job.paths.gene_sets(job.collection)),
            *size_words(job.gene_sets),
            *changed_words(job.options),
        ],
        threads=lambda job: min(job.config.resources.threads, job.options.n_starts),
        minutes=1.0,
        gpu=True,
    ),
    Stage(
        name="tables",
        names=FIT,
        inputs=lambda job: [job.paths.model(*job.fit)],
        outputs=lambda job: [job.paths.tables(*job.fit)],
        words=lambda job: [job.paths.model(*job.fit)],
    ),
    Stage(
        name="check",
        names=FIT,
        inputs=lambda job: [job.paths.model(*job.fit), job.paths.cohort(job.cohort)],
        outputs=lambda job: [job.paths.checks(*job.fit)],
        words=lambda job: [
            job.paths.model(*job.fit),
            *words(mudata=job.paths.cohort(job.cohort), check=job.config.checks),
        ],
        wanted=lambda job: bool(job.config.checks),
        threads=lambda job: job.config.resources.threads,
        minutes=4.0,
    ),
    Stage(
        name="report",
        names=FIT,
        inputs=lambda job: [job.paths.model(*job.fit), *job.covariate_files, *job.check_files],
        outputs=lambda job: [job.paths.report(*job.fit), job.paths.report_files(*job.fit)],
        words=lambda job: [
            job.paths.model(*job.fit),
            *covariate_words(job.source, job.config.covariates),
            *words(checks=job.check_files),
            *words(title=job.config.report.title or job.source.title or job.cohort),
            *words(anonymise=job.config.report.anonymise),
        ],
    ),
    Stage(
        name="index",
        inputs=lambda job: [
            job.paths.gate,
            *(path(*fit) for fit in job.plan.fits() for path in (job.paths.report, job.paths.tables)),
        ],
        outputs=lambda job: [job.paths.index],
        words=lambda job: [job.paths.output, *words(title=job.config.title, run=tuple(job.config.runs))],
        memory=0.5,
    ),
)
STAGE = {stage.name: stage for stage in STAGES}
STAGES_OF_A_FIT = tuple(stage for stage in STAGES[STAGES.index(STAGE["gate"]) :] if stage.names)
