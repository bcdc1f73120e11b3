"""All that a report is about, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pathfa.pl.words import Certainty
from pathfa.result import PathFAResult


@dataclass(frozen=True, kw_only=True)
class Study:
    """A fitted cohort with what was computed beside it.

    Parameters
    ----------
    result
        The fit.
    title
        Heading.
    covariates
        Covariates as shown: personal data left out.
    technical
        Names of covariates that should not matter, such as the batch.
    left_out
        Covariates that are not shown, with the reason.
    factor_tests, activity_tests
        Associations of scores and activities with the covariates; empty when there are none.
    survival
        Cox models of the activities; None when no survival is given.
    extras
        Results of longer analyses, by name: ``decoys``, ``stability``, ``concordance``, ``redundancy``.
    anonymous
        Whether sample names are hashed.
    command
        The command that repeats the fit.
    certainty
        How sure sentences sound.
    """

    result: PathFAResult
    title: str
    covariates: pd.DataFrame
    technical: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    factor_tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    activity_tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    survival: pd.DataFrame | None = None
    time: str = ""
    event: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)
    anonymous: bool = False
    command: str = ""
    certainty: Certainty = Certainty.SURE

    @property
    def simulated(self) -> bool:
        """Whether the data were drawn from the model rather than measured."""
        return bool(self.result.provenance.get("simulated"))

    @property
    def named_covariates(self) -> Sequence[str]:
        """Names of the covariates that are shown."""
        return [str(name) for name in self.covariates.columns]
