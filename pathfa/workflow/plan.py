"""What a configuration asks for, and which of it passed the gate."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from pathfa.workflow.config import Config
from pathfa.workflow.gate import passed
from pathfa.workflow.layout import Layout, demo_seeds, on_disk


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
        """Return the names of the collections that a cohort is to be fitted with."""
        return self.config.cohorts[cohort].gene_sets or tuple(self.config.gene_sets)

    def fitted(self, cohort: str) -> tuple[str, ...]:
        """Return the names of the collections with which a cohort passed the gate."""
        pairs = passed(Path(self.paths.gate))
        return tuple(name for name in self.collections(cohort) if (cohort, name) in pairs)

    def fits(self) -> list[tuple[str, str, str]]:
        """Return cohort, collection and run of every fit that passed the gate."""
        pairs = [(cohort, name) for cohort in self.config.cohorts for name in self.fitted(cohort)]
        return [(*pair, run) for pair in pairs for run in self.config.runs]

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
