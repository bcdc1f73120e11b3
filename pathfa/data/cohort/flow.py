"""What every step of a cohort kept, from the files to the fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.grammar import count
from pathfa.data.cohort.views import FLOW_COLUMNS, Cohort
from pathfa.data.preprocess.preprocessor import FittedPreprocessor

STEPS = ("read", "identifiers", "zeros as missing", "duplicates", "aligned", "preprocessed", "fitted")
"""Steps in the order in which they happen; a view may lack some of them."""


def with_fitted_steps(
    cohort: Cohort, fitted: Mapping[str, FittedPreprocessor], masks: Mapping[str, sparse.csr_matrix]
) -> Cohort:
    """Return the cohort with preprocessing and gene sets in its flow.

    Parameters
    ----------
    cohort
        The aligned cohort.
    fitted
        Preprocessing per view, with the features that enter the fit.
    masks
        Which of these features are in which gene set, per view, G x P.

    Returns
    -------
    Cohort
        Its flow has one row per view and step; the detail of preprocessing says in words what was done. A step
        that only some views need stands in the others with unchanged numbers, so that the views can be compared
        step by step.
    """
    rows = []
    for view in cohort.views:
        item, mask = fitted[view.name], masks[view.name]
        counts = {"view": view.name, "n_samples": view.n_present}
        rows.append(
            {
                **counts,
                "step": "preprocessed",
                "n_features": len(view.features) - len(item.dropped),
                "detail": "; ".join(item.steps),
            }
        )
        annotated = int(np.count_nonzero(np.diff(mask.indptr)))
        rows.append(
            {
                **counts,
                "step": "fitted",
                "n_features": len(item.features),
                "detail": f"{annotated:,} in {count(mask.shape[1], 'gene set')}",
            }
        )
    return replace(cohort, flow=_complete([*cohort.flow.to_dict("records"), *rows], cohort.view_names))


def _complete(records: Sequence[Mapping[Any, Any]], views: Sequence[str]) -> pd.DataFrame:
    """Return the steps of every view in one order, with the steps of other views repeated from the step before."""
    found = dict.fromkeys(record["step"] for record in records)
    used = [step for step in dict.fromkeys([*STEPS, *found]) if step in found]
    rows = []
    for name in views:
        own = {record["step"]: record for record in records if record["view"] == name}  # the last one of each step
        before = next(own[step] for step in used if step in own)
        for step in used:
            before = own.get(step, {**before, "step": step, "detail": ""})
            rows.append(before)
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))
