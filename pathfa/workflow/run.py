"""A whole configuration in one process: the jobs of the Snakemake workflow, one after the other."""

from __future__ import annotations

import hashlib
import json
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from pathfa._version import __version__
from pathfa.core.errors import PathFAError
from pathfa.core.files import write_text
from pathfa.core.progress import in_words
from pathfa.data.io.text_files import sha256_of
from pathfa.workflow.config import Config, JobOf
from pathfa.workflow.config.words import words
from pathfa.workflow.gate import GateDecision, read_decisions
from pathfa.workflow.job import Job
from pathfa.workflow.layout import Layout
from pathfa.workflow.plan import Plan
from pathfa.workflow.stages import STAGE, jobs_of_a_fit
from pathfa.workflow.status import add_made_of, made_of, take_lock, write_failures

logger = logging.getLogger(__name__)

Call = Callable[[Sequence[str]], object]


@dataclass(kw_only=True)
class Outcome:
    """The outcome of a configuration.

    Attributes
    ----------
    layout
        Where its files are.
    reports
        The reports that there are now.
    skipped
        What did not pass the gate.
    failed, ran
        Jobs that failed, and those that were done now; finished ones are in neither.
    """

    layout: Layout
    reports: list[str] = field(default_factory=list)
    skipped: list[GateDecision] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {
            "index": self.layout.index,
            "reports": self.reports,
            "skipped": [asdict(decision) for decision in self.skipped],
            "failed": self.failed,
            "ran": self.ran,
        }

    def lines(self) -> list[str]:
        """Return the outcome as text."""
        lines = [
            f"skipped: {item.cohort} with {item.collection}: {item.reason}{f'. Fix: {item.fix}' if item.fix else ''}"
            for item in self.skipped
        ]
        lines += [f"failed: {name}" for name in self.failed]
        if self.failed:
            lines.append(f"What failed, and what to do: {self.layout.failed}")
        if not (self.ran or self.failed):
            lines.append("nothing to do: every job is done, and no input or option has changed")
        for path in self.reports:
            verdict, headline = _verdict_of(path)
            lines += [f"{verdict}: {headline}", f"  open {path}"]
        return [*lines, f"all of it: {self.layout.index}"]


def _verdict_of(report: str) -> tuple[str, str]:
    """Return the verdict of a report and what can be used of its fit."""
    from pathfa.reporting import status_path

    status = json.loads(status_path(Path(report)).read_text(encoding="utf-8"))
    return status["verdict"], status["headline"]


def run_config(config: Config, call: Call) -> Outcome:
    """Run every job of a configuration; finished jobs are not run again.

    Parameters
    ----------
    config
        The configuration.
    call
        Runs a command of ``pathfa`` in this process, given its words without the name of the program.

    Returns
    -------
    Outcome
        The reports, and what was skipped or failed. A job that fails leaves the others alone.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If another run works in the folder.
    pathfa.core.errors.InputError
        If a cohort does not pass the gate and the configuration says ``on_invalid: fail``.
    """
    plan = Plan(config)
    since = datetime.now(UTC)
    with take_lock(plan.paths):
        work = _Work(plan, call)
        try:
            work.all()
        finally:
            write_failures(plan.paths, since)
    return work.outcome


def run_cohorts(config: Config, call: Call, n_jobs: int | None = None) -> Outcome:
    """Run what comes after the gate, for every fit of a configuration that passed; finished jobs are not run again.

    Parameters
    ----------
    config, call
        As for :func:`run_config`.
    n_jobs
        Starts that run side by side; as many as there are cores when None.
    """
    work = _Work(Plan(config), call, n_jobs)
    work.fits()
    return work.outcome


def forget_lost(plan: Plan) -> None:
    """Remove what says that one job did all of a cohort, where a result of it is not there any more."""
    lost = {fit[0] for fit in plan.fits() if not all(_exist(job) for job in jobs_of_a_fit(plan, fit))}
    for cohort in lost:
        Path(plan.paths.outcome(cohort)).unlink(missing_ok=True)


def done_otherwise(plan: Plan) -> list[str]:
    """Return the jobs that ``pathfa run`` did with other options or inputs than they have now, or in another version.

    Snakemake does not know what they were done with and would take what they wrote for up to date. What one job of
    Snakemake did for a whole cohort it knows itself.
    """
    whole = plan.config.resources.job is JobOf.COHORT
    fits = [fit for fit in plan.fits() if not (whole and Path(plan.paths.outcome(fit[0])).exists())]
    jobs = [
        *(Job(STAGE["simulate"], plan, str(seed)) for seed in plan.seeds),
        *(Job(STAGE["gene_sets"], plan, name) for name in plan.config.gene_sets),
        *(Job(STAGE["validate"], plan, name) for name in plan.config.cohorts),
        *(job for fit in fits for job in jobs_of_a_fit(plan, fit)),
    ]
    known = {str(job): (job, made_of(Path(job.status))) for job in jobs if _exist(job)}
    return [name for name, (job, checksum) in known.items() if checksum and checksum != _checksum(job)]


