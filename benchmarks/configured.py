"""The cohorts of a configuration, read as ``pathfa fit`` reads them, with its first collection of gene sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mudata import MuData

import pathfa as pf
from pathfa.workflow.config import CohortSource, Collection, load_config
from pathfa.workflow.read import read_collection, read_source


@dataclass(frozen=True, kw_only=True)
class Configured:
    """A cohort with its gene sets, those of the sizes that the configuration asks for."""

    name: str
    source: CohortSource
    collection: Collection
    data: MuData
    gene_sets: pf.GeneSets


def cohorts_of(path: Path) -> Iterator[Configured]:
    """Yield the cohorts of a configuration."""
    config = load_config(path)
    collection = next(iter(config.gene_sets.values()))
    for name, source in config.cohorts.items():
        sets = read_collection(collection)
        data = read_source(source, sets.values())
        features = sorted({feature for view in data.mod.values() for feature in view.var_names})
        kept = sets.filter(min_size=collection.min_size, max_size=collection.max_size, features=features)
        yield Configured(name=name, source=source, collection=collection, data=data, gene_sets=kept)
