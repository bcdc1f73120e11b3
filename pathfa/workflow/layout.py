"""Where everything that a workflow writes is kept, also the simulated cohorts and the configuration of the demo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pathfa.workflow.config import Config, File, ViewSource

DEMO_VIEWS = ("rna", "protein")
DEMO_FILES = (*(f"{view}.tsv" for view in DEMO_VIEWS), "samples.tsv", "gene_sets.gmt")


@dataclass(frozen=True)
class Layout:
    """The files of a workflow.

    Names of shared folders begin with an underscore, which the name of a cohort cannot.

    Parameters
    ----------
    output
        The folder of all files.
    """

    output: str

    @property
    def index(self) -> str:
        """Page with a line for every fit, and the reasons of those that were skipped or failed."""
        return f"{self.output}/index.html"

    @property
    def index_files(self) -> str:
        """Folder beside the index page with its tables."""
        return f"{self.output}/index_files"

    @property
    def gate(self) -> str:
        """Which pairs of cohort and collection are fitted, and why others are not."""
        return f"{self.output}/gate.tsv"

    @property
    def failed(self) -> str:
        """What failed, why, and what to do; there only after an error."""
        return f"{self.output}/FAILED.md"

    @property
    def lock(self) -> str:
        """File that a running workflow keeps locked."""
        return f"{self.output}/.lock"

    @property
    def logs(self) -> str:
        """Folder of logs and job states."""
        return f"{self.output}/_logs"

    def demo_file(self, seed: int | str, name: str) -> str:
        """Return a file of a simulated cohort."""
        return f"{self.output}/_demo/{seed}/{name}"

    def gene_sets(self, collection: str) -> str:
        """Return a collection that was read and checked."""
        return f"{self.output}/_gene_sets/{collection}.gmt"

    def collection(self, collection: str) -> str:
        """Return what was found in a collection."""
        return f"{self.output}/_gene_sets/{collection}.json"

    def validation(self, cohort: str) -> str:
        """Return what was found in the input of a cohort."""
        return f"{self.output}/{cohort}/validation.json"

    def cohort(self, cohort: str) -> str:
        """Return a cohort, read and aligned."""
        return f"{self.output}/{cohort}/cohort.h5mu"

    def outcome(self, cohort: str) -> str:
        """Return what one job made of a cohort, where a job does all of it."""
        return f"{self.output}/{cohort}/outcome.json"

    def model(self, cohort: str, collection: str, run: str) -> str:
        """Return the fitted model."""
        return f"{self.output}/{cohort}/{collection}/{run}/model.h5"

    def checks(self, cohort: str, collection: str, run: str) -> str:
        """Return what the checks that refit the model found."""
        return f"{self.output}/{cohort}/{collection}/{run}/checks.json"

    def tables(self, cohort: str, collection: str, run: str) -> str:
        """Return the folder with the results as tables."""
        return f"{self.output}/{cohort}/{collection}/{run}/tables"

    def report(self, cohort: str, collection: str, run: str) -> str:
        """Return the report."""
        return f"{self.output}/{cohort}/{collection}/{run}/report.html"

    def report_files(self, cohort: str, collection: str, run: str) -> str:
        """Return the folder beside the report with its tables and its verdict."""
        return f"{self.output}/{cohort}/{collection}/{run}/report_files"

    def log(self, stage: str, *names: str) -> str:
        """Return the log of a job."""
        return "/".join((self.logs, *names, f"{stage}.log"))

    def status(self, stage: str, *names: str) -> str:
        """Return the state of a job."""
        return "/".join((self.logs, *names, f"{stage}.status.json"))

    def benchmark(self, stage: str, *names: str) -> str:
        """Return the time and memory that a job took."""
        return "/".join((f"{self.output}/_benchmarks", *names, f"{stage}.tsv"))


def on_disk(config: Config) -> Config:
    """Return the configuration with the files of simulated cohorts in the place of their seeds."""
    layout, cohorts, gene_sets = Layout(config.output), dict(config.cohorts), dict(config.gene_sets)
    for name, source in config.cohorts.items():
        if source.demo is not None:
            views = {view: ViewSource(path=layout.demo_file(source.demo, f"{view}.tsv")) for view in DEMO_VIEWS}
            covariates = source.covariates or File(path=layout.demo_file(source.demo, "samples.tsv"))
            cohorts[name] = replace(source, demo=None, views=views, covariates=covariates, simulated=True)
    for name, item in config.gene_sets.items():
        if item.demo:
            path = layout.demo_file(demo_seeds(config)[0], "gene_sets.gmt")
            gene_sets[name] = replace(item, demo=False, path=path)
    return replace(config, cohorts=cohorts, gene_sets=gene_sets)


def demo_seeds(config: Config) -> list[int]:
    """Return the seeds of the simulated cohorts that a configuration needs."""
    seeds = dict.fromkeys(source.demo for source in config.cohorts.values() if source.demo is not None)
    return list(seeds) or [0] * any(item.demo for item in config.gene_sets.values())


def demo_config(output: str, seed: int) -> dict[str, Any]:
    """Return the configuration of the demo cohort, drawn with a seed, with its results in a folder."""
    return {
        "title": "PathFA demo",
        "output": output,
        "cohorts": {"demo": {"title": "Simulated demo cohort", "demo": seed}},
        "gene_sets": {"programmes": {"demo": True}},
        "runs": {"main": {"seed": seed}},
        "covariates": {"technical": ["batch"], "time": "survival_time", "event": "survival_event"},
    }