class _Work:
    """The jobs of a plan."""

    def __init__(self, plan: Plan, call: Call, n_jobs: int | None = None) -> None:
        self.plan = plan
        self.call = call
        self.n_jobs = n_jobs
        self.done: dict[str, bool] = {}
        self.heading = ""
        self.outcome = Outcome(layout=plan.paths)

    def all(self) -> None:
        """Run every stage in order."""
        for seed in self.plan.seeds:
            self.run("simulate", str(seed))
        collections = [name for name in self.plan.config.gene_sets if self.run("gene_sets", name)]
        self.plan = self.plan.only(self.plan.config.cohorts, collections)
        cohorts = [name for name in self.plan.config.cohorts if self.run("validate", name)]
        self.plan = self.plan.only(cohorts, collections)
        self.call(Job(STAGE["gate"], self.plan).command)
        decisions = read_decisions(Path(self.plan.paths.gate))
        self.outcome.skipped = [decision for decision in decisions if decision.decision == "skip"]
        self.fits()
        self.call(Job(STAGE["index"], self.plan).command)

    def fits(self) -> None:
        """Run what comes after the gate."""
        fits = self.plan.fits()
        begin = perf_counter()
        for done, fit in enumerate(fits):
            self.heading = f"fit {place_in_row(done, len(fits), perf_counter() - begin)}"
            self.run_fit(fit)

    def run_fit(self, fit: tuple[str, str, str]) -> None:
        """Run the stages of a fit, without those whose inputs a job that failed should have made."""
        lost: set[str] = set()
        for job in jobs_of_a_fit(self.plan, fit):
            if not (lost.isdisjoint(job.inputs) and self.run(job.stage.name, *job.names)):
                lost.update(job.outputs)
        report = self.plan.paths.report(*fit)
        self.outcome.reports += [] if report in lost else [report]

    def run(self, stage: str, *names: str) -> bool:
        """Run a job, once, unless its outputs are up to date; return whether they exist now."""
        job = Job(STAGE[stage], self.plan, *names)
        if str(job) not in self.done:
            checksum = _checksum(job)
            self.done[str(job)] = (_exist(job) and made_of(Path(job.status)) == checksum) or self._run(job, checksum)
        return self.done[str(job)]

    def _run(self, job: Job, checksum: str) -> bool:
        """Run a job; return whether that went well."""
        if self.heading:  # of a fit of which something is done
            logger.info("%s", self.heading)
            self.heading = ""
        logger.info("%s ...", job)
        if job.cohort:  # what one job did of all of it is not what is there any more
            Path(self.plan.paths.outcome(job.cohort)).unlink(missing_ok=True)
        begin = perf_counter()
        side_by_side = words(n_jobs=self.n_jobs) if job.stage.threads else []
        try:
            self.call([*job.command, *side_by_side])
        except Exception as error:
            logger.error("%s: %s", job, error)
            self.outcome.failed.append(str(job))
            if not isinstance(error, PathFAError):  # a bug: the other jobs go on, its traceback is kept
                write_text(Path(job.log), "".join(traceback.format_exception(error)))
            return False
        add_made_of(Path(job.status), checksum)
        self.outcome.ran.append(str(job))
        logger.info("%s: done in %s", job, in_words(perf_counter() - begin))
        return True


def place_in_row(done: int, total: int, seconds: float) -> str:
    """Say which of several jobs begins and, once some are done, about how long the rest takes.

    >>> place_in_row(0, 3, 0.0), place_in_row(1, 3, 30.0)
    ('1 of 3', '2 of 3, about 60 s left')
    """
    left = f", about {in_words(seconds / done * (total - done))} left" if done else ""
    return f"{done + 1} of {total}{left}"


def _exist(job: Job) -> bool:
    """Return whether everything that a job writes is there."""
    return all(Path(path).exists() for path in job.outputs)


def _checksum(job: Job) -> str:
    """Return a checksum of everything that a job depends on: the version, its command and its inputs."""
    files = [[path, sha256_of(path) if Path(path).exists() else ""] for path in job.inputs]
    return hashlib.sha256(json.dumps([__version__, job.command, files]).encode()).hexdigest()
