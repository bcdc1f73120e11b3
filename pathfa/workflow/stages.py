"""The stages of the workflow: one table, walked by ``pathfa run`` and by the rules of Snakemake."""

from __future__ import annotations

from dataclasses import replace

from pathfa.workflow.config import JobOf
from pathfa.workflow.config.words import (
    changed_words,
    cohort_words,
    collection_words,
    covariate_words,
    named_collection_words,
    part_words,
    size_words,
    title_words,
    words,
)
from pathfa.workflow.job import FIT, Job, Stage
from pathfa.workflow.layout import DEMO_FILES
from pathfa.workflow.plan import Plan

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
        outputs=lambda job: [job.paths.index, job.paths.index_files],
        words=lambda job: [
            job.paths.output,
            *words(title=job.config.title, run=tuple(job.config.runs)),
            *title_words(job.config.cohorts),
        ],
        memory=0.5,
    ),
)
STAGES_OF_A_FIT = tuple(stage for stage in STAGES[[stage.name for stage in STAGES].index("gate") :] if stage.names)
COHORT = Stage(
    name="cohort",
    names=("cohort",),
    inputs=lambda job: [
        *(*job.data_files, *job.covariate_files, job.paths.validation(job.cohort)),
        *(job.paths.gene_sets(name) for name in job.plan.fitted(job.cohort)),
    ],
    outputs=lambda job: [job.paths.outcome(job.cohort)],
    words=lambda job: part_words(job.plan.only({job.cohort}, job.plan.fitted(job.cohort)).config),
    threads=lambda job: _most_threads(job),
    gpu=True,
)
STAGE = {stage.name: stage for stage in (*STAGES, COHORT)}


def jobs_of_a_fit(plan: Plan, fit: tuple[str, str, str]) -> list[Job]:
    """Return what is done for a fit, in order."""
    jobs = [Job(stage, plan, *fit[: len(stage.names)]) for stage in STAGES_OF_A_FIT]
    return [job for job in jobs if job.stage.wanted(job)]


def stages_of(plan: Plan) -> tuple[Stage, ...]:
    """Return the stages that are jobs of their own in Snakemake; ``pathfa run`` has no use for larger ones."""
    if plan.config.resources.job is JobOf.STAGE:
        return STAGES
    wanted = [stage for stage in STAGES_OF_A_FIT if stage.name != "check" or plan.config.checks]
    fits = len(plan.config.runs) * max(len(plan.collections(name)) for name in plan.config.cohorts)
    minutes = fits * sum(stage.minutes for stage in wanted)
    return tuple(
        replace(stage, inputs=_index_of_cohorts) if stage.name == "index" else stage
        for stage in (*STAGES[:-1], replace(COHORT, minutes=minutes), STAGES[-1])
        if stage not in STAGES_OF_A_FIT
    )


def _index_of_cohorts(job: Job) -> list[str]:
    cohorts = [name for name in job.config.cohorts if job.plan.fitted(name)]
    return [job.paths.gate, *(job.paths.outcome(name) for name in cohorts)]


def _most_threads(job: Job) -> int:
    most = job.config.resources.threads
    return most if job.config.checks else min(most, max(run.n_starts for run in job.config.runs.values()))
