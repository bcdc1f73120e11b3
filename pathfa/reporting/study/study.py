"""All that a report is about, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pathfa.analysis import Checks
from pathfa.analysis.judgement import Grade, factor_grades
from pathfa.core.findings import Finding
from pathfa.result.judgement import Level
from pathfa.result.result import PathFAResult


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
    derived
        Covariates that look computed from the same data, with the reason.
    asked
        What the covariates leave open.
    left_out
        Covariates that are not shown or not tested, with the reason.
    factor_tests, activity_tests
        Associations of scores and activities with the covariates, and what is left of each beside another that is not
        derived (``beside_others``); None when there are none.
    pooled
        Whether the uncertainty of the activities went into their tests.
    survival, curves
        Cox models of the activities and the Kaplan-Meier curves of one; None when no survival is given.
    concordance, redundancy
        What the analyses of these names say; None with one view or without data.
    checks
        The checks that refit the model, those that were run.
    explained
        Variance explained per factor and view with its interval over the samples.
    anonymous
        Whether sample names are hashed.
    command
        The command that repeats the fit.
    level
        The verdict.
    """

    result: PathFAResult
    title: str
    covariates: pd.DataFrame
    checks: Checks
    explained: pd.DataFrame
    technical: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[Finding, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    factor_tests: pd.DataFrame | None = None
    activity_tests: pd.DataFrame | None = None
    pooled: bool = True
    survival: pd.DataFrame | None = None
    curves: pd.DataFrame | None = None
    concordance: pd.DataFrame | None = None
    redundancy: pd.DataFrame | None = None
    anonymous: bool = False
    command: str = ""
    level: Level = Level.PASS

    @property
    def simulated(self) -> bool:
        """Whether the data were drawn from the model rather than measured."""
        return bool(self.result.provenance.get("simulated"))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found in the input and the fit, and asked about the covariates."""
        return (*self.result.findings, *self.asked)

    @property
    def heldout(self) -> pd.DataFrame | None:
        """How well samples that were left out are predicted."""
        return self.checks.tables.get("heldout")

    @property
    def uninformed(self) -> pd.DataFrame | None:
        """The fit without gene sets beside this one."""
        return self.checks.tables.get("uninformed")

    @property
    def decoys(self) -> pd.DataFrame | None:
        """Gene sets against random ones."""
        return self.checks.tables.get("decoys")

    @property
    def stability(self) -> pd.DataFrame | None:
        """Factors over resamples."""
        return self.checks.tables.get("stability")

    @property
    def grades(self) -> pd.DataFrame:
        """Whether each factor comes back in other starts and in resamples."""
        return factor_grades(self.result, self.stability)

    @property
    def lost(self) -> tuple[str, ...]:
        """Names of the factors that do not come back in other fits."""
        grades = self.grades["grade"]
        return tuple(map(str, grades.index[grades == Grade.UNSTABLE]))

    def origin(self, covariate: str) -> str:
        """Return where a covariate comes from: ``"biological"``, ``"derived"`` or ``"technical"``."""
        if covariate in self.technical:
            return "technical"
        return "derived" if covariate in self.derived else "biological"

    @property
    def tested(self) -> Sequence[str]:
        """Names of the covariates that were tested."""
        return [] if self.factor_tests is None else list(dict.fromkeys(self.factor_tests["covariate"].map(str)))
