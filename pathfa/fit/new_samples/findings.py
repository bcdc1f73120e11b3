"""What new samples lack, and what the model does not know of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from pathfa.core.findings import Finding, warning
from pathfa.core.text import part_of
from pathfa.data import Cohort
from pathfa.data.preprocess.arrays import from_arrays
from pathfa.fit.new_samples.other_units import other_units
from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.result.result import PathFAResult

LITTLE_KNOWN = "little-known-samples"
"""Code of the finding that names samples which were measured in too few features."""
_LITTLE = 0.5  # share of what a sample of the cohort tells about the factors, in the same views


def findings_of(result: PathFAResult, cohort: Cohort, values: Mapping[str, np.ndarray]) -> list[Finding]:
    """Return what the model does not know of new samples, and what they lack of it."""
    findings, seen = [], np.zeros(len(cohort.samples), dtype=bool)
    for view in cohort.views:
        fitted = from_arrays(result.preprocessing[view.name])
        findings += other_units(result, fitted, view, values[view.name])
        seen |= np.isfinite(values[view.name]).any(axis=1)
        if len(lacking := fitted.features.difference(view.features)):
            found = f"{part_of(len(lacking), len(fitted.features), 'feature', 'are')} not in these data"
            fix = "nothing if they were not measured: all that is inferred is less certain; else name them alike"
            expected = "the features that the model knows"
            findings.append(warning("lacking-features", found, expected, fix, view=view.name, items=lacking))
    if not seen.all():
        found = f"{part_of(int((~seen).sum()), len(seen), 'sample', 'have')} no value of a feature that the model knows"
        fix = "leave them out: what is inferred of them is what holds for any sample"
        findings.append(warning("unknown-samples", found, fix=fix, items=cohort.samples[~seen]))
    if len(known := cohort.samples.intersection(result.scores.index)):
        found = f"{part_of(len(known), len(cohort.samples), 'sample', 'have')} a name of the training cohort"
        fix = "for the same samples take the tables of the model; how well others are told shows on others only"
        findings.append(warning("trained-samples", found, "samples that the model has not seen", fix, items=known))
    return findings


def little_known(
    scores: ScorePosterior, measured: Problem, calibration: Calibration, samples: pd.Index
) -> list[Finding]:
    """Return which samples tell much less than samples of the cohort in the same views."""
    few = torch.zeros(len(samples), dtype=torch.bool)
    for subset, item in calibration.items():
        rows = measured.measured_in(subset)
        whole = 1.0 - item.cov.diagonal().clamp(max=1.0)
        few[rows] = (1.0 - scores.variance[rows].clamp(max=1.0)).sum(1) < _LITTLE * whole.sum()
    little = few.numpy()
    if not little.any():
        return []
    found = f"{part_of(int(little.sum()), len(samples), 'sample', 'have')} values of so few features that "
    found += f"less than {_LITTLE:.0%} of what samples of the cohort tell about the factors is known of them"
    fix = "measure more features, or rely on nothing but the intervals, which are as wide as that"
    return [warning(LITTLE_KNOWN, found, fix=fix, items=samples[little])]
