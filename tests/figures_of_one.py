"""Every figure of one random result, for tests of what figures draw and say."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
from random_result import random_checks, random_result

import pathfa as pf
from pathfa import pl
from pathfa.pl.figure import Figure

RESULT = random_result()
RNG = np.random.default_rng(1)
OBS = pd.DataFrame(
    {
        "stage": RNG.choice(["I", "II", "III"], 24),
        "age": RNG.normal(60, 8, 24),
        "time": RNG.exponential(50.0, 24),
        "event": RNG.integers(0, 2, 24),
    },
    index=RESULT.scores.index,
)
TABLES = {
    "associations": pf.associate(RESULT, OBS[["stage", "age"]], draws=5),
    "survival": pf.survival(RESULT, OBS["time"], OBS["event"]),
    "survival_curves": pf.km_groups(RESULT, "HALLMARK_SET_0", OBS["time"], OBS["event"]),
    "concordance": pf.concordance(RESULT),
}
COHORTS = ("north", "south")
TABLES["replicated"] = pf.meta_analysis(dict.fromkeys(COHORTS, TABLES["associations"]))
TABLES["agreement"] = pf.meta_analysis(dict.fromkeys(COHORTS, TABLES["concordance"]))
CHECKS = random_checks(RESULT).tables
TABLES |= {name: CHECKS[name] for name in ("heldout", "uninformed")} | {"ranks": CHECKS["heldout"]}
ACTIVITIES = dict.fromkeys(COHORTS, RESULT.activity.std().to_dict())
FIGURES = [name for name in pl.__all__ if inspect.isfunction(getattr(pl, name))]


MORE = {
    "sample_activity": ("patient3",),
    "gene_set_card": ("HALLMARK_SET_0",),
    "gene": ("GENE1",),
    "agreement": (dict.fromkeys(COHORTS, TABLES["concordance"]),),
}


def figure(name: str) -> Figure:
    """Return a figure by its name."""
    given = ACTIVITIES if name == "spread" else TABLES.get(name, RESULT)
    return getattr(pl, name)(given, *MORE.get(name, ()))
