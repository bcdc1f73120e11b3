"""A whole configuration in one process: the stages of the Snakemake workflow, one after the other."""

from __future__ import annotations

import hashlib
import json
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pathfa._version import __version__
from pathfa.core.errors import PathFAError
from pathfa.core.files import write_text
from pathfa.data.io.text_files import sha256_of
from pathfa.workflow import gene_sets, stages
from pathfa.workflow.config import CohortSource, Collection, Config, File, commands
from pathfa.workflow.gate import Verdict, pass_gate
from pathfa.workflow.index import write_index
from pathfa.workflow.layout import DEMO_FILES, Layout, demo_seeds, on_disk
from pathfa.workflow.lock import take_lock
from pathfa.workflow.pace import Pace
from pathfa.workflow.sides import with_sides
from pathfa.workflow.status import failures, recorded, write_failed
from pathfa.workflow.tables import write_tables

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Outcome:
    """What became of a configuration."""

    layout: Layout
    reports: list[str] = field(default_factory=list)
    skipped: list[Verdict] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {
            "index": self.layout.index,
            "reports": self.reports,
            "skipped": [asdict(verdict) for verdict in self.skipped],
            "failed": self.failed,
        }

    def lines(self) -> list[str]:
        """Return the outcome in words."""
        lines = [
            f"skipped: {item.cohort} with {item.collection}: {item.reason}{f'. Fix: {item.fix}' if item.fix else ''}"
            for item in self.skipped
        ]
        lines += [f"failed: {name}" for name in self.failed]
        if self.failed:
            lines.append(f"What failed, and what to do: {self.layout.failed}")
        lines += [f"report: {path}" for path in self.reports]
        return [*lines, f"all of it: {self.layout.index}"]


