"""What every step of a cohort kept, from the files to the fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.data.preprocess import FittedPreprocessor
from pathfa.data.views import FLOW_COLUMNS, Cohort
from pathfa.grammar import count

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
    flow = pd.concat([cohort.flow, pd.DataFrame(rows)], ignore_index=True)
    return replace(cohort, flow=_complete(flow, cohort.view_names))


def _complete(flow: pd.DataFrame, views: list[str]) -> pd.DataFrame:
    """Return the steps of every view in one order, with the steps of other views repeated from the step before."""
    order = [*STEPS, *(step for step in flow["step"].unique() if step not in STEPS)]
    used = [step for step in order if (flow["step"] == step).any()]
    tables = []
    for name in views:
        own = flow[flow["view"] == name].drop_duplicates("step", keep="last").set_index("step").reindex(used)
        own["detail"] = own["detail"].fillna("")
        own["view"] = name
        counts = ["n_samples", "n_features"]
        own[counts] = own[counts].astype(float).ffill().bfill().astype(int)
        tables.append(own.rename_axis("step").reset_index())
    return pd.concat(tables, ignore_index=True)[list(FLOW_COLUMNS)]
