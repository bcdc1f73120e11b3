"""Every public figure of random results with few, long and many names, for tests and for the eye."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from random_result import random_checks, random_result

import pathfa as pf
from pathfa import pl
from pathfa.pl.figure import Figure
from pathfa.result.result import PathFAResult

LONG = "POSITIVE_REGULATION_OF_THE_INNATE_IMMUNE_RESPONSE_TO_FOREIGN_VIRUSES"
FIGURES = [name for name in pl.__all__ if inspect.isfunction(getattr(pl, name))]
COHORTS = ("North", "South", "University hospital of the western region, second recruitment")
WIDTHS = (3.3, 5.0, 6.5)
"""Inches: a column of a journal, a slide's half, a page."""


@dataclass(frozen=True)
class Names:
    """What a result has names of."""

    n_samples: int = 24
    n_factors: int = 3
    n_sets: int = 6
    rename: bool = False

    def result(self) -> PathFAResult:
        """Return a result with such names."""
        long = {f"HALLMARK_SET_{i}": f"GOBP_{LONG}_NUMBER_{i}" for i in range(self.n_sets)}
        long |= {f"patient{i}": f"Institute-of-Pathology-2019-sample-{i:03d}-rerun" for i in range(self.n_samples)}
        sizes = {"n_samples": self.n_samples, "n_factors": self.n_factors, "n_sets": self.n_sets}
        return random_result(**sizes, rename=long if self.rename else None)


CASES = {
    "few": Names(),
    "long": Names(rename=True),
    "many": Names(n_samples=150, n_factors=14, n_sets=70),
    "one": Names(n_factors=1, n_sets=1),
}


def covariates_of(result: PathFAResult) -> pd.DataFrame:
    """Return covariates of every kind: groups, numbers, many levels, long words, missing values."""
    rng, n = np.random.default_rng(1), len(result.scores)
    table = pd.DataFrame(
        {
            "stage": rng.choice(["I", "II", "III"], n),
            "age": rng.normal(60, 8, n),
            "histological subtype after central review": rng.choice(["adenocarcinoma, mucinous", "not specified"], n),
            "batch": rng.choice([f"plate {i}" for i in range(6)], n),
            "time": rng.exponential(50.0, n),
            "event": rng.integers(0, 2, n),
        },
        index=result.scores.index,
    )
    return table.mask(rng.random(table.shape) < 0.05).assign(time=table["time"], event=table["event"])


def figures_of(result: PathFAResult) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yield the figures of a result by name, some in several forms."""
    obs, checks = covariates_of(result), random_checks(result).tables
    marker = (result.activity.iloc[:, 0] > result.activity.iloc[:, 0].median()).map({True: "high", False: "low"})
    tested = obs[["stage", "age", "batch"]].assign(**{"marker, as measured by immunohistochemistry": marker})
    tests, views = pf.associate(result, tested, draws=5), pf.concordance(result)
    tests["competitive_q"] = tests["competitive_p"] = tests["q"]  # else none is named of random results
    tables = {
        "associations": lambda: tests,
        "replicated": lambda: pf.meta_analysis(dict.fromkeys(COHORTS, tests)),
        "agreement": lambda: pf.meta_analysis(dict.fromkeys(COHORTS, views)),
        "spread": lambda: dict.fromkeys(COHORTS, result.activity.std().to_dict()),
        "survival": partial(pf.survival, result, obs["time"], obs["event"]),
        "survival_curves": partial(pf.km_groups, result, result.gene_set_names[0], obs["time"], obs["event"]),
        "concordance": lambda: views,
        "heldout": lambda: checks["heldout"],
        "uninformed": lambda: checks["uninformed"],
        "ranks": lambda: checks["heldout"],
    }
    more = {
        "sample_activity": {"sample": result.sample_names[3]},
        "gene_set_card": {"gene_set": result.gene_set_names[0]},
        "gene": {"name": "GENE1"},
        "agreement": {"cohorts": dict.fromkeys(COHORTS, views)},
    }
    forms = {
        "activity": [{"covariates": obs.drop(columns=["time", "event"])}, {}],
        "samples": [
            {"colour": obs["age"]},
            {"colour": obs["stage"]},
            {},
            {"x": "PC1", "y": result.gene_set_names[0], "colour": "protein: GENE1"},
        ],
    }
    for name in FIGURES:
        for number, form in enumerate(forms.get(name, [{}])):
            given = tables.get(name, lambda: result)
            yield f"{name}{number or ''}", partial(_figure, name, given, {**more.get(name, {}), **form})


def _figure(name: str, given: Callable[[], object], more: dict[str, object]) -> Figure:
    figure: Figure = getattr(pl, name)(given(), **more)
    return figure


def write_gallery(folder: Path, width: float = 6.5) -> None:
    """Write every figure of every case as PNG."""
    for case, names in CASES.items():
        for name, make in figures_of(names.result()):
            (folder / case).mkdir(parents=True, exist_ok=True)
            make().matplotlib(width).savefig(folder / case / f"{name}.png", dpi=70)