def run_config(config: Config, *, progress: bool) -> Outcome:
    """Do all that a configuration asks for; what is done already is not done again.

    Parameters
    ----------
    config
        The configuration.
    progress
        Whether progress is shown.

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
    layout = Layout(config.output)
    since = datetime.now(UTC)
    with take_lock(layout):
        work = _Work(on_disk(config), layout, progress=progress)
        try:
            work.all(demo_seeds(config))
        finally:
            broken = failures(Path(layout.logs), since)
            if broken:
                write_failed(Path(layout.failed), broken)
            else:
                Path(layout.failed).unlink(missing_ok=True)
    return work.outcome


class _Work:
    """The jobs of a configuration whose files are all on disk."""

    def __init__(self, config: Config, layout: Layout, *, progress: bool) -> None:
        self.config = config
        self.layout = layout
        self.progress = progress
        self.outcome = Outcome(layout=layout)

    def all(self, seeds: Sequence[int]) -> None:
        """Run every stage in order."""
        for seed in seeds:
            self._simulate(seed)
        sets = {name for name in self.config.gene_sets if self._gene_sets(name)}
        cohorts = [name for name in self.config.cohorts if self._validate(name, sets)]
        verdicts = self._gate(cohorts, sets)
        self.outcome.skipped = [verdict for verdict in verdicts if verdict.decision == "skip"]
        wanted = [(item.cohort, item.collection) for item in verdicts if item.decision == "fit"]
        pace = Pace(len(wanted) * len(self.config.runs))
        for cohort, collection in wanted:
            ready = self._ingest(cohort)
            for run in self.config.runs:
                logger.info("fit %s", pace.next())
                if ready:
                    self._fit(cohort, collection, run)
        with recorded(Path(self.layout.status("index")), "index"):
            write_index(Path(self.config.output), Path(self.layout.index), self.config.title, tuple(self.config.runs))

    def _simulate(self, seed: int) -> None:
        out = [Path(self.layout.demo_file(seed, name)) for name in DEMO_FILES]
        action = partial(stages.simulate, Path(self.layout.demo(seed)), seed)
        self._job("simulate", (str(seed),), {}, seed, [], out, action)

    def _gene_sets(self, name: str) -> bool:
        item = self.config.gene_sets[name]
        out, found = Path(self.layout.gene_sets(name)), Path(self.layout.collection(name))
        action = partial(gene_sets.check, name, item, out, found)
        recipe = commands.collection_options(item)
        return self._job("gene_sets", (name,), {"collection": name}, recipe, [item.path], [out, found], action)

    def _validate(self, name: str, sets: Set[str]) -> bool:
        source = self.config.cohorts[name]
        wanted = [item for item in source.gene_sets or self.config.gene_sets if item in sets]
        collections = {item: self._checked(item) for item in wanted}
        out = Path(self.layout.validation(name))
        inputs = [*(file.path for _, file in source.files()), *(item.path for item in collections.values())]
        recipe = [
            commands.cohort_options(source),
            commands.covariate_options(source, self.config.covariates),
            commands.validate_options({item: self.config.gene_sets[item] for item in wanted}, self.layout),
        ]
        action = partial(stages.validate, name, source, collections, self.config.covariates, out)
        return self._job("validate", (name,), {"cohort": name}, recipe, inputs, [out], action)

    def _gate(self, cohorts: Sequence[str], sets: Set[str]) -> list[Verdict]:
        with recorded(Path(self.layout.status("gate")), "gate"):
            paths = [Path(self.layout.validation(name)) for name in cohorts]
            collections = [Path(self.layout.collection(name)) for name in sorted(sets)]
            return pass_gate(paths, self.config.gate, Path(self.layout.gate), collections)

    def _ingest(self, name: str) -> bool:
        source = with_sides(self.config.cohorts[name], Path(self.layout.validation(name)))
        out = Path(self.layout.cohort(name))
        inputs = [file.path for label, file in source.files() if label != "covariates"]
        action = partial(stages.ingest, source, out)
        return self._job("ingest", (name,), {"cohort": name}, commands.cohort_options(source), inputs, [out], action)

    def _fit(self, cohort: str, collection: str, run: str) -> None:
        names = (cohort, collection, run)
        labels = {"cohort": cohort, "collection": collection, "run": run}
        source = CohortSource(mudata=File(path=self.layout.cohort(cohort)))
        item = self._checked(collection)
        model, tables = Path(self.layout.model(*names)), Path(self.layout.tables(*names))
        options = self.config.runs[run]
        action = partial(stages.fit, source, item, options, out=model, n_jobs=None, progress=self.progress)
        recipe = [commands.fit_options(options), commands.size_options(item)]
        inputs = [self.layout.cohort(cohort), item.path]
        if not self._job("fit", names, labels, recipe, inputs, [model], action):
            return
        self._job("tables", names, labels, "", [model], [tables], partial(write_tables, model, tables))
        if self._check(names, labels, source, model):
            self._report(names, labels, model)

    def _check(self, names: tuple[str, str, str], labels: Mapping[str, str], source: CohortSource, model: Path) -> bool:
        which = self.config.checks
        if not which:
            return True
        out = Path(self.layout.checks(*names))
        action = partial(stages.check, model, source, which, out, n_jobs=None, progress=self.progress)
        inputs = [model, Path(self.layout.cohort(names[0]))]
        return self._job("check", names, labels, commands.check_options(which), inputs, [out], action)

    def _report(self, names: tuple[str, str, str], labels: Mapping[str, str], model: Path) -> None:
        out = Path(self.layout.report(*names))
        source, roles = self.config.cohorts[names[0]], self.config.covariates
        heading = commands.heading(self.config, names[0])
        covariates = [] if source.covariates is None else [source.covariates.path]
        checks = [Path(self.layout.checks(*names))] if self.config.checks else []
        recipe = [commands.covariate_options(source, roles), commands.report_options(self.config, names[0])]
        action = partial(stages.report, model, out, source.covariates, roles, heading, *checks)
        if self._job("report", names, labels, recipe, [model, *covariates, *checks], [out], action):
            self.outcome.reports.append(str(out))

    def _checked(self, name: str) -> Collection:
        return replace(self.config.gene_sets[name], path=self.layout.gene_sets(name), sha256="")

    def _stands(self, stage: str, names: tuple[str, ...], made_of: str, outputs: Sequence[Path]) -> bool:
        """Return whether the outputs of a job exist and were made of the same."""
        status = Path(self.layout.status(stage, *names))
        return all(path.exists() for path in outputs) and _made_of(status) == made_of

    def _job(
        self,
        stage: str,
        names: tuple[str, ...],
        labels: Mapping[str, str],
        recipe: object,
        inputs: Sequence[str | Path],
        outputs: Sequence[Path],
        action: Callable[[], object],
    ) -> bool:
        """Run one job unless its outputs stand and were made of the same; return whether they stand now."""
        status = Path(self.layout.status(stage, *names))
        made_of = _fingerprint(recipe, inputs)
        if self._stands(stage, names, made_of, outputs):
            return True
        logger.info("%s %s", stage, " ".join(names))
        try:
            with recorded(status, stage, labels) as details:
                answer = action()
                details.update(answer if isinstance(answer, dict) and stage in _TELLING else {})
                details["made_of"] = made_of
        except Exception as error:
            logger.error("%s %s: %s", stage, " ".join(names), error)
            self.outcome.failed.append(" ".join((stage, *names)))
            if not isinstance(error, PathFAError):  # a bug: the other cohorts go on, its traceback is kept
                write_text(Path(self.layout.log(stage, *names)), "".join(traceback.format_exception(error)))
            return False
        return True


_TELLING = (
    "gene_sets",
    "ingest",
    "fit",
    "check",
    "report",
)  # stages whose answer belongs into their state


def _fingerprint(recipe: object, inputs: Sequence[str | Path]) -> str:
    files = [[str(path), sha256_of(path) if Path(path).exists() else ""] for path in inputs]
    return hashlib.sha256(json.dumps([__version__, recipe, files], default=str).encode()).hexdigest()


def _made_of(status: Path) -> str:
    if not status.is_file():
        return ""
    state = json.loads(status.read_text(encoding="utf-8"))
    return str(state.get("made_of", "")) if state["state"] == "done" else ""
